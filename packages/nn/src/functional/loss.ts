import * as torch from "@bluedot/core";
import { DTypeError, ShapeError, type Tensor } from "@bluedot/core";
import {
  binaryCrossEntropyOp,
  binaryCrossEntropyWithLogitsOp,
  dtypeInfo,
  huberLossOp,
  type LossReduction,
  mseLossOp,
  pointwiseLoss,
  reductionOf,
  required,
  signature,
  smoothL1LossOp,
  softMarginLossOp,
} from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { inPrecisionOf } from "./precision.ts";

export { crossEntropy, nllLoss } from "@bluedot/core";

/** How the losses of the elements become one: their mean (default), their sum, or not at all. */
export type Reduction = LossReduction;

export interface LossOptions {
  /** Default "mean". */
  reduction?: Reduction | undefined;
  /** @deprecated use `reduction` */
  sizeAverage?: boolean | null;
  /** @deprecated use `reduction` */
  reduce?: boolean | null;
}

type Legacy = [sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction];
export type ByName<Options, Named> = Options & Named;

export const legacy = { sizeAverage: null, reduce: null, reduction: "mean" };

/** The losses of the elements, reduced. */
export function reduceLoss(losses: Tensor, reduction: Reduction): Tensor {
  return reduction === "mean" ? losses.mean() : reduction === "sum" ? losses.sum() : losses;
}

const sizeText = (t: Tensor): string => `torch.Size([${t.shape.join(", ")}])`;
const sameSize = (a: Tensor, b: Tensor): boolean => a.ndim === b.ndim && a.shape.every((n, i) => n === b.shape[i]);

/** Tells of a target that fits only by broadcasting, which is seldom meant. */
function warnOfBroadcast(input: Tensor, target: Tensor): void {
  if (sameSize(input, target)) return;
  console.warn(
    `Using a target size (${sizeText(target)}) that is different to the input size (${sizeText(input)}). This will likely lead to incorrect results due to broadcasting. Please ensure they have the same size.`,
  );
}

const bindL1 = signature("l1Loss", { target: required, ...legacy });
/** `|input - target|`. @throws {ShapeError} for sizes that don't broadcast @see torch.nn.functional.l1_loss */
export function l1Loss(
  input: Tensor,
  target: Tensor | ByName<LossOptions, { target: Tensor }>,
  ...rest: Rest<Legacy, LossOptions>
): Tensor {
  const { target: given, ...how } = bindL1([target, ...rest]);
  const reduction = reductionOf(how);
  const [x, goal] = inPrecisionOf("l1Loss", input, given as Tensor);
  warnOfBroadcast(x, goal);
  return reduceLoss(x.sub(goal).abs(), reduction);
}

const bindMse = signature("mseLoss", { target: required, ...legacy });
/** `(input - target)²`. @throws {ShapeError} for sizes that don't broadcast @see torch.nn.functional.mse_loss */
export function mseLoss(
  input: Tensor,
  target: Tensor | ByName<LossOptions, { target: Tensor }>,
  ...rest: Rest<Legacy, LossOptions>
): Tensor {
  const { target: goal, ...how } = bindMse([target, ...rest]);
  const reduction = reductionOf(how);
  warnOfBroadcast(input, goal);
  return pointwiseLoss(mseLossOp, input, goal, reduction);
}

export interface SmoothL1LossOptions extends LossOptions {
  /** Where the quadratic piece ends. Default 1. */
  beta?: number;
}
const bindSmoothL1 = signature("smoothL1Loss", { target: required, ...legacy, beta: 1 });
/** Quadratic within `beta` of the target, linear beyond (Girshick, 2015). @throws {ShapeError} @see torch.nn.functional.smooth_l1_loss */
export function smoothL1Loss(
  input: Tensor,
  target: Tensor | ByName<SmoothL1LossOptions, { target: Tensor }>,
  ...rest: Rest<[...Legacy, beta: number], SmoothL1LossOptions>
): Tensor {
  const { target: goal, beta, ...how } = bindSmoothL1([target, ...rest]);
  const reduction = reductionOf(how);
  if (beta < 0) throw new ShapeError("smooth_l1_loss does not support negative values for beta.");
  warnOfBroadcast(input, goal);
  return pointwiseLoss(smoothL1LossOp, input, goal, reduction, beta);
}

export interface HuberLossOptions {
  reduction?: Reduction;
  /** Where the quadratic piece ends. Default 1. */
  delta?: number;
}
const bindHuber = signature("huberLoss", { target: required, reduction: "mean", delta: 1 });
/** Quadratic within `delta` of the target, linear of slope `delta` beyond (Huber, 1964). @throws {ShapeError} @see torch.nn.functional.huber_loss */
export function huberLoss(
  input: Tensor,
  target: Tensor | ByName<HuberLossOptions, { target: Tensor }>,
  ...rest: Rest<[reduction: Reduction, delta: number], HuberLossOptions>
): Tensor {
  const { target: goal, delta, ...how } = bindHuber([target, ...rest]);
  const reduction = reductionOf(how);
  if (!(delta > 0)) throw new ShapeError("huber_loss does not support non-positive values for delta.");
  warnOfBroadcast(input, goal);
  return pointwiseLoss(huberLossOp, input, goal, reduction, delta);
}

