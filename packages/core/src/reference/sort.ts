import type { Tensor } from "../tensor/tensor.ts";
import { comparable } from "./arg-reduce.ts";
import { forEachLine } from "./lines.ts";
import { writeBigInts, writeDoubles } from "./loops.ts";

type Values = Float64Array;

/** A line of values to put in order, and the order of its elements. */
export interface LineOrder {
  readonly data: Values;
  readonly offset: number;
  /** The places along the line in order: stable, NaN as the largest. */
  order(start: number, step: number, n: number): Int32Array;
}

/** How to order lines along a dimension. */
export function lineOrder(self: Tensor, _dim: number, descending: boolean): LineOrder {
  const source = self.contiguousLayout ? self : self.contiguous();
  const { data, offset } = comparable(source) as { data: Values; offset: number };
  return {
    data,
    offset,
    order: (start, step, n) => {
      const at = (k: number): number => data[offset + start + k * step]!;
      const order = Int32Array.from({ length: n }, (_, k) => k);
      order.sort((i, j) => {
        const [a, b] = [at(i), at(j)];
        if (a === b) return i - j;
        const [aNaN, bNaN] = [a !== a, b !== b];
        if (aNaN || bNaN) return aNaN && bNaN ? i - j : aNaN === descending ? -1 : 1;
        return a < b === descending ? 1 : -1;
      });
      return order;
    },
  };
}

/** Writes values and places of the elements that `pick` takes of each line's order. */
export function writeOrdered(
  self: Tensor,
  dim: number,
  { data, offset, order }: LineOrder,
  pick: (order: Int32Array) => Int32Array,
  values: Tensor,
  indices: Tensor,
): void {
  const empty = values.count === 0;
  const found = new (data.constructor as new (n: number) => Values)(values.count);
  const places = new Float64Array(values.count);
  let line = 0;
  forEachLine(self.shape, dim, (start, step, n) => {
    if (empty) return;
    const chosen = pick(order(start, step, n));
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
