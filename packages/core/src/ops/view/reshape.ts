import { isOptions } from "../../dispatch/arguments.ts";
import { type Shape, sameShape, sizesOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { clone } from "../elementwise/clone.ts";
import { inferSize, viewStrides } from "./layout.ts";
import { view } from "./view.ts";

/** The same elements in another shape (one size may be -1): a view where strides allow, else a copy. @throws {ShapeError} @see torch.reshape */
export function reshape(self: Tensor, ...sizes: number[] | [Shape] | [{ shape: Shape }]): Tensor {
  const given = isOptions(sizes[0]) ? (sizes[0] as { shape: Shape }).shape : sizesOf(sizes as number[]);
  const shape = inferSize(given, self.count);
  if (sameShape(shape, self.shape) && self.contiguousLayout) return view(self, shape);
  return view(viewStrides(self.shape, self.strides, shape) === null ? clone(self, { memoryFormat: "contiguous_format" }) : self, shape);
}

/** `self` in the shape of `other`. @see torch.Tensor.reshape_as */
export const reshapeAs = (self: Tensor, other: Tensor | { other: Tensor }): Tensor =>
  reshape(self, ("other" in other ? (other as { other: Tensor }).other : (other as Tensor)).shape);
