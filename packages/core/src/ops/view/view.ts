import { isOptions, nothingElse, required, signature, variadic } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { type DType, dtypeInfo, isDType } from "../../tensor/dtype.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { inferSize, viewStrides } from "./layout.ts";
import { reshape } from "./reshape.ts";

const viewView: ViewOp<Shape> = defineView<Shape>({
  name: "view",
  layout: (self, sizes) => {
    const shape = inferSize(sizes, self.count);
    const strides = viewStrides(self.shape, self.strides, shape);
    if (strides === null) {
      throw new ShapeError(
        "view size is not compatible with input tensor's size and stride (at least one dimension spans across two contiguous subspaces). Use .reshape(...) instead.",
      );
    }
    return { shape, strides, offset: self.offset };
  },
  backward: ({ grad, specs: [self] }) => reshape(grad, self.shape),
});

const viewDTypeView: ViewOp<DType> = defineView<DType>({
  name: "viewDType",
  gradName: "ViewDtypeBackward0",
  layout: (self, dtype) => {
    const from = self.itemsize;
    const to = dtypeInfo[dtype].itemSize;
    if (from === to) return { shape: self.shape, strides: self.strides, offset: self.offset, dtype };
    const last = self.ndim - 1;
    if (last < 0) throw new ShapeError(`self.dim() cannot be 0 to view ${self.dtype} as ${dtype} (different element sizes)`);
    if (self.strides[last] !== 1)
      throw new ShapeError(
        `self.stride(-1) must be 1 to view ${self.dtype} as ${dtype} (different element sizes), but got ${self.strides[last]}`,
      );
    const scale = (n: number): number => (n * from) / to;
    if (!Number.isInteger(scale(self.shape[last]!))) {
      throw new ShapeError(
        `self.size(-1) must be divisible by ${to / from} to view ${self.dtype} as ${dtype} (different element sizes), but got ${self.shape[last]}`,
      );
    }
    return {
      shape: self.shape.map((n, i) => (i === last ? scale(n) : n)),
      strides: self.strides.map((s, i) => (i === last ? 1 : scale(s))),
      offset: scale(self.offset),
      dtype,
    };
  },
  backward: ({ grad, specs: [self] }) => view(grad, self.dtype),
});

/**
 * The same elements in another shape (one size may be -1), or the same bytes as another dtype; shares storage.
 * @throws {ShapeError} when the sizes do not fit, or strides would not do
 * @see torch.Tensor.view
 */
export function view(self: Tensor, ...shape: number[] | [Shape] | [DType] | [{ size?: Shape; dtype?: DType }]): Tensor {
  const first = shape[0];
  if (isDType(first) && shape.length === 1) return runView(viewDTypeView, self, first);
  if (isOptions(first) && isDType((first as { dtype?: DType }).dtype) && Object.keys(first as object).length === 1) {
    return runView(viewDTypeView, self, (first as { dtype: DType }).dtype);
  }
  if (isDType(first)) nothingElse("view", shape.slice(1));
  return runView(viewView, self, variadic("view", "size", shape));
}

/** `self` viewed in the shape of `other`. @see torch.Tensor.view_as */
export function viewAs(self: Tensor, other: Tensor | { other: Tensor }, ...extra: never[]): Tensor {
  return view(self, bindViewAs([other, ...extra]).other.shape);
}
const bindViewAs = signature("viewAs", { other: required });
