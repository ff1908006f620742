import { empty, normal, randn } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, positive, real } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, filledLike, floatLimits, type Parameter } from "./parameters.ts";

const LOG_SQRT_2PI = Math.log(Math.sqrt(2 * Math.PI));

/** Distributions over the reals that a location shifts and a positive scale stretches. */
abstract class LocationScale extends Distribution {
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(loc: Parameter, scale: Parameter, options: DistributionOptions = {}) {
    const [location, spread] = broadcastAll(loc, scale);
    super(location.shape, [], options);
    this.loc = location;
    this.scale = spread;
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }
  get support(): Constraint {
    return real;
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
  expand(batchShape: Shape): this {
    const Class = this.constructor as new (loc: Tensor, scale: Tensor, options: DistributionOptions) => this;
    return this.keepChecks(new Class(this.loc.expand(batchShape), this.scale.expand(batchShape), unchecked));
  }
  /** Distance of `value` from the location, in scales. */
  protected standardized(value: Tensor): Tensor {
    return value.sub(this.loc).div(this.scale);
  }
}

/**
 * The normal distribution of mean `loc` and standard deviation `scale`.
 *
 * @example
 * ```ts
 * const n = new Normal(0, 1);
 * n.logProb(tensor(0)); // tensor(-0.9189)
 * ```
 * @see torch.distributions.Normal
 */
export class Normal extends LocationScale {
  override get stddev(): Tensor {
    return this.scale;
  }
  get variance(): Tensor {
    return this.stddev.pow(2);
  }
  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return normal(this.loc.detach().expand(shape), this.scale.detach().expand(shape));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const eps = randn(this.extendedShape(sampleShape), { dtype: this.loc.dtype, device: this.loc.device });
    return this.loc.add(eps.mul(this.scale));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const variance = this.scale.pow(2);
    return value.sub(this.loc).pow(2).neg().div(variance.mul(2)).sub(this.scale.log()).sub(LOG_SQRT_2PI);
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    return value.sub(this.loc).mul(this.scale.reciprocal()).div(Math.SQRT2).erf().add(1).mul(0.5);
  }
  override icdf(value: Tensor): Tensor {
    return this.loc.add(this.scale.mul(value.mul(2).sub(1).erfinv()).mul(Math.SQRT2));
  }
  override entropy(): Tensor {
    return this.scale.log().add(0.5 + 0.5 * Math.log(2 * Math.PI));
  }
}

/** The Laplace distribution: two exponentials back to back. @see torch.distributions.Laplace */
export class Laplace extends LocationScale {
  override get stddev(): Tensor {
    return this.scale.mul(Math.SQRT2);
  }
  get variance(): Tensor {
    return this.scale.pow(2).mul(2);
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const { dtype, device } = this.loc;
    const u = empty(this.extendedShape(sampleShape), { dtype, device }).uniform_(floatLimits(dtype).eps - 1, 1);
    return this.loc.sub(this.scale.mul(u.sign()).mul(u.abs().neg().log1p()));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return this.scale.mul(2).log().neg().sub(value.sub(this.loc).abs().div(this.scale));
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    const away = value.sub(this.loc);
    return away.sign().mul(0.5).mul(away.abs().neg().div(this.scale).expm1()).rsub(0.5);
  }
  override icdf(value: Tensor): Tensor {
    const term = value.sub(0.5);
    return this.loc.sub(this.scale.mul(term.sign()).mul(term.abs().mul(-2).log1p()));
  }
  override entropy(): Tensor {
    return this.scale.mul(2).log().add(1);
  }
}

/** The Cauchy distribution: the ratio of two normal numbers; it has no mean. @see torch.distributions.Cauchy */
export class Cauchy extends LocationScale {
  override get mean(): Tensor {
    return filledLike(this.loc, Number.NaN, this.extendedShape());
  }
  get variance(): Tensor {
    return filledLike(this.loc, Number.POSITIVE_INFINITY, this.extendedShape());
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const eps = empty(this.extendedShape(sampleShape), { dtype: this.loc.dtype, device: this.loc.device }).cauchy_();
    return this.loc.add(eps.mul(this.scale));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return this.scale.log().rsub(-Math.log(Math.PI)).sub(this.standardized(value).pow(2).add(1).log());
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    return this.standardized(value).atan().div(Math.PI).add(0.5);
  }
  override icdf(value: Tensor): Tensor {
    return value.sub(0.5).mul(Math.PI).tan().mul(this.scale).add(this.loc);
  }
  override entropy(): Tensor {
    return this.scale.log().add(Math.log(4 * Math.PI));
  }
}
