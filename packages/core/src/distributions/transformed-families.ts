import { where } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, greaterThanEq, nonnegative, positive, real, simplex, unitInterval } from "./constraints.ts";
import { type DistributionOptions, unchecked } from "./distribution.ts";
import { Exponential } from "./exponential.ts";
import { Cauchy, Normal } from "./location-scale.ts";
import { broadcastAll, filledLike, floatLimits, type Parameter } from "./parameters.ts";
import { TransformedDistribution } from "./transformed-distribution.ts";
import { AbsTransform, AffineTransform, ExpTransform, PowerTransform, StickBreakingTransform } from "./transforms.ts";
import { Uniform } from "./uniform.ts";

const EULER = 0.5772156649015329;

/** What exponentiating a normal number gives. @see torch.distributions.LogNormal */
export class LogNormal extends TransformedDistribution {
  constructor(loc: Parameter, scale: Parameter, options: DistributionOptions = {}) {
    super(new Normal(loc, scale, options), new ExpTransform(), options);
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }
  override get support(): Constraint {
    return positive;
  }
  get loc(): Tensor {
    return (this.baseDist as Normal).loc;
  }
  get scale(): Tensor {
    return (this.baseDist as Normal).scale;
  }
  override get mean(): Tensor {
    return this.loc.add(this.scale.pow(2).div(2)).exp();
  }
  override get mode(): Tensor {
    return this.loc.sub(this.scale.pow(2)).exp();
  }
  override get variance(): Tensor {
    return this.scale
      .pow(2)
      .exp()
      .sub(1)
      .mul(this.loc.mul(2).add(this.scale.pow(2)).exp());
  }
  override expand(batchShape: Shape): LogNormal {
    return this.keepChecks(new LogNormal(this.loc.expand(batchShape), this.scale.expand(batchShape), unchecked));
  }
  override entropy(): Tensor {
    return this.baseDist.entropy().add(this.loc);
  }
}

/** The positive half of a distribution that is symmetric around zero. */
abstract class Half extends TransformedDistribution {
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive };
  }
  override get support(): Constraint {
    return nonnegative;
  }
  get scale(): Tensor {
    return (this.baseDist as Normal | Cauchy).scale;
  }
  override get mode(): Tensor {
    return filledLike(this.scale, 0);
  }
  override expand(batchShape: Shape): this {
    const Class = this.constructor as new (scale: Tensor, options: DistributionOptions) => this;
    return this.keepChecks(new Class(this.scale.expand(batchShape), unchecked));
  }
  override logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return where(value.ge(0), this.baseDist.logProb(value).add(Math.LN2), Number.NEGATIVE_INFINITY);
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    return this.baseDist.cdf(value).mul(2).sub(1);
  }
  override icdf(value: Tensor): Tensor {
    return this.baseDist.icdf(value.add(1).div(2));
  }
  override entropy(): Tensor {
    return this.baseDist.entropy().sub(Math.LN2);
  }
}

/** Magnitudes of normal numbers around zero. @see torch.distributions.HalfNormal */
export class HalfNormal extends Half {
  constructor(scale: Parameter, options: DistributionOptions = {}) {
    super(new Normal(0, scale, unchecked), new AbsTransform(), options);
    this.validateParameters();
  }
  override get mean(): Tensor {
    return this.scale.mul(Math.sqrt(2 / Math.PI));
  }
  override get variance(): Tensor {
    return this.scale.pow(2).mul(1 - 2 / Math.PI);
  }
}

/** Magnitudes of Cauchy numbers around zero. @see torch.distributions.HalfCauchy */
export class HalfCauchy extends Half {
  constructor(scale: Parameter, options: DistributionOptions = {}) {
    super(new Cauchy(0, scale, unchecked), new AbsTransform(), options);
    this.validateParameters();
  }
  override get mean(): Tensor {
    return filledLike(this.scale, Number.POSITIVE_INFINITY, this.extendedShape());
  }
  override get variance(): Tensor {
    return this.baseDist.variance;
  }
}

/** The largest of many: what -log(-log(u)) of a uniform number gives. @see torch.distributions.Gumbel */
export class Gumbel extends TransformedDistribution {
  readonly loc: Tensor;
  readonly scale: Tensor;

  constructor(loc: Parameter, scale: Parameter, options: DistributionOptions = {}) {
    const [location, spread] = broadcastAll(loc, scale);
    const { tiny, eps } = floatLimits(location.dtype);
    const base = new Uniform(filledLike(location, tiny), filledLike(location, 1 - eps));
    const exp = new ExpTransform();
    const transforms = [exp.inv, new AffineTransform(0, filledLike(spread, -1)), exp.inv, new AffineTransform(location, spread.neg())];
    super(base, transforms, options);
    this.loc = location;
    this.scale = spread;
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }
  override get support(): Constraint {
    return real;
  }
  override get mean(): Tensor {
    return this.loc.add(this.scale.mul(EULER));
  }
  override get mode(): Tensor {
    return this.loc;
  }
  override get stddev(): Tensor {
    return this.scale.mul(Math.PI / Math.sqrt(6));
  }
  override get variance(): Tensor {
    return this.stddev.pow(2);
  }
  override expand(batchShape: Shape): Gumbel {
    return this.keepChecks(new Gumbel(this.loc.expand(batchShape), this.scale.expand(batchShape), unchecked));
  }
  override logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const y = this.loc.sub(value).div(this.scale);
    return y.sub(y.exp()).sub(this.scale.log());
  }
  override entropy(): Tensor {
    return this.scale.log().add(1 + EULER);
  }
}

/** Times to failure whose rate grows or falls by a power. @see torch.distributions.Weibull */
export class Weibull extends TransformedDistribution {
  readonly scale: Tensor;
  readonly concentration: Tensor;

