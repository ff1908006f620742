import type { Generator } from "@bluedot/core";
import { type Collated, defaultCollate } from "./collate.ts";
import { IterableDataset, type MapDataset, settled } from "./dataset.ts";
import { fetchBatch, fetchSingle, streamBatches } from "./fetching.ts";
import { type DatasetSource, sourceOf } from "./module-dataset.ts";
import { BatchSampler, checkOptions, drawSeed, RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";
import { WorkerPool } from "./worker-pool.ts";

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
  /**
   * Worker threads, for a dataset of {@link datasetFrom}; each makes the dataset anew and fetches batches in turn, seeded as PyTorch seeds its
   * workers. For another dataset: batches that are fetched at the same time in this thread, of use where items are promised, such as images
   * read from disk. Either way the loader is read with `for await`.
   */
  numWorkers?: number;
  /** Batches that each worker fetches in advance; 2 by default. */
  prefetchFactor?: number;
  /** Keep worker threads from epoch to epoch. */
  persistentWorkers?: boolean;
  /** Seconds to wait for a batch of a worker; 0, the default, for ever. */
  timeout?: number;
  /** Export of the dataset's module that every worker calls with its number, before it fetches anything. */
  workerInitFn?: string | null;
}

const OPTIONS = [
  ...["batchSize", "shuffle", "sampler", "batchSampler", "dropLast", "collateFn", "generator"],
  ...["numWorkers", "prefetchFactor", "persistentWorkers", "timeout", "workerInitFn"],
];

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
  readonly prefetchFactor: number;
  readonly persistentWorkers: boolean;
  readonly timeout: number;
  readonly workerInitFn: string | null;
  /** The program's own collate function, null for the default. */
  private readonly ownCollate: ((items: T[]) => B) | null;
  private pool: WorkerPool | null = null;

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
      prefetchFactor = 2,
      persistentWorkers = false,
      timeout = 0,
      workerInitFn = null,
    } = options;
    const batchSize = options.batchSize === undefined ? 1 : options.batchSize;
    if (!Number.isInteger(numWorkers) || numWorkers < 0) {
      throw new RangeError("num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.");
    }
    if (timeout < 0) throw new RangeError("timeout option should be non-negative");
    if (numWorkers === 0 && prefetchFactor !== 2) {
      throw new RangeError(
        "prefetch_factor option could only be specified in multiprocessing.let num_workers > 0 to enable multiprocessing.",
      );
    }
    if (!(prefetchFactor > 0)) throw new RangeError("prefetch_factor option should be positive");
    if (persistentWorkers && numWorkers === 0) throw new RangeError("persistent_workers option needs num_workers > 0");
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
    this.prefetchFactor = prefetchFactor;
    this.persistentWorkers = persistentWorkers;
    this.timeout = timeout;
    this.workerInitFn = workerInitFn;
    this.ownCollate = collateFn;
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
    if (dataset instanceof IterableDataset) yield* this.stream(dataset);
    else if (this.batchSampler === null) {
      for (const index of this.sampler!) yield fetchSingle(settled(dataset.getItem(index)), this.ownCollate);
    } else for (const indices of this.batchSampler) yield settled(fetchBatch(dataset, indices, this.ownCollate));
  }

  /** The batches of one epoch, also of datasets that promise their items; by worker threads where there are some. */
  [Symbol.asyncIterator](): AsyncGenerator<B> {
    const seed = drawSeed(this.generator);
    const source = this.numWorkers === 0 ? undefined : sourceOf(this.dataset);
    return source === undefined ? this.promisedEpoch() : this.workerEpoch(source, seed);
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
          ? (async () => fetchSingle(await dataset.getItem(indices), this.ownCollate))()
          : (async () => fetchBatch(dataset, indices, this.ownCollate))(),
      );
      if (pending.length > this.numWorkers) yield await pending.shift()!;
    }
    for (const batch of pending) yield await batch;
  }

  private async *workerEpoch(source: DatasetSource, seed: number | bigint): AsyncGenerator<B> {
    const { numWorkers, batchSize, dropLast, workerInitFn, prefetchFactor, timeout, ownCollate } = this;
    const setup = { numWorkers, source, batchSize, dropLast, workerInitFn, collates: ownCollate === null };
    const pool = this.pool ?? (await WorkerPool.start(setup));
    if (this.persistentWorkers) this.pool = pool;
    try {
      const stream = this.dataset instanceof IterableDataset;
      const orders = stream ? endless() : (this.batchSampler ?? this.sampler!)[Symbol.iterator]();
      for await (const batch of pool.epoch(orders, { seed, prefetchFactor, timeout })) {
        yield ownCollate === null ? (batch as B) : ownCollate(batch as T[]);
      }
    } finally {
      if (!this.persistentWorkers) await pool.stop();
    }
  }

  /** Ends worker threads that were kept with `persistentWorkers`. A program that ends need not call it. */
  async close(): Promise<void> {
    await this.pool?.stop();
    this.pool = null;
  }

  private stream(dataset: IterableDataset<T>): globalThis.Generator<B> {
    return streamBatches(dataset, this.batchSize, this.dropLast, this.ownCollate);
  }
}

function* endless(): globalThis.Generator<null> {
  for (;;) yield null;
}
