import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import { randn } from "../ops/functions.ts";
import { cholesky } from "../ops/linalg/cholesky.ts";
import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, lowerCholesky, positiveDefinite, realVector } from "./constraints.ts";
import { Distribution, type DistributionOptions, declareLazy, unchecked } from "./distribution.ts";
import { remember } from "./parameters.ts";
import { invertLower, solveLower } from "./triangular.ts";

interface MultivariateNormalOptions extends DistributionOptions {
  covarianceMatrix?: Tensor | null | undefined;
  precisionMatrix?: Tensor | null | undefined;
  scaleTril?: Tensor | null | undefined;
}

type MatrixName = "covarianceMatrix" | "precisionMatrix" | "scaleTril";
const texts: Readonly<Record<MatrixName, string>> = {
  covarianceMatrix: "covariance_matrix",
  precisionMatrix: "precision_matrix",
  scaleTril: "scale_tril matrix",
};

/**
 * The normal distribution over vectors, by its mean `[..., n]` and one of a covariance matrix, its inverse, or its lower triangular
 * factor, each `[..., n, n]`. @see torch.distributions.MultivariateNormal
 */
export class MultivariateNormal extends Distribution {
  readonly loc: Tensor;
  readonly #factor: Tensor;

  /** @throws {TensorError} unless exactly one matrix is given */
  constructor(loc: Tensor, covarianceMatrix?: Tensor | null | MultivariateNormalOptions, options: MultivariateNormalOptions = {}) {
    const named = (isOptions(covarianceMatrix) ? covarianceMatrix : options) as MultivariateNormalOptions;
    const matrices: [MatrixName, Tensor | null | undefined][] = [
      ["covarianceMatrix", isOptions(covarianceMatrix) ? named.covarianceMatrix : ((covarianceMatrix as Tensor) ?? named.covarianceMatrix)],
      ["precisionMatrix", named.precisionMatrix],
      ["scaleTril", named.scaleTril],
    ];
    const given = matrices.filter(([, matrix]) => matrix !== null && matrix !== undefined) as [MatrixName, Tensor][];
    if (loc.ndim < 1) throw new TensorError("loc must be at least one-dimensional.");
    if (given.length !== 1) {
      throw new TensorError("Exactly one of covariance_matrix or precision_matrix or scale_tril may be specified.");
    }
    const [name, matrix] = given[0]!;
    if (matrix.ndim < 2) throw new TensorError(`${texts[name]} must be at least two-dimensional, with optional leading batch dimensions`);
    const batchShape = broadcastShapes(matrix.shape.slice(0, -2), loc.shape.slice(0, -1));
    super(batchShape, loc.shape.slice(-1), named);
    this.loc = loc.expand([...batchShape, -1]);
    remember(this, name, matrix.expand([...batchShape, -1, -1]));
    this.validateParameters();
    this.#factor = name === "scaleTril" ? matrix : name === "covarianceMatrix" ? cholesky(matrix) : factorOfInverse(matrix);
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: realVector, covarianceMatrix: positiveDefinite, precisionMatrix: positiveDefinite, scaleTril: lowerCholesky };
  }
  get support(): Constraint {
    return realVector;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get #matrixShape(): Shape {
    return [...this.batchShape, ...this.eventShape, ...this.eventShape];
  }
  /** The lower triangular factor, not expanded over the batch. */
  get factor(): Tensor {
    return this.#factor;
  }
  get scaleTril(): Tensor {
    return remember(this, "scaleTril", this.#factor.expand(this.#matrixShape));
  }
  get covarianceMatrix(): Tensor {
    return remember(this, "covarianceMatrix", this.#factor.matmul(this.#factor.transpose(-2, -1)).expand(this.#matrixShape));
  }
  get precisionMatrix(): Tensor {
    const inverse = invertLower(this.#factor);
    return remember(this, "precisionMatrix", inverse.transpose(-2, -1).matmul(inverse).expand(this.#matrixShape));
  }
  get mean(): Tensor {
    return this.loc;
  }
  override get mode(): Tensor {
    return this.loc;
  }
  get variance(): Tensor {
    return this.#factor
      .pow(2)
      .sum(-1)
      .expand([...this.batchShape, ...this.eventShape]);
  }
  expand(batchShape: Shape): MultivariateNormal {
    const loc = this.loc.expand([...batchShape, ...this.eventShape]);
    return this.keepChecks(new MultivariateNormal(loc, { scaleTril: this.#factor, ...unchecked }));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const eps = randn(this.extendedShape(sampleShape), { dtype: this.loc.dtype, device: this.loc.device });
    return this.loc.add(this.#factor.matmul(eps.unsqueeze(-1)).squeeze(-1));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const distance = mahalanobis(this.#factor, value.sub(this.loc));
    return distance
      .add(this.eventShape[0]! * Math.log(2 * Math.PI))
      .mul(-0.5)
      .sub(halfLogDet(this.#factor));
  }
  override entropy(): Tensor {
    const entropy = halfLogDet(this.#factor).add(0.5 * this.eventShape[0]! * (1 + Math.log(2 * Math.PI)));
    return this.batchShape.length === 0 ? entropy : entropy.expand(this.batchShape);
  }
}
declareLazy(MultivariateNormal, "covarianceMatrix", "precisionMatrix", "scaleTril");

/** Half the log determinant of a matrix, from its triangular factor. */
export const halfLogDet = (factor: Tensor): Tensor => factor.diagonal(0, -2, -1).log().sum(-1);

/** Squared length of vectors in the metric of the matrix that `factor` factors. */
export const mahalanobis = (factor: Tensor, vectors: Tensor): Tensor =>
  solveLower(factor, vectors.unsqueeze(-1)).squeeze(-1).pow(2).sum(-1);

/** The lower triangular factor of the inverse of a matrix: the factor of the matrix turned around, inverted and turned back. */
function factorOfInverse(matrix: Tensor): Tensor {
  const turned = cholesky(matrix.flip([-2, -1]))
    .flip([-2, -1])
    .transpose(-2, -1);
  return invertLower(turned);
}
