import { fromTypedArray, type Tensor, TensorError } from "@bluedot/core";

/**
 * A map-style dataset: `length` items, each found by its index. Extend it, or give the `DataLoader` any object with these two members.
 *
 * @example
 * class Squares extends Dataset<number> {
 *   get length() { return 10; }
 *   getItem(index: number) { return index * index; }
 * }
 *
 * @see torch.utils.data.Dataset
 */
export abstract class Dataset<T> {
  /** Number of items. PyTorch's `__len__`. */
  abstract get length(): number;

  /** The item at `index`, from 0; or a promise of it, for a loader that is read with `for await`. PyTorch's `__getitem__`. */
  abstract getItem(index: number): T | Promise<T>;

  /** Optional: many items at once. PyTorch's `__getitems__`. */
  getItems?(indices: readonly number[]): T[] | Promise<T[]>;

  /**
   * Optional: the batch that `defaultCollate` would make of the items, made directly. A loader with the default collate function
   * calls it; `undefined` means that the items have to be fetched one by one after all.
   */
  getBatch?(indices: readonly number[]): unknown;

  /** The items in order, when they are not promised. */
  *[Symbol.iterator](): Generator<T> {
    for (let i = 0; i < this.length; i++) yield settled(this.getItem(i));
  }
}

/** A dataset without indices: a stream of items, read from its start in every epoch. @see torch.utils.data.IterableDataset */
export abstract class IterableDataset<T> {
  abstract [Symbol.iterator](): Iterator<T>;
}

/** Streams one after the other. @see torch.utils.data.ChainDataset */
export class ChainDataset<T> extends IterableDataset<T> {
  readonly datasets: readonly IterableDataset<T>[];

  /** @throws {TypeError} for a dataset that is no stream */
  constructor(datasets: Iterable<IterableDataset<T>>) {
    super();
    this.datasets = [...datasets];
    if (this.datasets.some((dataset) => !(dataset instanceof IterableDataset)))
      throw new TypeError("ChainDataset only supports IterableDataset");
  }

  *[Symbol.iterator](): Generator<T> {
    for (const dataset of this.datasets) yield* dataset as Iterable<T>;
  }
}

/** A value that is there already. @throws {TypeError} for a promise */
export function settled<T>(value: T | Promise<T>): T {
  if (value instanceof Promise) throw new TypeError("getItem gave a promise: read this dataset with `for await (const batch of loader)`");
  return value;
}

/** Rows of tensors: item i is `[a[i], b[i], ...]`. @see torch.utils.data.TensorDataset */
export class TensorDataset<T extends readonly Tensor[]> extends Dataset<{ [K in keyof T]: Tensor }> {
  readonly tensors: T;

  /** @throws {TensorError} `Size mismatch between tensors` unless the first dimensions agree */
  constructor(...tensors: T) {
    super();
    if (tensors.length === 0 || tensors.some((tensor) => tensor.ndim === 0 || tensor.shape[0] !== tensors[0]!.shape[0]))
      throw new TensorError("Size mismatch between tensors");
    this.tensors = tensors;
  }

  get length(): number {
    return this.tensors[0]!.shape[0]!;
  }

  getItem(index: number): { [K in keyof T]: Tensor } {
    return this.tensors.map((tensor) => tensor.select(0, index)) as { [K in keyof T]: Tensor };
  }

  /** Rows gathered in one step a tensor, as stacking them one by one would give. */
  override getBatch(indices: readonly number[]): unknown {
    return this.tensors.map((tensor) => gatherRows(tensor, indices));
  }
}

function gatherRows(tensor: Tensor, indices: readonly number[]): Tensor {
  return tensor.indexSelect(0, fromTypedArray(BigInt64Array.from(indices, BigInt)));
}

/** Part of a dataset: the items at `indices`, in that order. @see torch.utils.data.Subset */
export class Subset<T> extends Dataset<T> {
  readonly dataset: MapDataset<T>;
  readonly indices: readonly number[];

  constructor(dataset: MapDataset<T>, indices: readonly number[]) {
    super();
    this.dataset = dataset;
    this.indices = indices;
  }

  get length(): number {
    return this.indices.length;
  }

  getItem(index: number): T | Promise<T> {
    return this.dataset.getItem(this.at(index));
  }

  override getBatch(indices: readonly number[]): unknown {
    return this.dataset.getBatch?.(indices.map((index) => this.at(index)));
  }

  private at(index: number): number {
    const found = this.indices.at(index);
    if (found === undefined) throw new RangeError(`list index out of range: ${index} of a subset of ${this.indices.length} items`);
    return found;
  }
}

/** Datasets one after the other. @see torch.utils.data.ConcatDataset */
export class ConcatDataset<T> extends Dataset<T> {
  readonly datasets: readonly MapDataset<T>[];
  /** Where each dataset ends. */
  readonly cumulativeSizes: readonly number[];

  /** @throws {TypeError} without datasets, or with one that is iterable only */
  constructor(datasets: readonly MapDataset<T>[]) {
    super();
    if (datasets.length === 0) throw new TypeError("datasets should not be an empty iterable");
    if (datasets.some((dataset) => dataset instanceof IterableDataset))
      throw new TypeError("ConcatDataset does not support IterableDataset");
    this.datasets = datasets;
    let end = 0;
    this.cumulativeSizes = datasets.map((dataset) => (end += dataset.length));
  }

  get length(): number {
    return this.cumulativeSizes.at(-1)!;
  }

  getItem(index: number): T | Promise<T> {
    const { length } = this;
    const at = index < 0 ? index + length : index;
    if (at < 0) throw new RangeError("absolute value of index should not exceed dataset length");
    const which = this.cumulativeSizes.findIndex((end) => at < end);
    if (which < 0) throw new RangeError(`index ${index} is out of range for ${length} items`);
    return this.datasets[which]!.getItem(which === 0 ? at : at - this.cumulativeSizes[which - 1]!);
  }
}

/** What a `DataLoader` needs of a dataset with indices. */
export interface MapDataset<T> {
  readonly length: number;
  getItem(index: number): T | Promise<T>;
  getItems?(indices: readonly number[]): T[] | Promise<T[]>;
  getBatch?(indices: readonly number[]): unknown;
}
