import { signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, numelOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { defineNorm, type Norm, type NormParams, normalizeGroups } from "./normalization.ts";

export interface BatchNormParams extends NormParams {
  /** Share of the batch's statistics in the running ones. */
  readonly momentum: number;
  /** Updated by the forward pass with the batch's mean, and its unbiased variance. */
  readonly runningMean: Tensor | null;
  readonly runningVar: Tensor | null;
}

/** A group is a channel over the whole batch; it has one weight and bias. */
export const batchNormalization: Norm<BatchNormParams> = defineNorm("batchNorm", "NativeBatchNormBackward0", (shape) => {
  const [N, C] = shape as [number, number];
  return { shape: [N, C, numelOf(shape.slice(2))], dims: [0, 2], affine: [1, C, 1], stats: [C] };
});

export interface BatchNormOptions {
  /** Of shape `[C]`. */
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Use, and track, the statistics of this batch rather than the running ones. Default false. */
  training?: boolean;
  /** Share of this batch in the running statistics. Default 0.1. */
  momentum?: number;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

const bind = signature("batchNorm", {
  runningMean: null,
  runningVar: null,
  weight: null,
  bias: null,
  training: false,
  momentum: 0.1,
  eps: 1e-5,
});

/**
 * Normalises each channel of `[N, C, ...]`: by the batch's own statistics in training (which then move the running ones), else by the running ones.
 * @throws {ShapeError} @see torch.nn.functional.batch_norm (Ioffe & Szegedy, 2015, arXiv:1502.03167)
 */
export function batchNorm(
  input: Tensor,
  runningMean: Tensor | null,
  runningVar: Tensor | null,
  ...rest: readonly (Tensor | null | boolean | number | BatchNormOptions)[]
): Tensor {
  const { runningMean: mean, runningVar: variance, weight, bias, training, momentum, eps } = bind([runningMean, runningVar, ...rest]);
  const C = input.shape[1] ?? 0;
  if (training && input.count === C) {
    throw new ShapeError(`Expected more than 1 value per channel when training, got input size torch.Size(${formatShape(input.shape)})`);
  }
  for (const [name, t] of [
    ["running_mean", mean],
    ["running_var", variance],
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (t !== null && t.count !== C) throw new ShapeError(`${name} should contain ${C} elements not ${t.count}`);
  }
  if (training || mean === null) {
    const params: BatchNormParams = { eps, momentum, runningMean: training ? mean : null, runningVar: training ? variance : null };
    const out = normalizeGroups(batchNormalization, [input, weight, bias], params);
    if (training && mean !== null) mean.storage.version++;
    if (training && variance !== null) variance.storage.version++;
    return out;
  }
  const channel = [C, ...new Array<number>(Math.max(input.ndim - 2, 0)).fill(1)];
  const scale = variance!.detach().add(eps).rsqrt();
  const normalized = input.sub(mean.detach().reshape(channel)).mul(scale.reshape(channel));
  const scaled = weight === null ? normalized : normalized.mul(weight.reshape(channel));
  return bias === null ? scaled : scaled.add(bias.reshape(channel));
}
