import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { viewScatter } from "./view-scatter.ts";

interface Range {
  readonly dim: number;
  readonly start: number;
  readonly length: number;
  readonly step: number;
}

const sliceView: ViewOp<Range> = defineView<Range>({
  name: "slice",
  layout: (self, { dim, start, length, step }) => ({
    shape: self.shape.with(dim, length),
    strides: self.strides.with(dim, self.strides[dim]! * step),
    offset: self.offset + start * self.strides[dim]!,
  }),
  backward: ({ grad, specs: [self], params }) => viewScatter(grad, self.shape, (base) => runView(sliceView, base, params)),
  names: (self) => self.dimNames,
});

/** The view `start`, `start + step`, ... below `stop` along a dimension, with Python's rules for bounds out of range. For operators. */
export function sliceAlong(self: Tensor, dim: number, start: number | null, stop: number | null, step = 1): Tensor {
  const size = self.shape[dim]!;
  const clamp = (at: number): number => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
  const from = clamp(start ?? 0);
  const to = Math.max(clamp(stop ?? size), from);
  return runView(sliceView, self, { dim, start: from, length: Math.ceil((to - from) / step), step });
}

const bindNarrow = signature("narrow", { dim: required, start: required, length: required });

export interface Narrow {
  (self: Tensor, dim: number, start: number | Tensor, length: number): Tensor;
  (self: Tensor, options: { dim: number; start: number | Tensor; length: number }): Tensor;
}

/** A view of `length` elements of dimension `dim` from `start` (a number or a 0-d integer tensor). @throws {ShapeError} @throws {IndexError} @see torch.narrow */
export const narrow: Narrow = (self: Tensor, ...args: unknown[]): Tensor => {
  const { dim, start: given, length } = bindNarrow(givenArguments(args));
  if (self.ndim === 0) throw new ShapeError("narrow() cannot be applied to a 0-dim tensor.");
  if (given instanceof Tensor && (given.ndim !== 0 || given.tracked)) throw new ShapeError("start must be an 0-dim integral Tensor.");
  let start: number = given instanceof Tensor ? given.item() : given;
  if (length < 0) throw new ShapeError("narrow(): length must be non-negative.");
  const d = wrapDim(dim, self.ndim);
  const size = self.shape[d]!;
  if (start !== size) {
    if (start < -size || start > size) {
      throw new IndexError(`start out of range (expected to be in range of [${-size}, ${size}], but got ${start})`);
    }
    if (start < 0) start += size;
  }
  if (start > size - length) throw new ShapeError(`start (${start}) + length (${length}) exceeds dimension size (${size}).`);
  return runView(sliceView, self, { dim: d, start, length, step: 1 });
};

/** A copy of `length` elements of dimension `dim` from `start`. @throws {ShapeError} @see torch.narrow_copy */
export const narrowCopy: Narrow = (self: Tensor, ...args: unknown[]): Tensor =>
  (narrow as (self: Tensor, ...args: unknown[]) => Tensor)(self, ...args).clone();
