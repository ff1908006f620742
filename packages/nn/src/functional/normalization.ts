import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

/** Mixed precision normalises in float32; on the CPU the result has the dtype of the input, as PyTorch's kernels of mixed dtypes give it. */
const likeInput = (input: Tensor, out: Tensor): Tensor => (out.dtype === input.dtype || input.device !== "cpu" ? out : out.to(input.dtype));

/** Normalises over the last dimensions, of the given sizes (Ba et al., 2016). @throws {ShapeError} @see torch.nn.functional.layer_norm */
export const layerNorm: typeof torch.layerNorm = (input, ...rest) => likeInput(input, torch.layerNorm(input, ...rest));

/** Normalises each of `numGroups` shares of the channels of `[N, C, ...]` (Wu and He, 2018). @throws {ShapeError} @see torch.nn.functional.group_norm */
export const groupNorm: typeof torch.groupNorm = (input, numGroups, ...rest) => {
  const groups = typeof numGroups === "number" ? numGroups : numGroups.numGroups;
  if (input.ndim >= 2 && input.count === groups) {
    const sizes = [Math.floor((input.shape[0]! * input.shape[1]!) / groups), groups, ...input.shape.slice(2)];
    throw new ShapeError(`Expected more than 1 value per channel when training, got input size [${sizes.join(", ")}]`);
  }
  return likeInput(input, torch.groupNorm(input, numGroups, ...rest));
};

export interface BatchNormOptions {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  /** `[C]` */
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Use, and track, the statistics of this batch rather than the running ones. Default false. */
  training?: boolean;
  momentum?: number;
  eps?: number;
}
const bindBatch = signature("batchNorm", {
  runningMean: required,
  runningVar: required,
  weight: null,
  bias: null,
  training: false,
  momentum: 0.1,
  eps: 1e-5,
});
/** Normalises each channel of `[N, C, ...]` over the batch (Ioffe and Szegedy, 2015). @throws {ShapeError} @see torch.nn.functional.batch_norm */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | null | BatchNormOptions,
  ...rest: Rest<
    [runningVar: Tensor | null, weight: Tensor | null, bias: Tensor | null, training: boolean, momentum: number, eps: number],
    BatchNormOptions
  >
): Tensor {
  const { runningMean: mean, runningVar, weight, bias, training, momentum, eps } = bindBatch([runningMean, ...rest]);
  return likeInput(input, torch.batchNorm(input, mean, runningVar, weight, bias, training, momentum, eps));
}

export interface InstanceNormOptions {
  runningMean?: Tensor | null;
  runningVar?: Tensor | null;
  /** `[C]` */
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Normalise by the statistics of each example rather than the running ones. Default true. */
  useInputStats?: boolean;
  momentum?: number;
  eps?: number;
}
const bindInstance = signature("instanceNorm", {
  runningMean: null,
  runningVar: null,
  weight: null,
  bias: null,
  useInputStats: true,
  momentum: 0.1,
  eps: 1e-5,
});

/**
 * Normalises every channel of every example of `[N, C, ...]` (Ulyanov et al., 2016). Running statistics move towards the mean of those of
 * the examples. @throws {ShapeError} @see torch.nn.functional.instance_norm
 */
export function instanceNorm(
  input: Tensor,
  ...rest: Rest<
    [
      runningMean: Tensor | null,
      runningVar: Tensor | null,
      weight: Tensor | null,
      bias: Tensor | null,
      useInputStats: boolean,
      momentum: number,
      eps: number,
    ],
    InstanceNormOptions
  >
): Tensor {
  const { runningMean, runningVar, weight, bias, useInputStats, momentum, eps } = bindInstance(rest);
  const { shape } = input;
  const [N, C] = shape as [number, number];
  if (useInputStats && shape.slice(2).reduce((a, b) => a * b, 1) === 1) {
    throw new ShapeError(`Expected more than 1 spatial element when training, got input size torch.Size([${shape.join(", ")}])`);
  }
  if (!useInputStats && (runningMean === null || runningVar === null)) {
    throw new ShapeError("Expected running_mean and running_var to be defined when use_input_stats is false");
  }
  const repeated = (t: Tensor | null): Tensor | null => (t === null ? null : t.repeat(N));
  const mean = repeated(runningMean);
  const variance = repeated(runningVar);
  const flat = input.contiguous().reshape([1, N * C, ...shape.slice(2)]);
  const out = torch.batchNorm(flat, mean, variance, repeated(weight), repeated(bias), useInputStats, momentum, eps);
  if (useInputStats) {
    if (mean !== null) runningMean.copy_(mean.reshape([N, C]).mean(0));
    if (variance !== null) runningVar.copy_(variance.reshape([N, C]).mean(0));
  }
  return likeInput(input, out.reshape(shape));
}

