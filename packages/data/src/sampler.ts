import { asTensor, empty, Generator, randint, randperm, type Tensor } from "@bluedot/core";

/** An order in which indices (or batches of them) are drawn, anew in every iteration. @see torch.utils.data.Sampler */
export interface Sampler<T = number> extends Iterable<T> {
  /** How many it draws. */
  readonly length: number;
}

/** Something with a length: a dataset, an array. */
export interface Sized {
  readonly length: number;
}

/** A random seed, drawn as PyTorch draws one. */
export function drawSeed(generator: Generator | null = null): number | bigint {
  return empty([], { dtype: "int64" })
    .random_(generator === null ? {} : { generator })
    .item() as number | bigint;
}

/** 0, 1, 2 ... @see torch.utils.data.SequentialSampler */
export class SequentialSampler implements Sampler {
  readonly dataSource: Sized;

  constructor(dataSource: Sized) {
    this.dataSource = dataSource;
  }

  get length(): number {
    return this.dataSource.length;
  }

  *[Symbol.iterator](): globalThis.Generator<number> {
    for (let i = 0; i < this.length; i++) yield i;
  }
}

/** Options of {@link RandomSampler}. */
export interface RandomSamplerOptions {
  /** Draws each index anew from all of them. */
  replacement?: boolean;
  /** How many to draw; by default as many as there are. */
  numSamples?: number | null;
  /** Draws from this generator; by default from a fresh one whose seed the default generator gives. */
  generator?: Generator | null;
}

/** The numbers of an int64 tensor. */
export function numbersOf(tensor: Tensor): number[] {
  return Array.from(tensor.typedArray() as BigInt64Array, Number);
}

/**
 * All indices in random order, or random ones with replacement: the order that PyTorch draws after the same `manualSeed`.
 * @see torch.utils.data.RandomSampler
 */
export class RandomSampler implements Sampler {
  readonly dataSource: Sized;
  readonly replacement: boolean;
  private readonly count: number | null;
  private readonly generator: Generator | null;

  /** @throws {RangeError} `num_samples should be a positive integer value` */
  constructor(dataSource: Sized, options: RandomSamplerOptions = {}) {
    checkOptions("RandomSampler", options, ["replacement", "numSamples", "generator"]);
    this.dataSource = dataSource;
    this.replacement = options.replacement ?? false;
    this.count = options.numSamples ?? null;
    this.generator = options.generator ?? null;
    if (typeof this.replacement !== "boolean")
      throw new TypeError(`replacement should be a boolean value, but got replacement=${String(this.replacement)}`);
    if (!Number.isInteger(this.length) || this.length <= 0)
      throw new RangeError(`num_samples should be a positive integer value, but got num_samples=${this.length}`);
  }

  get length(): number {
    return this.count ?? this.dataSource.length;
  }

  *[Symbol.iterator](): globalThis.Generator<number> {
    const n = this.dataSource.length;
    const generator = this.generator ?? new Generator().manualSeed(drawSeed());
    let left = this.length;
    if (this.replacement) {
      // Drawn 32 at a time, as PyTorch does: the stream of a shared generator depends on it.
      for (; left >= 32; left -= 32) yield* numbersOf(randint(n, [32], { generator }));
      yield* numbersOf(randint(n, [left], { generator }));
      return;
    }
    for (; left >= n; left -= n) yield* numbersOf(randperm(n, { generator }));
    yield* numbersOf(randperm(n, { generator })).slice(0, left);
  }
}

/** The given indices in random order. @see torch.utils.data.SubsetRandomSampler */
export class SubsetRandomSampler implements Sampler {
  readonly indices: readonly number[];
  private readonly generator: Generator | null;

  constructor(indices: readonly number[], options: { generator?: Generator | null } = {}) {
    checkOptions("SubsetRandomSampler", options, ["generator"]);
    this.indices = indices;
    this.generator = options.generator ?? null;
  }

  get length(): number {
    return this.indices.length;
  }

  *[Symbol.iterator](): globalThis.Generator<number> {
    const order = randperm(this.indices.length, this.generator === null ? {} : { generator: this.generator });
    for (const i of numbersOf(order)) yield this.indices[i]!;
  }
}

/** Options of {@link WeightedRandomSampler}. */
export interface WeightedRandomSamplerOptions {
  /** Whether an index may come again; true by default. */
  replacement?: boolean;
  generator?: Generator | null;
}

/** Indices drawn with the given weights, which need not sum to one. @see torch.utils.data.WeightedRandomSampler */
export class WeightedRandomSampler implements Sampler {
  readonly weights: Tensor;
  readonly numSamples: number;
  readonly replacement: boolean;
  private readonly generator: Generator | null;

  /** @throws {RangeError} `num_samples should be a positive integer value` @throws {TypeError} for weights of another shape than [n] */
  constructor(
    weights: Tensor | readonly number[],
    numSamples: number,
    replacement: boolean | WeightedRandomSamplerOptions = {},
    options: WeightedRandomSamplerOptions = {},
  ) {
    const given = typeof replacement === "boolean" ? { replacement, ...options } : replacement;
    checkOptions("WeightedRandomSampler", given, ["replacement", "generator"]);
    if (!Number.isInteger(numSamples) || numSamples <= 0)
      throw new RangeError(`num_samples should be a positive integer value, but got num_samples=${numSamples}`);
    this.weights = asTensor(weights as Tensor, { dtype: "float64" });
    if (this.weights.ndim !== 1)
      throw new TypeError(`weights should be a 1d sequence but given weights have shape (${this.weights.shape.join(", ")})`);
    this.numSamples = numSamples;
    this.replacement = given.replacement ?? true;
    this.generator = given.generator ?? null;
  }

  get length(): number {
    return this.numSamples;
  }

  *[Symbol.iterator](): globalThis.Generator<number> {
    yield* numbersOf(
      this.weights.multinomial(this.numSamples, this.replacement, this.generator === null ? {} : { generator: this.generator }),
    );
  }
}

/** Batches of another sampler's indices. @see torch.utils.data.BatchSampler */
export class BatchSampler implements Sampler<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  /** @throws {RangeError} `batch_size should be a positive integer value` */
  constructor(sampler: Sampler, batchSize: number, dropLast: boolean) {
    if (!Number.isInteger(batchSize) || batchSize <= 0)
      throw new RangeError(`batch_size should be a positive integer value, but got batch_size=${String(batchSize)}`);
    if (typeof dropLast !== "boolean") throw new TypeError(`drop_last should be a boolean value, but got drop_last=${String(dropLast)}`);
    this.sampler = sampler;
    this.batchSize = batchSize;
    this.dropLast = dropLast;
  }

  get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): globalThis.Generator<number[]> {
    let batch: number[] = [];
    for (const index of this.sampler) {
      batch.push(index);
      if (batch.length === this.batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}

/** @throws {TypeError} for an option that is not among `known` */
export function checkOptions(name: string, options: object, known: readonly string[]): void {
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new TypeError(`${name}: unknown option ${option}, expected one of ${known.join(", ")}`);
}
