import { given, required, signature } from "../../dispatch/arguments.ts";
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

const bindSqueeze = signature("squeeze", { dim: null });
const dimsOf = (self: Tensor, args: readonly unknown[]): number[] => wrapDims(bindSqueeze(given(args)).dim, self.ndim, false);

/** A view without the dimensions of size 1, or without those of `dim` that have it. @throws {IndexError} @see torch.squeeze */
export function squeeze(self: Tensor, dim?: Dim, ...extra: never[]): Tensor {
  return runView(squeezeView, self, dimsOf(self, [dim, ...extra]));
}

/** In-place `squeeze`: the tensor's own layout changes. @see torch.Tensor.squeeze_ */
export function squeeze_(self: Tensor, dim?: Dim, ...extra: never[]): Tensor {
  return runViewInto(squeezeView, self, dimsOf(self, [dim, ...extra]));
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

const bindUnsqueeze = signature("unsqueeze", { dim: required });
const newDim = (self: Tensor, args: readonly unknown[]): number => {
  const [dim] = args;
  return wrapDim(args.length === 1 && typeof dim === "number" ? dim : bindUnsqueeze(args).dim, self.ndim + 1);
};

/** A view with a new dimension of size 1 at `dim`. @throws {IndexError} @see torch.unsqueeze */
export function unsqueeze(self: Tensor, dim: number | { dim: number }, ...extra: never[]): Tensor {
  return runView(unsqueezeView, self, newDim(self, [dim, ...extra]));
}

/** In-place `unsqueeze`: the tensor's own layout changes. @see torch.Tensor.unsqueeze_ */
export function unsqueeze_(self: Tensor, dim: number | { dim: number }, ...extra: never[]): Tensor {
  return runViewInto(unsqueezeView, self, newDim(self, [dim, ...extra]));
}
