import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { copyElements, launch, run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { fillOp } from "../factory/filled.ts";

/** Elements added before and after each dimension; negative numbers cut. */
export interface ConstantPadding {
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: Scalar;
}

/** The part of `t` from `start` with sizes `shape`, as a tensor over the same storage. */
function block(t: Tensor, start: readonly number[], shape: readonly number[]): Tensor {
  const offset = start.reduce((at, s, i) => at + s * t.strides[i]!, t.offset);
  return new Tensor(t.storage, shape, t.strides, offset, t.dtype);
}

/** A tensor with a border of one value. */
export const constantPadOp: Op<readonly [Tensor], ConstantPadding> = defineOp<readonly [Tensor], ConstantPadding>({
  name: "constantPad",
  gradName: "ConstantPadNdBackward0",
  infer: ([self], { before, after }) => {
    const shape = self.shape.map((n, i) => {
      const size = n + before[i]! + after[i]!;
      if (size < 0) {
        throw new ShapeError(
          `The input size ${n}, plus negative padding ${before[i]} and ${after[i]} resulted in a negative output size, which is invalid. Check dimension ${i} of your input.`,
        );
      }
      return size;
    });
    return { shape, dtype: self.dtype };
  },
  backward: [
    ({ grad, params: { before, after } }) =>
      run(constantPadOp, [grad], { before: before.map((n) => -n), after: after.map((n) => -n), value: 0 }),
  ],
});

registerReferenceKernels([
  kernel(constantPadOp, ([self], [out], { before, after, value }) => {
    if (before.some((n) => n > 0) || after.some((n) => n > 0)) launch(fillOp, [out!], [out!], value);
    const from = before.map((n) => Math.max(-n, 0));
    const to = before.map((n) => Math.max(n, 0));
    const shape = self.shape.map((n, i) => n - from[i]! - Math.max(-after[i]!, 0));
    if (shape.some((n) => n <= 0)) return;
    copyElements(block(self, from, shape), block(out!, to, shape));
  }),
]);

/** `self` with `value` around it. `pad` counts elements before and after, last dimension first. @throws {ShapeError} @see torch.constant_pad_nd */
export function constantPadNd(self: Tensor, pad: readonly number[], value: Scalar = 0): Tensor {
  if (pad.length % 2 !== 0) throw new ShapeError(`Length of pad must be even but instead it equals ${pad.length}`);
  if (pad.length > self.ndim * 2) {
    throw new ShapeError(
      `Length of pad should be no more than twice the number of dimensions of the input. Pad length is ${pad.length}while the input has ${self.ndim}dimensions.`,
    );
  }
  const before = new Array<number>(self.ndim).fill(0);
  const after = new Array<number>(self.ndim).fill(0);
  for (let i = 0; i < pad.length / 2; i++) {
    before[self.ndim - 1 - i] = pad[2 * i]!;
    after[self.ndim - 1 - i] = pad[2 * i + 1]!;
  }
  return run(constantPadOp, [self], { before, after, value });
}
