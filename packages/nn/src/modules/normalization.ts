import type { Tensor } from "@bluedot/core";
import { ShapeError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import { crossMapNormalization } from "../functional/cross-map-lrn.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonFloat, pythonValue } from "../module/printing.ts";
import type { Parameter } from "../parameter.ts";

export interface LayerNormOptions extends FactoryOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** Whether factors and offsets are learnt. Default true. */
  elementwiseAffine?: boolean;
  /** Whether offsets are learnt. Default true. */
  bias?: boolean;
}
const bindLayer = signature("LayerNorm", {
  normalizedShape: required,
  eps: 1e-5,
  elementwiseAffine: true,
  device: null,
  dtype: null,
  bias: true,
});

/** Normalises over the last dimensions, of the given sizes (Ba et al., 2016). @throws {ShapeError} @see torch.nn.LayerNorm */
export class LayerNorm extends Module {
  normalizedShape: readonly number[];
  eps: number;
  elementwiseAffine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(normalizedShape: number | readonly number[], ...rest: Rest<[eps: number, elementwiseAffine: boolean], LayerNormOptions>);
  constructor(options: LayerNormOptions & { normalizedShape: number | readonly number[] });
  constructor(...args: unknown[]) {
    super();
    const bound = bindLayer(args);
    const { normalizedShape, eps, elementwiseAffine, bias } = bound;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? parameter(this.normalizedShape, bound) : null;
    this.bias = elementwiseAffine && bias ? parameter(this.normalizedShape, bound) : null;
    this.resetParameters();
  }

  /** Factors 1 and offsets 0. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.layerNorm(input, this.normalizedShape, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    const affine = this.elementwiseAffine ? "True" : "False";
    return `${pythonValue(this.normalizedShape)}, eps=${pythonFloat(this.eps)}, elementwise_affine=${affine}`;
  }
}

export interface GroupNormOptions extends FactoryOptions {
  eps?: number;
  /** Whether factors and offsets are learnt. Default true. */
  affine?: boolean;
}
const bindGroup = signature("GroupNorm", {
  numGroups: required,
  numChannels: required,
  eps: 1e-5,
  affine: true,
  device: null,
  dtype: null,
});

/** Normalises each group of channels of each example of `[N, C, ...]` (Wu and He, 2018). @throws {ShapeError} @see torch.nn.GroupNorm */
export class GroupNorm extends Module {
  numGroups: number;
  numChannels: number;
  eps: number;
  affine: boolean;
  weight: Parameter | null;
  bias: Parameter | null;

  constructor(numGroups: number, numChannels: number, ...rest: Rest<[eps: number, affine: boolean], GroupNormOptions>);
  constructor(options: GroupNormOptions & { numGroups: number; numChannels: number });
  constructor(...args: unknown[]) {
    super();
    const bound = bindGroup(args);
    const { numGroups, numChannels, eps, affine } = bound;
    if (numChannels % numGroups !== 0) throw new ShapeError("num_channels must be divisible by num_groups");
    this.numGroups = numGroups;
    this.numChannels = numChannels;
    this.eps = eps;
    this.affine = affine;
    this.weight = affine ? parameter([numChannels], bound) : null;
    this.bias = affine ? parameter([numChannels], bound) : null;
    this.resetParameters();
  }

  /** Factors 1 and offsets 0. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
    if (this.bias !== null) init.zeros_(this.bias);
  }

  override forward(input: Tensor): Tensor {
    return F.groupNorm(input, this.numGroups, this.weight, this.bias, this.eps);
  }

  override extraRepr(): string {
    return `${this.numGroups}, ${this.numChannels}, eps=${pythonFloat(this.eps)}, affine=${this.affine ? "True" : "False"}`;
  }
}

export interface RmsNormOptions extends FactoryOptions {
  /** Default: the smallest step of the dtype. */
  eps?: number | null;
  elementwiseAffine?: boolean;
}
const bindRms = signature("RMSNorm", { normalizedShape: required, eps: null, elementwiseAffine: true, device: null, dtype: null });

/** Divides by the root of the mean square over the last dimensions (Zhang and Sennrich, 2019). @throws {ShapeError} @see torch.nn.RMSNorm */
export class RMSNorm extends Module {
  normalizedShape: readonly number[];
  eps: number | null;
  elementwiseAffine: boolean;
  weight: Parameter | null;

  constructor(normalizedShape: number | readonly number[], ...rest: Rest<[eps: number | null, elementwiseAffine: boolean], RmsNormOptions>);
  constructor(options: RmsNormOptions & { normalizedShape: number | readonly number[] });
  constructor(...args: unknown[]) {
    super();
    const bound = bindRms(args);
    const { normalizedShape, eps, elementwiseAffine } = bound;
    this.normalizedShape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
    this.eps = eps;
    this.elementwiseAffine = elementwiseAffine;
    this.weight = elementwiseAffine ? parameter(this.normalizedShape, bound) : null;
    this.resetParameters();
  }

  /** Factors 1. */
  resetParameters(): void {
    if (this.weight !== null) init.ones_(this.weight);
  }

  override forward(input: Tensor): Tensor {
    return F.rmsNorm(input, this.normalizedShape, this.weight, this.eps);
  }

  override extraRepr(): string {
    const eps = this.eps === null ? "None" : pythonFloat(this.eps);
    return `${pythonValue(this.normalizedShape)}, eps=${eps}, elementwise_affine=${this.elementwiseAffine ? "True" : "False"}`;
  }
}

export interface LocalResponseNormOptions {
  alpha?: number;
  beta?: number;
  k?: number;
}
const localParameters = { size: required, alpha: 1e-4, beta: 0.75, k: 1 };
const bindLocal = signature("LocalResponseNorm", localParameters);
const bindCrossMap = signature("CrossMapLRN2d", localParameters);

/** Divides by a power of the mean square over neighbouring channels (Krizhevsky et al., 2012). @see torch.nn.LocalResponseNorm */
export class LocalResponseNorm extends Module {
  size: number;
  alpha: number;
  beta: number;
  k: number;

  constructor(size: number, ...rest: Rest<[alpha: number, beta: number, k: number], LocalResponseNormOptions>);
  constructor(options: LocalResponseNormOptions & { size: number });
  constructor(...args: unknown[]) {
    super();
    const { size, alpha, beta, k } = bindLocal(args);
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    return F.localResponseNorm(input, this.size, this.alpha, this.beta, this.k);
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${pythonFloat(this.alpha)}, beta=${pythonFloat(this.beta)}, k=${pythonFloat(this.k)}`;
  }
}

/** The same for `[N, C, H, W]`, as Torch 7 had it. @throws {ShapeError} @see torch.nn.CrossMapLRN2d */
export class CrossMapLRN2d extends Module {
  size: number;
  alpha: number;
  beta: number;
  k: number;

  constructor(size: number, ...rest: Rest<[alpha: number, beta: number, k: number], LocalResponseNormOptions>);
  constructor(options: LocalResponseNormOptions & { size: number });
  constructor(...args: unknown[]) {
    super();
    const { size, alpha, beta, k } = bindCrossMap(args);
    this.size = size;
    this.alpha = alpha;
    this.beta = beta;
    this.k = k;
  }

  override forward(input: Tensor): Tensor {
    return crossMapNormalization(input, this);
  }

  override extraRepr(): string {
    return `${this.size}, alpha=${pythonFloat(this.alpha)}, beta=${pythonFloat(this.beta)}, k=${pythonValue(this.k)}`;
  }
}
