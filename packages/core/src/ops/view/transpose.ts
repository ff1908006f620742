import { given, required, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { dimNumber } from "../../tensor/names.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** `list` with two places exchanged. */
function swapped<T>(list: readonly T[], a: number, b: number): T[] {
  const out = [...list];
  out[a] = list[b]!;
  out[b] = list[a]!;
  return out;
}

interface Pair {
  readonly dim0: number;
  readonly dim1: number;
}

/** For operators. */
export const transposeView: ViewOp<Pair> = defineView<Pair>({
  name: "transpose",
  layout: (self, { dim0, dim1 }) => ({
    shape: self.ndim === 0 ? self.shape : swapped(self.shape, dim0, dim1),
    strides: self.ndim === 0 ? self.strides : swapped(self.strides, dim0, dim1),
    offset: self.offset,
  }),
  backward: ({ grad, params: { dim0, dim1 } }) => transpose(grad, dim0, dim1),
  names: (self, { dim0, dim1 }) => swapped(self.dimNames!, dim0, dim1),
});

const bind = signature("transpose", { dim0: required, dim1: required });

/** A view with dimensions `dim0` and `dim1` exchanged. @throws {IndexError} @see torch.transpose */
export function transpose(
  self: Tensor,
  dim0: number | string | { dim0: number | string; dim1: number | string },
  dim1?: number | string,
  ...extra: never[]
): Tensor {
  const { dim0: a, dim1: b } =
    typeof dim0 === "number" && typeof dim1 === "number" && extra.length === 0 ? { dim0, dim1 } : bind(given([dim0, dim1, ...extra]));
  return runView(transposeView, self, { dim0: wrapDim(dimNumber(self, a), self.ndim), dim1: wrapDim(dimNumber(self, b), self.ndim) });
}
