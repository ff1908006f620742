import { required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { onBatch, type PerDim, pooledShape, spread, type Window } from "./window.ts";

/** A window whose elements are averaged. */
export interface AverageWindow extends Window {
  /** Whether padding counts in the number that sums are divided by. */
  readonly countIncludePad: boolean;
  /** Divide by this instead. */
  readonly divisorOverride: number | null;
}

/** Mean of each window of `[N, C, ...]`. */
export const avgPoolOp: Op<readonly [Tensor], AverageWindow> = defineOp<readonly [Tensor], AverageWindow>({
  name: "avgPool",
  gradName: "AvgPool2DBackward0",
  infer: ([self], window) => {
    const shape = pooledShape(self, window);
    if (self.dtype === "bool" || isComplex(self.dtype))
      throw new DTypeError(`"avg_pool2d" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
    return { shape, dtype: self.dtype };
  },
  contiguous: true,
  backward: [({ grad, specs: [self], params }) => run(avgPoolBackwardOp, [grad], { ...params, shape: self.shape })],
});

/** Spreads each gradient evenly over its window. */
export const avgPoolBackwardOp: Op<readonly [Tensor], AverageWindow & { readonly shape: Shape }> = defineOp({
  name: "avgPoolBackward",
  infer: ([grad], { shape }) => ({ shape, dtype: grad.dtype }),
  contiguous: true,
  backward: [({ grad, params }) => run(avgPoolOp, [grad], params)],
});

export interface AvgPoolOptions {
  /** Step of the window. Default: its size. */
  stride?: PerDim | null;
  /** Zeros added on both sides. At most half the window. Default 0. */
  padding?: PerDim;
  /** Let the last window reach over the edge. Default false. */
  ceilMode?: boolean;
  /** Whether padding counts in the mean. Default true. */
  countIncludePad?: boolean;
  /** Divide sums by this instead of the window's size. */
  divisorOverride?: number | null;
}

function avgPool(n: number, name: string) {
  const bind = signature(`avgPool${n}d`, {
    kernelSize: required,
    stride: null,
    padding: 0,
    ceilMode: false,
    countIncludePad: true,
    ...(n === 1 ? {} : { divisorOverride: null }),
  });
  return (input: Tensor, ...args: readonly unknown[]): Tensor => {
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride = null } = bind(args);
    if (divisorOverride === 0) throw new ShapeError("divisor must be not zero");
    const size = spread(name, "kernel_size", kernelSize, n);
    const noStride = stride === null || (Array.isArray(stride) && stride.length === 0);
    const window: AverageWindow = {
      kernelSize: size,
      stride: noStride ? size : spread(name, "stride", stride, n),
      padding: spread(name, "padding", padding, n),
      dilation: new Array<number>(n).fill(1),
      ceilMode,
      countIncludePad,
      divisorOverride,
    };
    return onBatch(input, n, (batch) => [run(avgPoolOp, [batch], window)], window)[0]!;
  };
}

type AvgPool = (
  input: Tensor,
  kernelSize: PerDim | (AvgPoolOptions & { kernelSize: PerDim }),
  stride?: PerDim | null | AvgPoolOptions,
  ...rest: readonly (PerDim | boolean | null | AvgPoolOptions)[]
) => Tensor;

/** Mean of each window of `[N, C, L]` (or `[C, L]`). @throws {ShapeError} @see torch.nn.functional.avg_pool1d */
export const avgPool1d: AvgPool = avgPool(1, "avg_pool1d");
/** Mean of each window of `[N, C, H, W]` (or `[C, H, W]`). @throws {ShapeError} @see torch.nn.functional.avg_pool2d */
export const avgPool2d: AvgPool = avgPool(2, "avg_pool2d");
/** Mean of each window of `[N, C, D, H, W]` (or `[C, D, H, W]`). @throws {ShapeError} @see torch.nn.functional.avg_pool3d */
export const avgPool3d: AvgPool = avgPool(3, "avg_pool3d");
