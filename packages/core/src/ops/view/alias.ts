import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const aliasView: ViewOp = defineView({
  name: "alias",
  layout: ({ shape, strides, offset }) => ({ shape, strides, offset }),
  backward: ({ grad }) => grad,
  names: (self) => self.dimNames,
}) as unknown as ViewOp;

/** A view of the whole tensor, laid out as it is. For operators. */
export const alias = (self: Tensor): Tensor => runView(aliasView, self, undefined);
