import { type Backward, defineOp, type Op, type Saves } from "../../dispatch/op.ts";
import type { DType } from "../../tensor/dtype.ts";
import { dimNumber } from "../../tensor/names.ts";
import { reducedShape, type Shape, wrapDims } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { reshape } from "../view/reshape.ts";

/** Parameters of a reduction: dimensions wrapped and sorted. */
export interface Reduction {
  readonly dims: readonly number[];
  readonly keepdim: boolean;
}

/** A dimension, or several, by name. */
export type DimNames = string | readonly string[];

export interface ReduceOptions {
  /** Dimensions to reduce, by number or name. Default: all. */
  dim?: number | readonly number[] | DimNames | null;
  /** Keep the reduced dimensions with size 1. Default false. */
  keepdim?: boolean;
  /** Cast to this dtype first. */
  dtype?: DType | null;
}

/** A reduction of `dim` (one, several, names, or all) with `keepdim` and `dtype`, by position or in the options. */
export type Reduce = (
  self: Tensor,
  dim?: number | DimNames | readonly number[] | null | ReduceOptions,
  keepdim?: boolean | ReduceOptions,
  options?: ReduceOptions,
) => Tensor;

/** How many elements are reduced to one. */
export const reducedCount = (shape: Shape, dims: readonly number[]): number => dims.reduce((n, d) => n * shape[d]!, 1);

export { dimNumber };

const everything: Reduction[] = [];

/** The reduction of all of `ndim` dimensions to one number; made once, never changed. */
export function wholeReduction(ndim: number): Reduction {
  let found = everything[ndim];
  if (found === undefined) everything[ndim] = found = { dims: wrapDims(null, ndim), keepdim: false };
  return found;
}
const allDims = (ndim: number): readonly number[] => wholeReduction(ndim).dims;

/** The dimensions of a reduction, wrapped and sorted; none given means all. @throws {IndexError} */
export function dimsFor(self: Tensor, dim: number | readonly number[] | DimNames | null | undefined): number[] {
  if (dim === null || dim === undefined) return allDims(self.ndim) as number[];
  if (typeof dim === "number" || typeof dim === "string") return wrapDims(dimNumber(self, dim), self.ndim);
  return wrapDims(
    (dim as readonly (number | string)[]).map((d) => dimNumber(self, d)),
    self.ndim,
  );
}

/** Names left after a reduction. */
export const reducedNames = (self: Tensor, { dims, keepdim }: Reduction): (string | null)[] | null =>
  self.dimNames === null ? null : keepdim ? [...self.dimNames] : self.dimNames.filter((_, i) => !dims.includes(i));

/** `t`, a reduction of `shape`, with its reduced dimensions back as size 1. */
export const restoreDims = (t: Tensor, shape: Shape, { dims, keepdim }: Reduction): Tensor =>
  keepdim ? t : reshape(t, reducedShape(shape, dims, true));

/** An operator that reduces dimensions of one tensor to one value each, of the input's dtype unless `dtype` says otherwise. */
export function defineReduction(row: {
  readonly name: string;
  readonly gradName?: string;
  readonly dtype?: (dtype: DType) => DType;
  readonly saves?: Saves;
  readonly backward?: Backward<readonly [Tensor], Reduction>;
}): Op<readonly [Tensor], Reduction> {
  const { dtype, ...rest } = row;
  return defineOp<readonly [Tensor], Reduction>({
    ...rest,
    infer: ([self], { dims, keepdim }) => ({
      shape: reducedShape(self.shape, dims, keepdim),
      dtype: dtype === undefined ? self.dtype : dtype(self.dtype),
    }),
    names: ([self], params) => [reducedNames(self, params)],
  });
}
