import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { floatScalar, reductionOf, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { logsigmoid } from "./activation.ts";
import { pairwiseDistance } from "./distance.ts";
import { type ByName, type LossOptions, legacy, type Reduction, reduceLoss, type WeightedLossOptions } from "./loss.ts";
import { inPrecisionOf } from "./precision.ts";

type Legacy = [sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction];

export interface MarginOptions extends LossOptions {
  /** How far apart is far enough. */
  margin?: number;
}

const bindRanking = signature("marginRankingLoss", { input2: required, target: required, margin: 0, ...legacy });
/** `max(0, -target (input1 - input2) + margin)`: target 1 ranks `input1` higher, -1 lower. @throws {ShapeError} @see torch.nn.functional.margin_ranking_loss */
export function marginRankingLoss(
  input1: Tensor,
  input2: Tensor | ByName<MarginOptions, { input2: Tensor; target: Tensor }>,
  target?: Tensor | ByName<MarginOptions, { target: Tensor }>,
  ...rest: Rest<[margin: number, ...Legacy], MarginOptions>
): Tensor {
  const { input2: other, target: goal, margin, ...how } = bindRanking([input2, target, ...rest].filter((v) => v !== undefined));
  const reduction = reductionOf(how);
  if (input1.ndim !== other.ndim || input1.ndim !== goal.ndim) {
    const size = (t: Tensor): string => `torch.Size([${t.shape.join(", ")}])`;
    throw new ShapeError(
      `margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: ${size(input1)}, input2: ${size(other)}, target: ${size(goal)} `,
    );
  }
  const [a, b, sign] = inPrecisionOf("marginRankingLoss", input1, other as Tensor, goal as Tensor);
  return reduceLoss(sign.neg().mul(a.sub(b)).add(floatScalar(margin)).clampMin(0), reduction);
}

const bindHinge = signature("hingeEmbeddingLoss", { target: required, margin: 1, ...legacy });
/** `input` where the target is 1, `max(0, margin - input)` where it is -1. @see torch.nn.functional.hinge_embedding_loss */
export function hingeEmbeddingLoss(
  input: Tensor,
  target: Tensor | ByName<MarginOptions, { target: Tensor }>,
  ...rest: Rest<[margin: number, ...Legacy], MarginOptions>
): Tensor {
  const { target: goal, margin, ...how } = bindHinge([target, ...rest]);
  const [x] = inPrecisionOf("hingeEmbeddingLoss", input);
  const far = x.neg().add(margin).clampMin(0);
  const zero = torch.zeros([], { dtype: x.dtype });
  const losses = torch.where(goal.ne(1), far, zero).add(torch.where(goal.ne(-1), x, zero));
  return reduceLoss(losses, reductionOf(how));
}

const bindCosine = signature("cosineEmbeddingLoss", { input2: required, target: required, margin: 0, ...legacy });
/** `1 - cos` where the target is 1, `max(0, cos - margin)` where it is -1. @throws {ShapeError} @see torch.nn.functional.cosine_embedding_loss */
export function cosineEmbeddingLoss(
  input1: Tensor,
  input2: Tensor | ByName<MarginOptions, { input2: Tensor; target: Tensor }>,
  target?: Tensor | ByName<MarginOptions, { target: Tensor }>,
  ...rest: Rest<[margin: number, ...Legacy], MarginOptions>
): Tensor {
  const { input2: other, target: goal, margin, ...how } = bindCosine([input2, target, ...rest].filter((v) => v !== undefined));
  const size = (t: Tensor): string => `[${t.shape.join(", ")}]`;
  if (goal.ndim !== 0 && goal.ndim !== 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  if (goal.ndim === 1 && (input1.ndim !== 2 || other.ndim !== 2)) {
    throw new ShapeError(`1D target tensor expects 2D input tensors, but found inputs with sizes ${size(input1)} and ${size(other)}.`);
  }
  if (goal.ndim === 0 && (input1.ndim !== 1 || other.ndim !== 1)) {
    throw new ShapeError(`0D target tensor expects 1D input tensors, but found inputs with sizes ${size(input1)} and ${size(other)}.`);
  }
  const d = goal.ndim;
  const epsilon = 1e-12;
  const [a, b] = inPrecisionOf("cosineEmbeddingLoss", input1, other as Tensor);
  const dot = a.mul(b).sum(d);
  const cos = dot.div(a.mul(a).sum(d).add(epsilon).mul(b.mul(b).sum(d).add(epsilon)).sqrt());
  const zero = torch.zeros([], { dtype: cos.dtype });
  const losses = torch.where(goal.eq(1), cos.neg().add(1), zero).add(torch.where(goal.eq(-1), cos.sub(margin).clampMin(0), zero));
  return reduceLoss(losses, reductionOf(how));
}

export interface TripletOptions extends MarginOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Keeps the distance above zero. Default 1e-6. */
  eps?: number;
  /** Use the distance from positive to negative where it is smaller (Balntas et al., 2016). Default false. */
  swap?: boolean;
}
const bindTriplet = signature("tripletMarginLoss", {
  positive: required,
  negative: required,
  margin: 1,
  p: 2,
  eps: 1e-6,
  swap: false,
  ...legacy,
});
/** `max(0, d(anchor, positive) - d(anchor, negative) + margin)`. @throws {ShapeError} @see torch.nn.functional.triplet_margin_loss */
export function tripletMarginLoss(
  anchor: Tensor,
  positive: Tensor | ByName<TripletOptions, { positive: Tensor; negative: Tensor }>,
  negative?: Tensor | ByName<TripletOptions, { negative: Tensor }>,
  ...rest: Rest<[margin: number, p: number, eps: number, swap: boolean, ...Legacy], TripletOptions>
): Tensor {
  const bound = bindTriplet([positive, negative, ...rest].filter((v) => v !== undefined));
  const { margin, p, eps, swap } = bound;
  const near: Tensor = bound.positive;
  const far: Tensor = bound.negative;
  if (anchor.ndim !== near.ndim || near.ndim !== far.ndim) {
    throw new ShapeError(
      `The anchor, positive, and negative tensors are expected to have the same number of dimensions, but got: anchor ${anchor.ndim}D, positive ${near.ndim}D, and negative ${far.ndim}D inputs`,
    );
  }
  const [first, second, third] = inPrecisionOf("tripletMarginLoss", anchor, near, far);
  return triplet(first, second, third, (a, b) => pairwiseDistance(a, b, p, eps), margin, swap, reductionOf(bound));
}

const triplet = (
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  distance: (a: Tensor, b: Tensor) => Tensor,
  margin: number,
  swap: boolean,
  reduction: Reduction,
): Tensor => {
  const near = distance(anchor, positive);
  let far = distance(anchor, negative);
  if (swap) far = torch.minimum(far, distance(positive, negative));
  return reduceLoss(near.sub(far).add(margin).clampMin(0), reduction);
};

export interface TripletWithDistanceOptions {
  /** Distance of two batches. Default: {@link pairwiseDistance}. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
  margin?: number;
  swap?: boolean;
  reduction?: Reduction;
}
const bindTripletDistance = signature("tripletMarginWithDistanceLoss", {
  distanceFunction: null,
  margin: 1,
  swap: false,
  reduction: "mean",
});
/** {@link tripletMarginLoss} with a distance of one's own. @see torch.nn.functional.triplet_margin_with_distance_loss */
export function tripletMarginWithDistanceLoss(
  anchor: Tensor,
  positive: Tensor,
  negative: Tensor,
  options: TripletWithDistanceOptions = {},
): Tensor {
  const { distanceFunction, margin, swap, reduction } = bindTripletDistance([options]);
  return triplet(anchor, positive, negative, distanceFunction ?? pairwiseDistance, margin, swap, reductionOf({ reduction }));
}

export interface MultiMarginOptions extends WeightedLossOptions {
  /** Power of the hinge, 1 or 2. Default 1. */
  p?: number;
  margin?: number;
}
const bindMultiMargin = signature("multiMarginLoss", { target: required, p: 1, margin: 1, weight: null, ...legacy });
/** Mean over the other classes of `max(0, margin - input[target] + input[i])^p`, for class indices. @throws {ShapeError} @see torch.nn.functional.multi_margin_loss */
export function multiMarginLoss(
  input: Tensor,
  target: Tensor | ByName<MultiMarginOptions, { target: Tensor }>,
  ...rest: Rest<[p: number, margin: number, weight: Tensor | null, ...Legacy], MultiMarginOptions>
): Tensor {
  const { target: goal, p, margin, weight, ...how } = bindMultiMargin([target, ...rest]);
  const reduction = reductionOf(how);
  if (p !== 1 && p !== 2) throw new ShapeError("only p == 1 and p == 2 supported");
  if (weight !== null && weight.ndim !== 1) throw new ShapeError("weight must be one-dimensional");
  const batched = input.ndim === 2;
  const [x] = inPrecisionOf("multiMarginLoss", batched ? input : input.reshape(1, -1));
  const [N, C] = x.shape as [number, number];
  if (input.ndim > 2 || C === 0) {
    throw new ShapeError(`Expected non-empty vector or matrix with optional 0-dim batch size, but got: [${input.shape.join(", ")}]`);
  }
  const classes = goal.reshape(-1);
  if (classes.count !== N || goal.ndim > 1) throw new ShapeError(`inconsistent target size, got: [${goal.shape.join(", ")}]`);
  const index = classes.unsqueeze(1);
  let hinge = x.sub(x.gather(1, index)).add(margin).clampMin(0);
  if (p === 2) hinge = hinge.mul(hinge);
  if (weight !== null) hinge = hinge.mul(weight.indexSelect(0, classes).unsqueeze(1));
  const losses = hinge.scatter(1, index, 0).sum(1).div(C);
  return reduceLoss(batched || reduction !== "none" ? losses : losses.reshape([]), reduction);
}

const bindMultiLabel = signature("multilabelMarginLoss", { target: required, ...legacy });
/** Hinge between every class named in the target (up to the first -1) and every other. @throws {ShapeError} @see torch.nn.functional.multilabel_margin_loss */
export function multilabelMarginLoss(
  input: Tensor,
  target: Tensor | ByName<LossOptions, { target: Tensor }>,
  ...rest: Rest<Legacy, LossOptions>
): Tensor {
  const { target: goal, ...how } = bindMultiLabel([target, ...rest]);
  const reduction = reductionOf(how);
  if (input.ndim > 2 || input.count === 0) {
    throw new ShapeError(`Expected non-empty vector or matrix with optional 0-dim batch size, but got: [${input.shape.join(", ")}]`);
  }
  const batched = input.ndim === 2;
  const [x] = inPrecisionOf("multilabelMarginLoss", batched ? input : input.reshape(1, -1));
  const [N, C] = x.shape as [number, number];
  if (goal.count !== N * C || goal.ndim !== input.ndim) {
    throw new ShapeError(`inconsistent target size: [${goal.shape.join(", ")}] for input of size: [${input.shape.join(", ")}]`);
  }
  const rows = goal.reshape(N, C).tolist() as number[][];
  const named = rows.map((row) => (row.indexOf(-1) < 0 ? row : row.slice(0, row.indexOf(-1))));
  const isTarget = torch.tensor(
    named.map((classes) => Array.from({ length: C }, (_, c) => classes.includes(c))),
    { dtype: "bool" },
  );
  // hinge [N, C, C]: margin of target class i over class j; counts once for each time the target names i.
  const counts = named.map((classes) => Array.from({ length: C }, (_, c) => classes.filter((k) => k === c).length));
  const weight = torch.tensor(counts, { dtype: x.dtype }).unsqueeze(2).mul(isTarget.logicalNot().to(x.dtype).unsqueeze(1));
  const hinge = x.unsqueeze(1).sub(x.unsqueeze(2)).add(1).clampMin(0);
  const losses = hinge.mul(weight).sum([1, 2]).div(C);
  return reduceLoss(batched || reduction !== "none" ? losses : losses.reshape([]), reduction);
}

const bindMultiLabelSoft = signature("multilabelSoftMarginLoss", { target: required, weight: null, ...legacy });
/** Mean over classes of the binary cross-entropy with logits. @see torch.nn.functional.multilabel_soft_margin_loss */
export function multilabelSoftMarginLoss(
  input: Tensor,
  target: Tensor | ByName<WeightedLossOptions, { target: Tensor }>,
  ...rest: Rest<[weight: Tensor | null, ...Legacy], WeightedLossOptions>
): Tensor {
  const { target: goal, weight, ...how } = bindMultiLabelSoft([target, ...rest]);
  if (how.sizeAverage === null && how.reduce === null && !["none", "mean", "sum"].includes(how.reduction)) {
    throw new TensorError(`${how.reduction} is not valid`);
  }
  const reduction = reductionOf(how);
  let losses = goal
    .mul(logsigmoid(input))
    .add(goal.neg().add(1).mul(logsigmoid(input.neg())))
    .neg();
  if (weight !== null) losses = losses.mul(weight);
  return reduceLoss(losses.sum(-1).div(input.shape.at(-1) ?? 1), reduction);
}
