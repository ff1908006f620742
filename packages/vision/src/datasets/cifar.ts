import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fromTypedArray, type Tensor } from "@bluedot/core";
import { loadNumpyPickle } from "@bluedot/serialize";
import type { Image } from "../image.ts";
import { downloadFile, extractArchive, type RemoteFile } from "./download.ts";
import { ImageStore } from "./image-store.ts";
import { readExactly } from "./integrity.ts";
import { checkOptions, VisionDataset, type VisionDatasetOptions } from "./vision-dataset.ts";

/** Options of {@link CIFAR10} and {@link CIFAR100}. */
export interface CifarOptions<I, T> extends VisionDatasetOptions<I, T> {
  /** The 50,000 images for training (default), or the 10,000 for testing. */
  train?: boolean;
}

const PIXELS = 3072;

/** How one of the two data sets is laid out on disk. */
interface Layout {
  name: string;
  binaryFolder: string;
  pythonFolder: string;
  archive: RemoteFile;
  binaryFiles: { train: readonly string[]; test: readonly string[] };
  pythonFiles: { train: readonly string[]; test: readonly string[] };
  /** Bytes of labels before the pixels of a record; the last of them is the target. */
  labelBytes: number;
  /** Key of the targets in the Python files. */
  targetKey: string;
  /** Files with the names of the classes, and the key of the names in the Python one. */
  binaryNames: string;
  pythonNames: { file: string; key: string };
  recordsAFile: { train: number; test: number };
}

interface Content {
  store: ImageStore;
  targets: number[];
  classes: string[];
}

const batches = (suffix: string) => [1, 2, 3, 4, 5].map((i) => `data_batch_${i}${suffix}`);

const CIFAR10_LAYOUT: Layout = {
  name: "CIFAR10",
  binaryFolder: "cifar-10-batches-bin",
  pythonFolder: "cifar-10-batches-py",
  archive: { urls: ["https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz"], md5: "c32a1d4ab5d03f1284b67883e8d87530" },
  binaryFiles: { train: batches(".bin"), test: ["test_batch.bin"] },
  pythonFiles: { train: batches(""), test: ["test_batch"] },
  labelBytes: 1,
  targetKey: "labels",
  binaryNames: "batches.meta.txt",
  pythonNames: { file: "batches.meta", key: "label_names" },
  recordsAFile: { train: 10_000, test: 10_000 },
};

const CIFAR100_LAYOUT: Layout = {
  name: "CIFAR100",
  binaryFolder: "cifar-100-binary",
  pythonFolder: "cifar-100-python",
  archive: { urls: ["https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz"], md5: "03b5dce01913d631647c71ecec9e9cb8" },
  binaryFiles: { train: ["train.bin"], test: ["test.bin"] },
  pythonFiles: { train: ["train"], test: ["test"] },
  labelBytes: 2,
  targetKey: "fine_labels",
  binaryNames: "fine_label_names.txt",
  pythonNames: { file: "meta", key: "fine_label_names" },
  recordsAFile: { train: 50_000, test: 10_000 },
};

function present(root: string, folder: string, files: readonly string[]): boolean {
  return files.every((file) => existsSync(join(root, folder, file)));
}

function readBinary(root: string, layout: Layout, train: boolean): Content {
  const folder = join(root, layout.binaryFolder);
  const files = layout.binaryFiles[train ? "train" : "test"];
  const perFile = layout.recordsAFile[train ? "train" : "test"];
  const record = layout.labelBytes + PIXELS;
  const classes = readFileSync(join(folder, layout.binaryNames), "utf8")
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const pixels = new Uint8Array(files.length * perFile * PIXELS);
  const targets: number[] = [];
  for (const file of files) {
    const bytes = readExactly(join(folder, file), perFile * record);
    for (let i = 0; i < perFile; i++) {
      const at = i * record + layout.labelBytes;
      const target = bytes[at - 1]!;
      if (target >= classes.length) throw new Error(`${join(folder, file)}: image ${i} has label ${target}, of ${classes.length} classes`);
      pixels.set(bytes.subarray(at, at + PIXELS), targets.length * PIXELS);
      targets.push(target);
    }
  }
  return { store: new ImageStore(pixels, targets.length, 3, 32, 32), targets, classes };
}

function readPython(root: string, layout: Layout, train: boolean): Content {
  const folder = join(root, layout.pythonFolder);
  const files = layout.pythonFiles[train ? "train" : "test"];
  const meta = loadNumpyPickle(readFileSync(join(folder, layout.pythonNames.file))) as Map<string, unknown>;
  const classes = (meta.get(layout.pythonNames.key) as (string | Uint8Array)[]).map((name) =>
    typeof name === "string" ? name : new TextDecoder("latin1").decode(name),
  );
  const parts: Uint8Array[] = [];
  const targets: number[] = [];
  for (const file of files) {
    const entry = loadNumpyPickle(readFileSync(join(folder, file))) as Map<string, unknown>;
    const data = entry.get("data") as { dtype: string; shape: number[]; data: Uint8Array } | undefined;
    const labels = entry.get(layout.targetKey);
    if (data?.dtype !== "uint8" || data.shape[1] !== PIXELS || !Array.isArray(labels) || labels.length !== data.shape[0]) {
      throw new Error(`${join(folder, file)}: no data of ${layout.name} in it`);
    }
    parts.push(data.data);
    for (const label of labels as number[]) {
      if (!(Number.isInteger(label) && label >= 0 && label < classes.length))
        throw new Error(`${join(folder, file)}: a label is ${label}, of ${classes.length} classes`);
      targets.push(label);
    }
  }
  const pixels = new Uint8Array(targets.length * PIXELS);
  let at = 0;
  for (const part of parts) {
    pixels.set(part, at);
    at += part.length;
  }
  return { store: new ImageStore(pixels, targets.length, 3, 32, 32), targets, classes };
}

