import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { forEachLine } from "../../reference/lines.ts";
import { numbersOf, writable } from "../../reference/loops.ts";
import { type DType, dtypeInfo, isFloatingPoint } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { dimNumber } from "./reduction.ts";

/** Refuses what has no exponential here. @throws {DTypeError} in PyTorch's words */
function checkFloat(name: string, self: Tensor, dim: number): void {
  if (isFloatingPoint(self.dtype)) return;
  const last = dim === self.ndim - 1 || self.ndim === 0;
  throw new DTypeError(`"${name}${last ? "_lastdim" : ""}_kernel_impl" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
}

/** Exponentials along `dim` divided by their sum. */
export const softmaxOp: Op<readonly [Tensor], number> = defineOp<readonly [Tensor], number>({
  name: "softmax",
  infer: ([self], dim) => {
    checkFloat("softmax", self, dim);
    return self;
  },
  contiguous: true,
  saves: { outputs: "all" },
  backward: [({ grad, output, params: dim }) => run(softmaxBackwardOp, [grad, output], dim)],
  names: ([self]) => [self.dimNames],
});

/** The logarithm of `softmax`. */
export const logSoftmaxOp: Op<readonly [Tensor], number> = defineOp<readonly [Tensor], number>({
  name: "logSoftmax",
  infer: ([self], dim) => {
    checkFloat("log_softmax", self, dim);
    return self;
  },
  contiguous: true,
  saves: { outputs: "all" },
  backward: [({ grad, output, params: dim }) => run(logSoftmaxBackwardOp, [grad, output], dim)],
  names: ([self]) => [self.dimNames],
});

const along = (dim: number, ndim: number): number | null => (ndim === 0 ? null : dim);

/** The gradient of `softmax`: `output (grad - sum(grad output))`. */
export const softmaxBackwardOp: Op<readonly [Tensor, Tensor], number> = defineOp<readonly [Tensor, Tensor], number>({
  name: "softmaxBackward",
  gradName: "SoftmaxBackwardDataBackward0",
  infer: ([grad]) => grad,
  contiguous: true,
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, output], params: dim }) => run(softmaxBackwardOp, [grad, output], dim),
    ({ grad, inputs: [first, output], params: dim }) => {
      const axis = along(dim, grad.ndim);
      return grad.mul(first.sub(first.mul(output).sum(axis, true))).sub(first.mul(grad.mul(output).sum(axis, true)));
    },
  ],
});

/** The gradient of `logSoftmax`: `grad - exp(output) sum(grad)`. */
export const logSoftmaxBackwardOp: Op<readonly [Tensor, Tensor], number> = defineOp<readonly [Tensor, Tensor], number>({
  name: "logSoftmaxBackward",
  gradName: "LogSoftmaxBackwardDataBackward0",
  infer: ([grad]) => grad,
  contiguous: true,
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, output], params: dim }) => grad.sub(grad.mul(output.exp()).sum(along(dim, grad.ndim), true)),
    ({ grad, inputs: [first, output], params: dim }) => {
      const axis = along(dim, grad.ndim);
      return grad.mul(output.exp()).mul(first.sum(axis, true)).neg();
    },
  ],
});

/** Largest element and sum of exponentials less it. */
function largestAndSum(data: ArrayLike<number>, from: number, step: number, n: number): [number, number] {
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0, at = from; k < n; k++, at += step) if (data[at]! > largest) largest = data[at]!;
  let sum = 0;
  for (let k = 0, at = from; k < n; k++, at += step) sum += Math.exp(data[at]! - largest);
  return [largest, sum];
}

registerReferenceKernels([
  kernel(softmaxOp, ([self], [out], dim) => {
    const { data, offset } = numbersOf(self);
    const target = writable(out!);
    forEachLine(self.shape, dim, (start, step, n) => {
      const [largest, sum] = largestAndSum(data, offset + start, step, n);
      for (let k = 0, at = start; k < n; k++, at += step) target.data[target.offset + at] = Math.exp(data[offset + at]! - largest) / sum;
    });
    target.commit();
  }),
  kernel(logSoftmaxOp, ([self], [out], dim) => {
    const { data, offset } = numbersOf(self);
    const target = writable(out!);
    forEachLine(self.shape, dim, (start, step, n) => {
      const [largest, sum] = largestAndSum(data, offset + start, step, n);
      const shift = Math.log(sum);
      for (let k = 0, at = start; k < n; k++, at += step) target.data[target.offset + at] = data[offset + at]! - largest - shift;
    });
    target.commit();
  }),
  kernel(softmaxBackwardOp, ([grad, output], [out], dim) => {
    const [g, y] = [numbersOf(grad), numbersOf(output)];
    const target = writable(out!);
    forEachLine(grad.shape, dim, (start, step, n) => {
      let sum = 0;
      for (let k = 0, at = start; k < n; k++, at += step) sum += g.data[g.offset + at]! * y.data[y.offset + at]!;
      for (let k = 0, at = start; k < n; k++, at += step)
        target.data[target.offset + at] = y.data[y.offset + at]! * (g.data[g.offset + at]! - sum);
    });
    target.commit();
  }),
  kernel(logSoftmaxBackwardOp, ([grad, output], [out], dim) => {
    const [g, y] = [numbersOf(grad), numbersOf(output)];
    const target = writable(out!);
    forEachLine(grad.shape, dim, (start, step, n) => {
      let sum = 0;
      for (let k = 0, at = start; k < n; k++, at += step) sum += g.data[g.offset + at]!;
      for (let k = 0, at = start; k < n; k++, at += step) {
        target.data[target.offset + at] = g.data[g.offset + at]! - Math.exp(y.data[y.offset + at]!) * sum;
      }
    });
    target.commit();
  }),
]);

export interface SoftmaxOptions {
  /** Cast to this dtype first. */
  dtype?: DType | null;
}
export interface Softmax {
  (self: Tensor, dim: number | string, options?: DType | null | SoftmaxOptions): Tensor;
  (self: Tensor, options: SoftmaxOptions & { dim: number | string }): Tensor;
}

const bind = signature("softmax", { dim: required, dtype: null });
const softmaxOf =
  (op: Op<readonly [Tensor], number>): Softmax =>
  (self: Tensor, ...args: unknown[]): Tensor => {
    const { dim, dtype } = bind(given(args)) as { dim: number | string; dtype: DType | null };
    return run(op, [dtype === null ? self : to(self, dtype)], wrapDim(dimNumber(self, dim), self.ndim));
  };

/** Exponentials along `dim` divided by their sum: positive, adding up to 1. @throws {DTypeError} for integers @throws {IndexError} @see torch.softmax */
export const softmax: Softmax = softmaxOf(softmaxOp);
/** The logarithm of `softmax`, computed without overflow. @throws {DTypeError} for integers @throws {IndexError} @see torch.log_softmax */
export const logSoftmax: Softmax = softmaxOf(logSoftmaxOp);
