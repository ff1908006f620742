import type { HistogramMessage } from "./messages.ts";

let made: readonly number[] | undefined;

/** Ends of TensorBoard's own buckets: growing by a tenth from 1e-12 to 1e20 on both sides of zero. */
function makeLimits(): readonly number[] {
  const positive: number[] = [];
  for (let v = 1e-12; v < 1e20; v *= 1.1) positive.push(v);
  return [...positive.map((v) => -v).reverse(), 0, ...positive];
}

/** Where in `sorted` the first element greater than `value` lies. */
function upperBound(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Counts values in buckets; those at both ends that are empty are left out. @throws {RangeError} without values */
export function histogramOf(values: ArrayLike<number>, edges: readonly number[] = (made ??= makeLimits())): HistogramMessage {
  if (values.length === 0) throw new RangeError("The input has no element.");
  const counts = new Array<number>(edges.length - 1).fill(0);
  const last = edges.length - 1;
  let [min, max, sum, sumSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumSquares += value * value;
    // The last bucket holds its upper end too.
    const bucket = value === edges[last] ? last - 1 : upperBound(edges, value) - 1;
    if (bucket >= 0 && bucket < last) counts[bucket]!++;
  }
  const first = counts.findIndex((count) => count > 0);
  if (first < 0) return { min, max, num: values.length, sum, sumSquares, bucketLimit: [edges[last]!], bucket: [0] };
  const end = counts.findLastIndex((count) => count > 0) + 1;
  // An empty bucket stands before the first, so that the first has a lower end.
  const bucket = [0, ...counts.slice(first, end)];
  return { min, max, num: values.length, sum, sumSquares, bucketLimit: edges.slice(first, end + 1), bucket };
}
