import type { Tensor } from "@bluedot/core";
import { reductionOf, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";

type Reduction = F.Reduction;

/** What all losses share: how the losses of the elements become one. */
export abstract class Loss extends Module {
  reduction: Reduction;
  constructor({ sizeAverage, reduce, reduction }: { sizeAverage?: boolean | null; reduce?: boolean | null; reduction?: unknown }) {
    super();
    const asked = sizeAverage != null || reduce != null;
    this.reduction = asked ? reductionOf({ sizeAverage: sizeAverage ?? null, reduce: reduce ?? null }) : (reduction as Reduction);
  }
}

/** A loss with a weight for each class, which is a buffer. */
export abstract class WeightedLoss extends Loss {
  weight!: Tensor | null;
  constructor(bound: { weight: Tensor | null; sizeAverage?: boolean | null; reduce?: boolean | null; reduction?: unknown }) {
    super(bound);
    this.registerBuffer("weight", bound.weight);
  }
}

export type L1LossOptions = F.LossOptions;
const bindL1Loss = signature("L1Loss", { sizeAverage: null, reduce: null, reduction: "mean" });
/** `|input - target|`. @see torch.nn.L1Loss */
export class L1Loss extends Loss {
  constructor(...args: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], L1LossOptions>) {
    const bound = bindL1Loss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.l1Loss(input, target, { reduction: this.reduction });
  }
}

export type MSELossOptions = F.LossOptions;
const bindMSELoss = signature("MSELoss", { sizeAverage: null, reduce: null, reduction: "mean" });
/** `(input - target)²`. @see torch.nn.MSELoss */
export class MSELoss extends Loss {
  constructor(...args: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], MSELossOptions>) {
    const bound = bindMSELoss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.mseLoss(input, target, { reduction: this.reduction });
  }
}

export interface CrossEntropyLossOptions extends F.WeightedLossOptions {
  /** A target that is left out. Default -100. */
  ignoreIndex?: number;
  /** Share of the target spread evenly over all classes. Default 0. */
  labelSmoothing?: number;
}
const bindCrossEntropyLoss = signature("CrossEntropyLoss", {
  weight: null,
  sizeAverage: null,
  ignoreIndex: -100,
  reduce: null,
  reduction: "mean",
  labelSmoothing: 0,
});
/** Cross-entropy of logits `[N, C, ...]` with class indices `[N, ...]` or probabilities. @see torch.nn.CrossEntropyLoss */
export class CrossEntropyLoss extends WeightedLoss {
  ignoreIndex: number;
  labelSmoothing: number;
  constructor(
    ...args: Rest<
      [
        weight: Tensor | null,
        sizeAverage: boolean | null,
        ignoreIndex: number,
        reduce: boolean | null,
        reduction: Reduction,
        labelSmoothing: number,
      ],
      CrossEntropyLossOptions
    >
  ) {
    const bound = bindCrossEntropyLoss(args);
    super(bound);
    this.ignoreIndex = bound.ignoreIndex;
    this.labelSmoothing = bound.labelSmoothing;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.crossEntropy(input, target, {
      weight: this.weight,
      ignoreIndex: this.ignoreIndex,
      labelSmoothing: this.labelSmoothing,
      reduction: this.reduction,
    });
  }
}

export interface NLLLossOptions extends F.WeightedLossOptions {
  /** A target that is left out. Default -100. */
  ignoreIndex?: number;
}
const bindNLLLoss = signature("NLLLoss", { weight: null, sizeAverage: null, ignoreIndex: -100, reduce: null, reduction: "mean" });
/** Negative log-likelihood of class indices under log-probabilities `[N, C, ...]`. @see torch.nn.NLLLoss */
export class NLLLoss extends WeightedLoss {
  ignoreIndex: number;
  constructor(
    ...args: Rest<
      [weight: Tensor | null, sizeAverage: boolean | null, ignoreIndex: number, reduce: boolean | null, reduction: Reduction],
      NLLLossOptions
    >
  ) {
    const bound = bindNLLLoss(args);
    super(bound);
    this.ignoreIndex = bound.ignoreIndex;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.nllLoss(input, target, { weight: this.weight, ignoreIndex: this.ignoreIndex, reduction: this.reduction });
  }
}

export interface SmoothL1LossOptions extends F.LossOptions {
  /** Where the quadratic piece ends. Default 1. */
  beta?: number;
}
const bindSmoothL1Loss = signature("SmoothL1Loss", { sizeAverage: null, reduce: null, reduction: "mean", beta: 1 });
/** Quadratic within `beta` of the target, linear beyond (Girshick, 2015). @see torch.nn.SmoothL1Loss */
export class SmoothL1Loss extends Loss {
  beta: number;
  constructor(
    ...args: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction, beta: number], SmoothL1LossOptions>
  ) {
    const bound = bindSmoothL1Loss(args);
    super(bound);
    this.beta = bound.beta;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.smoothL1Loss(input, target, { beta: this.beta, reduction: this.reduction });
  }
}

export interface HuberLossOptions extends Pick<F.LossOptions, "reduction"> {
  /** Where the quadratic piece ends. Default 1. */
  delta?: number;
}
const bindHuberLoss = signature("HuberLoss", { reduction: "mean", delta: 1 });
/** Quadratic within `delta` of the target, linear of slope `delta` beyond (Huber, 1964). @see torch.nn.HuberLoss */
export class HuberLoss extends Loss {
  delta: number;
  constructor(...args: Rest<[reduction: Reduction, delta: number], HuberLossOptions>) {
    const bound = bindHuberLoss(args);
    super(bound);
    this.delta = bound.delta;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.huberLoss(input, target, { delta: this.delta, reduction: this.reduction });
  }
}

