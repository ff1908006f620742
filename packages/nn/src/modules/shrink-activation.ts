import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonFloat, pythonValue } from "../module/printing.ts";
import type { Parameter } from "../parameter.ts";

export interface ThresholdOptions {
  /** Write over the input. Default false. */
  inplace?: boolean;
}
const bindThreshold = signature("Threshold", { threshold: required, value: required, inplace: false });
/** `x` above `threshold`, else `value`. @see torch.nn.Threshold */
export class Threshold extends Module {
  threshold: number;
  value: number;
  inplace: boolean;
  constructor(threshold: number, value: number, ...rest: Rest<[inplace: boolean], ThresholdOptions>);
  constructor(options: ThresholdOptions & { threshold: number; value: number });
  constructor(...args: unknown[]) {
    super();
    const bound = bindThreshold(args);
    this.threshold = bound.threshold;
    this.value = bound.value;
    this.inplace = bound.inplace;
  }
  override forward(input: Tensor): Tensor {
    return F.threshold(input, this.threshold, this.value, this.inplace);
  }
  override extraRepr(): string {
    return `threshold=${pythonFloat(this.threshold)}, value=${pythonFloat(this.value)}${this.inplace ? ", inplace=True" : ""}`;
  }
}

export interface SoftplusOptions {
  /** Sharpness. Default 1. */
  beta?: number;
  /** `beta x` from which it is the identity. Default 20. */
  threshold?: number;
}
const bindSoftplus = signature("Softplus", { beta: 1, threshold: 20 });
/** `log(1 + exp(beta x)) / beta`: a smooth relu. @see torch.nn.Softplus */
export class Softplus extends Module {
  beta: number;
  threshold: number;
  constructor(...args: Rest<[beta: number, threshold: number], SoftplusOptions>) {
    super();
    const bound = bindSoftplus(args);
    this.beta = bound.beta;
    this.threshold = bound.threshold;
  }
  override forward(input: Tensor): Tensor {
    return F.softplus(input, this.beta, this.threshold);
  }
  override extraRepr(): string {
    return `beta=${pythonValue(this.beta)}, threshold=${pythonValue(this.threshold)}`;
  }
}

export interface HardshrinkOptions {
  /** Half the width of what becomes 0. Default 0.5. */
  lambd?: number;
}
const bindHardshrink = signature("Hardshrink", { lambd: 0.5 });
/** 0 within `lambd` of 0, else `x`. @see torch.nn.Hardshrink */
export class Hardshrink extends Module {
  lambd: number;
  constructor(...args: Rest<[lambd: number], HardshrinkOptions>) {
    super();
    const bound = bindHardshrink(args);
    this.lambd = bound.lambd;
  }
  override forward(input: Tensor): Tensor {
    return F.hardshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return `${pythonFloat(this.lambd)}`;
  }
}

export interface SoftshrinkOptions {
  /** Half the width of what becomes 0. Default 0.5. */
  lambd?: number;
}
const bindSoftshrink = signature("Softshrink", { lambd: 0.5 });
/** 0 within `lambd` of 0, else `x` moved towards 0 by `lambd`. @see torch.nn.Softshrink */
export class Softshrink extends Module {
  lambd: number;
  constructor(...args: Rest<[lambd: number], SoftshrinkOptions>) {
    super();
    const bound = bindSoftshrink(args);
    this.lambd = bound.lambd;
  }
  override forward(input: Tensor): Tensor {
    return F.softshrink(input, this.lambd);
  }
  override extraRepr(): string {
    return `${pythonValue(this.lambd)}`;
  }
}