export interface LocalResponseNormOptions {
  /** Channels on which a sum runs. */
  size?: number;
  alpha?: number;
  beta?: number;
  k?: number;
}
const bindLocalResponse = signature("localResponseNorm", { size: required, alpha: 1e-4, beta: 0.75, k: 1 });
/** `x / (k + alpha mean(x² over size neighbouring channels))^beta` (Krizhevsky et al., 2012). @throws {ShapeError} @see torch.nn.functional.local_response_norm */
export function localResponseNorm(
  input: Tensor,
  size: number | LocalResponseNormOptions,
  ...rest: Rest<[alpha: number, beta: number, k: number], LocalResponseNormOptions>
): Tensor {
  const { size: window, alpha, beta, k } = bindLocalResponse([size, ...rest]);
  if (input.ndim < 3)
    throw new ShapeError(`Expected 3D or higher dimensionality                          input (got ${input.ndim} dimensions)`);
  if (input.count === 0) return input;
  const { shape } = input;
  const [N, C] = shape as [number, number];
  // Neighbours below and above: window / 2 and (window - 1) / 2 channels, zeros beyond the ends.
  const squares = input.mul(input).reshape([N, 1, C, -1]);
  const before = Math.floor(window / 2);
  const after = Math.floor((window - 1) / 2);
  const rest2 = squares.shape[3]!;
  const edge = (n: number): Tensor => torch.zeros([N, 1, n, rest2], { dtype: input.dtype, device: input.device });
  const padded = torch.cat([edge(before), squares, edge(after)], 2);
  const means = torch.avgPool2d(padded, [window, 1], 1).reshape(shape);
  return input.div(means.mul(alpha).add(k).pow(beta));
}

const bindRms = signature("rmsNorm", { normalizedShape: required, weight: null, eps: null });
export interface RmsNormOptions {
  normalizedShape?: number | readonly number[];
  weight?: Tensor | null;
  /** Default: the smallest step of the dtype. */
  eps?: number | null;
}
/** `x / sqrt(mean(x²) + eps)` over the last dimensions (Zhang and Sennrich, 2019). @throws {ShapeError} @see torch.nn.functional.rms_norm */
export function rmsNorm(
  input: Tensor,
  normalizedShape: number | readonly number[] | RmsNormOptions,
  ...rest: Rest<[weight: Tensor | null, eps: number | null], RmsNormOptions>
): Tensor {
  const { normalizedShape: given, weight, eps } = bindRms([normalizedShape, ...rest]);
  const shape: readonly number[] = typeof given === "number" ? [given] : given;
  if (shape.some((n, i) => n !== input.shape[input.ndim - shape.length + i])) {
    throw new ShapeError(
      `Given normalized_shape=[${shape.join(", ")}], expected input with shape [*, ${shape.join(", ")}], but got input of size[${input.shape.join(", ")}]`,
    );
  }
  const dims = shape.map((_, i) => i - shape.length);
  const step =
    eps ?? (input.dtype === "float64" ? 2 ** -52 : input.dtype === "float16" ? 2 ** -10 : input.dtype === "bfloat16" ? 2 ** -7 : 2 ** -23);
  const out = input.mul(input.mul(input).mean(dims, true).add(step).rsqrt());
  return weight === null ? out : out.mul(weight);
}