/** What CIFAR-10 and CIFAR-100 have in common. */
abstract class Cifar<I, T> extends VisionDataset<I, T> {
  readonly train: boolean;
  /** The class of each image. */
  readonly targets: readonly number[];
  /** Names of the classes. */
  readonly classes: readonly string[];
  private readonly store: ImageStore;
  private readonly targets64: BigInt64Array;

  constructor(layout: Layout, root: string, options: CifarOptions<I, T>) {
    super(root, options);
    checkOptions(layout.name, options, ["train", "transform", "targetTransform"]);
    this.train = options.train ?? true;
    const split = this.train ? "train" : "test";
    let content: Content;
    if (present(root, layout.binaryFolder, [...layout.binaryFiles[split], layout.binaryNames]))
      content = readBinary(root, layout, this.train);
    else if (present(root, layout.pythonFolder, [...layout.pythonFiles[split], layout.pythonNames.file]))
      content = readPython(root, layout, this.train);
    else {
      throw new Error(
        `Dataset not found or corrupted: neither ${layout.binaryFolder} nor ${layout.pythonFolder} is complete in ${root}. ` +
          `\`await ${layout.name}.download(root)\` downloads it; without network, fetch ${layout.archive.urls[0]} elsewhere and unpack it there.`,
      );
    }
    this.store = content.store;
    this.targets = content.targets;
    this.classes = content.classes;
    this.targets64 = BigInt64Array.from(content.targets, BigInt);
  }

  get length(): number {
    return this.targets.length;
  }

  /** All images as uint8 `[N, 32, 32, 3]`, a view. */
  get data(): Tensor {
    return this.store.pixels;
  }

  /** Index of each class by its name. */
  get classToIdx(): Map<string, number> {
    return new Map(this.classes.map((name, i) => [name, i]));
  }

  /** The image at `index`, transformed, and its class. @throws {RangeError} */
  getItem(index: number): [I, T] {
    return this.finish(this.store.image(index), this.targets.at(index));
  }

  /** A whole batch at once, when the transform works pixel by pixel, as `ToTensor` and `Normalize` do. */
  override getBatch(indices: readonly number[]): unknown {
    if (this.targetTransform !== null) return undefined;
    const images = this.store.batch(indices, this.transform);
    if (images === null) return undefined;
    const targets = new BigInt64Array(indices.length);
    for (let i = 0; i < indices.length; i++) targets[i] = this.targets64[indices[i]!]!;
    return [images, fromTypedArray(targets)];
  }

  protected override extraRepr(): string[] {
    return [`Split: ${this.train ? "Train" : "Test"}`];
  }
}

async function downloadCifar(layout: Layout, root: string): Promise<void> {
  const all = [...layout.binaryFiles.train, ...layout.binaryFiles.test, layout.binaryNames];
  const sizes = (split: "train" | "test") => layout.recordsAFile[split] * (layout.labelBytes + PIXELS);
  const whole =
    present(root, layout.binaryFolder, all) &&
    (["train", "test"] as const).every((split) =>
      layout.binaryFiles[split].every((file) => statSync(join(root, layout.binaryFolder, file)).size === sizes(split)),
    );
  if (whole || present(root, layout.pythonFolder, [...layout.pythonFiles.train, ...layout.pythonFiles.test, layout.pythonNames.file]))
    return;
  await extractArchive(await downloadFile(layout.archive, root), root);
}

/**
 * CIFAR-10 (Krizhevsky, 2009): colour images of 32 x 32 pixels in ten classes, 50,000 for training and 10,000 for testing. Reads the official layouts,
 * `cifar-10-batches-bin` and `cifar-10-batches-py`, in the folder `root`.
 *
 * @example
 * await CIFAR10.download("data");
 * const trainset = new CIFAR10("data", { train: true, transform: new ToTensor() });
 *
 * @throws {Error} saying what to do when the data is not there
 * @see torchvision.datasets.CIFAR10
 */
export class CIFAR10<I = Image, T = number> extends Cifar<I, T> {
  constructor(root: string, options: CifarOptions<I, T> = {}) {
    super(CIFAR10_LAYOUT, root, options);
  }

  /** Downloads and unpacks the data into `root` (163 MB), unless it is there. @throws {Error} saying what to do when there is no network */
  static download(root: string): Promise<void> {
    return downloadCifar(CIFAR10_LAYOUT, root);
  }
}

/** CIFAR-100: like {@link CIFAR10} with a hundred classes. @see torchvision.datasets.CIFAR100 */
export class CIFAR100<I = Image, T = number> extends Cifar<I, T> {
  constructor(root: string, options: CifarOptions<I, T> = {}) {
    super(CIFAR100_LAYOUT, root, options);
  }

  /** Downloads and unpacks the data into `root` (162 MB), unless it is there. @throws {Error} saying what to do when there is no network */
  static download(root: string): Promise<void> {
    return downloadCifar(CIFAR100_LAYOUT, root);
  }
}
