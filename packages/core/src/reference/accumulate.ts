import { isComplex } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toBigInts, toComplexDoubles, toDoubles, writeBigInts, writeDoubles } from "./loops.ts";

/** Numbers that add up exactly enough: doubles (pairs for complex), or 64-bit integers. */
export interface Accumulator {
  /** Typed as doubles, whichever they are. */
  readonly data: Float64Array;
  readonly width: 1 | 2;
}

/** The elements of a tensor in row-major order, in the type that sums of its dtype are kept in. */
export function accumulable(t: Tensor): Accumulator {
  if (isComplex(t.dtype)) return { data: toComplexDoubles(t), width: 2 };
  return { data: t.dtype === "int64" ? (toBigInts(t) as unknown as Float64Array) : toDoubles(t), width: 1 };
}

/** Writes what {@link accumulable} gave, after changes, over a tensor. */
export function writeAccumulated(t: Tensor, { data }: Accumulator): void {
  if (t.dtype === "int64") writeBigInts(t, data as unknown as BigInt64Array);
  else writeDoubles(t, data);
}
