import { empty } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, nonnegative, positive } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, filledLike, type Parameter } from "./parameters.ts";

/** The exponential distribution of a rate: waiting times of a memoryless process. @see torch.distributions.Exponential */
export class Exponential extends Distribution {
  readonly rate: Tensor;

  constructor(rate: Parameter, options: DistributionOptions = {}) {
    const [given] = broadcastAll(rate);
    super(given.shape, [], options);
    this.rate = given;
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: positive };
  }
  get support(): Constraint {
    return nonnegative;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.rate.reciprocal();
  }
  override get mode(): Tensor {
    return filledLike(this.rate, 0);
  }
  override get stddev(): Tensor {
    return this.rate.reciprocal();
  }
  get variance(): Tensor {
    return this.rate.pow(-2);
  }
  expand(batchShape: Shape): Exponential {
    return this.keepChecks(new Exponential(this.rate.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return empty(this.extendedShape(sampleShape), { dtype: this.rate.dtype, device: this.rate.device }).exponential_().div(this.rate);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return this.rate.log().sub(this.rate.mul(value));
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    return this.rate.neg().mul(value).exp().rsub(1);
  }
  override icdf(value: Tensor): Tensor {
    return value.rsub(1).log().neg().div(this.rate);
  }
  override entropy(): Tensor {
    return this.rate.log().rsub(1);
  }
}
