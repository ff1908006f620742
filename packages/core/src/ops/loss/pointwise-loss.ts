import { isRecording } from "../../dispatch/autograd-hook.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { numbersOf, writable, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { promoteTensors } from "../../tensor/promotion.ts";
import { broadcastShapes, numelOf, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import type { LossReduction } from "./nll-loss.ts";

/** What a pointwise loss is told beside its tensors. */
export interface PointwiseLossParams {
  readonly reduction: LossReduction;
  /** Where a quadratic piece meets a linear one (`beta`, `delta`), for the losses that have one. */
  readonly knee: number;
}

type PointwiseLossOp = Op<readonly [Tensor, Tensor], PointwiseLossParams>;

/** A loss of each element of `input` and `target`, and its derivative by the input as a tensor expression. */
interface Row {
  readonly name: string;
  readonly gradName: string;
  readonly loss: (input: number, target: number, knee: number) => number;
  /** d(loss)/d(input) of each element, as numbers. */
  readonly slopeOf: (input: number, target: number, knee: number) => number;
  /** The same as a tensor expression, which can itself be differentiated. */
  readonly slope: (input: Tensor, target: Tensor, knee: number) => Tensor;
  /** d(loss)/d(target), where it isn't minus the slope by the input. Null: the target is not differentiated. */
  readonly targetSlope?: ((input: Tensor, target: Tensor, knee: number) => Tensor) | null;
}

/** The gradient of the input, where no derivative of it is wanted. Takes [grad, input, target]. */
const defineSlope = (name: string, slopeOf: Row["slopeOf"]): Op<readonly [Tensor, Tensor, Tensor], PointwiseLossParams> => {
  const op = defineOp<readonly [Tensor, Tensor, Tensor], PointwiseLossParams>({
    name: `${name}Backward`,
    infer: ([, input]) => input,
    contiguous: true,
  });
  registerReferenceKernels([
    kernel(op, ([grad, input, target], [out], { reduction, knee }) => {
      const g = numbersOf(grad);
      const x = numbersOf(input);
      const t = numbersOf(target);
      const n = input.count;
      const slopes = writable(out!);
      const step = reduction === "none" ? 1 : 0;
      const share = reduction === "mean" ? 1 / n : 1;
      for (let i = 0; i < n; i++) {
        const slope = slopeOf(x.data[x.offset + i] as number, t.data[t.offset + i] as number, knee);
        slopes.data[slopes.offset + i] = slope * ((g.data[g.offset + i * step] as number) * share);
      }
      slopes.commit();
    }),
  ]);
  return op;
};

function definePointwiseLoss({ name, gradName, loss, slope, slopeOf, targetSlope }: Row): PointwiseLossOp {
  const slopeOp = defineSlope(name, slopeOf);
  const backward: Backward<readonly [Tensor, Tensor], PointwiseLossParams> = ({ grad, inputs: [input, target], params, needs }) => {
    const share = params.reduction === "mean" ? grad.div(input.count) : grad;
    const byInput =
      isRecording() || (params.reduction === "none" && !grad.contiguousLayout)
        ? slope(input, target, params.knee).mul(share)
        : run(slopeOp, [grad, input, target], params);
    const forInput = needs[0] ? byInput : null;
    if (!needs[1] || targetSlope === null) return [forInput, null];
    return [forInput, targetSlope === undefined ? byInput.neg() : targetSlope(input, target, params.knee).mul(share)];
  };
  const op = defineOp<readonly [Tensor, Tensor], PointwiseLossParams>({
    name,
    gradName,
    infer: ([input], { reduction }) => {
      if (isComplex(input.dtype) || input.dtype === "bool" || !dtypeInfo[input.dtype].scalarType.match(/Float|Double|Half/)) {
        throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[input.dtype].scalarType}'`);
      }
      return { shape: reduction === "none" ? input.shape : [], dtype: input.dtype };
    },
    saves: { inputs: "all" },
    contiguous: true,
    backward,
  });
  registerReferenceKernels([
    kernel(op, ([input, target], [out], { reduction, knee }) => {
      const x = numbersOf(input);
      const t = numbersOf(target);
      const n = numelOf(input.shape);
      const losses = reduction === "none" ? new Float64Array(n) : null;
      let sum = 0;
      for (let i = 0; i < n; i++) {
        const value = loss(x.data[x.offset + i] as number, t.data[t.offset + i] as number, knee);
        if (losses === null) sum += value;
        else losses[i] = value;
      }
      writeDoubles(out!, losses ?? [reduction === "mean" ? sum / n : sum]);
    }),
  ]);
  return op;
}

