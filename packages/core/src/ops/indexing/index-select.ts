import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, IndexError } from "../../errors.ts";
import { around, flat } from "../../reference/flat.ts";
import { toDoubles } from "../../reference/loops.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { indexAdd } from "./index-write.ts";

/** Indices along a dimension of `size`. @throws {IndexError} in PyTorch's words */
export function checkedIndices(index: Tensor, size: number): Float64Array {
  const values = toDoubles(index);
  for (const value of values) if (value < 0 || value >= size) throw new IndexError("index out of range in self");
  return values;
}

/** Slices along one dimension, picked by a vector of indices. */
export const indexSelectOp: Op<readonly [Tensor, Tensor], number> = defineOp<readonly [Tensor, Tensor], number>({
  name: "indexSelect",
  infer: ([self, index], dim) => ({ shape: self.ndim === 0 ? self.shape : self.shape.with(dim, index.count), dtype: self.dtype }),
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], specs: [self], params: dim }) =>
      indexAdd(zeros(self.shape, { dtype: grad.dtype, device: grad.device }), dim, index, grad),
    null,
  ],
  names: ([self]) => [self.dimNames],
});

registerReferenceKernels([
  kernel(indexSelectOp, ([self, index], [out], dim) => {
    const { outer, size, inner } = around(self.shape, dim);
    const { data: from, width } = flat(self);
    const to = flat(out!).data;
    const picked = checkedIndices(index, size);
    const row = inner * width;
    for (let i = 0, k = 0; i < outer; i++) {
      for (let j = 0; j < picked.length; j++, k += row) {
        const start = (i * size + picked[j]!) * row;
        if (row === 1) to[k] = from[start]!;
        else to.set(from.subarray(start, start + row), k);
      }
    }
  }),
]);

const bind = signature("indexSelect", { dim: required, index: required });

export interface IndexSelect {
  (self: Tensor, dim: number | string, index: Tensor): Tensor;
  (self: Tensor, options: { dim: number | string; index: Tensor }): Tensor;
}

/** The slices of `self` along `dim` at `index`, a vector of integers; a copy. @throws {IndexError} @throws {DTypeError} @see torch.index_select */
export const indexSelect: IndexSelect = (self: Tensor, ...args: unknown[]): Tensor => {
  const { dim, index } = bind(args) as { dim: number | string; index: Tensor };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  if (index.ndim > 1) throw new IndexError("index_select(): Index is supposed to be a vector");
  if (index.dtype !== "int64" && index.dtype !== "int32") throw new DTypeError("index_select(): Expected dtype int32 or int64 for index");
  if (self.ndim === 0 && index.count !== 1)
    throw new IndexError(`index_select(): Index to scalar can have only 1 value, got ${index.count} value(s)`);
  return run(indexSelectOp, [self, index], d);
};
