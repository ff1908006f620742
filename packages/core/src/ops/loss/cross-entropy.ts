import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { isRecording } from "../../dispatch/autograd-hook.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { DTypeError, ShapeError, TensorError } from "../../errors.ts";
import { dtypeInfo, isFloatingPoint } from "../../tensor/dtype.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { logSoftmax } from "../reduce/softmax.ts";
import { checkTargets, type LossReduction, type NllLossOptions, type NllParams, nllLoss, reductionOf } from "./nll-loss.ts";

/** Log-softmax and negative log-likelihood in one, for logits `[N, C]`; also gives the log-probabilities and the number of targets counted. */
export const crossEntropyOp: Op<readonly [Tensor, Tensor], NllParams> = defineOp<readonly [Tensor, Tensor], NllParams>({
  name: "crossEntropy",
  gradName: "NllLossBackward0",
  infer: ([input, target], { reduction }) => {
    checkTargets(input, target, null);
    return [
      { shape: reduction === "none" ? target.shape : [], dtype: input.dtype },
      { shape: input.shape, dtype: input.dtype },
      { shape: [], dtype: input.dtype },
    ];
  },
  saves: { inputs: "all", outputs: [1, 2] },
  contiguous: true,
  backward: ({ grad, inputs: [input, target], outputs, params }) => {
    if (!isRecording()) return [run(crossEntropyBackwardOp, [grad, outputs[1]!, target, outputs[2]!], params), null];
    const logProbabilities = logSoftmax(input, 1);
    const counted = target.ne(params.ignoreIndex);
    const each = params.reduction === "mean" ? grad.div(outputs[2]!) : grad;
    const oneHot = target.unsqueeze(1).eq(rangeLike(target, input.shape[1]!));
    const perRow = each.mul(counted).reshape(params.reduction === "none" ? [-1, 1] : [input.shape[0]!, 1]);
    return [logProbabilities.exp().sub(oneHot.to(input.dtype)).mul(perRow), null];
  },
});

/** `0 .. n-1` of the target's dtype, as a row. */
const rangeLike = (target: Tensor, n: number): Tensor => target.newOnes([1, n]).cumsum(1).sub(1);

/** `[grad, logProbabilities, target, count] -> dLogits`. */
export const crossEntropyBackwardOp: Op<readonly [Tensor, Tensor, Tensor, Tensor], NllParams> = defineOp<
  readonly [Tensor, Tensor, Tensor, Tensor],
  NllParams
>({
  name: "crossEntropyBackward",
  infer: ([, logProbabilities]) => ({ shape: logProbabilities.shape, dtype: logProbabilities.dtype }),
  contiguous: true,
});

export interface CrossEntropyOptions extends NllLossOptions {
  /** Share of the target that is spread evenly over all classes, in [0, 1]. Default 0. */
  labelSmoothing?: number;
}

const bind = signature("crossEntropy", {
  target: required,
  weight: null,
  sizeAverage: null,
  ignoreIndex: -100,
  reduce: null,
  reduction: "mean",
  labelSmoothing: 0,
});

/**
 * Cross-entropy between logits `input [N, C, ...]` and targets: class indices `[N, ...]` (int64), or probabilities of the input's shape.
 * @throws {IndexError} when a target is no class @throws {ShapeError} @throws {DTypeError} @see torch.nn.functional.cross_entropy
 */
export function crossEntropy(
  input: Tensor,
  target: Tensor | (CrossEntropyOptions & { target: Tensor }),
  ...rest: Arguments<
    [],
    [
      weight: Tensor | null,
      sizeAverage: boolean | null,
      ignoreIndex: number,
      reduce: boolean | null,
      reduction: LossReduction,
      labelSmoothing: number,
    ],
    CrossEntropyOptions
  >
): Tensor {
  const {
    target: goal,
    weight,
    ignoreIndex,
    labelSmoothing,
    sizeAverage,
    reduce,
    reduction: asked,
  } = bind([target, ...rest]) as Required<CrossEntropyOptions> & { target: Tensor };
  const reduction = reductionOf({ sizeAverage, reduce, reduction: asked });
  const ofClasses = !sameShape(input.shape, goal.shape);
  if (!ofClasses && ignoreIndex >= 0) throw new TensorError("ignore_index is not supported for floating point target");
  if (labelSmoothing < 0 || labelSmoothing > 1) {
    throw new ShapeError(`label_smoothing must be between 0.0 and 1.0. Got: ${labelSmoothing}`);
  }
  if (!ofClasses) return ofProbabilities(input, goal, weight, reduction, labelSmoothing);
  if (input.ndim === 2 && weight === null && labelSmoothing === 0) {
    return runMany(crossEntropyOp, [input, goal], { reduction, ignoreIndex }, 1)[0]!;
  }
  const classDim = input.ndim === 1 ? 0 : 1;
  checkTargets(input, goal, weight);
  const logProbabilities = logSoftmax(input, classDim);
  const hard = nllLoss(logProbabilities, goal, { weight, ignoreIndex, reduction });
  if (labelSmoothing === 0) return hard;
  return smoothed(logProbabilities, goal, weight, { reduction, ignoreIndex }, labelSmoothing, hard);
}

function smoothed(
  logProbabilities: Tensor,
  target: Tensor,
  weight: Tensor | null,
  { reduction, ignoreIndex }: NllParams,
  smoothing: number,
  hard: Tensor,
): Tensor {
  const classDim = logProbabilities.ndim === 1 ? 0 : 1;
  const C = logProbabilities.shape[classDim]!;
  const channel = [C, ...new Array<number>(Math.max(logProbabilities.ndim - 2, 0)).fill(1)];
  const spread = (weight === null ? logProbabilities : logProbabilities.mul(weight.reshape(channel))).sum(classDim).neg();
  const ignored = target.eq(ignoreIndex);
  const kept = spread.maskedFill(ignored, 0);
  let even = kept;
  if (reduction === "sum") even = kept.sum();
  else if (reduction === "mean") {
    const total =
      weight === null
        ? ignored.logicalNot().sum()
        : weight.indexSelect(0, target.maskedFill(ignored, 0).flatten()).maskedFill(ignored.flatten(), 0).sum();
    even = kept.sum().div(total);
  }
  return hard.mul(1 - smoothing).add(even.mul(smoothing / C));
}

function ofProbabilities(input: Tensor, target: Tensor, weight: Tensor | null, reduction: LossReduction, smoothing: number): Tensor {
  if (!isFloatingPoint(target.dtype)) {
    throw new DTypeError(`Expected floating point type for target with class probabilities, got ${dtypeInfo[target.dtype].scalarType}`);
  }
  const classDim = input.ndim === 1 ? 0 : 1;
  const C = input.shape[classDim]!;
  if (weight !== null && (weight.ndim !== 1 || weight.count !== C)) {
    throw new ShapeError(
      `cross_entropy: weight tensor should be defined either for all ${C} classes or no classes but got weight tensor of shape: ${formatShape(weight.shape)}`,
    );
  }
  const goal = smoothing === 0 ? target : target.mul(1 - smoothing).add(smoothing / C);
  const logProbabilities = logSoftmax(input, classDim);
  const channel = [C, ...new Array<number>(Math.max(input.ndim - 2, 0)).fill(1)];
  const products = logProbabilities.mul(goal);
  const each = weight === null ? products : products.mul(weight.reshape(channel));
  if (reduction === "none") return each.sum(classDim).neg();
  if (reduction === "sum") return each.sum().neg();
  return each
    .sum()
    .neg()
    .div(input.count / C);
}
