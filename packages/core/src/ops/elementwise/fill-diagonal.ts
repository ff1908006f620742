import { signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { asStrided } from "../view/as-strided.ts";

const bindFill = signature("fill_diagonal_", { fillValue: null, wrap: false });

/** Fills the diagonal with a number; of tall matrices again and again with `wrap`. @throws {ShapeError} below two dimensions, or for unequal sizes above @see torch.Tensor.fill_diagonal_ */
export function fillDiagonal_(
  self: Tensor,
  fillValue: Scalar | { fillValue: Scalar; wrap?: boolean },
  wrap?: boolean | { wrap?: boolean },
): Tensor {
  const bound = bindFill([fillValue, wrap].filter((v) => v !== undefined)) as { fillValue: Scalar; wrap: boolean };
  if (self.ndim < 2) throw new ShapeError("dimensions must larger than 1");
  const [height, width] = self.shape as [number, number];
  if (self.ndim > 2 && self.shape.some((n) => n !== height)) throw new ShapeError("all dimensions of input must be of equal length");
  const step = self.strides.reduce((a, b) => a + b, 0);
  const size = Math.min(height, width);
  asStrided(self, [size], [step], self.offset).fill_(bound.fillValue);
  if (bound.wrap && self.ndim === 2 && height > width + 1) {
    const period = self.strides[0]! * (width + 1);
    for (let from = width + 1; from < height; from += width + 1) {
      const length = Math.min(height - from, width);
      asStrided(self, [length], [step], self.offset + (from / (width + 1)) * period).fill_(bound.fillValue);
    }
  }
  return self;
}
