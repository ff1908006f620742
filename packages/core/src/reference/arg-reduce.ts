import { isComplex } from "../tensor/dtype.ts";
import { contiguousStrides } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { offsetsAlong } from "./flat.ts";
import { numbersOf, toBigInts } from "./loops.ts";

/** Numbers, or 64-bit integers, that compare with `<`. */
export type Comparable = Float64Array | BigInt64Array;

/** The elements in a form that compares exactly, with the layout by which to read them. int64 beyond 2^53 keeps its digits. */
export function comparable(t: Tensor): { data: Comparable; strides: readonly number[]; offset: number } {
  if (t.dtype === "int64") return { data: toBigInts(t), strides: contiguousStrides(t.shape), offset: 0 };
  if (isComplex(t.dtype)) throw new Error("complex numbers have no order");
  return numbersOf(t) as { data: Float64Array; strides: readonly number[]; offset: number };
}

/** Calls `visit` for each group of elements that share the kept dimensions: where it begins; `steps` lead to its members. */
export function forEachGroup(
  t: Tensor,
  strides: readonly number[],
  offset: number,
  dims: readonly number[],
  visit: (start: number, steps: Float64Array, group: number) => void,
): void {
  const kept = t.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const starts = offsetsAlong(t.shape, strides, kept);
  const steps = offsetsAlong(t.shape, strides, dims);
  for (let i = 0; i < starts.length; i++) visit(offset + starts[i]!, steps, i);
}

/** Position within its group of the largest (or smallest) element of each group; NaN wins, and the first of equals. */
export function extremePositions(t: Tensor, dims: readonly number[], largest: boolean): Float64Array {
  const { data, strides, offset } = comparable(t);
  const found: number[] = [];
  forEachGroup(t, strides, offset, dims, (start, steps) => {
    let at = 0;
    let best = data[start + steps[0]!]!;
    for (let j = 1; j < steps.length && best === best; j++) {
      const value = data[start + steps[j]!]!;
      if (value !== value || (largest ? value > best : value < best)) {
        best = value;
        at = j;
      }
    }
    found.push(at);
  });
  return Float64Array.from(found);
}
