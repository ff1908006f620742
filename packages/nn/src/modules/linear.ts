import { type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import type { Parameter } from "../parameter.ts";

/** Gives back what it gets; arguments of the constructor are ignored. @see torch.nn.Identity */
export class Identity extends Module {
  constructor(..._args: unknown[]) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return input;
  }
}

export interface LinearOptions extends FactoryOptions {
  /** Whether a learnt number is added to each output. Default true. */
  bias?: boolean;
}

const bindLinear = signature("Linear", { inFeatures: required, outFeatures: required, bias: true, device: null, dtype: null });

/**
 * Affine map of the last dimension, `x [..., in] -> x weight^T + bias [..., out]`, weights uniform within 1/sqrt(in).
 *
 * ```ts
 * new nn.Linear(20, 30)(torch.randn(128, 20)).shape; // [128, 30]
 * ```
 * @see torch.nn.Linear
 */
export class Linear extends Module {
  inFeatures: number;
  outFeatures: number;
  /** `[out, in]` */
  weight: Parameter;
  /** `[out]`, or null */
  bias: Parameter | null;

  constructor(inFeatures: number, outFeatures: number, ...rest: Rest<[bias: boolean], LinearOptions>);
  constructor(options: LinearOptions & { inFeatures: number; outFeatures: number });
  constructor(...args: unknown[]) {
    super();
    const { inFeatures, outFeatures, bias, device, dtype } = bindLinear(args);
    this.inFeatures = inFeatures;
    this.outFeatures = outFeatures;
    this.weight = parameter([outFeatures, inFeatures], { device, dtype });
    this.bias = bias ? parameter([outFeatures], { device, dtype }) : null;
    this.resetParameters();
  }

  /** Draws new initial values. */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias !== null) {
      const [fanIn] = init.calculateFanInAndFanOut(this.weight);
      const bound = fanIn > 0 ? 1 / Math.sqrt(fanIn) : 0;
      init.uniform_(this.bias, -bound, bound);
    }
  }

  override forward(input: Tensor): Tensor {
    return F.linear(input, this.weight, this.bias);
  }

  override extraRepr(): string {
    return `in_features=${this.inFeatures}, out_features=${this.outFeatures}, bias=${this.bias !== null ? "True" : "False"}`;
  }
}

/** The linear map at the end of {@link MultiheadAttention}, under PyTorch's name. @see torch.nn.modules.linear.NonDynamicallyQuantizableLinear */
export class NonDynamicallyQuantizableLinear extends Linear {}

const bindBilinear = signature("Bilinear", {
  in1Features: required,
  in2Features: required,
  outFeatures: required,
  bias: true,
  device: null,
  dtype: null,
});

/** `y = x1^T A x2 + b` for `x1 [..., in1]`, `x2 [..., in2]`. @throws {TensorError} for sizes below 1 @see torch.nn.Bilinear */
export class Bilinear extends Module {
  in1Features: number;
  in2Features: number;
  outFeatures: number;
  /** `[out, in1, in2]` */
  weight: Parameter;
  bias: Parameter | null;

  constructor(in1Features: number, in2Features: number, outFeatures: number, ...rest: Rest<[bias: boolean], LinearOptions>);
  constructor(options: LinearOptions & { in1Features: number; in2Features: number; outFeatures: number });
  constructor(...args: unknown[]) {
    super();
    const { in1Features, in2Features, outFeatures, bias, device, dtype } = bindBilinear(args);
    if (in1Features <= 0) throw new TensorError(`in1_features must be > 0, but got ${in1Features}`);
    this.in1Features = in1Features;
    this.in2Features = in2Features;
    this.outFeatures = outFeatures;
    this.weight = parameter([outFeatures, in1Features, in2Features], { device, dtype });
    this.bias = bias ? parameter([outFeatures], { device, dtype }) : null;
    this.resetParameters();
  }

  /** Draws new initial values. */
  resetParameters(): void {
    const bound = 1 / Math.sqrt(this.weight.shape[1]!);
    init.uniform_(this.weight, -bound, bound);
    if (this.bias !== null) init.uniform_(this.bias, -bound, bound);
  }

  override forward(input1: Tensor, input2: Tensor): Tensor {
    return F.bilinear(input1, input2, this.weight, this.bias);
  }

  override extraRepr(): string {
    const bias = this.bias !== null ? "True" : "False";
    return `in1_features=${this.in1Features}, in2_features=${this.in2Features}, out_features=${this.outFeatures}, bias=${bias}`;
  }
}
