import { type Tensor, TensorError } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonFloat } from "../module/printing.ts";

export interface DropoutOptions {
  /** Probability to be set to 0. Default 0.5. */
  p?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bind = signature("Dropout", { p: 0.5, inplace: false });

/** What all kinds of dropout share. They do nothing in evaluation. */
export abstract class DropoutNd extends Module {
  p: number;
  inplace: boolean;
  constructor(...args: Rest<[p: number, inplace: boolean], DropoutOptions>) {
    super();
    const { p, inplace } = bind(args);
    if (!(p >= 0 && p <= 1)) throw new TensorError(`dropout probability has to be between 0 and 1, but got ${p}`);
    this.p = p;
    this.inplace = inplace;
  }
  override extraRepr(): string {
    return `p=${pythonFloat(this.p)}, inplace=${this.inplace ? "True" : "False"}`;
  }
}

/** Sets elements to 0 with probability `p` and scales the others by 1/(1-p) (Srivastava et al., 2014). @throws {TensorError} for a `p` that is no probability @see torch.nn.Dropout */
export class Dropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout(input, this.p, this.training, this.inplace);
  }
}

/** Sets whole channels of `[N, C, L]` to 0. @throws {TensorError} for a `p` that is no probability @see torch.nn.Dropout1d */
export class Dropout1d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout1d(input, this.p, this.training, this.inplace);
  }
}

/** Sets whole channels of `[N, C, H, W]` to 0. @throws {TensorError} for a `p` that is no probability @see torch.nn.Dropout2d */
export class Dropout2d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout2d(input, this.p, this.training, this.inplace);
  }
}

/** Sets whole channels of `[N, C, D, H, W]` to 0. @throws {TensorError} for a `p` that is no probability @see torch.nn.Dropout3d */
export class Dropout3d extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.dropout3d(input, this.p, this.training, this.inplace);
  }
}

/** Dropout that keeps mean and variance of activations of SELU (Klambauer et al., 2017). @throws {TensorError} for a `p` that is no probability @see torch.nn.AlphaDropout */
export class AlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.alphaDropout(input, this.p, this.training);
  }
}

/** {@link AlphaDropout} of whole channels. @throws {TensorError} for a `p` that is no probability @see torch.nn.FeatureAlphaDropout */
export class FeatureAlphaDropout extends DropoutNd {
  override forward(input: Tensor): Tensor {
    return F.featureAlphaDropout(input, this.p, this.training);
  }
}
