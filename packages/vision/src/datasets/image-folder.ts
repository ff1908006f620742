import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Image } from "../image.ts";
import { checkOptions, VisionDataset, type VisionDatasetOptions } from "./vision-dataset.ts";

/** Options of {@link ImageFolder}. */
export interface ImageFolderOptions<I, T> extends VisionDatasetOptions<I, T> {
  /** Reads a file; by default {@link Image.open}, turned to RGB. */
  loader?: ((path: string) => Image | Promise<Image>) | null;
  /** Decides by its path whether a file counts. */
  isValidFile?: ((path: string) => boolean) | null;
}

const EXTENSIONS = /\.(png|jpe?g|webp)$/i;

async function openRgb(path: string): Promise<Image> {
  const { readImage } = await import("@bluedot/data/image");
  return new Image(await readImage(path, { mode: "rgb" }));
}

/** The files below a folder, sorted by path. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => (entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)]));
}

/**
 * Pictures in one folder a class: `root/cat/1.png`. Files are read when an item is asked for, so that items are promises: read a loader with `for await`,
 * with `numWorkers` to decode several at once.
 *
 * @throws {Error} `Couldn't find any class folder`, `Found no valid file for the classes` @see torchvision.datasets.ImageFolder
 */
export class ImageFolder<I = Image, T = number> extends VisionDataset<I, T> {
  /** Names of the class folders, sorted. */
  readonly classes: readonly string[];
  readonly classToIdx: ReadonlyMap<string, number>;
  /** Path and class of every picture. */
  readonly samples: readonly (readonly [path: string, target: number])[];
  private readonly loader: (path: string) => Image | Promise<Image>;

  constructor(root: string, options: ImageFolderOptions<I, T> = {}) {
    super(root, options);
    checkOptions("ImageFolder", options, ["transform", "targetTransform", "loader", "isValidFile"]);
    if (!existsSync(root)) throw new Error(`ImageFolder: there is no folder ${root}`);
    this.loader = options.loader ?? openRgb;
    const isValid = options.isValidFile ?? ((path: string) => EXTENSIONS.test(path));
    this.classes = readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name)
      .sort((a, b) => (a < b ? -1 : 1));
    if (this.classes.length === 0) throw new Error(`Couldn't find any class folder in ${root}.`);
    this.classToIdx = new Map(this.classes.map((name, i) => [name, i]));
    this.samples = this.classes.flatMap((name, target) =>
      filesBelow(join(root, name))
        .filter(isValid)
        .map((path) => [path, target] as const),
    );
    const empty = this.classes.filter((_, target) => !this.samples.some(([, found]) => found === target));
    if (empty.length > 0)
      throw new Error(`Found no valid file for the classes ${empty.join(", ")}. Supported extensions are: .png, .jpg, .jpeg, .webp`);
  }

  get length(): number {
    return this.samples.length;
  }

  get targets(): number[] {
    return this.samples.map(([, target]) => target);
  }

  /** The picture at `index`, transformed, and its class. @throws {RangeError} */
  async getItem(index: number): Promise<[I, T]> {
    const sample = this.samples.at(index);
    if (sample === undefined) throw new RangeError(`list index out of range: ${index} of ${this.length} pictures`);
    const [path, target] = sample;
    return this.finish(await this.loader(path), target);
  }
}
