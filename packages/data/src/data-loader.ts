import type { Generator } from "@bluedot/core";
import { type Collated, defaultCollate } from "./collate.ts";
import { IterableDataset, type MapDataset, settled } from "./dataset.ts";
import { BatchSampler, checkOptions, drawSeed, RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";

/** Options of {@link DataLoader}. */
export interface DataLoaderOptions<T, B> {
  /** Items in a batch, 1 by default; `null` gives the items themselves. */
  batchSize?: number | null;
  /** A new random order in every epoch. */
  shuffle?: boolean | null;
  /** The order of the items, in place of `shuffle`. */
  sampler?: Sampler | null;
  /** The batches of indices, in place of `batchSize`, `shuffle`, `sampler` and `dropLast`. */
  batchSampler?: Sampler<readonly number[]> | null;
  /** Leaves out a last batch that is not full. */
  dropLast?: boolean;
  /** Makes a batch of items; {@link defaultCollate} by default. */
  collateFn?: ((items: T[]) => B) | null;
  /** Where the random order comes from; the default generator by default. */
  generator?: Generator | null;
  /** Batches that are fetched at the same time, in `for await`: of use to datasets that promise their items, such as images read from disk. */
  numWorkers?: number;
}

const OPTIONS = ["batchSize", "shuffle", "sampler", "batchSampler", "dropLast", "collateFn", "generator", "numWorkers"];

/** An array as a dataset. */
const listed = <T>(items: readonly T[]): MapDataset<T> => ({ length: items.length, getItem: (index) => items[index] as T });

/**
 * Batches of a dataset or array, in order or shuffled, for `for … of` and `for await … of`. Each iteration is an epoch. After the same `manualSeed` the order is PyTorch's.
 *
 * @example
 * const loader = new DataLoader(dataset, { batchSize: 4, shuffle: true });
 * for (const [images, labels] of loader) { ... }
 *
 * @see torch.utils.data.DataLoader
 */
export class DataLoader<T, B = Collated<T>> {
  readonly dataset: MapDataset<T> | IterableDataset<T>;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  readonly sampler: Sampler | null;
  readonly batchSampler: Sampler<readonly number[]> | null;
  readonly collateFn: (items: T[]) => B;
  readonly generator: Generator | null;
  readonly numWorkers: number;
  private readonly defaultCollation: boolean;

  /** @throws {TypeError} for options that exclude each other @throws {RangeError} for a batch size below 1 */
  constructor(source: MapDataset<T> | IterableDataset<T> | readonly T[], options: DataLoaderOptions<T, B> = {}) {
    checkOptions("DataLoader", options, OPTIONS);
    const dataset = Array.isArray(source) ? listed(source as readonly T[]) : (source as MapDataset<T> | IterableDataset<T>);
    const {
      shuffle = null,
      sampler = null,
      batchSampler = null,
      dropLast = false,
      collateFn = null,
      generator = null,
      numWorkers = 0,
    } = options;
    const batchSize = options.batchSize === undefined ? 1 : options.batchSize;
    if (!Number.isInteger(numWorkers) || numWorkers < 0) {
      throw new RangeError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.");
    }
    const iterable = dataset instanceof IterableDataset;
    if (iterable) {
      if (shuffle)
        throw new TypeError(`DataLoader with IterableDataset: expected unspecified shuffle option, but got shuffle=${String(shuffle)}`);
      if (sampler !== null) throw new TypeError("DataLoader with IterableDataset: expected unspecified sampler option");
      if (batchSampler !== null) throw new TypeError("DataLoader with IterableDataset: expected unspecified batch_sampler option");
    }
    if (sampler !== null && shuffle) throw new TypeError("sampler option is mutually exclusive with shuffle");
    if (batchSampler !== null && (batchSize !== 1 || shuffle || sampler !== null || dropLast)) {
      throw new TypeError("batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last");
    }
    if (batchSize === null && dropLast)
      throw new TypeError("batch_size=None option disables auto-batching and is mutually exclusive with drop_last");

    this.dataset = dataset;
    this.dropLast = dropLast;
    this.generator = generator;
    this.numWorkers = numWorkers;
    this.batchSize = batchSampler === null ? batchSize : null;
    this.sampler = iterable ? null : (sampler ?? (shuffle ? new RandomSampler(dataset, { generator }) : new SequentialSampler(dataset)));
    if (batchSampler === null && batchSize !== null) {
      this.batchSampler = new BatchSampler(this.sampler ?? { length: 0, *[Symbol.iterator]() {} }, batchSize, dropLast);
    } else this.batchSampler = batchSampler;
    this.defaultCollation = collateFn === null;
    this.collateFn = collateFn ?? (defaultCollate as unknown as (items: T[]) => B);
  }

  /** Number of batches in an epoch. PyTorch's `len(loader)`. @throws {TypeError} for a stream, whose length nobody knows */
  get length(): number {
    if (this.dataset instanceof IterableDataset) throw new TypeError(`object of type '${this.dataset.constructor.name}' has no len()`);
    return this.batchSampler?.length ?? this.sampler!.length;
  }

  /** The batches of one epoch. @throws {TypeError} when the dataset promises its items: those need `for await` */
  [Symbol.iterator](): globalThis.Generator<B> {
    if (this.numWorkers > 0) throw new TypeError("a DataLoader with workers is read with `for await (const batch of loader)`");
    drawSeed(this.generator); // the base seed of workers, which PyTorch draws whether or not there are any
    return this.epoch();
  }

  private *epoch(): globalThis.Generator<B> {
    const { dataset } = this;
    if (dataset instanceof IterableDataset) {
      yield* this.stream(dataset);
      return;
    }
    if (this.batchSampler === null) {
      for (const index of this.sampler!) yield this.single(settled(dataset.getItem(index)));
      return;
    }
    for (const indices of this.batchSampler) yield settled(this.fetch(dataset, indices));
  }

  /** The batches of one epoch, also of datasets that promise their items. */
  [Symbol.asyncIterator](): AsyncGenerator<B> {
    drawSeed(this.generator);
    return this.promisedEpoch();
  }

  private async *promisedEpoch(): AsyncGenerator<B> {
    const { dataset } = this;
    if (dataset instanceof IterableDataset) {
      yield* this.stream(dataset);
      return;
    }
    // Batches under way, in order; a failure is reported when its turn comes.
    const pending: Promise<B>[] = [];
    const start = (batch: Promise<B>): void => {
      batch.catch(() => {});
      pending.push(batch);
    };
    for (const indices of this.batchSampler ?? this.sampler!) {
      start(
        typeof indices === "number"
          ? (async () => this.single(await dataset.getItem(indices)))()
          : (async () => this.fetch(dataset, indices))(),
      );
      if (pending.length > this.numWorkers) yield await pending.shift()!;
    }
    for (const batch of pending) yield await batch;
  }

  /** Without batches an item is given as it is, or as the collate function wants it. */
  private single(item: T): B {
    return this.defaultCollation ? (item as unknown as B) : this.collateFn(item as unknown as T[]);
  }

  private fetch(dataset: MapDataset<T>, indices: readonly number[]): B | Promise<B> {
    if (this.defaultCollation && dataset.getBatch !== undefined) {
      const batch = dataset.getBatch(indices);
      if (batch !== undefined) return batch as B | Promise<B>;
    }
    if (dataset.getItems !== undefined) {
      const items = dataset.getItems(indices);
      return items instanceof Promise ? items.then(this.collateFn) : this.collateFn(items);
    }
    const items = indices.map((index) => dataset.getItem(index));
    if (items.some((item) => item instanceof Promise)) return Promise.all(items).then(this.collateFn);
    return this.collateFn(items as T[]);
  }

  private *stream(dataset: IterableDataset<T>): globalThis.Generator<B> {
    if (this.batchSize === null) {
      for (const item of dataset) yield this.single(item);
      return;
    }
    let items: T[] = [];
    for (const item of dataset) {
      items.push(item);
      if (items.length === this.batchSize) {
        yield this.collateFn(items);
        items = [];
      }
    }
    if (items.length > 0 && !this.dropLast) yield this.collateFn(items);
  }
}
