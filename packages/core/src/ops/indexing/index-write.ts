import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { around, flat, flatTarget, sameElements } from "../../reference/flat.ts";
import { wrappedIndices } from "../../reference/scatter.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarOf } from "../factory/scalar-tensor.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { checkedIndices, indexSelect } from "./index-select.ts";

type IndexWriteOp = Op<readonly [Tensor, Tensor, Tensor], number>;

/** `self` plus the slices of `source` added along a dimension at the places of `index`. */
export const indexAddOp: IndexWriteOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "indexAdd",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [
    ({ grad }) => grad,
    null,
    ({ grad, inputs: [, index], specs: [, , source], params: dim }) => sourceGrad(grad, dim, index, source.shape),
  ],
  names: ([self]) => [self.dimNames],
});

/** `self` with the slices of `source` written along a dimension at the places of `index`. */
export const indexCopyOp: IndexWriteOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "indexCopy",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], params: dim }) => indexFill(grad, dim, index, 0),
    null,
    ({ grad, inputs: [, index], specs: [, , source], params: dim }) => sourceGrad(grad, dim, index, source.shape),
  ],
  names: ([self]) => [self.dimNames],
});

/** `self` with one value (a 0-d tensor) over the slices along a dimension at the places of `index`. */
export const indexFillOp: IndexWriteOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "indexFill",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], params: dim }) => indexFill(grad, dim, index, 0),
    null,
    ({ grad, inputs: [, index], params: dim }) => indexSelect(grad, dim, unrepeated(index, grad, dim)).sum(),
  ],
  names: ([self]) => [self.dimNames],
});

/** The gradient of what was written or added: slices of the gradient; a 0-d source counts as one slice. */
const sourceGrad = (grad: Tensor, dim: number, index: Tensor, shape: readonly number[]): Tensor =>
  indexSelect(grad, dim, index).reshape(shape);

/** Negative indices counted from the front, as `indexSelect` wants them. */
function unrepeated(index: Tensor, grad: Tensor, dim: number): Tensor {
  const size = grad.shape[dim] ?? 1;
  const at = index.to("int64").reshape([-1]);
  return at.add(at.lt(0).mul(size));
}

/** Calls `visit` for each run of elements: where it begins in `self` and in `source`, and how long it is. */
export function forEachSlice(
  self: Tensor,
  dim: number,
  indices: Float64Array,
  visit: (at: number, from: number, run: number) => void,
): void {
  const { outer, size, inner } = around(self.shape, dim);
  for (let i = 0; i < outer; i++) {
    for (let j = 0; j < indices.length; j++) visit((i * size + indices[j]!) * inner, (i * indices.length + j) * inner, inner);
  }
}

registerReferenceKernels([
  kernel(indexAddOp, ([self, index, source], [out], dim) => {
    const indices = checkedIndices(index, self.shape[dim] ?? 1);
    const total = accumulable(self);
    const { data: from, width } = accumulable(source);
    forEachSlice(self, dim, indices, (at, place, run) => {
      for (let i = 0; i < run * width; i++) total.data[at * width + i]! += from[place * width + i]!;
    });
    writeAccumulated(out!, total);
  }),
  kernel(indexCopyOp, ([self, index, source], [out], dim) => {
    const indices = wrappedNonNegative(index, self.shape[dim] ?? 1);
    const from = flat(source).data;
    const target = flatTarget(out!);
    const { data, width } = target;
    if (!sameElements(self, out!)) data.set(flat(self).data);
    forEachSlice(self, dim, indices, (at, place, run) => {
      data.set(from.subarray(place * width, (place + run) * width), at * width);
    });
    target.commit();
  }),
  kernel(indexFillOp, ([self, index, value], [out], dim) => {
    const indices = wrappedIndices(index, self.shape[dim] ?? 1, dim);
    const from = flat(value).data;
    const target = flatTarget(out!);
    const { data, width } = target;
    if (!sameElements(self, out!)) data.set(flat(self).data);
    forEachSlice(self, dim, indices, (at, _place, run) => {
      for (let i = 0; i < run * width; i++) data[at * width + i] = from[i % width]!;
    });
    target.commit();
  }),
]);

function wrappedNonNegative(index: Tensor, size: number): Float64Array {
  return wrappedIndices(index, size, 0).map((at, i) => {
    if (at < 0) throw new IndexError(`index_copy_(): index ${i} is out of bounds`);
    return at;
  });
}

type Runner = <P>(
  op: Op<readonly [Tensor, Tensor, Tensor], P>,
  self: Tensor,
  inputs: readonly [Tensor, Tensor, Tensor],
  params: P,
) => Tensor;
const outOfPlace: Runner = (op, _self, inputs, params) => run(op, inputs, params);

function checkIndex(name: string, index: Tensor): void {
  if (index.ndim > 1)
    throw new IndexError(
      `${name}(): Index is supposed to be a vector, but got dim: ${index.ndim} with type: ${dtypeInfo[index.dtype].scalarType} and size: ${formatShape(index.shape)}`,
    );
}

