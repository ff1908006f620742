import { required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { maxPoolBackward } from "./max-pool.ts";

/** Mean of each of `size` nearly equal parts of the spatial dimensions of `[N, C, ...]`. */
export const adaptiveAvgPoolOp: Op<readonly [Tensor], Shape> = defineOp<readonly [Tensor], Shape>({
  name: "adaptiveAvgPool",
  gradName: "AdaptiveAvgPool2DBackward0",
  infer: ([self], size) => ({ shape: [...self.shape.slice(0, 2), ...size], dtype: self.dtype }),
  contiguous: true,
  backward: [({ grad, specs: [self] }) => run(adaptiveAvgPoolBackwardOp, [grad], self.shape)],
});

/** Spreads each gradient evenly over its part. */
export const adaptiveAvgPoolBackwardOp: Op<readonly [Tensor], Shape> = defineOp<readonly [Tensor], Shape>({
  name: "adaptiveAvgPoolBackward",
  infer: ([grad], shape) => ({ shape, dtype: grad.dtype }),
  contiguous: true,
  backward: [({ grad, specs: [result] }) => run(adaptiveAvgPoolOp, [grad], result.shape.slice(2))],
});

/** Largest element of each part, and its place in the flattened spatial dimensions. */
export const adaptiveMaxPoolOp: Op<readonly [Tensor], Shape> = defineOp<readonly [Tensor], Shape>({
  name: "adaptiveMaxPool",
  gradName: "AdaptiveMaxPool2DBackward0",
  infer: ([self], size) => {
    const shape = [...self.shape.slice(0, 2), ...size];
    return [
      { shape, dtype: self.dtype },
      { shape, dtype: "int64" },
    ];
  },
  saves: { outputs: [1] },
  contiguous: true,
  backward: [({ grad, outputs: [, indices], specs: [self] }) => maxPoolBackward(grad, indices!, self.shape)],
});

/** Where part `i` of `parts` begins and ends in `n` places. */
export const partOf = (i: number, parts: number, n: number): readonly [from: number, to: number] => [
  Math.floor((i * n) / parts),
  Math.ceil(((i + 1) * n) / parts),
];

type OutputSize = number | null | readonly (number | null)[];

function adaptive(n: number, name: string) {
  return (input: Tensor, outputSize: OutputSize, call: (batch: Tensor, size: Shape) => readonly Tensor[]): readonly Tensor[] => {
    const given = typeof outputSize === "number" || outputSize === null ? new Array<number | null>(n).fill(outputSize) : outputSize;
    if (given.length !== n && given.length !== 1) throw new ShapeError(`${name}: output_size must be ${n}`);
    if (input.ndim !== n + 1 && input.ndim !== n + 2) {
      throw new ShapeError(`${name}(): Expected ${n + 1}D or ${n + 2}D tensor, but got ${formatShape(input.shape)}`);
    }
    const spatial = input.shape.slice(-n);
    const size = spatial.map((own, i) => (given.length === 1 ? given[0] : given[i]) ?? own);
    spatial.forEach((own, i) => {
      if (own === 0) {
        const at = i + input.ndim - n;
        throw new ShapeError(
          `${name}(): Expected input to have non-zero size for non-batch dimensions, but input has sizes ${formatShape(input.shape)} with dimension ${at} being empty`,
        );
      }
    });
    if (input.ndim === n + 2) return call(input, size);
    return call(input.unsqueeze(0), size).map((t) => t.squeeze(0));
  };
}

const average = (n: number, name: string) => {
  const bind = signature(`adaptiveAvgPool${n}d`, { outputSize: required });
  const pool = adaptive(n, name);
  return (input: Tensor, ...args: readonly unknown[]): Tensor =>
    pool(input, bind(args).outputSize, (batch, size) => [run(adaptiveAvgPoolOp, [batch], size)])[0]!;
};

const maximum = (n: number, name: string) => {
  const bind = signature(`adaptiveMaxPool${n}d`, { outputSize: required, returnIndices: false });
  const pool = adaptive(n, name);
  return (input: Tensor, ...args: readonly unknown[]): Tensor | readonly Tensor[] => {
    const { outputSize, returnIndices } = bind(args);
    const both = pool(input, outputSize, (batch, size) => runMany(adaptiveMaxPoolOp, [batch], size, returnIndices ? 2 : 1));
    return returnIndices ? both : both[0]!;
  };
};

type AdaptiveAvgPool = (input: Tensor, outputSize: OutputSize | { outputSize: OutputSize }) => Tensor;

interface AdaptiveMaxPool {
  (input: Tensor, outputSize: OutputSize, returnIndices: true | { returnIndices: true }): readonly [Tensor, Tensor];
  (
    input: Tensor,
    outputSize: OutputSize | { outputSize: OutputSize; returnIndices?: boolean },
    returnIndices?: boolean | { returnIndices?: boolean },
  ): Tensor;
}

/** Means of `outputSize` parts of the last dimension of `[N, C, L]`. @see torch.nn.functional.adaptive_avg_pool1d */
export const adaptiveAvgPool1d: AdaptiveAvgPool = average(1, "adaptive_avg_pool1d");
/** Means of `outputSize` parts of the last two dimensions (null keeps a size). @see torch.nn.functional.adaptive_avg_pool2d */
export const adaptiveAvgPool2d: AdaptiveAvgPool = average(2, "adaptive_avg_pool2d");
/** Means of `outputSize` parts of the last three dimensions. @see torch.nn.functional.adaptive_avg_pool3d */
export const adaptiveAvgPool3d: AdaptiveAvgPool = average(3, "adaptive_avg_pool3d");
/** Maxima of `outputSize` parts of the last dimension. @see torch.nn.functional.adaptive_max_pool1d */
export const adaptiveMaxPool1d: AdaptiveMaxPool = maximum(1, "adaptive_max_pool1d") as AdaptiveMaxPool;
/** Maxima of `outputSize` parts of the last two dimensions. @see torch.nn.functional.adaptive_max_pool2d */
export const adaptiveMaxPool2d: AdaptiveMaxPool = maximum(2, "adaptive_max_pool2d") as AdaptiveMaxPool;
/** Maxima of `outputSize` parts of the last three dimensions. @see torch.nn.functional.adaptive_max_pool3d */
export const adaptiveMaxPool3d: AdaptiveMaxPool = maximum(3, "adaptive_max_pool3d") as AdaptiveMaxPool;
