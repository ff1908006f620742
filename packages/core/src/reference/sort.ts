import type { Tensor } from "../tensor/tensor.ts";
import { comparable } from "./arg-reduce.ts";
import { forEachLine } from "./lines.ts";
import { writeBigInts, writeDoubles } from "./loops.ts";
import { introSort, nthElement, partialSort, quickSelect } from "./selection.ts";

type Values = Float64Array;

/** The values of lines along a dimension, and which of their elements to take, in which order. */
export interface LineOrder {
  readonly data: Values;
  readonly offset: number;
  /** The places taken along the line that begins at `start`. */
  order(start: number, step: number, n: number): Int32Array;
}

type Choose = (at: (k: number) => number, n: number) => Int32Array;

/** Takes of each line what `choose` says, given the values by their place. */
export function lineOrder(self: Tensor, choose: Choose): LineOrder {
  const source = self.contiguousLayout ? self : self.contiguous();
  const { data, offset } = comparable(source) as { data: Values; offset: number };
  return { data, offset, order: (start, step, n) => choose((k) => data[offset + start + k * step]!, n) };
}

const isNaNValue = (value: number): boolean => value !== value;
const places = (n: number): Int32Array => Int32Array.from({ length: n }, (_, k) => k);

/** Whether `a` is larger than `b`, NaN being largest. */
const larger = (a: number, b: number): boolean => (isNaNValue(a) && !isNaNValue(b)) || a > b;
/** Whether `a` is smaller than `b`, NaN being largest. */
const smaller = (a: number, b: number): boolean => (!isNaNValue(a) && isNaNValue(b)) || a < b;

/** All places in order; unless stable, equal elements in the order that the C++ library's sort leaves them, as in PyTorch. */
export const sortLine =
  (descending: boolean, stable: boolean): Choose =>
  (at, n) => {
    const before = (i: number, j: number): boolean => (descending ? larger(at(i), at(j)) : smaller(at(i), at(j)));
    const list = places(n);
    if (stable) return list.sort((i, j) => (before(i, j) ? -1 : before(j, i) ? 1 : i - j));
    introSort(list, n, before);
    return list;
  };

/** The places of the `k` largest or smallest, in order. */
export const topLine =
  (k: number, largest: boolean): Choose =>
  (at, n) => {
    const list = places(n);
    if (k === 0) return list.subarray(0, 0);
    const before = (i: number, j: number): boolean => (largest ? larger(at(i), at(j)) : smaller(at(i), at(j)));
    if (k * 64 <= n) {
      partialSort(list, k, before);
      return list.subarray(0, k);
    }
    nthElement(list, k - 1, before);
    introSort(list, k - 1, before);
    return list.subarray(0, k);
  };

/** The place of the k-th smallest, counted from 0. */
export const kthLine =
  (k: number): Choose =>
  (at, n) => {
    const list = places(n);
    quickSelect(list, k, (i, j) => larger(at(i), at(j)));
    return list.subarray(k, k + 1);
  };

/** The place of the lower median; of the first NaN where there is one, unless they are left out. */
export const medianLine =
  (ignoreNaN: boolean): Choose =>
  (at, n) => {
    const list = places(n);
    let count = n;
    for (let i = 0; i < n; i++) {
      if (!isNaNValue(at(i))) continue;
      if (!ignoreNaN) return Int32Array.of(i);
      count--;
    }
    const k = Math.max((count - 1) >> 1, 0);
    // Of equal elements the earlier counts as the smaller.
    nthElement(list, k, (i, j) => smaller(at(i), at(j)) || (!smaller(at(j), at(i)) && i < j));
    return list.subarray(k, k + 1);
  };

/** The last place of the value that occurs most, the smallest of those that do. */
export const modeLine: Choose = (at, n) => {
  const order = sortLine(false, false)(at, n);
  let best = 0;
  let bestCount = 0;
  for (let i = 0; i < n; ) {
    let j = i + 1;
    while (j < n && at(order[j]!) === at(order[i]!)) j++;
    if (j - i > bestCount) {
      bestCount = j - i;
      best = j - 1;
    }
    i = j;
  }
  return order.subarray(best, best + 1);
};

/** Writes values and places of the elements that `pick` takes of each line's order. */
export function writeOrdered(self: Tensor, dim: number, { data, offset, order }: LineOrder, values: Tensor, indices: Tensor): void {
  const empty = values.count === 0;
  const found = new (data.constructor as new (n: number) => Values)(values.count);
  const places = new Float64Array(values.count);
  let line = 0;
  forEachLine(self.shape, dim, (start, step, n) => {
    if (empty) return;
    const chosen = order(start, step, n);
    // Lines come in row-major order of the dimensions before and after; `step` is the size of those after.
    const first = Math.floor(line / step) * chosen.length * step + (line % step);
    for (let k = 0; k < chosen.length; k++) {
      found[first + k * step] = data[offset + start + chosen[k]! * step]!;
      places[first + k * step] = chosen[k]!;
    }
    line++;
  });
  if (data instanceof BigInt64Array) writeBigInts(values, found as unknown as BigInt64Array);
  else writeDoubles(values, found);
  writeDoubles(indices, places);
}
