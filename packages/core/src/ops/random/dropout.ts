import { signature } from "../../dispatch/arguments.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { ShapeError, TensorError } from "../../errors.ts";
import { defaultGenerator } from "../../random/generator.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { filled } from "../factory/filled.ts";
import { streamed } from "./checks.ts";
import { bernoulliOp, dropoutMaskOp, fillFresh } from "./fill-operators.ts";

export interface DropoutOptions {
  /** Probability of an element to be dropped, in [0, 1]. */
  p?: number;
  /** Whether anything is dropped at all. */
  train?: boolean;
}
type Arguments = [p: number, train: boolean] | [p: number, options: DropoutOptions] | [options: DropoutOptions];

const bind = signature("dropout", { p: 0.5, train: true });

/** The slope of SELU times its scale: the value that alpha dropout drops to, negated. */
const SELU_FLOOR = 1.7580993408473766;

/** `input` times a mask, by the function that multiplies; or null when nothing is to be dropped. */
function drop(input: Tensor, args: readonly unknown[], multiply: (mask: Tensor) => Tensor, features: boolean, alpha: boolean): Tensor {
  const { p, train } = bind(args);
  if (!(p >= 0 && p <= 1)) throw new TensorError(`dropout probability has to be between 0 and 1, but got ${streamed(p)}`);
  if (p === 0 || !train || input.count === 0) return input;
  if (p === 1) return multiply(filled([], 0, input.dtype, input.device));
  const mask = noise(input, features);
  const generator = defaultGenerator;
  if (!alpha) {
    const keep = 1 - p;
    const divisor = input.dtype === "float64" ? keep : Math.fround(keep);
    return multiply(fillFresh(dropoutMaskOp, mask, { keep, scale: 1 / divisor, generator }));
  }
  // Dropped elements take the value SELU saturates at; the result keeps its mean and variance.
  const scale = 1 / Math.sqrt((SELU_FLOOR * SELU_FLOOR * p + 1) * (1 - p));
  fillFresh(bernoulliOp, mask, { p: 1 - p, generator });
  const shift = mask
    .sub(1)
    .mul_(SELU_FLOOR * scale)
    .add_(SELU_FLOOR * scale * p);
  return multiply(mask.mul_(scale)).add_(shift);
}

/** Memory for one random number an element, or one a channel. */
function noise(input: Tensor, features: boolean): Tensor {
  if (!features) return emptyTensor(input.shape, input.dtype, input.device);
  if (input.ndim < 2) throw new ShapeError("Feature dropout requires at least 2 dimensions in the input");
  return emptyTensor(
    input.shape.map((n, i) => (i < 2 ? n : 1)),
    input.dtype,
    input.device,
  );
}

/**
 * Zeroes each element with probability `p` and scales the others by 1 / (1 - p), when `train`. One number is drawn an element.
 * @throws {TensorError} unless `p` is in [0, 1] @see torch.dropout
 */
export const dropout = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul(mask), false, false);
/** In-place {@link dropout}. @see torch.dropout_ */
export const dropout_ = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul_(mask), false, false);

/** {@link dropout} of whole channels of `[N, C, ...]`. @throws {ShapeError} below two dimensions @see torch.feature_dropout */
export const featureDropout = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul(mask), true, false);
/** In-place {@link featureDropout}. @see torch.feature_dropout_ */
export const featureDropout_ = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul_(mask), true, false);

/** Dropout that keeps mean and variance of activations of SELU (Klambauer et al. 2017). @see torch.alpha_dropout */
export const alphaDropout = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul(mask), false, true);
/** In-place {@link alphaDropout}. @see torch.alpha_dropout_ */
export const alphaDropout_ = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul_(mask), false, true);

/** {@link alphaDropout} of whole channels. @see torch.feature_alpha_dropout */
export const featureAlphaDropout = (input: Tensor, ...args: Arguments): Tensor => drop(input, args, (mask) => input.mul(mask), true, true);
/** In-place {@link featureAlphaDropout}. @see torch.feature_alpha_dropout_ */
export const featureAlphaDropout_ = (input: Tensor, ...args: Arguments): Tensor =>
  drop(input, args, (mask) => input.mul_(mask), true, true);