/** `(x - t)²` */
export const mseLossOp: PointwiseLossOp = definePointwiseLoss({
  name: "mseLoss",
  gradName: "MseLossBackward0",
  loss: (x, t) => (x - t) * (x - t),
  slopeOf: (x, t) => 2 * (x - t),
  slope: (x, t) => x.sub(t).mul(2),
});

/** `(x - t)² / 2 beta` within `beta` of the target, `|x - t| - beta / 2` beyond. */
export const smoothL1LossOp: PointwiseLossOp = definePointwiseLoss({
  name: "smoothL1Loss",
  gradName: "SmoothL1LossBackward0",
  loss: (x, t, beta) => {
    const z = Math.abs(x - t);
    return z < beta ? (0.5 * z * z) / beta : z - 0.5 * beta;
  },
  slopeOf: (x, t, beta) => {
    const z = x - t;
    return Math.abs(z) < beta ? z / beta : Math.sign(z);
  },
  slope: (x, t, beta) => {
    const z = x.sub(t);
    return beta === 0 ? z.sign() : z.div(beta).clamp(-1, 1);
  },
});

/** `(x - t)² / 2` within `delta` of the target, `delta (|x - t| - delta / 2)` beyond. */
export const huberLossOp: PointwiseLossOp = definePointwiseLoss({
  name: "huberLoss",
  gradName: "HuberLossBackward0",
  loss: (x, t, delta) => {
    const z = Math.abs(x - t);
    return z <= delta ? 0.5 * z * z : delta * (z - 0.5 * delta);
  },
  slopeOf: (x, t, delta) => Math.min(Math.max(x - t, -delta), delta),
  slope: (x, t, delta) => x.sub(t).clamp(-delta, delta),
});

/** `log(1 + exp(-t x))` */
export const softMarginLossOp: PointwiseLossOp = definePointwiseLoss({
  name: "softMarginLoss",
  gradName: "SoftMarginLossBackward0",
  loss: (x, t) => Math.log1p(Math.exp(-t * x)),
  slopeOf: (x, t) => -t / (1 + Math.exp(t * x)),
  slope: (x, t) => t.neg().mul(t.mul(x).neg().sigmoid()),
  targetSlope: (x, t) => x.neg().mul(t.mul(x).neg().sigmoid()),
});

/** The logarithm of 0 counts as -100, so that losses stay finite. */
const LEAST_LOG = -100;
/** Least denominator of the slope: 1e-12 in single precision. */
const LEAST_SLOPE = Math.fround(1e-12);

/** `-(t log x + (1 - t) log(1 - x))` for probabilities `x`. */
export const binaryCrossEntropyOp: PointwiseLossOp = definePointwiseLoss({
  name: "binaryCrossEntropy",
  gradName: "BinaryCrossEntropyBackward0",
  loss: (x, t) => {
    if (!(x >= 0 && x <= 1)) throw new TensorError("all elements of input should be between 0 and 1");
    return (t - 1) * Math.max(Math.log1p(-x), LEAST_LOG) - t * Math.max(Math.log(x), LEAST_LOG);
  },
  slopeOf: (x, t) => (x - t) / Math.max((1 - x) * x, LEAST_SLOPE),
  slope: (x, t) => x.sub(t).div(x.neg().add(1).mul(x).clampMin(LEAST_SLOPE)),
  targetSlope: (x) => x.neg().log1p().clampMin(LEAST_LOG).sub(x.log().clampMin(LEAST_LOG)),
});

/** The same for probabilities `sigmoid(x)`. */
export const binaryCrossEntropyWithLogitsOp: PointwiseLossOp = definePointwiseLoss({
  name: "binaryCrossEntropyWithLogits",
  gradName: "BinaryCrossEntropyWithLogitsBackward0",
  loss: (x, t) => (1 - t) * x + Math.log1p(Math.exp(-Math.abs(x))) + Math.max(-x, 0),
  slopeOf: (x, t) => 1 / (1 + Math.exp(-x)) - t,
  slope: (x, t) => x.sigmoid().sub(t),
  targetSlope: (x) => x.neg(),
});

/** Runs a pointwise loss on tensors that broadcast, in their common dtype. */
export function pointwiseLoss(op: PointwiseLossOp, input: Tensor, target: Tensor, reduction: LossReduction, knee = 1): Tensor {
  const dtype = promoteTensors(input, target);
  let x = to(input, dtype);
  let t = to(target, dtype);
  if (!sameShape(x.shape, t.shape)) {
    const shape = broadcastShapes(x.shape, t.shape);
    x = x.expand(shape);
    t = t.expand(shape);
  }
  return run(op, [x, t], { reduction, knee });
}
