import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonFloat } from "../module/printing.ts";

export interface InplaceOptions {
  /** Write over the input. Default false. */
  inplace?: boolean;
}

const bindInplace = signature("activation", { inplace: false });
const comma = (inplace: boolean): string => (inplace ? ", inplace=True" : "");

/** What the activations that only know whether to write over their input share. */
export abstract class InplaceActivation extends Module {
  inplace: boolean;
  constructor(inplace?: boolean | InplaceOptions) {
    super();
    this.inplace = bindInplace(inplace === undefined ? [] : [inplace]).inplace;
  }
  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }
}

/** `max(0, x)`. @see torch.nn.ReLU */
export class ReLU extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.relu(input, this.inplace);
  }
}

/** `min(max(0, x), 6)`. @see torch.nn.ReLU6 */
export class ReLU6 extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, 0, 6, { inplace: this.inplace });
  }
}

/** Scaled elu whose outputs keep mean 0 and variance 1 (Klambauer et al., 2017). @see torch.nn.SELU */
export class SELU extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.selu(input, this.inplace);
  }
}

/** `x sigmoid(x)`. @see torch.nn.SiLU */
export class SiLU extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.silu(input, this.inplace);
  }
}

/** `x tanh(softplus(x))`. @see torch.nn.Mish */
export class Mish extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.mish(input, this.inplace);
  }
}

/** `clamp(x + 3, 0, 6) / 6`. @see torch.nn.Hardsigmoid */
export class Hardsigmoid extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.hardsigmoid(input, this.inplace);
  }
  override extraRepr(): string {
    return "";
  }
}

/** `x hardsigmoid(x)`. @see torch.nn.Hardswish */
export class Hardswish extends InplaceActivation {
  override forward(input: Tensor): Tensor {
    return F.hardswish(input, this.inplace);
  }
  override extraRepr(): string {
    return "";
  }
}

/** `1 / (1 + exp(-x))`. @see torch.nn.Sigmoid */
export class Sigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return torch.sigmoid(input);
  }
}

/** Hyperbolic tangent. @see torch.nn.Tanh */
export class Tanh extends Module {
  override forward(input: Tensor): Tensor {
    return torch.tanh(input);
  }
}

/** `log(sigmoid(x))`, without overflow. @see torch.nn.LogSigmoid */
export class LogSigmoid extends Module {
  override forward(input: Tensor): Tensor {
    return F.logsigmoid(input);
  }
}

/** `x / (1 + |x|)`. @see torch.nn.Softsign */
export class Softsign extends Module {
  override forward(input: Tensor): Tensor {
    return F.softsign(input);
  }
}

/** `x - tanh(x)`. @see torch.nn.Tanhshrink */
export class Tanhshrink extends Module {
  override forward(input: Tensor): Tensor {
    return F.tanhshrink(input);
  }
}

export interface ELUOptions {
  /** Depth far below zero. Default 1. */
  alpha?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindELU = signature("ELU", { alpha: 1, inplace: false });
/** `x` above zero, `alpha (exp(x) - 1)` below. @see torch.nn.ELU */
export class ELU extends Module {
  alpha: number;
  inplace: boolean;
  constructor(...args: Rest<[alpha: number, inplace: boolean], ELUOptions>) {
    super();
    const bound = bindELU(args);
    this.alpha = bound.alpha;
    this.inplace = bound.inplace;
  }
  override forward(input: Tensor): Tensor {
    return F.elu(input, this.alpha, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return `alpha=${pythonFloat(this.alpha)}${comma(this.inplace)}`;
  }
}

export interface CELUOptions {
  /** Depth far below zero. Default 1. */
  alpha?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindCELU = signature("CELU", { alpha: 1, inplace: false });
/** `x` above zero, `alpha (exp(x / alpha) - 1)` below. @see torch.nn.CELU */
export class CELU extends Module {
  alpha: number;
  inplace: boolean;
  constructor(...args: Rest<[alpha: number, inplace: boolean], CELUOptions>) {
    super();
    const bound = bindCELU(args);
    this.alpha = bound.alpha;
    this.inplace = bound.inplace;
  }
  override forward(input: Tensor): Tensor {
    return F.celu(input, this.alpha, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return `alpha=${pythonFloat(this.alpha)}${comma(this.inplace)}`;
  }
}

export interface LeakyReLUOptions {
  /** Slope below zero. Default 0.01. */
  negativeSlope?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindLeakyReLU = signature("LeakyReLU", { negativeSlope: 0.01, inplace: false });
/** `x` above zero, `negativeSlope x` below. @see torch.nn.LeakyReLU */
export class LeakyReLU extends Module {
  negativeSlope: number;
  inplace: boolean;
  constructor(...args: Rest<[negativeSlope: number, inplace: boolean], LeakyReLUOptions>) {
    super();
    const bound = bindLeakyReLU(args);
    this.negativeSlope = bound.negativeSlope;
    this.inplace = bound.inplace;
  }
  override forward(input: Tensor): Tensor {
    return F.leakyRelu(input, this.negativeSlope, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return `negative_slope=${pythonFloat(this.negativeSlope)}${comma(this.inplace)}`;
  }
}

export interface RReLUOptions {
  /** Least slope. Default 1/8. */
  lower?: number;
  /** Greatest slope. Default 1/3. */
  upper?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindRReLU = signature("RReLU", { lower: 1 / 8, upper: 1 / 3, inplace: false });
/** Leaky relu whose slope is drawn anew for each element in training, and the mean of the bounds else (Xu et al., 2015). @see torch.nn.RReLU */
export class RReLU extends Module {
  lower: number;
  upper: number;
  inplace: boolean;
  constructor(...args: Rest<[lower: number, upper: number, inplace: boolean], RReLUOptions>) {
    super();
    const bound = bindRReLU(args);
    this.lower = bound.lower;
    this.upper = bound.upper;
    this.inplace = bound.inplace;
  }
  override forward(input: Tensor): Tensor {
    return F.rrelu(input, this.lower, this.upper, this.training, this.inplace);
  }
  override extraRepr(): string {
    return `lower=${pythonFloat(this.lower)}, upper=${pythonFloat(this.upper)}${comma(this.inplace)}`;
  }
}

export interface HardtanhOptions {
  /** Lower bound. Default -1. */
  minVal?: number;
  /** Upper bound. Default 1. */
  maxVal?: number;
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindHardtanh = signature("Hardtanh", { minVal: -1, maxVal: 1, inplace: false });
/** Each element between two bounds. @see torch.nn.Hardtanh */
export class Hardtanh extends Module {
  minVal: number;
  maxVal: number;
  inplace: boolean;
  constructor(...args: Rest<[minVal: number, maxVal: number, inplace: boolean], HardtanhOptions>) {
    super();
    const bound = bindHardtanh(args);
    this.minVal = bound.minVal;
    this.maxVal = bound.maxVal;
    this.inplace = bound.inplace;
    if (!(this.maxVal > this.minVal)) throw new ShapeError("Hardtanh: max_val must be above min_val");
  }
  override forward(input: Tensor): Tensor {
    return F.hardtanh(input, this.minVal, this.maxVal, { inplace: this.inplace });
  }
  override extraRepr(): string {
    return `min_val=${pythonFloat(this.minVal)}, max_val=${pythonFloat(this.maxVal)}${comma(this.inplace)}`;
  }
}
