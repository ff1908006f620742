import { nothingElse } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const tView: ViewOp = defineView({
  name: "t",
  layout: (self) => ({ shape: self.shape.toReversed(), strides: self.strides.toReversed(), offset: self.offset }),
  backward: ({ grad }) => t(grad),
  names: (self) => self.dimNames!.toReversed(),
});

/** A matrix transposed, a view; tensors of fewer dimensions as they are. @throws {ShapeError} above two dimensions @see torch.t */
export function t(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("t", extra);
  if (self.ndim > 2) throw new ShapeError(`t() expects a tensor with <= 2 dimensions, but self is ${self.ndim}D`);
  return runView(tView, self, undefined);
}
