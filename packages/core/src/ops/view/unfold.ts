import { required, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { contiguousStrides, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { viewAccumulate } from "./overlapping.ts";

interface Windows {
  readonly dimension: number;
  readonly size: number;
  readonly step: number;
}

function layoutOf(
  shape: readonly number[],
  strides: readonly number[],
  { dimension, size, step }: Windows,
): { shape: number[]; strides: number[] } {
  if (shape.length === 0) return { shape: [size], strides: [1] };
  const count = Math.floor((shape[dimension]! - size) / step) + 1;
  return {
    shape: [...shape.with(dimension, count), size],
    strides: [...strides.with(dimension, strides[dimension]! * step), strides[dimension]!],
  };
}

const unfoldView: ViewOp<Windows> = defineView<Windows>({
  name: "unfold",
  layout: (self, params) => ({ ...layoutOf(self.shape, self.strides, params), offset: self.offset }),
  backward: ({ grad, specs: [self], params }) =>
    viewAccumulate(grad, self.shape, { ...layoutOf(self.shape, contiguousStrides(self.shape), params), offset: 0 }),
});

const bind = signature("unfold", { dimension: required, size: required, step: required });

export interface Unfold {
  (self: Tensor, dimension: number, size: number, step: number): Tensor;
  (self: Tensor, options: Windows): Tensor;
}

/** All windows of `size` elements along `dimension`, `step` apart: a view, with the window as its last dimension. @throws {ShapeError} @see torch.Tensor.unfold */
export const unfold: Unfold = (self: Tensor, ...args: unknown[]): Tensor => {
  const { dimension, size, step } = bind(args) as Windows;
  const d = wrapDim(dimension, self.ndim);
  const most = self.shape[d] ?? 1;
  if (size > most) throw new ShapeError(`maximum size for tensor at dimension ${d} is ${most} but size is ${size}`);
  if (size < 0) throw new ShapeError(`size is ${size} but must be >= 0`);
  if (step <= 0) throw new ShapeError(`step is ${step} but must be > 0`);
  return runView(unfoldView, self, { dimension: d, size, step });
};