export type BCELossOptions = F.WeightedLossOptions;
const bindBCELoss = signature("BCELoss", { weight: null, sizeAverage: null, reduce: null, reduction: "mean" });
/** Binary cross-entropy of probabilities. @see torch.nn.BCELoss */
export class BCELoss extends WeightedLoss {
  constructor(
    ...args: Rest<[weight: Tensor | null, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], BCELossOptions>
  ) {
    const bound = bindBCELoss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropy(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

export interface BCEWithLogitsLossOptions extends F.WeightedLossOptions {
  /** Factors for the positive part. */
  posWeight?: Tensor | null;
}
const bindBCEWithLogitsLoss = signature("BCEWithLogitsLoss", {
  weight: null,
  sizeAverage: null,
  reduce: null,
  reduction: "mean",
  posWeight: null,
});
/** Binary cross-entropy of `sigmoid(input)`. @see torch.nn.BCEWithLogitsLoss */
export class BCEWithLogitsLoss extends WeightedLoss {
  pos_weight!: Tensor | null;
  constructor(
    ...args: Rest<
      [weight: Tensor | null, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction, posWeight: Tensor | null],
      BCEWithLogitsLossOptions
    >
  ) {
    const bound = bindBCEWithLogitsLoss(args);
    super(bound);
    this.registerBuffer("pos_weight", bound.posWeight);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.binaryCrossEntropyWithLogits(input, target, { weight: this.weight, posWeight: this.pos_weight, reduction: this.reduction });
  }
}

export interface KLDivLossOptions extends Omit<F.LossOptions, "reduction"> {
  /** `"batchmean"`: the sum divided by the size of the batch. Default "mean". */
  reduction?: Reduction | "batchmean";
  /** Whether targets are logarithms. Default false. */
  logTarget?: boolean;
}
const bindKLDivLoss = signature("KLDivLoss", { sizeAverage: null, reduce: null, reduction: "mean", logTarget: false });
/** Kullback-Leibler divergence of `target` from log-probabilities `input`. @see torch.nn.KLDivLoss */
export class KLDivLoss extends Loss {
  logTarget: boolean;
  constructor(
    ...args: Rest<
      [sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction | "batchmean", logTarget: boolean],
      KLDivLossOptions
    >
  ) {
    const bound = bindKLDivLoss(args);
    super(bound);
    this.logTarget = bound.logTarget;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.klDiv(input, target, { logTarget: this.logTarget, reduction: this.reduction });
  }
}

export interface PoissonNLLLossOptions extends F.LossOptions {
  /** Whether `input` is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Add Stirling's approximation. Default false. */
  full?: boolean;
  /** Keeps the logarithm finite. Default 1e-8. */
  eps?: number;
}
const bindPoissonNLLLoss = signature("PoissonNLLLoss", {
  logInput: true,
  full: false,
  sizeAverage: null,
  eps: 1e-8,
  reduce: null,
  reduction: "mean",
});
/** Negative log-likelihood of counts under Poisson rates. @see torch.nn.PoissonNLLLoss */
export class PoissonNLLLoss extends Loss {
  logInput: boolean;
  full: boolean;
  eps: number;
  constructor(
    ...args: Rest<
      [logInput: boolean, full: boolean, sizeAverage: boolean | null, eps: number, reduce: boolean | null, reduction: Reduction],
      PoissonNLLLossOptions
    >
  ) {
    const bound = bindPoissonNLLLoss(args);
    super(bound);
    this.logInput = bound.logInput;
    this.full = bound.full;
    this.eps = bound.eps;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.poissonNllLoss(input, target, { logInput: this.logInput, full: this.full, eps: this.eps, reduction: this.reduction });
  }
}

export interface GaussianNLLLossOptions extends Pick<F.LossOptions, "reduction"> {
  /** Add the constant term. Default false. */
  full?: boolean;
  /** Least variance. Default 1e-6. */
  eps?: number;
}
const bindGaussianNLLLoss = signature("GaussianNLLLoss", { full: false, eps: 1e-6, reduction: "mean" });
/** Negative log-likelihood under normal distributions of mean `input` and the given variance. @see torch.nn.GaussianNLLLoss */
export class GaussianNLLLoss extends Loss {
  full: boolean;
  eps: number;
  constructor(...args: Rest<[full: boolean, eps: number, reduction: Reduction], GaussianNLLLossOptions>) {
    const bound = bindGaussianNLLLoss(args);
    super(bound);
    this.full = bound.full;
    this.eps = bound.eps;
  }
  override forward(input: Tensor, target: Tensor, variance: Tensor): Tensor {
    return F.gaussianNllLoss(input, target, variance, { full: this.full, eps: this.eps, reduction: this.reduction });
  }
}

export type SoftMarginLossOptions = F.LossOptions;
const bindSoftMarginLoss = signature("SoftMarginLoss", { sizeAverage: null, reduce: null, reduction: "mean" });
/** `log(1 + exp(-target input))` for targets 1 and -1. @see torch.nn.SoftMarginLoss */
export class SoftMarginLoss extends Loss {
  constructor(...args: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], SoftMarginLossOptions>) {
    const bound = bindSoftMarginLoss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.softMarginLoss(input, target, { reduction: this.reduction });
  }
}
