import { type Generator, randperm } from "@bluedot/core";
import { type MapDataset, Subset } from "./dataset.ts";
import { checkOptions } from "./sampler.ts";

/**
 * Splits a dataset at random into parts of the given lengths, or of the given fractions when they sum to one.
 *
 * @example
 * const [train, test] = randomSplit(dataset, [0.8, 0.2], { generator: new Generator().manualSeed(42) });
 *
 * @throws {RangeError} `Sum of input lengths does not equal the length of the input dataset!`
 * @see torch.utils.data.random_split
 */
export function randomSplit<T>(
  dataset: MapDataset<T>,
  lengths: readonly number[],
  options: { generator?: Generator | null } = {},
): Subset<T>[] {
  checkOptions("randomSplit", options, ["generator"]);
  const sizes = resolveLengths(dataset.length, lengths);
  const total = sizes.reduce((a, b) => a + b, 0);
  if (total !== dataset.length || sizes.some((size) => !Number.isInteger(size) || size < 0)) {
    throw new RangeError("Sum of input lengths does not equal the length of the input dataset!");
  }
  const order = randperm(total, options.generator == null ? {} : { generator: options.generator });
  const indices = Array.from(order.typedArray() as BigInt64Array, Number);
  let end = 0;
  return sizes.map((size) => new Subset(dataset, indices.slice(end, (end += size))));
}

/** Fractions become floors; what is left over goes to the parts in turn. */
function resolveLengths(total: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((a, b) => a + b, 0);
  if (!(Math.abs(sum - 1) <= 1e-9 && sum <= 1)) return [...lengths];
  for (const [i, fraction] of lengths.entries()) {
    if (fraction < 0 || fraction > 1) throw new RangeError(`Fraction at index ${i} is not between 0 and 1`);
  }
  const sizes = lengths.map((fraction) => Math.floor(total * fraction));
  let left = total - sizes.reduce((a, b) => a + b, 0);
  for (let i = 0; left > 0; i++, left--) sizes[i % sizes.length]!++;
  return sizes;
}
