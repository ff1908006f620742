import { variadic } from "../../dispatch/arguments.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { AutogradError } from "../../errors.ts";
import { checkSizes, contiguousStrides, numelOf, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * Gives the tensor itself another shape, row-major from its first element on; grows its storage where that is too small (new elements are
 * whatever the memory holds). @throws {AutogradError} when it requires grad @see torch.Tensor.resize_
 */
export function resize_(self: Tensor, ...sizes: number[] | [Shape] | [{ size: Shape }]): Tensor {
  const shape = checkSizes(variadic("resize_", "size", sizes));
  if (self.requiresGrad) throw new AutogradError("cannot resize variables that require grad");
  const needed = (self.offset + numelOf(shape)) * self.itemsize;
  if (needed > self.storage.nbytes) {
    const grown = emptyTensor([self.offset + numelOf(shape)], self.dtype, self.device);
    if (self.device === "cpu") grown.storage.bytes().set(self.storage.bytes());
    self.storage = grown.storage;
  }
  self.relayout(shape, contiguousStrides(shape), self.offset);
  return self;
}
/** `resize_` to the shape of `other`. @throws {AutogradError} @see torch.Tensor.resize_as_ */
export const resizeAs_ = (self: Tensor, other: Tensor): Tensor => resize_(self, other.shape);
