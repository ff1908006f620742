import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { isTensor, type Tensor, TensorError } from "@bluedot/core";
import { borrowGrad, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { pythonFloat } from "../module/printing.ts";

export interface ClipGradNormOptions {
  maxNorm?: number;
  /** Degree of the norm; Infinity for the largest. Default 2. */
  normType?: number;
  /** Throw when the norm isn't finite. Default false. */
  errorIfNonfinite?: boolean;
  foreach?: boolean | null;
}
const bindNorm = signature("clipGradNorm_", { maxNorm: required, normType: 2, errorIfNonfinite: false, foreach: null });

const gradientsOf = (parameters: Tensor | Iterable<Tensor>): Tensor[] =>
  (isTensor(parameters) ? [parameters] : [...parameters]).map(borrowGrad).filter((g) => g !== null);

/**
 * Scales all gradients by one factor, in place, so that their norm, as of one vector, is at most `maxNorm`; gives the norm they had.
 * @throws {TensorError} for a norm that isn't finite, if asked @see torch.nn.utils.clip_grad_norm_
 */
export function clipGradNorm_(
  parameters: Tensor | Iterable<Tensor>,
  maxNorm: number | ClipGradNormOptions,
  ...rest: Rest<[normType: number, errorIfNonfinite: boolean, foreach: boolean | null], ClipGradNormOptions>
): Tensor {
  const { maxNorm: limit, normType, errorIfNonfinite } = bindNorm([maxNorm, ...rest]);
  const grads = gradientsOf(parameters);
  if (grads.length === 0) return torch.zeros([]);
  return noGrad(() => {
    const norms = grads.map((g) => g.detach().flatten().norm(normType));
    const all = torch.stack(norms);
    const total = normType === Number.POSITIVE_INFINITY ? all.max() : all.norm(normType);
    if (errorIfNonfinite && !Number.isFinite(total.item() as number)) {
      throw new TensorError(
        `The total norm of order ${pythonFloat(normType)} for gradients from \`parameters\` is non-finite, so it cannot be clipped. To disable this error and scale the gradients by the non-finite norm anyway, set \`error_if_nonfinite=False\``,
      );
    }
    const factor = total.add(1e-6).reciprocal().mul(limit).clampMax(1);
    for (const g of grads) g.detach().mul_(factor);
    return total;
  });
}

/** @deprecated use {@link clipGradNorm_} @see torch.nn.utils.clip_grad_norm */
export const clipGradNorm: typeof clipGradNorm_ = (...args) => {
  console.warn("torch.nn.utils.clip_grad_norm is now deprecated in favor of torch.nn.utils.clip_grad_norm_.");
  return clipGradNorm_(...args);
};

const bindValue = signature("clipGradValue_", { clipValue: required, foreach: null });
/** Brings every element of the gradients into [-clipValue, clipValue], in place. @see torch.nn.utils.clip_grad_value_ */
export function clipGradValue_(
  parameters: Tensor | Iterable<Tensor>,
  ...args: [clipValue: number | { clipValue: number }, options?: { foreach?: boolean | null }]
): void {
  const { clipValue } = bindValue(args);
  noGrad(() => {
    for (const g of gradientsOf(parameters)) g.detach().clamp_(-clipValue, clipValue);
  });
}
