import { TensorError } from "../errors.ts";
import { eye, randn, where } from "../ops/functions.ts";
import { cholesky } from "../ops/linalg/cholesky.ts";
import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent, positive, real, realVector } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { mahalanobis } from "./multivariate-normal.ts";
import { sizeText } from "./parameters.ts";
import { solveLower } from "./triangular.ts";

/**
 * The normal distribution over vectors whose covariance is W W^T + diag(d), of few columns in W: computed in their number rather than in
 * the length of the vectors. @see torch.distributions.LowRankMultivariateNormal
 */
export class LowRankMultivariateNormal extends Distribution {
  readonly loc: Tensor;
  readonly covFactor: Tensor;
  readonly covDiag: Tensor;
  /** Factor of I + W^T D^-1 W. */
  readonly #capacitance: Tensor;

  /** @throws {TensorError} for shapes that do not fit */
  constructor(loc: Tensor, covFactor: Tensor, covDiag: Tensor, options: DistributionOptions = {}) {
    if (loc.ndim < 1) throw new TensorError("loc must be at least one-dimensional.");
    const n = loc.shape.at(-1)!;
    if (covFactor.ndim < 2) throw new TensorError("cov_factor must be at least two-dimensional, with optional leading batch dimensions");
    if (covFactor.shape.at(-2) !== n) throw new TensorError(`cov_factor must be a batch of matrices with shape ${n} x m`);
    if (covDiag.shape.at(-1) !== n) throw new TensorError(`cov_diag must be a batch of vectors with shape ${sizeText([n])}`);
    const batchShape = commonBatch(loc.shape, covFactor.shape, covDiag.shape);
    super(batchShape, [n], options);
    this.loc = loc.expand([...batchShape, n]);
    this.covFactor = covFactor.expand([...batchShape, n, covFactor.shape.at(-1)!]);
    this.covDiag = covDiag.expand([...batchShape, n]);
    const inner = scaled(covFactor, covDiag).matmul(covFactor);
    this.#capacitance = cholesky(inner.add(eye(covFactor.shape.at(-1)!, { dtype: inner.dtype })));
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: realVector, covFactor: independent(real, 2), covDiag: independent(positive, 1) };
  }
  get support(): Constraint {
    return realVector;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.loc;
  }
  override get mode(): Tensor {
    return this.loc;
  }
  get variance(): Tensor {
    return this.covFactor.pow(2).sum(-1).add(this.covDiag);
  }
  get covarianceMatrix(): Tensor {
    return this.covFactor.matmul(this.covFactor.transpose(-2, -1)).add(diagonalMatrix(this.covDiag));
  }
  get precisionMatrix(): Tensor {
    const a = solveLower(this.#capacitance, scaled(this.covFactor, this.covDiag));
    return diagonalMatrix(this.covDiag.reciprocal()).sub(a.transpose(-2, -1).matmul(a));
  }
  get scaleTril(): Tensor {
    return cholesky(this.covarianceMatrix);
  }
  expand(batchShape: Shape): LowRankMultivariateNormal {
    const loc = this.loc.expand([...batchShape, ...this.eventShape]);
    return this.keepChecks(new LowRankMultivariateNormal(loc, this.covFactor, this.covDiag, unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const { dtype, device } = this.loc;
    const shape = this.extendedShape(sampleShape);
    const inFactor = randn([...shape.slice(0, -1), this.covFactor.shape.at(-1)!], { dtype, device });
    const onDiagonal = randn(shape, { dtype, device });
    return this.loc.add(this.covFactor.matmul(inFactor.unsqueeze(-1)).squeeze(-1)).add(this.covDiag.sqrt().mul(onDiagonal));
  }
  /** Log determinant of the covariance. */
  get #logDet(): Tensor {
    return this.#capacitance.diagonal(0, -2, -1).log().sum(-1).mul(2).add(this.covDiag.log().sum(-1));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const off = value.sub(this.loc);
    const inFactor = scaled(this.covFactor, this.covDiag).matmul(off.unsqueeze(-1)).squeeze(-1);
    const distance = off.pow(2).div(this.covDiag).sum(-1).sub(mahalanobis(this.#capacitance, inFactor));
    return this.#logDet
      .add(distance)
      .add(this.eventShape[0]! * Math.log(2 * Math.PI))
      .mul(-0.5);
  }
  override entropy(): Tensor {
    const entropy = this.#logDet.add(this.eventShape[0]! * (1 + Math.log(2 * Math.PI))).mul(0.5);
    return this.batchShape.length === 0 ? entropy : entropy.expand(this.batchShape);
  }
}

/** W^T D^-1. */
const scaled = (factor: Tensor, diagonal: Tensor): Tensor => factor.transpose(-2, -1).div(diagonal.unsqueeze(-2));

/** Vectors as the diagonals of matrices. */
function diagonalMatrix(values: Tensor): Tensor {
  const on = eye(values.shape.at(-1)!).to("bool");
  return where(on, values.unsqueeze(-1), 0);
}

function commonBatch(loc: Shape, factor: Shape, diagonal: Shape): Shape {
  try {
    return broadcastShapes(broadcastShapes(loc.slice(0, -1), factor.slice(0, -2)), diagonal.slice(0, -1));
  } catch {
    throw new TensorError(
      `Incompatible batch shapes: loc ${sizeText(loc)}, cov_factor ${sizeText(factor)}, cov_diag ${sizeText(diagonal)}`,
    );
  }
}