const bindSoftMargin = signature("softMarginLoss", { target: required, ...legacy });
/** `log(1 + exp(-target input))` for targets 1 and -1. @throws {ShapeError} @see torch.nn.functional.soft_margin_loss */
export function softMarginLoss(
  input: Tensor,
  target: Tensor | ByName<LossOptions, { target: Tensor }>,
  ...rest: Rest<Legacy, LossOptions>
): Tensor {
  const { target: goal, ...how } = bindSoftMargin([target, ...rest]);
  return pointwiseLoss(softMarginLossOp, input, goal, reductionOf(how));
}

export interface WeightedLossOptions extends LossOptions {
  /** A factor for each element (broadcasts), or for each class. */
  weight?: Tensor | null;
}

const bindBce = signature("binaryCrossEntropy", { target: required, weight: null, ...legacy });
/**
 * `-(t log p + (1 - t) log(1 - p))` for probabilities `input`; logarithms no lower than -100. @throws {ShapeError} for another size of target
 * @throws {DTypeError} @see torch.nn.functional.binary_cross_entropy
 */
export function binaryCrossEntropy(
  input: Tensor,
  target: Tensor | ByName<WeightedLossOptions, { target: Tensor }>,
  ...rest: Rest<[weight: Tensor | null, ...Legacy], WeightedLossOptions>
): Tensor {
  const { target: given, weight, ...how } = bindBce([target, ...rest]);
  const goal: Tensor = given;
  const reduction = reductionOf(how);
  if (!sameSize(input, goal)) {
    throw new ShapeError(
      `Using a target size (${sizeText(goal)}) that is different to the input size (${sizeText(input)}) is deprecated. Please ensure they have the same size.`,
    );
  }
  if (goal.dtype !== input.dtype) {
    throw new DTypeError(`Found dtype ${dtypeInfo[goal.dtype].scalarType} but expected ${dtypeInfo[input.dtype].scalarType}`);
  }
  if (weight === null) return pointwiseLoss(binaryCrossEntropyOp, input, goal, reduction);
  return reduceLoss(pointwiseLoss(binaryCrossEntropyOp, input, goal, "none").mul(weight), reduction);
}

export interface BceWithLogitsOptions extends WeightedLossOptions {
  /** Factors for the positive part, one for each class. */
  posWeight?: Tensor | null;
}
const bindLogits = signature("binaryCrossEntropyWithLogits", { target: required, weight: null, ...legacy, posWeight: null });
/**
 * Binary cross-entropy of `sigmoid(input)`, without its overflow. @throws {ShapeError} for another size of target
 * @see torch.nn.functional.binary_cross_entropy_with_logits
 */
export function binaryCrossEntropyWithLogits(
  input: Tensor,
  target: Tensor | ByName<BceWithLogitsOptions, { target: Tensor }>,
  ...rest: Rest<[weight: Tensor | null, ...Legacy, posWeight: Tensor | null], BceWithLogitsOptions>
): Tensor {
  const { target: goal, weight, posWeight, ...how } = bindLogits([target, ...rest]);
  const reduction = reductionOf(how);
  if (!sameSize(input, goal)) throw new ShapeError(`Target size (${sizeText(goal)}) must be the same as input size (${sizeText(input)})`);
  if (weight === null && posWeight === null) return pointwiseLoss(binaryCrossEntropyWithLogitsOp, input, goal, reduction);
  // (1 - t) x + (1 + (w - 1) t) log(1 + exp(-x))
  const softplus = input.neg().clampMin(0).add(input.abs().neg().exp().log1p());
  const soft = posWeight === null ? softplus : softplus.mul(goal.mul(posWeight.sub(1)).add(1));
  let losses = goal.neg().add(1).mul(input).add(soft);
  if (weight !== null) losses = losses.mul(weight);
  return reduceLoss(losses, reduction);
}

