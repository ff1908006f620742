import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** How losses of examples become one: their (weighted) mean, their sum, or not at all. */
export type LossReduction = "mean" | "sum" | "none";

export interface NllParams {
  readonly reduction: LossReduction;
  /** A target that is left out. */
  readonly ignoreIndex: number;
}

/** @throws {ShapeError} for another word @see torch.nn._reduction.get_enum */
export function checkReduction(reduction: unknown): LossReduction {
  if (reduction !== "mean" && reduction !== "sum" && reduction !== "none")
    throw new ShapeError(`${String(reduction)} is not a valid value for reduction`);
  return reduction;
}

/** Sizes of `[N, C, ...]` without the class dimension: what targets have. */
const targetShape = (input: Shape): Shape => (input.length === 1 ? [] : [input[0]!, ...input.slice(2)]);

/** Checks targets of class indices. @throws {DTypeError} @throws {ShapeError} in PyTorch's words */
export function checkTargets(input: Tensor, target: Tensor, weight: Tensor | null): void {
  if (target.dtype !== "int64") throw new DTypeError(`expected scalar type Long but found ${dtypeInfo[target.dtype].scalarType}`);
  if (input.ndim === 0) throw new ShapeError("input tensor should be 1D or 2D");
  if (input.ndim > 1 && target.ndim >= 1 && input.shape[0] !== target.shape[0]) {
    throw new ShapeError(`Expected input batch_size (${input.shape[0]}) to match target batch_size (${target.shape[0]}).`);
  }
  if (input.ndim <= 2 && target.ndim > 1) throw new ShapeError("0D or 1D target tensor expected, multi-target not supported");
  if (!sameShape(targetShape(input.shape), target.shape)) {
    throw new ShapeError(`Expected target size ${formatShape(targetShape(input.shape))}, got ${formatShape(target.shape)}`);
  }
  const C = input.shape[input.ndim === 1 ? 0 : 1]!;
  if (weight !== null && (weight.ndim !== 1 || weight.count !== C)) {
    throw new ShapeError(
      `weight tensor should be defined either for all ${C} classes or no classes but got weight tensor of shape: ${formatShape(weight.shape)}`,
    );
  }
}

/** Minus the log-probability of each target times its class's weight, reduced; and the total weight. */
export const nllLossOp: Op<readonly [Tensor, Tensor, Tensor | null], NllParams> = defineOp<
  readonly [Tensor, Tensor, Tensor | null],
  NllParams
>({
  name: "nllLoss",
  infer: ([input, target, weight], { reduction }) => {
    checkTargets(input, target, weight);
    return [
      { shape: reduction === "none" ? targetShape(input.shape) : [], dtype: input.dtype },
      { shape: [], dtype: input.dtype },
    ];
  },
  saves: { inputs: [1, 2], outputs: [1] },
  contiguous: true,
  backward: [
    ({ grad, inputs: [, target, weight], outputs, specs: [input], params }) =>
      run(nllLossBackwardOp, [grad, target, weight, outputs[1]!], { ...params, shape: input.shape }),
    null,
    null,
  ],
});

/** The adjoint of {@link nllLossOp}, which is linear in its input. */
export const nllLossBackwardOp: Op<readonly [Tensor, Tensor, Tensor | null, Tensor], NllParams & { readonly shape: Shape }> = defineOp({
  name: "nllLossBackward",
  infer: ([grad], { shape }) => ({ shape, dtype: grad.dtype }),
  saves: { inputs: [1, 2] },
  contiguous: true,
  backward: [({ grad, inputs: [, target, weight], params }) => runMany(nllLossOp, [grad, target, weight], params, 1)[0]!, null, null, null],
});

export interface NllLossOptions {
  /** A factor for each class, of shape `[C]`. */
  weight?: Tensor | null;
  sizeAverage?: boolean | null;
  /** A target that is left out. Default -100. */
  ignoreIndex?: number;
  reduce?: boolean | null;
  /** Default `"mean"`. */
  reduction?: LossReduction;
}

/** The reduction that the deprecated `sizeAverage` and `reduce` ask for, else `reduction`. */
export function reductionOf({
  sizeAverage,
  reduce,
  reduction,
}: {
  sizeAverage?: boolean | null;
  reduce?: boolean | null;
  reduction?: unknown;
}): LossReduction {
  if (sizeAverage == null && reduce == null) return checkReduction(reduction ?? "mean");
  if (reduce === false) return "none";
  return sizeAverage === false ? "sum" : "mean";
}

const bind = signature("nllLoss", {
  target: required,
  weight: null,
  sizeAverage: null,
  ignoreIndex: -100,
  reduce: null,
  reduction: "mean",
});

/**
 * Negative log-likelihood of class indices `target [N, ...]` under log-probabilities `input [N, C, ...]`.
 * @throws {IndexError} when a target is no class @see torch.nn.functional.nll_loss
 */
export function nllLoss(
  input: Tensor,
  target: Tensor | (NllLossOptions & { target: Tensor }),
  ...rest: Arguments<
    [],
    [weight: Tensor | null, sizeAverage: boolean | null, ignoreIndex: number, reduce: boolean | null, reduction: LossReduction],
    NllLossOptions
  >
): Tensor {
  const { target: classes, weight, ignoreIndex, ...reductions } = bind([target, ...rest]);
  return runMany(nllLossOp, [input, classes, weight], { reduction: reductionOf(reductions), ignoreIndex }, 1)[0]!;
}
