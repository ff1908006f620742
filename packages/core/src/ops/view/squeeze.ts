import { isOptions } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView, runViewInto } from "../../dispatch/run.ts";
import { wrapDim, wrapDims } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { reshape } from "./reshape.ts";

const squeezeView: ViewOp<readonly number[]> = defineView<readonly number[]>({
  name: "squeeze",
  layout: (self, dims) => {
    const keep = self.shape.map((n, i) => n !== 1 || !dims.includes(i));
    return { shape: self.shape.filter((_, i) => keep[i]), strides: self.strides.filter((_, i) => keep[i]), offset: self.offset };
  },
  backward: ({ grad, specs: [self] }) => reshape(grad, self.shape),
  names: (self, dims) => self.dimNames!.filter((_, i) => self.shape[i] !== 1 || !dims.includes(i)),
});

type Dim = number | readonly number[] | { dim?: number | readonly number[] };

const dimsOf = (self: Tensor, dim: Dim | undefined): number[] =>
  wrapDims(isOptions(dim) ? (dim as { dim?: number }).dim : (dim as number | undefined), self.ndim, false);

/** A view without the dimensions of size 1, or without those of `dim` that have it. @throws {IndexError} @see torch.squeeze */
export const squeeze = (self: Tensor, dim?: Dim): Tensor => runView(squeezeView, self, dimsOf(self, dim));

/** In-place `squeeze`: the tensor's own layout changes. @see torch.Tensor.squeeze_ */
export function squeeze_(self: Tensor, dim?: Dim): Tensor {
  return runViewInto(squeezeView, self, dimsOf(self, dim));
}

const unsqueezeView: ViewOp<number> = defineView<number>({
  name: "unsqueeze",
  layout: (self, dim) => {
    const step = dim < self.ndim ? self.shape[dim]! * self.strides[dim]! : 1;
    return { shape: self.shape.toSpliced(dim, 0, 1), strides: self.strides.toSpliced(dim, 0, step), offset: self.offset };
  },
  backward: ({ grad, params: dim }) => squeeze(grad, dim),
  names: (self, dim) => self.dimNames!.toSpliced(dim, 0, null),
});

const newDim = (self: Tensor, dim: number | { dim: number }): number =>
  wrapDim(isOptions(dim) ? (dim as { dim: number }).dim : (dim as number), self.ndim + 1);

/** A view with a new dimension of size 1 at `dim`. @throws {IndexError} @see torch.unsqueeze */
export const unsqueeze = (self: Tensor, dim: number | { dim: number }): Tensor => runView(unsqueezeView, self, newDim(self, dim));

/** In-place `unsqueeze`: the tensor's own layout changes. @see torch.Tensor.unsqueeze_ */
export function unsqueeze_(self: Tensor, dim: number | { dim: number }): Tensor {
  return runViewInto(unsqueezeView, self, newDim(self, dim));
}
