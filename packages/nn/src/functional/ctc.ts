import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { ctcLosses, reductionOf, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { type Reduction, reduceLoss } from "./loss.ts";
import { inPrecisionOf } from "./precision.ts";

export interface CtcLossOptions {
  /** The class of the blank. Default 0. */
  blank?: number;
  /** `"mean"` divides each loss by the length of its target first. Default "mean". */
  reduction?: Reduction;
  /** Take impossible alignments as loss 0. Default false. */
  zeroInfinity?: boolean;
}
type Lengths = Tensor | readonly number[];
const bind = signature("ctcLoss", {
  targets: required,
  inputLengths: required,
  targetLengths: required,
  blank: 0,
  reduction: "mean",
  zeroInfinity: false,
});

const numbers = (lengths: Lengths): number[] =>
  Array.isArray(lengths) ? [...(lengths as number[])] : ((lengths as Tensor).reshape([-1]).tolist() as (number | bigint)[]).map(Number);

/**
 * Connectionist temporal classification (Graves et al., 2006): `logProbs [T, N, C]` (or `[T, C]`), `targets [N, S]` or all in one row,
 * and the lengths of both. @throws {ShapeError} @throws {TensorError} @see torch.nn.functional.ctc_loss
 */
export function ctcLoss(
  given: Tensor,
  targets: Tensor | (CtcLossOptions & { targets: Tensor; inputLengths: Lengths; targetLengths: Lengths }),
  inputLengths?: Lengths,
  targetLengths?: Lengths,
  ...rest: Rest<[blank: number, reduction: Reduction, zeroInfinity: boolean], CtcLossOptions>
): Tensor {
  const [logProbs] = inPrecisionOf("ctcLoss", given);
  const bound = bind([targets, inputLengths, targetLengths, ...rest].filter((v) => v !== undefined));
  const { blank, zeroInfinity } = bound;
  const reduction = reductionOf({ reduction: bound.reduction });
  if (!["float32", "float64"].includes(logProbs.dtype)) throw new TensorError(`"ctc_loss_cpu" not implemented for '${logProbs.dtype}'`);
  const batched = logProbs.ndim === 3;
  const paths = batched ? logProbs : logProbs.unsqueeze(1);
  const lengths = numbers(bound.targetLengths);
  const labels = splitTargets(bound.targets, lengths);
  let losses = ctcLosses(paths, { blank, targets: labels, inputLengths: numbers(bound.inputLengths), zeroInfinity });
  if (zeroInfinity) losses = torch.where(losses.eq(Number.POSITIVE_INFINITY), torch.zeros([], { dtype: losses.dtype }), losses);
  if (reduction === "mean") {
    const sizes = torch.tensor(
      lengths.map((n) => Math.max(n, 1)),
      { dtype: losses.dtype },
    );
    return losses.div(sizes).mean();
  }
  return reduceLoss(batched ? losses : losses.squeeze(0), reduction);
}

/** The labels of each example. @throws {ShapeError} */
function splitTargets(targets: Tensor, lengths: readonly number[]): number[][] {
  if (targets.ndim === 1 && lengths.length === 1) return [numbers(targets).slice(0, lengths[0])];
  if (targets.ndim === 2) {
    const rows = targets.shape[0]!;
    const width = targets.shape[1]!;
    const all = numbers(targets);
    return lengths.map((n, i) => {
      if (n > width)
        throw new ShapeError(
          `Expected tensor to have size at least ${n} at dimension 1, but got size ${width} for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
        );
      return i < rows ? all.slice(i * width, i * width + n) : [];
    });
  }
  const all = numbers(targets);
  const total = lengths.reduce((a, b) => a + b, 0);
  if (all.length !== total) {
    throw new ShapeError(
      `Expected tensor to have size ${total} at dimension 0, but got size ${all.length} for argument #2 'targets' (while checking arguments for ctc_loss_cpu)`,
    );
  }
  let at = 0;
  return lengths.map((n) => all.slice(at, (at += n)));
}
