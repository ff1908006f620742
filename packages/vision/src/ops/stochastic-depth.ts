import { empty, type Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";

/** Drops the whole input (`"batch"`) or rows of it (`"row"`) with probability `p`, and scales the rest up (Huang et al., 2016). @see torchvision.ops.stochastic_depth */
export function stochasticDepth(input: Tensor, p: number, mode: "batch" | "row", training = true): Tensor {
  if (p < 0 || p > 1) throw new RangeError(`drop probability has to be between 0 and 1, but got ${p}`);
  if (mode !== "batch" && mode !== "row") throw new RangeError(`mode has to be either 'batch' or 'row', but got ${String(mode)}`);
  if (!training || p === 0) return input;
  const survival = 1 - p;
  const size = input.shape.map((length, d) => (d === 0 && mode === "row" ? length : 1));
  const noise = empty(size, { dtype: input.dtype }).bernoulli_(survival);
  return input.mul(survival > 0 ? noise.div(survival) : noise);
}

/** {@link stochasticDepth} as a layer. @see torchvision.ops.StochasticDepth */
export class StochasticDepth extends nn.Module {
  readonly p: number;
  readonly mode: "batch" | "row";

  constructor(p: number, mode: "batch" | "row") {
    super();
    this.p = p;
    this.mode = mode;
  }

  override forward(input: Tensor): Tensor {
    return stochasticDepth(input, this.p, this.mode, this.training);
  }

  override extraRepr(): string {
    return `p=${this.p}, mode=${this.mode}`;
  }
}