  constructor(scale: Parameter, concentration: Parameter, options: DistributionOptions = {}) {
    const [spread, shape] = broadcastAll(scale, concentration);
    const base = new Exponential(filledLike(spread, 1), options);
    super(base, [new PowerTransform(shape.reciprocal()), new AffineTransform(0, spread)], options);
    this.scale = spread;
    this.concentration = shape;
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { scale: positive, concentration: positive };
  }
  override get support(): Constraint {
    return positive;
  }
  get #inverse(): Tensor {
    return this.concentration.reciprocal();
  }
  override get mean(): Tensor {
    return this.scale.mul(this.#inverse.add(1).lgamma().exp());
  }
  override get mode(): Tensor {
    return this.scale.mul(this.concentration.sub(1).div(this.concentration).pow(this.#inverse));
  }
  override get variance(): Tensor {
    const inverse = this.#inverse;
    const second = inverse.mul(2).add(1).lgamma().exp();
    return this.scale.pow(2).mul(second.sub(inverse.add(1).lgamma().mul(2).exp()));
  }
  override expand(batchShape: Shape): Weibull {
    return this.keepChecks(new Weibull(this.scale.expand(batchShape), this.concentration.expand(batchShape), unchecked));
  }
  override entropy(): Tensor {
    return this.#inverse.rsub(1).mul(EULER).add(this.scale.mul(this.#inverse).log()).add(1);
  }
}

/** Numbers above `scale` whose tail falls by the power `alpha`. @see torch.distributions.Pareto */
export class Pareto extends TransformedDistribution {
  readonly scale: Tensor;
  readonly alpha: Tensor;

  constructor(scale: Parameter, alpha: Parameter, options: DistributionOptions = {}) {
    const [spread, power] = broadcastAll(scale, alpha);
    super(new Exponential(power, options), [new ExpTransform(), new AffineTransform(0, spread)], options);
    this.scale = spread;
    this.alpha = power;
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { alpha: positive, scale: positive };
  }
  override get support(): Constraint {
    return greaterThanEq(this.scale);
  }
  override get mean(): Tensor {
    const a = this.alpha.clamp(1);
    return a.mul(this.scale).div(a.sub(1));
  }
  override get mode(): Tensor {
    return this.scale;
  }
  override get variance(): Tensor {
    const a = this.alpha.clamp(2);
    return this.scale
      .pow(2)
      .mul(a)
      .div(a.sub(1).pow(2).mul(a.sub(2)));
  }
  override expand(batchShape: Shape): Pareto {
    return this.keepChecks(new Pareto(this.scale.expand(batchShape), this.alpha.expand(batchShape), unchecked));
  }
  override entropy(): Tensor {
    return this.scale.div(this.alpha).log().add(this.alpha.reciprocal().add(1));
  }
}

/** Numbers in [0, 1] with a simple cumulative distribution, much like beta ones. @see torch.distributions.Kumaraswamy */
export class Kumaraswamy extends TransformedDistribution {
  readonly concentration1: Tensor;
  readonly concentration0: Tensor;

  constructor(concentration1: Parameter, concentration0: Parameter, options: DistributionOptions = {}) {
    const [a, b] = broadcastAll(concentration1, concentration0);
    const base = new Uniform(filledLike(b, 0), filledLike(b, 1), options);
    super(base, [new PowerTransform(b.reciprocal()), new AffineTransform(1, -1), new PowerTransform(a.reciprocal())], options);
    this.concentration1 = a;
    this.concentration0 = b;
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive };
  }
  override get support(): Constraint {
    return unitInterval;
  }
  /** The mean of the n-th power. */
  #moment(n: number): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const shifted = a.reciprocal().mul(n).add(1);
    return b.mul(shifted.lgamma().add(b.lgamma()).sub(shifted.add(b).lgamma()).exp());
  }
  override get mean(): Tensor {
    return this.#moment(1);
  }
  override get mode(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const logMode = b.reciprocal().mul(b.neg().log1p()).sub(b.neg().mul(a).log1p());
    return where(b.lt(1).logicalOr(a.lt(1)), Number.NaN, logMode).exp();
  }
  override get variance(): Tensor {
    return this.#moment(2).sub(this.mean.pow(2));
  }
  override expand(batchShape: Shape): Kumaraswamy {
    return this.keepChecks(new Kumaraswamy(this.concentration1.expand(batchShape), this.concentration0.expand(batchShape), unchecked));
  }
  override entropy(): Tensor {
    const { concentration1: a, concentration0: b } = this;
    const harmonic = b.add(1).digamma().add(EULER);
    return b.reciprocal().rsub(1).add(a.reciprocal().rsub(1).mul(harmonic)).sub(a.log()).sub(b.log());
  }
}

/** Points of the simplex that stick breaking makes of normal numbers. @see torch.distributions.LogisticNormal */
export class LogisticNormal extends TransformedDistribution {
  constructor(loc: Parameter, scale: Parameter, options: DistributionOptions = {}) {
    const normal = new Normal(loc, scale, options);
    super(normal.batchShape.length === 0 ? normal.expand([1]) : normal, new StickBreakingTransform(), options);
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { loc: real, scale: positive };
  }
  override get support(): Constraint {
    return simplex;
  }
  get #normal(): Normal {
    return (this.baseDist as unknown as { readonly baseDist: Normal }).baseDist;
  }
  get loc(): Tensor {
    return this.#normal.loc;
  }
  get scale(): Tensor {
    return this.#normal.scale;
  }
  override expand(batchShape: Shape): LogisticNormal {
    const shape = [...batchShape, this.eventShape[0]! - 1];
    return this.keepChecks(new LogisticNormal(this.loc.expand(shape), this.scale.expand(shape), unchecked));
  }
}
