import { given, required, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { IndexError } from "../../errors.ts";
import { dimNumber } from "../../tensor/names.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { viewScatter } from "./view-scatter.ts";

interface Selection {
  readonly dim: number;
  readonly index: number;
}

const without = <T>(list: readonly T[], dim: number): T[] => list.filter((_, i) => i !== dim);

const selectView: ViewOp<Selection> = defineView<Selection>({
  name: "select",
  layout: (self, { dim, index }) => ({
    shape: without(self.shape, dim),
    strides: without(self.strides, dim),
    offset: self.offset + index * self.strides[dim]!,
  }),
  backward: ({ grad, specs: [self], params: { dim, index } }) => viewScatter(grad, self.shape, (base) => select(base, dim, index)),
  names: (self, { dim }) => without(self.dimNames!, dim),
});

const bind = signature("select", { dim: required, index: required });

/** The slice at `index` of dimension `dim`, a view without that dimension. @throws {IndexError} @see torch.select */
export function select(
  self: Tensor,
  dim: number | string | { dim: number | string; index: number },
  index?: number,
  ...extra: never[]
): Tensor {
  let at = index;
  let along = dim;
  if (typeof along !== "number" || typeof at !== "number" || extra.length > 0)
    ({ dim: along, index: at } = bind(given([dim, index, ...extra])));
  if (self.ndim === 0) throw new IndexError("select() cannot be applied to a 0-dim tensor.");
  const d = wrapDim(dimNumber(self, along as number | string), self.ndim);
  const size = self.shape[d]!;
  if (at! < -size || at! >= size) {
    throw new IndexError(`select(): index ${at} out of range for tensor of size ${`[${self.shape.join(", ")}]`} at dimension ${d}`);
  }
  return runView(selectView, self, { dim: d, index: at! < 0 ? at! + size : at! });
}
