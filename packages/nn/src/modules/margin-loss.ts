import { ShapeError, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { PairwiseDistance } from "./distance.ts";
import { Loss, NLLLoss, WeightedLoss } from "./loss.ts";

type Reduction = F.Reduction;

export interface HingeEmbeddingLossOptions extends F.LossOptions {
  /** Default 1. */
  margin?: number;
}
const bindHingeEmbeddingLoss = signature("HingeEmbeddingLoss", { margin: 1, sizeAverage: null, reduce: null, reduction: "mean" });
/** `input` where the target is 1, `max(0, margin - input)` where it is -1. @see torch.nn.HingeEmbeddingLoss */
export class HingeEmbeddingLoss extends Loss {
  margin: number;
  constructor(
    ...args: Rest<[margin: number, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], HingeEmbeddingLossOptions>
  ) {
    const bound = bindHingeEmbeddingLoss(args);
    super(bound);
    this.margin = bound.margin;
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.hingeEmbeddingLoss(input, target, { margin: this.margin, reduction: this.reduction });
  }
}

export type MultiLabelMarginLossOptions = F.LossOptions;
const bindMultiLabelMarginLoss = signature("MultiLabelMarginLoss", { sizeAverage: null, reduce: null, reduction: "mean" });
/** Hinge between every class named in the target and every other. @see torch.nn.MultiLabelMarginLoss */
export class MultiLabelMarginLoss extends Loss {
  constructor(...args: Rest<[sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], MultiLabelMarginLossOptions>) {
    const bound = bindMultiLabelMarginLoss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelMarginLoss(input, target, { reduction: this.reduction });
  }
}

export type MultiLabelSoftMarginLossOptions = F.WeightedLossOptions;
const bindMultiLabelSoftMarginLoss = signature("MultiLabelSoftMarginLoss", {
  weight: null,
  sizeAverage: null,
  reduce: null,
  reduction: "mean",
});
/** Mean over classes of the binary cross-entropy with logits. @see torch.nn.MultiLabelSoftMarginLoss */
export class MultiLabelSoftMarginLoss extends WeightedLoss {
  constructor(
    ...args: Rest<
      [weight: Tensor | null, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction],
      MultiLabelSoftMarginLossOptions
    >
  ) {
    const bound = bindMultiLabelSoftMarginLoss(args);
    super(bound);
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multilabelSoftMarginLoss(input, target, { weight: this.weight, reduction: this.reduction });
  }
}

export interface CosineEmbeddingLossOptions extends F.LossOptions {
  /** Default 0. */
  margin?: number;
}
const bindCosineEmbeddingLoss = signature("CosineEmbeddingLoss", { margin: 0, sizeAverage: null, reduce: null, reduction: "mean" });
/** `1 - cos` where the target is 1, `max(0, cos - margin)` where it is -1. @see torch.nn.CosineEmbeddingLoss */
export class CosineEmbeddingLoss extends Loss {
  margin: number;
  constructor(
    ...args: Rest<[margin: number, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], CosineEmbeddingLossOptions>
  ) {
    const bound = bindCosineEmbeddingLoss(args);
    super(bound);
    this.margin = bound.margin;
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.cosineEmbeddingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

export interface MarginRankingLossOptions extends F.LossOptions {
  /** Default 0. */
  margin?: number;
}
const bindMarginRankingLoss = signature("MarginRankingLoss", { margin: 0, sizeAverage: null, reduce: null, reduction: "mean" });
/** `max(0, -target (input1 - input2) + margin)`. @see torch.nn.MarginRankingLoss */
export class MarginRankingLoss extends Loss {
  margin: number;
  constructor(
    ...args: Rest<[margin: number, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction], MarginRankingLossOptions>
  ) {
    const bound = bindMarginRankingLoss(args);
    super(bound);
    this.margin = bound.margin;
  }
  override forward(input1: Tensor, input2: Tensor, target: Tensor): Tensor {
    return F.marginRankingLoss(input1, input2, target, { margin: this.margin, reduction: this.reduction });
  }
}

export interface MultiMarginLossOptions extends F.WeightedLossOptions {
  /** Power of the hinge, 1 or 2. Default 1. */
  p?: number;
  /** Default 1. */
  margin?: number;
}
const bindMultiMarginLoss = signature("MultiMarginLoss", {
  p: 1,
  margin: 1,
  weight: null,
  sizeAverage: null,
  reduce: null,
  reduction: "mean",
});
/** Hinge between the target class and every other. @see torch.nn.MultiMarginLoss */
export class MultiMarginLoss extends WeightedLoss {
  p: number;
  margin: number;
  constructor(
    ...args: Rest<
      [p: number, margin: number, weight: Tensor | null, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction],
      MultiMarginLossOptions
    >
  ) {
    const bound = bindMultiMarginLoss(args);
    super(bound);
    this.p = bound.p;
    this.margin = bound.margin;
    if (this.p !== 1 && this.p !== 2) throw new ShapeError("only p == 1 and p == 2 supported");
  }
  override forward(input: Tensor, target: Tensor): Tensor {
    return F.multiMarginLoss(input, target, { weight: this.weight, p: this.p, margin: this.margin, reduction: this.reduction });
  }
}

export interface TripletMarginLossOptions extends F.LossOptions {
  /** Default 1. */
  margin?: number;
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Default 1e-6. */
  eps?: number;
  /** Use the distance from positive to negative where smaller. Default false. */
  swap?: boolean;
}
const bindTripletMarginLoss = signature("TripletMarginLoss", {
  margin: 1,
  p: 2,
  eps: 1e-6,
  swap: false,
  sizeAverage: null,
  reduce: null,
  reduction: "mean",
});
/** `max(0, d(anchor, positive) - d(anchor, negative) + margin)`. @see torch.nn.TripletMarginLoss */
export class TripletMarginLoss extends Loss {
  margin: number;
  p: number;
  eps: number;
  swap: boolean;
  constructor(
    ...args: Rest<
      [margin: number, p: number, eps: number, swap: boolean, sizeAverage: boolean | null, reduce: boolean | null, reduction: Reduction],
      TripletMarginLossOptions
    >
  ) {
    const bound = bindTripletMarginLoss(args);
    super(bound);
    this.margin = bound.margin;
    this.p = bound.p;
    this.eps = bound.eps;
    this.swap = bound.swap;
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    return F.tripletMarginLoss(anchor, positive, negative, {
      margin: this.margin,
      p: this.p,
      eps: this.eps,
      swap: this.swap,
      reduction: this.reduction,
    });
  }
}

export interface CTCLossOptions extends Pick<F.LossOptions, "reduction"> {
  /** The class of the blank. Default 0. */
  blank?: number;
  /** Take impossible alignments as loss 0. Default false. */
  zeroInfinity?: boolean;
}
const bindCTCLoss = signature("CTCLoss", { blank: 0, reduction: "mean", zeroInfinity: false });
/** Connectionist temporal classification (Graves et al., 2006). @see torch.nn.CTCLoss */
export class CTCLoss extends Loss {
  blank: number;
  zeroInfinity: boolean;
  constructor(...args: Rest<[blank: number, reduction: Reduction, zeroInfinity: boolean], CTCLossOptions>) {
    const bound = bindCTCLoss(args);
    super(bound);
    this.blank = bound.blank;
    this.zeroInfinity = bound.zeroInfinity;
  }
  override forward(
    logProbs: Tensor,
    targets: Tensor,
    inputLengths: Tensor | readonly number[],
    targetLengths: Tensor | readonly number[],
  ): Tensor {
    return F.ctcLoss(logProbs, targets, inputLengths, targetLengths, this.blank, this.reduction, this.zeroInfinity);
  }
}

export interface TripletMarginWithDistanceLossOptions {
  /** Distance of two batches. Default: {@link PairwiseDistance}. */
  distanceFunction?: ((a: Tensor, b: Tensor) => Tensor) | null;
  /** Default 1. */
  margin?: number;
  /** Use the distance from positive to negative where smaller. Default false. */
  swap?: boolean;
  reduction?: Reduction;
}
const bindTripletDistance = signature("TripletMarginWithDistanceLoss", {
  distanceFunction: null,
  margin: 1,
  swap: false,
  reduction: "mean",
});
/** {@link TripletMarginLoss} with a distance of one's own. @see torch.nn.TripletMarginWithDistanceLoss */
export class TripletMarginWithDistanceLoss extends Loss {
  // Named as PyTorch names it, since a module among the fields is printed and saved under its name.
  distance_function: (a: Tensor, b: Tensor) => Tensor;
  margin: number;
  swap: boolean;
  constructor(options: TripletMarginWithDistanceLossOptions = {}) {
    const bound = bindTripletDistance([options]);
    super(bound);
    this.distance_function = bound.distanceFunction ?? new PairwiseDistance();
    this.margin = bound.margin;
    this.swap = bound.swap;
  }
  override forward(anchor: Tensor, positive: Tensor, negative: Tensor): Tensor {
    const { distance_function: distanceFunction, margin, swap, reduction } = this;
    return F.tripletMarginWithDistanceLoss(anchor, positive, negative, { distanceFunction, margin, swap, reduction });
  }
}

/** The same as {@link NLLLoss}. @see torch.nn.NLLLoss2d */
export class NLLLoss2d extends NLLLoss {}
