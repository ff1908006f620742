import { nothingElse } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { transpose } from "./transpose.ts";

/** A matrix transposed, a view; tensors of fewer dimensions as they are. @throws {ShapeError} above two dimensions @see torch.t */
export function t(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("t", extra);
  if (self.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`);
  return self.ndim < 2 ? self.view(self.shape) : transpose(self, 0, 1);
}
