import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import { cat, eye, randn, where, zeros } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, corrCholesky, positive } from "./constraints.ts";
import { Beta, counting } from "./dirichlet.ts";
import { Distribution, type DistributionOptions, notImplemented, unchecked } from "./distribution.ts";
import { broadcastAll, floatLimits, type Parameter } from "./parameters.ts";

interface LKJCholeskyOptions extends DistributionOptions {
  concentration?: Parameter;
}

/**
 * Cholesky factors of random correlation matrices of `dim` variables, more alike to independent ones the higher the concentration; drawn
 * by the onion method (Lewandowski, Kurowicka and Joe 2009). @see torch.distributions.LKJCholesky
 */
export class LKJCholesky extends Distribution {
  readonly dim: number;
  readonly concentration: Tensor;
  readonly #beta: Beta;

  /** @throws {TensorError} below two variables */
  constructor(dim: number, concentration?: Parameter | LKJCholeskyOptions, options: LKJCholeskyOptions = {}) {
    if (dim < 2) throw new TensorError(`Expected dim to be an integer greater than or equal to 2. Found dim=${dim}.`);
    const named = isOptions(concentration) ? (concentration as LKJCholeskyOptions) : options;
    const [given] = broadcastAll(
      isOptions(concentration) ? (named.concentration ?? 1) : ((concentration as Parameter) ?? named.concentration ?? 1),
    );
    super(given.shape, [dim, dim], named);
    this.dim = dim;
    this.concentration = given;
    const offset = cat([zeros(1, { dtype: given.dtype }), counting(dim - 1).to(given.dtype)]);
    const marginal = given.add(0.5 * (dim - 2));
    this.#beta = new Beta(offset.add(0.5), marginal.unsqueeze(-1).sub(offset.mul(0.5)), unchecked);
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive };
  }
  get support(): Constraint {
    return corrCholesky;
  }
  /** @throws {TensorError} always: it has no simple form */
  get mean(): Tensor {
    throw notImplemented(this, "mean");
  }
  /** @throws {TensorError} always: it has no simple form */
  get variance(): Tensor {
    throw notImplemented(this, "variance");
  }
  expand(batchShape: Shape): LKJCholesky {
    return this.keepChecks(new LKJCholesky(this.dim, this.concentration.expand(batchShape), unchecked));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const y = this.#beta.sample(sampleShape).unsqueeze(-1);
    const normal = randn(this.extendedShape(sampleShape), { dtype: y.dtype, device: y.device }).tril(-1);
    const direction = normal.div(normal.pow(2).sum(-1, true).sqrt());
    // The first row has no entries before the diagonal, hence no direction.
    const rows = counting(this.dim).unsqueeze(-1);
    const w = y.sqrt().mul(where(rows.eq(0), 0, direction));
    const rest = w.pow(2).sum(-1).rsub(1).clamp(floatLimits(w.dtype).tiny).sqrt();
    return w.add(where(eye(this.dim).to("bool"), rest.unsqueeze(-1), 0)).detach();
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const n = this.dim - 1;
    const diagonal = value.diagonal(0, -1, -2).narrow(-1, 1, n);
    const order = this.concentration.sub(1).unsqueeze(-1).mul(2).add(this.dim).sub(counting(n).add(2));
    const alpha = this.concentration.add(0.5 * n);
    const normalizer = logMultivariateGamma(alpha.sub(0.5), n)
      .add(0.5 * n * Math.log(Math.PI))
      .sub(alpha.lgamma().mul(n));
    return order.mul(diagonal.log()).sum(-1).sub(normalizer);
  }
}

/** Logarithm of the gamma function of `p` x `p` matrices. */
function logMultivariateGamma(a: Tensor, p: number): Tensor {
  let sum = a.mul(0).add((p * (p - 1) * Math.log(Math.PI)) / 4);
  for (let j = 0; j < p; j++) sum = sum.add(a.sub(j / 2).lgamma());
  return sum;
}
