import { required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkNumbers, onBatch, type PerDim, pooledShape, spread, type Window, windowSizes } from "./window.ts";

/** Largest element of each window of `[N, C, ...]`, and its place in the flattened spatial dimensions (int64). NaN counts as largest. */
export const maxPoolOp: Op<readonly [Tensor], Window> = defineOp<readonly [Tensor], Window>({
  name: "maxPool",
  gradName: "MaxPool2DWithIndicesBackward0",
  infer: ([self], window) => {
    const shape = pooledShape(self, window);
    if (self.dtype === "bool" || isComplex(self.dtype))
      throw new DTypeError(`"max_pool2d" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
    return [
      { shape, dtype: self.dtype },
      { shape, dtype: "int64" },
    ];
  },
  saves: { outputs: [1] },
  contiguous: true,
  backward: [({ grad, outputs: [, indices], specs: [self] }) => maxPoolBackward(grad, indices!, self.shape)],
});

/** Adds each gradient at the place its window's largest element came from. */
export const maxPoolBackwardOp: Op<readonly [Tensor, Tensor], Shape> = defineOp<readonly [Tensor, Tensor], Shape>({
  name: "maxPoolBackward",
  infer: ([grad], shape) => ({ shape, dtype: grad.dtype }),
  saves: { inputs: [1] },
  contiguous: true,
  backward: [({ grad, inputs: [, indices] }) => gatherWindows(grad, indices), null],
});

export const maxPoolBackward = (grad: Tensor, indices: Tensor, shape: Shape): Tensor => run(maxPoolBackwardOp, [grad, indices], shape);

/** The elements of `[N, C, ...]` at flat spatial places `indices`. */
const gatherWindows = (self: Tensor, indices: Tensor): Tensor => self.flatten(2).gather(2, indices.flatten(2)).reshape(indices.shape);

export interface MaxPoolOptions {
  /** Step of the window. Default: its size. */
  stride?: PerDim | null;
  /** Places added on both sides, lower than any number. At most half the window. Default 0. */
  padding?: PerDim;
  /** Distance between the window's elements. Default 1. */
  dilation?: PerDim;
  /** Let the last window reach over the edge. Default false. */
  ceilMode?: boolean;
  /** Give the places of the elements as well. Default false. */
  returnIndices?: boolean;
}

/** PyTorch has a way of its own for 1-d pooling that isn't recorded, with words of its own. @throws {ShapeError} */
function checkUntracked1d(input: Tensor, window: Window): void {
  const k = window.kernelSize[0]!;
  if (k <= 0) throw new ShapeError(`max_pool1d() kernel_size must be greater than zero, but got ${k}`);
  if ((input.ndim !== 2 && input.ndim !== 3) || window.stride[0]! <= 0 || window.padding[0]! < 0 || window.padding[0]! > k / 2) return;
  const [size] = windowSizes(input.shape.slice(-1), window);
  if (input.shape.at(-1)! > 0 && size! < 0) throw new ShapeError(`max_pool1d() Invalid computed output size: ${size}`);
}

/** @throws {ShapeError} for an empty dimension other than the batch */
function checkLengths3d(input: Tensor): void {
  if (input.ndim !== 4 && input.ndim !== 5) return;
  if (input.shape.slice(input.ndim === 5 ? 1 : 0).some((n) => n === 0)) {
    throw new ShapeError(
      `max_pool3d_with_indices_out_cpu_template(): Expected input's non-batch dimensions to have positive length, but input has a shape of ${formatShape(input.shape)} and non-batch dimension 0 has length zero!`,
    );
  }
}

function maxPool(n: number, name: string) {
  const bind = signature(`maxPool${n}d`, {
    kernelSize: required,
    stride: null,
    padding: 0,
    dilation: 1,
    ceilMode: false,
    returnIndices: false,
  });
  return (input: Tensor, ...args: readonly unknown[]): Tensor | readonly Tensor[] => {
    const { kernelSize, stride, padding, dilation, ceilMode, returnIndices } = bind(args);
    const size = spread(name, "kernel_size", kernelSize, n);
    const noStride = stride === null || (Array.isArray(stride) && stride.length === 0);
    const window: Window = {
      kernelSize: size,
      stride: noStride ? size : spread(name, "stride", stride, n),
      padding: spread(name, "padding", padding, n),
      dilation: spread(name, "dilation", dilation, n),
      ceilMode,
    };
    if (n === 1 && !returnIndices && !input.requiresGrad) checkUntracked1d(input, window);
    if (n === 3) {
      checkNumbers(window);
      checkLengths3d(input);
    }
    const both = onBatch(input, n, (batch) => runMany(maxPoolOp, [batch], window, returnIndices ? 2 : 1), window);
    return returnIndices ? both : both[0]!;
  };
}

interface MaxPool {
  (input: Tensor, kernelSize: PerDim, options: MaxPoolOptions & { returnIndices: true }): readonly [Tensor, Tensor];
  (
    input: Tensor,
    kernelSize: PerDim | (MaxPoolOptions & { kernelSize: PerDim }),
    stride?: PerDim | null | MaxPoolOptions,
    ...rest: readonly (PerDim | boolean | MaxPoolOptions)[]
  ): Tensor;
}

/** Maximum of each window of `[N, C, L]` (or `[C, L]`). @throws {ShapeError} @see torch.nn.functional.max_pool1d */
export const maxPool1d: MaxPool = maxPool(1, "max_pool1d") as MaxPool;
/** Maximum of each window of `[N, C, H, W]` (or `[C, H, W]`). @throws {ShapeError} @see torch.nn.functional.max_pool2d */
export const maxPool2d: MaxPool = maxPool(2, "max_pool2d") as MaxPool;
/** Maximum of each window of `[N, C, D, H, W]` (or `[C, D, H, W]`). @throws {ShapeError} @see torch.nn.functional.max_pool3d */
export const maxPool3d: MaxPool = maxPool(3, "max_pool3d") as MaxPool;
