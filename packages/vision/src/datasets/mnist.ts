import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fromTypedArray, type Tensor } from "@bluedot/core";
import type { Image } from "../image.ts";
import { downloadFile } from "./download.ts";
import { ImageStore } from "./image-store.ts";
import { checkOptions, VisionDataset, type VisionDatasetOptions } from "./vision-dataset.ts";

/** Options of {@link MNIST} and {@link FashionMNIST}. */
export interface MnistOptions<I, T> extends VisionDatasetOptions<I, T> {
  /** The 60,000 images for training (default), or the 10,000 for testing. */
  train?: boolean;
}

interface Source {
  mirrors: readonly string[];
  /** MD5 of each archive. */
  md5: Readonly<Record<string, string>>;
  classes: readonly string[];
}

const FILES = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte", "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"];

const MNIST_SOURCE: Source = {
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"],
  md5: {
    "train-images-idx3-ubyte": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte": "ec29112dd5afa0611ce80d1b7f02629c",
  },
  classes: ["0 - zero", "1 - one", "2 - two", "3 - three", "4 - four", "5 - five", "6 - six", "7 - seven", "8 - eight", "9 - nine"],
};

const FASHION_SOURCE: Source = {
  mirrors: ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
  md5: {
    "train-images-idx3-ubyte": "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
    "train-labels-idx1-ubyte": "25c81989df183df01b3e8a0aad5dffbe",
    "t10k-images-idx3-ubyte": "bef4ecab320f06d8554ea6380940ec79",
    "t10k-labels-idx1-ubyte": "bb300cfdad3c16e7a12a480ee83cd310",
  },
  classes: ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"],
};

/** An array of bytes in the IDX format of MNIST. */
export interface IdxArray {
  shape: number[];
  data: Uint8Array;
}

/** Reads an IDX file of unsigned bytes, gzipped or not. @throws {Error} naming what is wrong */
export function parseIdx(bytes: Uint8Array, name = "IDX file"): IdxArray {
  const content = bytes[0] === 0x1f && bytes[1] === 0x8b ? process.getBuiltinModule("node:zlib").gunzipSync(bytes) : bytes;
  const view = new DataView(content.buffer, content.byteOffset, content.byteLength);
  if (content.length < 4 || view.getUint16(0) !== 0) throw new Error(`${name}: this is no IDX file`);
  if (content[2] !== 8) throw new Error(`${name}: elements of IDX type ${content[2]} are not supported, only unsigned bytes (8)`);
  const ndim = content[3]!;
  if (content.length < 4 + 4 * ndim) throw new Error(`${name}: the header is cut short`);
  const shape = Array.from({ length: ndim }, (_, d) => view.getUint32(4 + 4 * d));
  const numel = shape.reduce((a, b) => a * b, 1);
  if (content.length !== 4 + 4 * ndim + numel)
    throw new Error(`${name}: shape [${shape.join(", ")}] needs ${numel} bytes, the file has ${content.length - 4 - 4 * ndim}`);
  return { shape, data: Uint8Array.from(content.subarray(4 + 4 * ndim)) };
}

/** The file, plain or gzipped, in `root/MNIST/raw` as torchvision keeps it or in `root` itself; `null` when it is in neither. */
function locate(root: string, name: string, file: string): string | null {
  for (const folder of [join(root, name, "raw"), root]) {
    for (const path of [join(folder, file), join(folder, `${file}.gz`)]) if (existsSync(path)) return path;
  }
  return null;
}

abstract class IdxDataset<I, T> extends VisionDataset<I, T> {
  readonly train: boolean;
  /** The class of each image. */
  readonly targets: Tensor;
  /** Names of the classes. */
  readonly classes: readonly string[];
  private readonly labels: Uint8Array;
  private readonly store: ImageStore;

