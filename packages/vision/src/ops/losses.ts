import type { Tensor } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";

/** How a loss is reduced. */
export type Reduction = "none" | "mean" | "sum";

const bindFocal = signature("sigmoidFocalLoss", { targets: required, alpha: 0.25, gamma: 2, reduction: "none" });
const bindBoxLoss = signature("generalizedBoxIouLoss", { boxes2: required, reduction: "none", eps: 1e-7 });

function reduce(loss: Tensor, reduction: Reduction): Tensor {
  if (reduction === "none") return loss;
  if (reduction === "mean") return loss.numel() > 0 ? loss.mean() : loss.sum().mul(0);
  if (reduction === "sum") return loss.sum();
  throw new RangeError(`Invalid Value for arg 'reduction': '${String(reduction)}' \n Supported reduction modes: 'none', 'mean', 'sum'`);
}

/** Options of {@link sigmoidFocalLoss}. */
export interface FocalLossOptions {
  /** Weight of the positive examples; -1 for none. */
  alpha?: number;
  /** How much easy examples count less. */
  gamma?: number;
  reduction?: Reduction;
}

/** Focal loss of logits against targets 0 and 1 (Lin et al., 2017). @see torchvision.ops.sigmoid_focal_loss */
export function sigmoidFocalLoss(
  inputs: Tensor,
  ...args: Arguments<[targets: Tensor], [alpha: number, gamma: number, reduction: Reduction], FocalLossOptions, { targets: Tensor }>
): Tensor {
  const { targets, alpha, gamma, reduction } = bindFocal(args) as Required<FocalLossOptions> & { targets: Tensor };
  const p = inputs.sigmoid();
  // Binary cross entropy of logits, in the form that does not overflow.
  const entropy = inputs.clamp(0).sub(inputs.mul(targets)).add(inputs.abs().neg().exp().log1p());
  const agreement = p.mul(targets).add(p.rsub(1).mul(targets.rsub(1)));
  let loss = entropy.mul(agreement.rsub(1).pow(gamma));
  if (alpha >= 0) loss = loss.mul(targets.mul(alpha).add(targets.rsub(1).mul(1 - alpha)));
  return reduce(loss, reduction);
}

/** Options of the losses of boxes. */
export interface BoxLossOptions {
  reduction?: Reduction;
  eps?: number;
}

/** Generalized IoU loss of boxes `[N, 4]` against others, pair by pair. @see torchvision.ops.generalized_box_iou_loss */
export function generalizedBoxIouLoss(
  boxes1: Tensor,
  ...args: Arguments<[boxes2: Tensor], [reduction: Reduction, eps: number], BoxLossOptions, { boxes2: Tensor }>
): Tensor {
  const { boxes2, reduction, eps } = bindBoxLoss(args) as Required<BoxLossOptions> & { boxes2: Tensor };
  const [ax1, ay1, ax2, ay2] = boxes1.unbind(-1) as unknown as [Tensor, Tensor, Tensor, Tensor];
  const [bx1, by1, bx2, by2] = boxes2.unbind(-1) as unknown as [Tensor, Tensor, Tensor, Tensor];
  const width = ax2.minimum(bx2).sub(ax1.maximum(bx1)).clamp(0);
  const height = ay2.minimum(by2).sub(ay1.maximum(by1)).clamp(0);
  const intersection = width.mul(height);
  const areas = ax2
    .sub(ax1)
    .mul(ay2.sub(ay1))
    .add(bx2.sub(bx1).mul(by2.sub(by1)));
  const union = areas.sub(intersection);
  const iou = intersection.div(union.add(eps));
  const around = ax2
    .maximum(bx2)
    .sub(ax1.minimum(bx1))
    .mul(ay2.maximum(by2).sub(ay1.minimum(by1)));
  return reduce(iou.sub(around.sub(union).div(around.add(eps))).rsub(1), reduction);
}
