import { isOptions } from "../dispatch/arguments.ts";
import { randn, where } from "../ops/functions.ts";
import { logGamma } from "../random/log-gamma.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, positive, real } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { Chi2, Gamma } from "./gamma.ts";
import { broadcastAll, floatLimits, type Parameter } from "./parameters.ts";

interface StudentTOptions extends DistributionOptions {
  loc?: Parameter;
  scale?: Parameter;
}

/** Student's t distribution of `df` degrees of freedom, shifted and stretched. @see torch.distributions.StudentT */
export class StudentT extends Distribution {
  readonly df: Tensor;
  readonly loc: Tensor;
  readonly scale: Tensor;
  readonly #chi2: Chi2;

  constructor(df: Parameter, loc?: Parameter | StudentTOptions, scale?: Parameter | StudentTOptions, options: StudentTOptions = {}) {
    const named = [loc, scale, options].find((value) => isOptions(value)) as StudentTOptions;
    const location = (isOptions(loc) ? undefined : (loc as Parameter | undefined)) ?? named.loc ?? 0;
    const spread = (isOptions(scale) ? undefined : (scale as Parameter | undefined)) ?? named.scale ?? 1;
    const [freedom, center, width] = broadcastAll(df, location, spread);
    super(freedom.shape, [], named);
    this.df = freedom;
    this.loc = center;
    this.scale = width;
    this.#chi2 = new Chi2(freedom, unchecked);
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: positive, loc: real, scale: positive };
  }
  get support(): Constraint {
    return real;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return where(this.df.le(1), Number.NaN, this.loc);
  }
  override get mode(): Tensor {
    return this.loc;
  }
  get variance(): Tensor {
    const { df } = this;
    const finite = this.scale.pow(2).mul(df).div(df.sub(2));
    return where(df.gt(2), finite, where(df.gt(1), Number.POSITIVE_INFINITY, df.mul(Number.NaN)));
  }
  expand(batchShape: Shape): StudentT {
    return this.keepChecks(new StudentT(this.df.expand(batchShape), this.loc.expand(batchShape), this.scale.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const x = randn(this.extendedShape(sampleShape), { dtype: this.df.dtype, device: this.df.device });
    const z = this.#chi2.rsample(sampleShape);
    return this.loc.add(this.scale.mul(x.mul(z.div(this.df).rsqrt())));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const { df, loc, scale } = this;
    const y = value.sub(loc).div(scale);
    const normalizer = scale
      .log()
      .add(df.log().mul(0.5))
      .add(0.5 * Math.log(Math.PI))
      .add(df.mul(0.5).lgamma())
      .sub(df.add(1).mul(0.5).lgamma());
    return df.add(1).mul(-0.5).mul(y.pow(2).div(df).log1p()).sub(normalizer);
  }
  override entropy(): Tensor {
    const { df, scale } = this;
    const half = df.mul(0.5);
    const next = df.add(1).mul(0.5);
    const logBeta = half.lgamma().add(logGamma(0.5)).sub(next.lgamma());
    return scale
      .log()
      .add(next.mul(next.digamma().sub(half.digamma())))
      .add(df.log().mul(0.5))
      .add(logBeta);
  }
}

/** The ratio of two chi-squared numbers over their degrees of freedom. @see torch.distributions.FisherSnedecor */
export class FisherSnedecor extends Distribution {
  readonly df1: Tensor;
  readonly df2: Tensor;

  constructor(df1: Parameter, df2: Parameter, options: DistributionOptions = {}) {
    const [first, second] = broadcastAll(df1, df2);
    super(first.shape, [], options);
    this.df1 = first;
    this.df2 = second;
    this.validateParameters();
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df1: positive, df2: positive };
  }
  get support(): Constraint {
    return positive;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    const df2 = where(this.df2.le(2), Number.NaN, this.df2);
    return df2.div(df2.sub(2));
  }
  override get mode(): Tensor {
    const mode = this.df1.sub(2).div(this.df1).mul(this.df2).div(this.df2.add(2));
    return where(this.df1.le(2), Number.NaN, mode);
  }
  get variance(): Tensor {
    const df2 = where(this.df2.le(4), Number.NaN, this.df2);
    const numerator = df2.pow(2).mul(2).mul(this.df1.add(df2).sub(2));
    return numerator.div(this.df1.mul(df2.sub(2).pow(2)).mul(df2.sub(4)));
  }
  expand(batchShape: Shape): FisherSnedecor {
    return this.keepChecks(new FisherSnedecor(this.df1.expand(batchShape), this.df2.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const { tiny } = floatLimits(this.df1.dtype);
    const x1 = new Gamma(this.df1.mul(0.5), this.df1, unchecked).rsample(sampleShape);
    const x2 = new Gamma(this.df2.mul(0.5), this.df2, unchecked).rsample(sampleShape);
    return x1.div(x2.clamp(tiny)).clamp(tiny);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const half1 = this.df1.mul(0.5);
    const half2 = this.df2.mul(0.5);
    const ratio = this.df1.div(this.df2);
    const sum = half1.add(half2);
    const beta = sum.lgamma().sub(half1.lgamma()).sub(half2.lgamma());
    return beta.add(half1.mul(ratio.log()).add(half1.sub(1).mul(value.log()))).sub(sum.mul(ratio.mul(value).log1p()));
  }
}