export interface GLUOptions {
  /** Default -1. */
  dim?: number;
}
const bindGLU = signature("GLU", { dim: -1 });
/** The first half along `dim`, times the sigmoid of the second (Dauphin et al., 2017). @see torch.nn.GLU */
export class GLU extends Module {
  dim: number;
  constructor(...args: Rest<[dim: number], GLUOptions>) {
    super();
    const bound = bindGLU(args);
    this.dim = bound.dim;
  }
  override forward(input: Tensor): Tensor {
    return F.glu(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

export interface GELUOptions {
  /** `"tanh"` for the usual approximation. Default "none". */
  approximate?: "none" | "tanh";
}
const bindGELU = signature("GELU", { approximate: "none" });
/** `x` times the distribution function of the normal distribution at `x`. @see torch.nn.GELU */
export class GELU extends Module {
  approximate: "none" | "tanh";
  constructor(...args: Rest<[approximate: "none" | "tanh"], GELUOptions>) {
    super();
    const bound = bindGELU(args);
    this.approximate = bound.approximate;
  }
  override forward(input: Tensor): Tensor {
    return F.gelu(input, { approximate: this.approximate });
  }
  override extraRepr(): string {
    return `approximate='${this.approximate}'`;
  }
}

export interface SoftmaxOptions {
  /** The dimension whose elements add up to 1. */
  dim?: number | null;
}
const bindSoftmax = signature("Softmax", { dim: null });
/** `exp(x) / sum(exp(x))` along a dimension. @see torch.nn.Softmax */
export class Softmax extends Module {
  dim: number | null;
  constructor(...args: Rest<[dim: number | null], SoftmaxOptions>) {
    super();
    const bound = bindSoftmax(args);
    this.dim = bound.dim;
  }
  override forward(input: Tensor): Tensor {
    return F.softmax(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${pythonValue(this.dim)}`;
  }
}

export interface LogSoftmaxOptions {
  /** The dimension whose elements add up to 1. */
  dim?: number | null;
}
const bindLogSoftmax = signature("LogSoftmax", { dim: null });
/** `log(softmax(x))`, without overflow. @see torch.nn.LogSoftmax */
export class LogSoftmax extends Module {
  dim: number | null;
  constructor(...args: Rest<[dim: number | null], LogSoftmaxOptions>) {
    super();
    const bound = bindLogSoftmax(args);
    this.dim = bound.dim;
  }
  override forward(input: Tensor): Tensor {
    return F.logSoftmax(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${pythonValue(this.dim)}`;
  }
}

export interface SoftminOptions {
  /** The dimension whose elements add up to 1. */
  dim?: number | null;
}
const bindSoftmin = signature("Softmin", { dim: null });
/** `softmax(-x)`. @see torch.nn.Softmin */
export class Softmin extends Module {
  dim: number | null;
  constructor(...args: Rest<[dim: number | null], SoftminOptions>) {
    super();
    const bound = bindSoftmin(args);
    this.dim = bound.dim;
  }
  override forward(input: Tensor): Tensor {
    return F.softmin(input, this.dim);
  }
  override extraRepr(): string {
    return `dim=${pythonValue(this.dim)}`;
  }
}

/** Softmax over the channels of `[N, C, H, W]` (or `[C, H, W]`). @throws {ShapeError} @see torch.nn.Softmax2d */
export class Softmax2d extends Module {
  override forward(input: Tensor): Tensor {
    if (input.ndim !== 3 && input.ndim !== 4) throw new ShapeError("Softmax2d requires a 3D or 4D tensor as input");
    return F.softmax(input, -3);
  }
}

export interface PReLUOptions extends FactoryOptions {
  /** One slope for all (1, the default), or one for each channel. */
  numParameters?: number;
  /** Initial slope. Default 0.25. */
  init?: number;
}
const bindPReLU = signature("PReLU", { numParameters: 1, init: 0.25, device: null, dtype: null });
/** `x` above zero, a learnt slope times `x` below (He et al., 2015). @see torch.nn.PReLU */
export class PReLU extends Module {
  numParameters: number;
  weight: Parameter;
  constructor(...args: Rest<[numParameters: number, init: number], PReLUOptions>) {
    super();
    const bound = bindPReLU(args);
    this.numParameters = bound.numParameters;
    this.weight = parameter([bound.numParameters], bound);
    init.constant_(this.weight, bound.init);
  }
  override forward(input: Tensor): Tensor {
    return F.prelu(input, this.weight);
  }
  override extraRepr(): string {
    return `num_parameters=${this.numParameters}`;
  }
}
