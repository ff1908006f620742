import { given, required, signature } from "../../dispatch/arguments.ts";
import { defineView, type Layout, type ViewOp } from "../../dispatch/op.ts";
import { runView, runViewInto } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { contiguousStrides, formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { viewAccumulate } from "./overlapping.ts";

interface Strided extends Layout {
  /** How the tensor itself lay, which decides where gradients of overlapping places go. */
  readonly own: Layout;
}

const asStridedView: ViewOp<Strided> = defineView<Strided>({
  name: "asStrided",
  layout: (_self, { shape, strides, offset }) => ({ shape, strides, offset }),
  backward: ({ grad, specs: [self], params: { shape, strides, offset, own } }) => {
    const contiguous = contiguousStrides(self.shape);
    const plain = own.strides.every((s, i) => s === contiguous[i] || self.shape[i]! <= 1);
    if (plain) return viewAccumulate(grad, self.shape, { shape, strides, offset: offset - own.offset });
    // Gradients gather in a picture of the storage, from which the tensor's own elements are then read.
    const extent = (l: Layout): number => l.shape.reduce((at, n, i) => at + Math.max(n - 1, 0) * l.strides[i]!, l.offset) + 1;
    const start = Math.min(offset, own.offset);
    const size = Math.max(extent({ shape, strides, offset }), extent(own)) - start;
    const picture = viewAccumulate(grad, [size], { shape, strides, offset: offset - start });
    return asStrided(picture, self.shape, own.strides, own.offset - start);
  },
});

const bind = signature("asStrided", { size: required, stride: required, storageOffset: null });

export interface AsStridedOptions {
  /** Where the first element lies in the storage, in elements. Default: where `self`'s does. */
  storageOffset?: number | null;
}
export interface AsStrided {
  (self: Tensor, size: Shape, stride: readonly number[], storageOffset?: number | null | AsStridedOptions): Tensor;
  (self: Tensor, options: AsStridedOptions & { size: Shape; stride: readonly number[] }): Tensor;
}

function layoutOf(self: Tensor, args: readonly unknown[]): Layout {
  const { size, stride, storageOffset } = bind(given(args)) as {
    size: Shape;
    stride: number[];
    storageOffset: number | null;
  };
  if (size.length !== stride.length) throw new ShapeError("mismatch in length of strides and shape");
  if (stride.some((s) => s < 0))
    throw new ShapeError(`as_strided: Negative strides are not supported at the moment, got strides: ${formatShape(stride)}`);
  const offset = storageOffset ?? self.offset;
  if (offset < 0) throw new ShapeError(`Tensor: invalid storage offset ${offset}`);
  const last = size.some((n) => n === 0) ? 0 : size.reduce((at, n, i) => at + (n - 1) * stride[i]!, offset) + 1;
  if (last * self.itemsize > self.storage.nbytes) {
    throw new ShapeError(
      `setStorage: sizes ${formatShape(size)}, strides ${formatShape(stride)}, storage offset ${offset}, and itemsize ${self.itemsize} requiring a storage size of ${last * self.itemsize} are out of bounds for storage of size ${self.storage.nbytes}`,
    );
  }
  return { shape: size, strides: stride, offset };
}

/** A view of the storage with these sizes, strides and offset; elements may overlap. @throws {ShapeError} where it would leave the storage @see torch.as_strided */
export const asStrided: AsStrided = (self: Tensor, ...args: unknown[]): Tensor => {
  const own = { shape: self.shape, strides: self.strides, offset: self.offset };
  return runView(asStridedView, self, { ...layoutOf(self, args), own });
};
/** Gives the tensor itself that layout. @throws {ShapeError} @see torch.Tensor.as_strided_ */
export const asStrided_: AsStrided = (self: Tensor, ...args: unknown[]): Tensor => {
  const own = { shape: self.shape, strides: self.strides, offset: self.offset };
  return runViewInto(asStridedView, self, { ...layoutOf(self, args), own });
};
