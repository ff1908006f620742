import { Generator, randint, randn } from "@bluedot/core";
import type { Image } from "../image.ts";
import { toPilImage } from "../transforms/functional.ts";
import { checkOptions, VisionDataset, type VisionDatasetOptions } from "./vision-dataset.ts";

/** Options of {@link FakeData}. */
export interface FakeDataOptions<I, T> extends VisionDatasetOptions<I, T> {
  /** Number of images, 1000 by default. */
  size?: number;
  /** `[C, H, W]`, `[3, 224, 224]` by default. */
  imageSize?: readonly [number, number, number];
  /** 10 by default. */
  numClasses?: number;
  /** Added to the index to give the seed of an image. */
  randomOffset?: number;
}

/** Random images with random classes, the same ones every time. @see torchvision.datasets.FakeData */
export class FakeData<I = Image, T = number> extends VisionDataset<I, T> {
  readonly length: number;
  readonly imageSize: readonly [number, number, number];
  readonly numClasses: number;
  readonly randomOffset: number;

  constructor(options: FakeDataOptions<I, T> = {}) {
    super("", options);
    checkOptions("FakeData", options, ["size", "imageSize", "numClasses", "randomOffset", "transform", "targetTransform"]);
    this.length = options.size ?? 1000;
    this.imageSize = options.imageSize ?? [3, 224, 224];
    this.numClasses = options.numClasses ?? 10;
    this.randomOffset = options.randomOffset ?? 0;
  }

  /** @throws {RangeError} `FakeData index out of range` */
  getItem(index: number): [I, T] {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) throw new RangeError(`${this.constructor.name} index out of range`);
    const generator = new Generator().manualSeed(index + this.randomOffset);
    const image = randn([...this.imageSize], { generator });
    const target = randint(0, this.numClasses, [1], { generator }).item() as number;
    return this.finish(toPilImage(image), target);
  }
}