/** @throws {ShapeError} unless `source` has `self`'s sizes except along `dim`, where it has as many as `index` */
export function checkSource(name: string, self: Tensor, dim: number, index: Tensor, source: Tensor): void {
  if (source.dtype !== self.dtype)
    throw new DTypeError(
      `${name}(): self and source expected to have the same dtype, but got (self) ${dtypeInfo[self.dtype].scalarType} and (source) ${dtypeInfo[source.dtype].scalarType}`,
    );
  if (source.ndim === 0) {
    if (index.count > 1)
      throw new IndexError(`${name}(): Number of indices (${index.count}) should be equal to source.size(dim): (1), for dim: ${dim}`);
    return;
  }
  if (index.count !== source.shape[dim]) {
    throw new IndexError(
      `${name}(): Number of indices (${index.count}) should be equal to source.size(dim): (${source.shape[dim]}), for dim: ${dim}`,
    );
  }
  const rest = (t: Tensor): string => formatShape(t.shape.filter((_, i) => i !== dim));
  if (self.ndim > 0 && rest(self) !== rest(source)) {
    throw new ShapeError(
      `${name}(): Source/destination tensor must have same slice shapes. Destination slice shape: ${rest(self).replace("[", "").replace("]", "")} at dimension ${dim} and source slice shape: ${rest(source).replace("[", "").replace("]", "")} at dimension 0.`,
    );
  }
}

export interface IndexAddOptions {
  /** Factor of `source`. Default 1. */
  alpha?: Scalar;
}
export interface IndexAdd {
  (self: Tensor, dim: number | string, index: Tensor, source: Tensor, options?: Scalar | IndexAddOptions): Tensor;
  (self: Tensor, options: IndexAddOptions & { dim: number | string; index: Tensor; source: Tensor }): Tensor;
}
const bindAdd = signature("indexAdd", { dim: required, index: required, source: required, alpha: 1 });
const bindCopy = signature("indexCopy", { dim: required, index: required, source: required });
const bindFill = signature("indexFill", { dim: required, index: required, value: required });

function addWith(execute: Runner, self: Tensor, args: readonly unknown[]): Tensor {
  const { dim, index, source, alpha } = bindAdd(given(args)) as {
    dim: number;
    index: Tensor;
    source: Tensor;
    alpha: Scalar;
  };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  checkIndex("index_add_", index);
  if (index.dtype !== "int64" && index.dtype !== "int32") throw new DTypeError("index_add_(): Expected dtype int32/int64 for index");
  checkSource("index_add_", self, d, index, source);
  const scaled = alpha === 1 ? source : source.mul(alpha);
  return execute(indexAddOp, self, [self, index, scaled.dtype === self.dtype ? scaled : scaled.to(self.dtype)], d);
}
/** `self` plus the slices of `source` (times `alpha`) added along `dim` at `index`, a vector. @throws {IndexError} @throws {ShapeError} @see torch.index_add */
export const indexAdd: IndexAdd = (self: Tensor, ...args: unknown[]): Tensor => addWith(outOfPlace, self, args);
/** In-place `indexAdd`. @see torch.Tensor.index_add_ */
export const indexAdd_: IndexAdd = (self: Tensor, ...args: unknown[]): Tensor => addWith(runInto, self, args);

function copyWith(execute: Runner, self: Tensor, args: readonly unknown[]): Tensor {
  const { dim, index, source } = bindCopy(args) as { dim: number; index: Tensor; source: Tensor };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  checkIndex("index_copy_", index);
  if (index.dtype !== "int64")
    throw new DTypeError(`index_copy_(): Expected a long tensor for index, but got ${dtypeInfo[index.dtype].scalarType}`);
  checkSource("index_copy_", self, d, index, source);
  return execute(indexCopyOp, self, [self, index, source], d);
}
/** `self` with the slices of `source` written along `dim` at `index`, a vector. @throws {IndexError} @throws {ShapeError} @see torch.index_copy */
export const indexCopy: IndexAdd = (self: Tensor, ...args: unknown[]): Tensor => copyWith(outOfPlace, self, args);
/** In-place `indexCopy`. @see torch.Tensor.index_copy_ */
export const indexCopy_: IndexAdd = (self: Tensor, ...args: unknown[]): Tensor => copyWith(runInto, self, args);

export interface IndexFill {
  (self: Tensor, dim: number | string, index: Tensor, value: Tensor | Scalar): Tensor;
  (self: Tensor, options: { dim: number | string; index: Tensor; value: Tensor | Scalar }): Tensor;
}
function fillWith(execute: Runner, self: Tensor, args: readonly unknown[]): Tensor {
  const { dim, index, value } = bindFill(args) as { dim: number; index: Tensor; value: Tensor | Scalar };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  if (index.dtype !== "int64") throw new IndexError("index_fill_(): Expected dtype int64 for index.");
  if (value instanceof Tensor && value.ndim > 0) {
    throw new ShapeError(`index_fill_ only supports a 0-dimensional value tensor, but got tensor with ${value.ndim} dimension(s).`);
  }
  const filler = value instanceof Tensor ? value.to(self.dtype) : scalarOf(value, self.dtype).to(self.device);
  return execute(indexFillOp, self, [self, index, filler], d);
}
/** `self` with `value` over the slices along `dim` at `index`. @throws {IndexError} @see torch.index_fill */
export const indexFill: IndexFill = (self: Tensor, ...args: unknown[]): Tensor => fillWith(outOfPlace, self, args);
/** In-place `indexFill`. @see torch.Tensor.index_fill_ */
export const indexFill_: IndexFill = (self: Tensor, ...args: unknown[]): Tensor => fillWith(runInto, self, args);
