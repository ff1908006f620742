import { given, signature, variadic } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { checkSizes, type Shape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "../factory/arange.ts";
import { indexSelect } from "../indexing/index-select.ts";
import { expand } from "./expand.ts";
import { reshape } from "./reshape.ts";

/** Copies of the whole tensor next to each other: `repeats` times along each dimension, new leading ones included. @throws {ShapeError} @see torch.Tensor.repeat */
export function repeat(self: Tensor, ...repeats: number[] | [Shape] | [{ repeats: Shape }]): Tensor {
  const times = variadic("repeat", "repeats", repeats);
  if (times.length < self.ndim) {
    throw new ShapeError("Number of dimensions of repeat dims can not be smaller than number of dimensions of tensor");
  }
  const padded = [...new Array<number>(times.length - self.ndim).fill(1), ...self.shape];
  const target = padded.map((n, i) => n * times[i]!);
  checkSizes(target);
  // Each dimension becomes a pair [times, size], of which the first is repeated.
  const pairs = padded.flatMap((n) => [1, n]);
  const wide = padded.flatMap((n, i) => [times[i]!, n]);
  return reshape(expand(reshape(self, pairs), wide).clone({ memoryFormat: "contiguous_format" }), target);
}

/** Like `repeat`, with missing leading `dims` taken as 1. @throws {ShapeError} @see torch.tile */
export function tile(self: Tensor, ...dims: number[] | [Shape] | [{ dims: Shape }]): Tensor {
  const times = variadic("tile", "dims", dims);
  return repeat(self, [...new Array<number>(Math.max(self.ndim - times.length, 0)).fill(1), ...times]);
}

export interface RepeatInterleaveOptions {
  repeats?: number | Tensor;
  /** Default: all elements in row-major order. */
  dim?: number | null;
  /** The size of the result along `dim`; only a hint. */
  outputSize?: number | null;
}
export interface RepeatInterleave {
  (self: Tensor, repeats: number | Tensor, dim?: number | null | RepeatInterleaveOptions, options?: RepeatInterleaveOptions): Tensor;
  (self: Tensor, options?: RepeatInterleaveOptions): Tensor;
}

const bind = signature("repeatInterleave", { repeats: null, dim: null, outputSize: null });

/** Which element comes at each place when element i is repeated `counts[i]` times. */
function interleaved(counts: readonly number[]): BigInt64Array {
  const total = counts.reduce((a, b) => a + b, 0);
  const out = new BigInt64Array(total);
  let k = 0;
  counts.forEach((n, i) => {
    out.fill(BigInt(i), k, k + n);
    k += n;
  });
  return out;
}

function countsOf(repeats: Tensor): number[] {
  if (repeats.dtype !== "int64" && repeats.dtype !== "int32") throw new DTypeError("repeats has to be Long or Int tensor");
  if (repeats.ndim > 1) throw new ShapeError("repeats must be 0-dim or 1-dim tensor");
  const counts = repeats.reshape([-1]).tolist() as number[];
  if (counts.some((n) => n < 0)) throw new ShapeError("repeats can not be negative");
  return counts;
}

/** Each element repeated `repeats` times (a number, or one for each), along `dim`. With one tensor of counts: the indices so repeated. @throws {ShapeError} @see torch.repeat_interleave */
export const repeatInterleave: RepeatInterleave = (self: Tensor, ...args: unknown[]): Tensor => {
  const { repeats, dim } = bind(given(args)) as { repeats: number | Tensor | null; dim: number | null };
  const indices = (values: BigInt64Array): Tensor => fromNumbers(values, [values.length], "int64", { device: self.device });
  if (repeats === null) {
    const counts = countsOf(self);
    return indices(interleaved(counts)).to(self.dtype);
  }
  const source = dim === null ? reshape(self, [-1]) : self;
  const d = wrapDim(dim ?? 0, source.ndim);
  const size = source.shape[d] ?? 1;
  if (typeof repeats === "number" && repeats < 0) throw new ShapeError("Repeats must be non-negative");
  let counts = repeats instanceof Tensor ? countsOf(repeats) : [repeats];
  if (repeats instanceof Tensor && repeats.ndim === 1 && counts.length !== size && counts.length !== 1) {
    throw new ShapeError("repeats must have the same size as input along dim");
  }
  if (counts.length === 1 && size !== 1) counts = new Array<number>(size).fill(counts[0]!);
  return indexSelect(source, d, indices(interleaved(counts)));
};
