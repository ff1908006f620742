import { required, signature, variadic } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { contiguousStrides, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { clone } from "../elementwise/clone.ts";
import { inferSize, viewStrides } from "./layout.ts";

interface Reshaped {
  readonly shape: Shape;
  readonly strides: readonly number[];
}

const defineReshape = (gradName: string): ViewOp<Reshaped> =>
  defineView<Reshaped>({
    name: "reshape",
    gradName,
    layout: (self, { shape, strides }) => ({ shape, strides, offset: self.offset }),
    backward: ({ grad, specs: [self] }) => reshape(grad, self.shape),
  });

// PyTorch names the node by whether elements were copied.
const aliasView = defineReshape("ReshapeAliasBackward0");
const copyView = defineReshape("UnsafeViewBackward0");

/** The same elements in another shape (one size may be -1): a view where strides allow, else a copy. @throws {ShapeError} @see torch.reshape */
export function reshape(self: Tensor, ...sizes: number[] | [Shape] | [{ shape: Shape }]): Tensor {
  const shape = inferSize(variadic("reshape", "shape", sizes), self.count);
  const strides = viewStrides(self.shape, self.strides, shape);
  if (strides !== null) return runView(aliasView, self, { shape, strides });
  return runView(copyView, clone(self, { memoryFormat: "contiguous_format" }), { shape, strides: contiguousStrides(shape) });
}

/** `self` in the shape of `other`. @see torch.Tensor.reshape_as */
export function reshapeAs(self: Tensor, other: Tensor | { other: Tensor }, ...extra: never[]): Tensor {
  return reshape(self, bindReshapeAs([other, ...extra]).other.shape);
}
const bindReshapeAs = signature("reshapeAs", { other: required });
