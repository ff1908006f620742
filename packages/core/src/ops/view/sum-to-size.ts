import { variadic } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Summed over the dimensions in which `size` would broadcast to `self`. @throws {ShapeError} where it would not @see torch.Tensor.sum_to_size */
export function sumToSize(self: Tensor, ...sizes: number[] | [Shape] | [{ size: Shape }]): Tensor {
  const size = variadic("sumToSize", "size", sizes);
  const lead = self.ndim - size.length;
  if (lead < 0 || size.some((n, i) => n !== 1 && n !== self.shape[i + lead])) {
    throw new ShapeError(`size {${formatShape(size)}} is not expandable to size {${formatShape(self.shape)}}.`);
  }
  const dims = self.shape.map((_, i) => i).filter((i) => i < lead || (size[i - lead] === 1 && self.shape[i] !== 1));
  return dims.length === 0 ? self : self.sum(dims, true).reshape(size);
}