export interface KlDivOptions extends Omit<LossOptions, "reduction"> {
  reduction?: Reduction | "batchmean" | undefined;
  /** Whether targets are logarithms of probabilities. Default false. */
  logTarget?: boolean;
}
const bindKlDiv = signature("klDiv", { target: required, ...legacy, logTarget: false });
/** Kullback-Leibler divergence of `target` from log-probabilities `input`, elementwise. @throws {ShapeError} @see torch.nn.functional.kl_div */
export function klDiv(
  input: Tensor,
  target: Tensor | ByName<KlDivOptions, { target: Tensor }>,
  ...rest: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction | "batchmean", logTarget: boolean], KlDivOptions>
): Tensor {
  const { target: given, logTarget, ...how } = bindKlDiv([target, ...rest]);
  const [x, goal] = inPrecisionOf("klDiv", input, given as Tensor);
  const byBatch = how.reduction === "batchmean";
  const reduction = reductionOf(byBatch ? { ...how, reduction: "sum" } : how);
  const losses = logTarget ? goal.exp().mul(goal.sub(x)) : torch.special.xlogy(goal, goal).sub(goal.mul(x));
  const total = reduceLoss(losses, reduction);
  return byBatch && input.ndim > 0 ? total.div(input.shape[0]!) : total;
}

export interface PoissonNllOptions extends LossOptions {
  /** Whether `input` is the logarithm of the rate. Default true. */
  logInput?: boolean;
  /** Add Stirling's approximation of `log(target!)`. Default false. */
  full?: boolean;
  /** Keeps the logarithm finite when `logInput` is false. Default 1e-8. */
  eps?: number;
}
const bindPoisson = signature("poissonNllLoss", {
  target: required,
  logInput: true,
  full: false,
  sizeAverage: null,
  eps: 1e-8,
  reduce: null,
  reduction: "mean",
});
/** Negative log-likelihood of counts under Poisson rates. @see torch.nn.functional.poisson_nll_loss */
export function poissonNllLoss(
  input: Tensor,
  target: Tensor | ByName<PoissonNllOptions, { target: Tensor }>,
  ...rest: Rest<
    [logInput: boolean, full: boolean, sizeAverage: boolean | null, eps: number, reduce: boolean | null, reduction: Reduction],
    PoissonNllOptions
  >
): Tensor {
  const { target: given, logInput, full, eps, ...how } = bindPoisson([target, ...rest]);
  if (!["none", "mean", "sum"].includes(how.reduction)) throw new ShapeError(`${how.reduction} is not valid`);
  const reduction = reductionOf(how);
  const [x, goal] = inPrecisionOf("poissonNllLoss", input, given as Tensor);
  let losses = logInput ? x.exp().sub(goal.mul(x)) : x.sub(goal.mul(x.add(eps).log()));
  if (full) {
    const stirling = goal
      .mul(goal.log())
      .sub(goal)
      .add(
        goal
          .mul(2 * Math.PI)
          .log()
          .mul(0.5),
      );
    losses = losses.add(stirling.maskedFill(goal.le(1), 0));
  }
  return reduceLoss(losses, reduction);
}

export interface GaussianNllOptions {
  /** Add the constant `log(2 pi) / 2`. Default false. */
  full?: boolean;
  /** Least variance. Default 1e-6. */
  eps?: number;
  reduction?: Reduction;
}
const bindGaussian = signature("gaussianNllLoss", { target: required, var: required, full: false, eps: 1e-6, reduction: "mean" });
/**
 * Negative log-likelihood of targets under normal distributions of mean `input` and variance `variance`. @throws {ShapeError} for another size
 * or a negative variance @see torch.nn.functional.gaussian_nll_loss
 */
export function gaussianNllLoss(
  input: Tensor,
  target: Tensor | ByName<GaussianNllOptions, { target: Tensor; var: Tensor }>,
  variance?: Tensor | ByName<GaussianNllOptions, { var: Tensor }>,
  ...rest: Rest<[full: boolean, eps: number, reduction: Reduction], GaussianNllOptions>
): Tensor {
  const { target: goal, var: given, full, eps, reduction } = bindGaussian([target, variance, ...rest].filter((v) => v !== undefined));
  let spread: Tensor = given;
  if (!sameSize(spread, input)) {
    const lacksLast = input.ndim - 1 === spread.ndim && spread.shape.every((n, i) => n === input.shape[i]);
    const oneLast =
      input.ndim === spread.ndim && spread.shape.at(-1) === 1 && spread.shape.slice(0, -1).every((n, i) => n === input.shape[i]);
    if (lacksLast) spread = spread.unsqueeze(-1);
    else if (!oneLast) throw new ShapeError("var is of incorrect size");
  }
  if (reduction !== "none" && reduction !== "mean" && reduction !== "sum") throw new ShapeError(`${reduction} is not valid`);
  if (spread.lt(0).any().item()) throw new ShapeError("var has negative entry/entries");
  // The floor doesn't take part in the derivative.
  const clamped = spread.add(spread.detach().clampMin(eps).sub(spread.detach()));
  let losses = clamped.log().add(input.sub(goal).square().div(clamped)).mul(0.5);
  if (full) losses = losses.add(0.5 * Math.log(2 * Math.PI));
  return reduceLoss(losses, reduction);
}
