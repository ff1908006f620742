import { run } from "../dispatch/run.ts";
import { standardGammaOp } from "../ops/random/draw-operators.ts";
import { defaultGenerator } from "../random/generator.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, nonnegative, positive } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, floatLimits, type Parameter } from "./parameters.ts";

/** The gamma distribution of a shape (`concentration`) and a rate. @see torch.distributions.Gamma */
export class Gamma extends Distribution {
  readonly concentration: Tensor;
  readonly rate: Tensor;

  constructor(concentration: Parameter, rate: Parameter, options: DistributionOptions = {}) {
    const [shape, given] = broadcastAll(concentration, rate);
    super(shape.shape, [], options);
    this.concentration = shape;
    this.rate = given;
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: positive, rate: positive };
  }
  get support(): Constraint {
    return nonnegative;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.concentration.div(this.rate);
  }
  override get mode(): Tensor {
    return this.concentration.sub(1).div(this.rate).clamp(0);
  }
  get variance(): Tensor {
    return this.concentration.div(this.rate.pow(2));
  }
  expand(batchShape: Shape): Gamma {
    return this.keepChecks(new Gamma(this.concentration.expand(batchShape), this.rate.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    const standard = run(standardGammaOp, [this.concentration.expand(shape)], { generator: defaultGenerator });
    const value = standard.div(this.rate.expand(shape));
    // Raised off zero behind the graph's back: the gradient is that of the number drawn.
    value.detach().clamp_(floatLimits(value.dtype).tiny);
    return value;
  }
  logProb(value: Tensor): Tensor {
    const given = value.to(this.rate.dtype);
    this.validateSample(given);
    const { concentration, rate } = this;
    return concentration.xlogy(rate).add(concentration.sub(1).xlogy(given)).sub(rate.mul(given)).sub(concentration.lgamma());
  }
  override entropy(): Tensor {
    const { concentration, rate } = this;
    return concentration.sub(rate.log()).add(concentration.lgamma()).add(concentration.rsub(1).mul(concentration.digamma()));
  }
}

/** The chi-squared distribution of `df` degrees of freedom: a sum of squares of as many normal numbers. @see torch.distributions.Chi2 */
export class Chi2 extends Gamma {
  constructor(df: Parameter, options: DistributionOptions = {}) {
    super(typeof df === "number" ? 0.5 * df : df.mul(0.5), 0.5, options);
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { df: positive };
  }
  get df(): Tensor {
    return this.concentration.mul(2);
  }
  override expand(batchShape: Shape): Chi2 {
    return this.keepChecks(new Chi2(this.df.expand(batchShape), unchecked));
  }
}
