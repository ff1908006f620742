import { required, signature, variadic } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const expandView: ViewOp<Shape> = defineView<Shape>({
  name: "expand",
  layout: (self, sizes) => {
    const lead = sizes.length - self.ndim;
    if (lead < 0) {
      throw new ShapeError(
        `expand(torch.${dtypeInfo[self.dtype].scalarType}Tensor{${formatShape(self.shape)}}, size=${formatShape(sizes)}): the number of sizes provided (${sizes.length}) must be greater or equal to the number of dimensions in the tensor (${self.ndim})`,
      );
    }
    const shape = new Array<number>(sizes.length);
    const strides = new Array<number>(sizes.length);
    for (let i = sizes.length - 1; i >= 0; i--) {
      const own = i < lead ? 1 : self.shape[i - lead]!;
      let n = sizes[i]!;
      if (n === -1) {
        if (i < lead) throw new ShapeError(`The expanded size of the tensor (-1) isn't allowed in a leading, non-existing dimension ${i}`);
        n = own;
      }
      if (n !== own && own !== 1) {
        throw new ShapeError(
          `The expanded size of the tensor (${n}) must match the existing size (${own}) at non-singleton dimension ${i}.  Target sizes: ${formatShape(sizes)}.  Tensor sizes: ${formatShape(self.shape)}`,
        );
      }
      shape[i] = n;
      if (own !== n || self.ndim === 0) strides[i] = 0;
      else strides[i] = i < lead ? shape[i + 1]! * strides[i + 1]! : self.strides[i - lead]!;
    }
    return { shape, strides, offset: self.offset };
  },
  backward: ({ grad }) => grad,
  names: (self, sizes) => [...new Array<null>(sizes.length - self.ndim).fill(null), ...self.dimNames!],
});

/** A view in which dimensions of size 1 are repeated, and new leading ones added, without copying; -1 keeps a size. @throws {ShapeError} @see torch.Tensor.expand */
export function expand(self: Tensor, ...sizes: number[] | [Shape] | [{ size: Shape }]): Tensor {
  const shape = variadic("expand", "size", sizes);
  return runView(expandView, self, shape);
}

/** `self` expanded to the shape of `other`. @see torch.Tensor.expand_as */
export function expandAs(self: Tensor, other: Tensor | { other: Tensor }, ...extra: never[]): Tensor {
  return expand(self, bindExpandAs([other, ...extra]).other.shape);
}
const bindExpandAs = signature("expandAs", { other: required });

/** `self` broadcast to `size`. @throws {ShapeError} @see torch.broadcast_to */
export function broadcastTo(self: Tensor, size: Shape | { size: Shape }, ...extra: never[]): Tensor {
  return expand(self, bindBroadcastTo([size, ...extra]).size);
}
const bindBroadcastTo = signature("broadcastTo", { size: required });

/** `self` unless it already has that shape: for operators. */
export const expandIfNeeded = (self: Tensor, shape: Shape): Tensor =>
  sameShape(self.shape, shape) ? self : runView(expandView, self, shape);
