import { nothingElse, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { emptyTensor, launch } from "../../dispatch/run.ts";
import { toComplexDoubles, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { contiguousStrides } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** How many elements differ from zero, in one int64. Runs first: it gives the size of `nonzero`'s result. */
export const countNonzeroOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "countNonzero",
  infer: () => ({ shape: [], dtype: "int64" }),
});

/** The indices of elements that differ from zero: one row each, given their number. */
export const nonzeroOp: Op<readonly [Tensor], number> = defineOp<readonly [Tensor], number>({
  name: "nonzero",
  infer: ([self], count) => ({ shape: [count, self.ndim], dtype: "int64" }),
});

/** Whether each element differs from zero, in row-major order. */
export function truths(self: Tensor): Uint8Array {
  const out = new Uint8Array(self.count);
  if (isComplex(self.dtype)) {
    const values = toComplexDoubles(self);
    for (let i = 0; i < out.length; i++) out[i] = values[2 * i] !== 0 || values[2 * i + 1] !== 0 ? 1 : 0;
  } else {
    const values = toDoubles(self);
    for (let i = 0; i < out.length; i++) out[i] = values[i] !== 0 ? 1 : 0;
  }
  return out;
}

registerReferenceKernels([
  kernel(countNonzeroOp, ([self], [out]) => {
    let n = 0;
    for (const value of truths(self)) n += value;
    writeDoubles(out!, [n]);
  }),
  kernel(nonzeroOp, ([self], [out]) => {
    const strides = contiguousStrides(self.shape);
    const indices = new Float64Array(out!.count);
    let k = 0;
    truths(self).forEach((value, at) => {
      if (value === 0) return;
      let rest = at;
      for (const stride of strides) {
        const index = Math.floor(rest / stride);
        indices[k++] = index;
        rest -= index * stride;
      }
    });
    writeDoubles(out!, indices);
  }),
]);

export interface Nonzero {
  (self: Tensor, options?: { asTuple?: false }): Tensor;
  (self: Tensor, options: { asTuple: true }): Tensor[];
}

const bindNonzero = signature("nonzero", { asTuple: false });

/** The indices of the elements that differ from zero, int64 `[n, ndim]`; with `asTuple` one vector for each dimension. @see torch.nonzero */
export const nonzero: Nonzero = ((self: Tensor, ...args: unknown[]): Tensor | Tensor[] => {
  const { asTuple } = bindNonzero(args);
  const source = asTuple && self.ndim === 0 ? self.reshape([1]) : self;
  const count = emptyTensor([], "int64", source.device);
  launch(countNonzeroOp, [source], [count], undefined);
  const n = count.item();
  const out = emptyTensor([n, source.ndim], "int64", source.device);
  launch(nonzeroOp, [source], [out], n);
  return asTuple ? source.shape.map((_, d) => out.select(1, d)) : out;
}) as Nonzero;

/** The indices of the elements that differ from zero, int64 `[n, ndim]`. @see torch.argwhere */
export function argwhere(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("argwhere", extra);
  return nonzero(self);
}
