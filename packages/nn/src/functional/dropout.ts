import * as torch from "@bluedot/core";
import { type Tensor, TensorError } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

export interface DropoutOptions {
  /** Probability of an element, or a channel, to become 0. Default 0.5. */
  p?: number;
  /** Without it the input is given back. Default true. */
  training?: boolean;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
type DropoutRest = Rest<[p: number, training: boolean, inplace: boolean], DropoutOptions>;

type Drop = (input: Tensor, p: number, training: boolean) => Tensor;

function bindWith(name: string, training: boolean) {
  const bind = signature(name, { p: 0.5, training, inplace: false });
  return (rest: readonly unknown[]): Required<DropoutOptions> => {
    const bound = bind(rest);
    if (!(bound.p >= 0 && bound.p <= 1)) throw new TensorError(`dropout probability has to be between 0 and 1, but got ${bound.p}`);
    return bound;
  };
}

const apply = (input: Tensor, { p, training, inplace }: Required<DropoutOptions>, copying: Drop, inPlace: Drop): Tensor =>
  (inplace ? inPlace : copying)(input, p, training);

const bindDropout = bindWith("dropout", true);
/** Sets elements to 0 with probability `p` and scales the others by 1/(1-p) (Srivastava et al., 2014). @throws {TensorError} @see torch.nn.functional.dropout */
export function dropout(input: Tensor, ...rest: DropoutRest): Tensor {
  return apply(input, bindDropout(rest), torch.dropout, torch.dropout_);
}

const bindAlpha = bindWith("alphaDropout", false);
/** Dropout that keeps mean and variance of activations of SELU (Klambauer et al., 2017). @throws {TensorError} @see torch.nn.functional.alpha_dropout */
export function alphaDropout(input: Tensor, ...rest: DropoutRest): Tensor {
  return apply(input, bindAlpha(rest), torch.alphaDropout, torch.alphaDropout_);
}

const bindFeatureAlpha = bindWith("featureAlphaDropout", false);
/** {@link alphaDropout} of whole channels. @throws {TensorError} @see torch.nn.functional.feature_alpha_dropout */
export function featureAlphaDropout(input: Tensor, ...rest: DropoutRest): Tensor {
  return apply(input, bindFeatureAlpha(rest), torch.featureAlphaDropout, torch.featureAlphaDropout_);
}

/** Dropout of whole channels. Input of other than `batched` dimensions is one example without a batch dimension; null takes all as batches. */
function channelDropout(name: string, dims: readonly number[], batched: number | null) {
  const bind = bindWith(name, true);
  return (input: Tensor, ...rest: DropoutRest): Tensor => {
    const bound = bind(rest);
    if (!dims.includes(input.ndim)) {
      console.warn(
        `${name.replace("Dropout", "dropout")}: Received a ${input.ndim}-D input to ${name}, which is deprecated and will result in an error in a future release.`,
      );
    }
    if (batched === null || input.ndim === batched) return apply(input, bound, torch.featureDropout, torch.featureDropout_);
    if (bound.inplace) return torch.featureDropout_(input.unsqueeze_(0), bound.p, bound.training).squeeze_(0);
    return torch.featureDropout(input.unsqueeze(0), bound.p, bound.training).squeeze(0);
  };
}

type ChannelDropout = (input: Tensor, ...rest: DropoutRest) => Tensor;
const channels1 = channelDropout("dropout1d", [2, 3], 3);
/** Sets whole channels of `[N, C, L]` (or `[C, L]`) to 0. @throws {TensorError} @see torch.nn.functional.dropout1d */
export const dropout1d: ChannelDropout = (input, ...rest) => {
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw new TensorError(
      `dropout1d: Expected 2D or 3D input, but received a ${input.ndim}D input. Note that dropout1d exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel dimension, and an optional batch dimension (i.e. 2D or 3D inputs).`,
    );
  }
  return channels1(input, ...rest);
};
// 3-d input is taken as [N, C, L], as PyTorch still does; whole slices along the second dimension are dropped.
const channels2 = channelDropout("dropout2d", [3, 4], null);
/** Sets whole channels of `[N, C, H, W]` to 0. @throws {TensorError} @see torch.nn.functional.dropout2d */
export const dropout2d: ChannelDropout = channels2;
const channels3 = channelDropout("dropout3d", [4, 5], 5);
/** Sets whole channels of `[N, C, D, H, W]` (or `[C, D, H, W]`) to 0. @throws {TensorError} @see torch.nn.functional.dropout3d */
export const dropout3d: ChannelDropout = channels3;