  constructor(name: string, source: Source, root: string, options: MnistOptions<I, T>) {
    super(root, options);
    checkOptions(name, options, ["train", "transform", "targetTransform"]);
    this.train = options.train ?? true;
    const [imagesFile, labelsFile] = (this.train ? FILES.slice(0, 2) : FILES.slice(2)) as [string, string];
    const paths = [locate(root, name, imagesFile), locate(root, name, labelsFile)];
    const missing = paths.indexOf(null);
    if (missing >= 0) {
      throw new Error(
        `Dataset not found: ${[imagesFile, labelsFile][missing]} is neither in ${join(root, name, "raw")} nor in ${root}. ` +
          `\`await ${name}.download(root)\` downloads it; without network, fetch it from ${source.mirrors[0]} elsewhere and put it there.`,
      );
    }
    const [images, labels] = paths.map((path) => parseIdx(readFileSync(path!), path!)) as [IdxArray, IdxArray];
    const [count, height, width] = images.shape as [number, number, number];
    if (images.shape.length !== 3 || labels.shape.length !== 1 || labels.shape[0] !== count) {
      throw new Error(
        `${name}: images of shape [${images.shape.join(", ")}] and labels of shape [${labels.shape.join(", ")}] do not belong together`,
      );
    }
    this.store = new ImageStore(images.data, count, 1, height, width);
    this.labels = labels.data;
    this.targets = fromTypedArray(BigInt64Array.from(labels.data, BigInt));
    this.classes = source.classes;
  }

  get length(): number {
    return this.labels.length;
  }

  /** All images as uint8 `[N, 28, 28]`, a view. */
  get data(): Tensor {
    return this.store.pixels.squeeze(3);
  }

  /** Index of each class by its name. */
  get classToIdx(): Map<string, number> {
    return new Map(this.classes.map((name, i) => [name, i]));
  }

  /** The image at `index`, transformed, and its class. @throws {RangeError} */
  getItem(index: number): [I, T] {
    return this.finish(this.store.image(index), this.labels.at(index));
  }

  /** A whole batch at once, when the transform works pixel by pixel. */
  override getBatch(indices: readonly number[]): unknown {
    if (this.targetTransform !== null) return undefined;
    const images = this.store.batch(indices, this.transform);
    return images === null ? undefined : [images, fromTypedArray(BigInt64Array.from(indices, (i) => BigInt(this.labels[i]!)))];
  }

  protected override extraRepr(): string[] {
    return [`Split: ${this.train ? "Train" : "Test"}`];
  }
}

async function downloadIdx(name: string, source: Source, root: string): Promise<void> {
  if (FILES.every((file) => locate(root, name, file) !== null)) return;
  for (const file of FILES) {
    await downloadFile(
      { urls: source.mirrors.map((mirror) => `${mirror}${file}.gz`), md5: source.md5[file]!, filename: `${file}.gz` },
      join(root, name, "raw"),
    );
  }
}

/**
 * MNIST (LeCun et al., 1998): handwritten digits of 28 x 28 gray pixels, 60,000 for training and 10,000 for testing. Reads the IDX files, gzipped or not, in
 * `root/MNIST/raw` or in `root`.
 *
 * @throws {Error} saying what to do when the data is not there @see torchvision.datasets.MNIST
 */
export class MNIST<I = Image, T = number> extends IdxDataset<I, T> {
  constructor(root: string, options: MnistOptions<I, T> = {}) {
    super("MNIST", MNIST_SOURCE, root, options);
  }

  /** Downloads the data into `root/MNIST/raw` (12 MB), unless it is there. @throws {Error} saying what to do when there is no network */
  static download(root: string): Promise<void> {
    return downloadIdx("MNIST", MNIST_SOURCE, root);
  }
}

/** Fashion-MNIST (Xiao et al., 2017): clothes in the format of {@link MNIST}. @see torchvision.datasets.FashionMNIST */
export class FashionMNIST<I = Image, T = number> extends IdxDataset<I, T> {
  constructor(root: string, options: MnistOptions<I, T> = {}) {
    super("FashionMNIST", FASHION_SOURCE, root, options);
  }

  /** Downloads the data into `root/FashionMNIST/raw` (31 MB), unless it is there. @throws {Error} saying what to do when there is no network */
  static download(root: string): Promise<void> {
    return downloadIdx("FashionMNIST", FASHION_SOURCE, root);
  }
}
