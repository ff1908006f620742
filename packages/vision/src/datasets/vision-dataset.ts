import { Dataset } from "@bluedot/data";
import type { TransformFunction } from "../transforms/transform.ts";

/** Options that every image data set takes. */
export interface VisionDatasetOptions<I, T> {
  /** Applied to the image of an item. */
  transform?: ((image: never) => I) | null;
  /** Applied to its target. */
  targetTransform?: ((target: never) => T) | null;
}

/** Base of the image data sets: a folder, a transform of the image and one of the target. @see torchvision.datasets.VisionDataset */
export abstract class VisionDataset<I, T> extends Dataset<[I, T]> {
  /** Folder the data lies in. */
  readonly root: string;
  readonly transform: TransformFunction | null;
  readonly targetTransform: TransformFunction | null;

  constructor(root: string, options: VisionDatasetOptions<I, T>) {
    super();
    this.root = root;
    this.transform = options.transform ?? null;
    this.targetTransform = options.targetTransform ?? null;
  }

  protected finish(image: unknown, target: unknown): [I, T] {
    return [
      (this.transform === null ? image : this.transform(image as never)) as I,
      (this.targetTransform === null ? target : this.targetTransform(target as never)) as T,
    ];
  }

  /** Lines that `repr` shows below the size. */
  protected extraRepr(): string[] {
    return [];
  }

  /** PyTorch's `repr`. */
  override toString(): string {
    const body = [`Number of datapoints: ${this.length}`, `Root location: ${this.root}`, ...this.extraRepr()];
    if (this.transform !== null)
      body.push(
        "StandardTransform",
        ...`Transform: ${String(this.transform)}`.split("\n").map((line, i) => (i === 0 ? line : `           ${line}`)),
      );
    return [`Dataset ${this.constructor.name}`, ...body.map((line) => `    ${line}`)].join("\n");
  }
}

/** @throws {TypeError} for an option that is not among `known` */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new TypeError(`${name}: unknown option ${option}, expected one of ${known.join(", ")}`);
}
