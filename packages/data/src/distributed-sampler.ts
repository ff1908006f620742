import { Generator, randperm } from "@bluedot/core";
import { checkOptions, numbersOf, type Sampler, type Sized } from "./sampler.ts";

/** Options of {@link DistributedSampler}. */
export interface DistributedSamplerOptions {
  /** How many take part. */
  numReplicas: number;
  /** Which of them this is, from 0. */
  rank: number;
  /** A new random order in every epoch that {@link DistributedSampler.setEpoch} begins; true by default. */
  shuffle?: boolean;
  /** The same for all; 0 by default. */
  seed?: number;
  /** Leave items out rather than take some twice, so that all get as many. */
  dropLast?: boolean;
}

/** The share of the indices that one of several programs, or threads, takes. @see torch.utils.data.distributed.DistributedSampler */
export class DistributedSampler implements Sampler {
  readonly dataset: Sized;
  readonly numReplicas: number;
  readonly rank: number;
  readonly numSamples: number;
  private readonly shuffle: boolean;
  private readonly seed: number;
  private epoch = 0;

  /** @throws {RangeError} for a rank that there is not */
  constructor(dataset: Sized, options: DistributedSamplerOptions) {
    checkOptions("DistributedSampler", options, ["numReplicas", "rank", "shuffle", "seed", "dropLast"]);
    const { numReplicas, rank, shuffle = true, seed = 0, dropLast = false } = options;
    if (rank >= numReplicas || rank < 0) {
      throw new RangeError(`Invalid rank ${rank}, rank should be in the interval [0, ${numReplicas - 1}]`);
    }
    this.dataset = dataset;
    this.numReplicas = numReplicas;
    this.rank = rank;
    this.shuffle = shuffle;
    this.seed = seed;
    const share = dataset.length / numReplicas;
    this.numSamples = dropLast && !Number.isInteger(share) ? Math.ceil(share - 1) : Math.ceil(share);
  }

  get length(): number {
    return this.numSamples;
  }

  /** Begins an epoch: without it every epoch has the same order. */
  setEpoch(epoch: number): void {
    this.epoch = epoch;
  }

  *[Symbol.iterator](): globalThis.Generator<number> {
    const { length } = this.dataset;
    const order = this.shuffle
      ? numbersOf(randperm(length, { generator: new Generator().manualSeed(this.seed + this.epoch) }))
      : Array.from({ length }, (_, i) => i);
    // Where there are too few, the first come again.
    for (let i = 0; i < this.numSamples; i++) yield order[(this.rank + i * this.numReplicas) % length]!;
  }
}
