import { variadic } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { type Shape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const permuteView: ViewOp<readonly number[]> = defineView<readonly number[]>({
  name: "permute",
  layout: (self, dims) => ({
    shape: dims.map((d) => self.shape[d]!),
    strides: dims.map((d) => self.strides[d]!),
    offset: self.offset,
  }),
  backward: ({ grad, params: dims }) => {
    const inverse = new Array<number>(dims.length);
    dims.forEach((d, i) => {
      inverse[d] = i;
    });
    return permute(grad, inverse);
  },
  names: (self, dims) => dims.map((d) => self.dimNames![d] ?? null),
});

/** A view with the dimensions in the order `dims`. @throws {ShapeError} unless `dims` is a permutation @see torch.permute */
export function permute(self: Tensor, ...dims: number[] | [Shape] | [{ dims: Shape }]): Tensor {
  const given = variadic("permute", "dims", dims);
  if (given.length !== self.ndim) {
    throw new ShapeError(
      `permute(sparse_coo): number of dimensions in the tensor input does not match the length of the desired ordering of dimensions i.e. input.dim() = ${self.ndim} is not equal to len(dims) = ${given.length}`,
    );
  }
  const wrapped = given.map((d) => wrapDim(d, self.ndim));
  if (new Set(wrapped).size !== wrapped.length) throw new ShapeError("permute(): duplicate dims are not allowed.");
  return runView(permuteView, self, wrapped);
}
