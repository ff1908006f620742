import { given, nothingElse, signature } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo, isComplex, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { complex, imag, real } from "../elementwise/complex.ts";
import { matmul } from "../linalg/matmul.ts";
import { diagonal } from "../view/diagonal.ts";

export interface CovOptions {
  /** What is taken from the number of observations before dividing. Default 1. */
  correction?: number;
  /** How often each observation was made: integers. */
  fweights?: Tensor | null;
  /** How much each observation counts: floating point. */
  aweights?: Tensor | null;
}
const bind = signature("cov", { correction: 1, fweights: null, aweights: null });

function checkWeights(name: string, weights: Tensor, observations: number, isKind: boolean, kind: string): void {
  if (weights.ndim > 1)
    throw new ShapeError(`cov(): expected ${name} to have one or fewer dimensions but got ${name} with ${weights.ndim} dimensions`);
  if (!isKind)
    throw new DTypeError(`cov(): expected ${name} to have ${kind} dtype but got ${name} with ${dtypeInfo[weights.dtype].scalarType} dtype`);
  if (weights.count !== observations) {
    throw new ShapeError(
      `cov(): expected ${name} to have the same numel as there are observations in the input but got ${weights.count} != ${observations}`,
    );
  }
  if (weights.count > 0 && weights.detach().lt(0).any().item()) throw new ShapeError(`cov(): ${name} cannot be negative`);
}

/** The covariance matrix of variables in the rows (one, for a vector), observations in the columns. @throws {ShapeError} @throws {DTypeError} @see torch.cov */
export function cov(self: Tensor, options: CovOptions = {}, ...extra: never[]): Tensor {
  const { correction, fweights, aweights } = bind(given([options, ...extra])) as Required<CovOptions>;
  if (self.ndim > 2)
    throw new ShapeError(`cov(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`);
  if (self.dtype === "bool") throw new DTypeError("cov(): bool dtype is not supported for input");
  const rows = self.ndim < 2 ? self.reshape([1, -1]) : self;
  const observations = rows.shape[1]!;
  let weights: Tensor | null = null;
  if (fweights !== null) {
    checkWeights("fweights", fweights, observations, isIntegral(fweights.dtype, false), "integral");
    weights = fweights.reshape([-1]);
  }
  if (aweights !== null) {
    checkWeights("aweights", aweights, observations, isFloatingPoint(aweights.dtype), "floating point");
    weights = weights === null ? aweights.reshape([-1]) : weights.mul(aweights.reshape([-1]));
  }
  const source = isIntegral(rows.dtype) ? rows.to(rows.newEmpty([0]).div(1).dtype) : rows;
  const total = weights === null ? source.newFull([], observations) : weights.sum();
  if (weights !== null && observations > 0 && total.detach().eq(0).item())
    throw new ShapeError("cov(): weights sum to zero, can't be normalized");
  const mean = weights === null ? source.sum(1, true).div(total) : source.mul(weights).sum(1, true).div(total);
  let norm = total;
  if (correction !== 0) {
    norm =
      aweights === null
        ? total.sub(correction)
        : total.sub(
            weights!
              .mul(aweights.reshape([-1]))
              .sum()
              .div(total)
              .mul(correction),
          );
  }
  const divisor = norm.clampMin(0);
  const centred = source.sub(mean);
  const weighted = weights === null ? centred : centred.mul(weights);
  return matmul(centred, weighted.transpose(0, 1).conj()).div(divisor).squeeze();
}

/** Pearson's correlation coefficients of variables in the rows, observations in the columns. @throws {ShapeError} @see torch.corrcoef */
export function corrcoef(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("corrcoef", extra);
  if (self.ndim > 2)
    throw new ShapeError(`corrcoef(): expected input to have two or fewer dimensions but got an input with ${self.ndim} dimensions`);
  const covariance = cov(self);
  if (covariance.ndim === 0) return covariance.div(covariance);
  const deviation = diagonal(covariance).sqrt();
  const out = covariance.div(deviation.unsqueeze(1)).div(deviation.unsqueeze(0));
  return isComplex(out.dtype) ? clipComplex(out) : out.clamp(-1, 1);
}

/** Both parts of complex coefficients kept in [-1, 1], which rounding may have left. */
const clipComplex = (t: Tensor): Tensor => complex(real(t).clamp(-1, 1), imag(t).clamp(-1, 1));
