import { given, isOptions, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { comparable, extremePositions, forEachGroup } from "../../reference/arg-reduce.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { reducedShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { indexed } from "./indexed.ts";
import { type DimNames, defineReduction, dimNumber, dimsFor, type Reduction, reducedNames, restoreDims } from "./reduction.ts";

/** The value and position of an extreme along one dimension. */
interface Along {
  readonly dim: number;
  readonly keepdim: boolean;
}

const reductionOf = ({ dim, keepdim }: Along, ndim: number): Reduction => ({ dims: ndim === 0 ? [] : [dim], keepdim });

/** Values at positions within their groups. */
function writeAt(self: Tensor, dims: readonly number[], positions: Float64Array, out: Tensor): void {
  const { data, strides, offset } = comparable(self);
  const values = new (data.constructor as new (n: number) => Float64Array)(positions.length);
  forEachGroup(self, strides, offset, dims, (start, steps, i) => {
    values[i] = (data as Float64Array)[start + steps[positions[i]!]!]!;
  });
  if (data instanceof BigInt64Array) writeBigInts(out, values as unknown as BigInt64Array);
  else writeDoubles(out, values);
}

function defineAlong(name: string, largest: boolean): Op<readonly [Tensor], Along> {
  const op = defineOp<readonly [Tensor], Along>({
    name: `${name}Dim`,
    gradName: `${name[0]!.toUpperCase()}${name.slice(1)}Backward0`,
    infer: ([self], params) => {
      const { dims, keepdim } = reductionOf(params, self.ndim);
      const shape = reducedShape(self.shape, dims, keepdim);
      return [
        { shape, dtype: self.dtype },
        { shape, dtype: "int64" },
      ];
    },
    saves: { outputs: [1] },
    backward: [
      ({ grads: [grad], outputs: [, indices], specs: [self], params }) => indexed(grad!, indices!, self.shape, params.dim, params.keepdim),
    ],
    names: ([self], params) => {
      const names = reducedNames(self, reductionOf(params, self.ndim));
      return [names, names];
    },
  });
  registerReferenceKernels([
    kernel(op, ([self], [values, indices], params) => {
      const { dims } = reductionOf(params, self.ndim);
      const positions = extremePositions(self, dims, largest);
      writeAt(self, dims, positions, values!);
      writeDoubles(indices!, positions);
    }),
  ]);
  return op;
}

/** Largest along one dimension: values and indices. */
export const maxDimOp: Op<readonly [Tensor], Along> = defineAlong("max", true);
/** Smallest along one dimension: values and indices. */
export const minDimOp: Op<readonly [Tensor], Along> = defineAlong("min", false);

function defineExtreme(name: string, gradName: string, largest: boolean): Op<readonly [Tensor], Reduction> {
  const op = defineReduction({
    name,
    gradName,
    saves: { inputs: "all", outputs: "all" },
    backward: [
      // Equal extremes share the gradient.
      ({ grad, inputs: [self], output, params }) => {
        const mask = self.eq(restoreDims(output, self.shape, params));
        return restoreDims(grad, self.shape, params)
          .mul(mask)
          .div(mask.sum(params.dims.length === 0 ? null : params.dims, self.ndim > 0));
      },
    ],
  });
  registerReferenceKernels([kernel(op, ([self], [out], { dims }) => writeAt(self, dims, extremePositions(self, dims, largest), out!))]);
  return op;
}

/** Largest over dimensions. */
export const amaxOp: Op<readonly [Tensor], Reduction> = defineExtreme("amax", "AmaxBackward0", true);
/** Smallest over dimensions. */
export const aminOp: Op<readonly [Tensor], Reduction> = defineExtreme("amin", "AminBackward0", false);
/** Largest of all elements; like `amax` of all, under the name that `max()` prints. */
export const maxOp: Op<readonly [Tensor], Reduction> = defineExtreme("max", "MaxBackward1", true);
/** Smallest of all elements. */
export const minOp: Op<readonly [Tensor], Reduction> = defineExtreme("min", "MinBackward1", false);

export function refuseComplex(name: string, self: Tensor): void {
  if (isComplex(self.dtype)) throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
}

/** @throws {DTypeError} in PyTorch's words */
export function refuseBool(name: string, self: Tensor): void {
  if (self.dtype === "bool") throw new DTypeError(`"${name}" not implemented for 'Bool'`);
}

/** @throws where a reduction without a neutral element has nothing to reduce */
export function checkNotEmpty(name: string, self: Tensor, dims: readonly number[] | null): void {
  if (self.count > 0) return;
  if (dims === null) {
    throw new ShapeError(
      `${name}: Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.`,
    );
  }
  for (const d of dims) {
    if (self.shape[d] === 0) throw new IndexError(`${name}: Expected reduction dim ${d} to have non-zero size.`);
  }
}

export interface ExtremeOptions {
  dim?: number | string;
  /** Keep the reduced dimension with size 1. Default false. */
  keepdim?: boolean;
}

/** `max` and `min`: of all elements, along a dimension, or elementwise with another tensor. */
export interface Extreme {
  (self: Tensor): Tensor;
  (self: Tensor, other: Tensor | { other: Tensor }): Tensor;
  (
    self: Tensor,
    dim: number | string,
    keepdim?: boolean | ExtremeOptions,
    options?: ExtremeOptions,
  ): NamedTuple<"values" | "indices", Tensor>;
  (self: Tensor, options: ExtremeOptions & { dim: number | string }): NamedTuple<"values" | "indices", Tensor>;
}

const bindOther = signature("max", { other: required });
const bindAlong = signature("max", { dim: null, keepdim: false });

function extreme(
  name: string,
  all: Op<readonly [Tensor], Reduction>,
  along: Op<readonly [Tensor], Along>,
  elementwise: (a: Tensor, b: Tensor) => Tensor,
): Extreme {
  return ((self: Tensor, ...args: unknown[]) => {
    const first = args[0];
    if (first instanceof Tensor || (isOptions(first) && (first as { other?: unknown }).other instanceof Tensor)) {
      return elementwise(self, bindOther(args).other);
    }
    refuseComplex(name, self);
    const { dim, keepdim } = bindAlong(given(args));
    if (dim === null) {
      checkNotEmpty(`${name}()`, self, null);
      return run(all, [self], { dims: dimsFor(self, null), keepdim: false });
    }
    const d = wrapDim(dimNumber(self, dim), self.ndim);
    if (self.ndim > 0) checkNotEmptyAlong(`${name}()`, self, d);
    return namedTuple(["values", "indices"], runMany(along, [self], { dim: d, keepdim }), name);
  }) as Extreme;
}

/** @throws {IndexError} where the dimension to reduce is empty, whatever the others are */
export function checkNotEmptyAlong(name: string, self: Tensor, dim: number): void {
  if (self.shape[dim] === 0) throw new IndexError(`${name}: Expected reduction dim ${dim} to have non-zero size.`);
}

/** The largest element; along `dim`, `{ values, indices }` of the first largest; with a tensor, the larger elementwise. NaN is largest. @throws {IndexError} @see torch.max */
export const max: Extreme = extreme("max", maxOp, maxDimOp, (a, b) => a.maximum(b));
/** The smallest element; along `dim`, `{ values, indices }` of the first smallest; with a tensor, the smaller elementwise. NaN is smallest. @throws {IndexError} @see torch.min */
export const min: Extreme = extreme("min", minOp, minDimOp, (a, b) => a.minimum(b));

type Dims = number | readonly number[] | DimNames | null;
export interface AmaxOptions {
  dim?: Dims;
  keepdim?: boolean;
}
export type Amax = (self: Tensor, dim?: Dims | AmaxOptions, keepdim?: boolean | AmaxOptions, options?: AmaxOptions) => Tensor;

const bindAmax = signature("amax", { dim: null, keepdim: false });
const amaxOf =
  (name: string, op: Op<readonly [Tensor], Reduction>): Amax =>
  (self, ...args) => {
    refuseComplex(name, self);
    if (self.ndim > 64) throw new ShapeError("only tensors with up to 64 dims are supported");
    const { dim, keepdim } = bindAmax(given(args));
    const dims = dimsFor(self, dim);
    checkNotEmpty(`${name}()`, self, dim === null || (Array.isArray(dim) && dim.length === 0) ? null : dims);
    return run(op, [self], { dims, keepdim });
  };
/** The largest over `dim` (one, several or all); equal ones share the gradient. @throws {IndexError} @see torch.amax */
export const amax: Amax = amaxOf("amax", amaxOp);
/** The smallest over `dim` (one, several or all); equal ones share the gradient. @throws {IndexError} @see torch.amin */
export const amin: Amax = amaxOf("amin", aminOp);

/** Smallest and largest over `dim` or all: `{ min, max }`. @throws {IndexError} @see torch.aminmax */
export function aminmax(
  self: Tensor,
  options: { dim?: number | null; keepdim?: boolean } = {},
  ...extra: never[]
): NamedTuple<"min" | "max", Tensor> {
  const { dim, keepdim } = bindAmax(given([options, ...extra]));
  if (dim === null) {
    if (self.count === 0)
      throw new ShapeError("aminmax(): cannot compute aminmax over an empty dimension as the operation has no identity.");
  } else if (self.ndim > 0) checkNotEmptyAlong("aminmax", self, wrapDim(dim, self.ndim));
  const ends = [amin(self, dim, keepdim), amax(self, dim, keepdim)];
  // A number keeps "its" dimension here, alone among reductions.
  return namedTuple(["min", "max"], self.ndim === 0 && dim !== null && keepdim ? ends.map((end) => end.reshape([1])) : ends, "aminmax");
}
