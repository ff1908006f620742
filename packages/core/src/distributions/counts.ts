import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import { empty, poisson, tensor, where } from "../ops/functions.ts";
import { toDoubles } from "../reference/loops.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { CountOptions } from "./binomial.ts";
import { type Constraint, GreaterThanEq, halfOpenInterval, nonnegative, nonnegativeInteger, real, unitInterval } from "./constraints.ts";
import { Distribution, type DistributionOptions, declareLazy, unchecked } from "./distribution.ts";
import { Gamma } from "./gamma.ts";
import { binaryCrossEntropy, broadcastAll, filledLike, floatLimits, holdsEverywhere, type Parameter, tupleText } from "./parameters.ts";
import { BinaryDistribution, chooseParameter, type ProbsArguments } from "./probs-or-logits.ts";

/** The number of events of a rate in a unit of time. @see torch.distributions.Poisson */
export class Poisson extends Distribution {
  readonly rate: Tensor;

  constructor(rate: Parameter, options: DistributionOptions = {}) {
    const [given] = broadcastAll(rate);
    super(given.shape, [], options);
    this.rate = given;
    this.validateParameters();
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { rate: nonnegative };
  }
  get support(): Constraint {
    return nonnegativeInteger;
  }
  get mean(): Tensor {
    return this.rate;
  }
  override get mode(): Tensor {
    return this.rate.floor();
  }
  get variance(): Tensor {
    return this.rate;
  }
  expand(batchShape: Shape): Poisson {
    return this.keepChecks(new Poisson(this.rate.expand(batchShape), unchecked));
  }
  override sample(sampleShape: Shape = []): Tensor {
    return poisson(this.rate.detach().expand(this.extendedShape(sampleShape)));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [rate, count] = broadcastAll(this.rate, value);
    return count.xlogy(rate).sub(rate).sub(count.add(1).lgamma());
  }
}

/** The number of failures before the first success of probability `probs`. @see torch.distributions.Geometric */
export class Geometric extends BinaryDistribution {
  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given, and for a probability of zero */
  constructor(...args: ProbsArguments) {
    const { name, value, options } = chooseParameter(args);
    super(name, broadcastAll(value)[0], options);
    this.validateParameters();
    if (this.validating && name === "probs" && !holdsEverywhere(this.probs.gt(0))) {
      const invalid = tensor(
        [...toDoubles(this.probs)].filter((p) => !(p > 0)),
        { dtype: this.probs.dtype },
      );
      throw new TensorError(
        `Expected parameter probs (Tensor of shape ${tupleText(this.probs.shape)}) of distribution ${this} ` +
          `to be positive but found invalid values:\n${invalid}`,
      );
    }
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }
  get support(): Constraint {
    return nonnegativeInteger;
  }
  get mean(): Tensor {
    return this.probs.reciprocal().sub(1);
  }
  override get mode(): Tensor {
    return filledLike(this.probs, 0);
  }
  get variance(): Tensor {
    return this.mean.div(this.probs);
  }
  expand(batchShape: Shape): Geometric {
    return this.keepChecks(new Geometric(this.expandedParam(batchShape)));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const probs = this.probs.detach();
    const u = empty(this.extendedShape(sampleShape), { dtype: probs.dtype, device: probs.device }).uniform_(
      floatLimits(probs.dtype).tiny,
      1,
    );
    return u.log().div(probs.neg().log1p()).floor();
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [count, probs] = broadcastAll(value, this.probs);
    // Certain success after no failure: zero times the logarithm of zero.
    const failing = where(probs.eq(1).logicalAnd(count.eq(0)), 0, probs);
    return count.mul(failing.neg().log1p()).add(this.probs.log());
  }
  override entropy(): Tensor {
    return binaryCrossEntropy(this.logits, this.probs).div(this.probs);
  }
}
declareLazy(Geometric, "probs", "logits");

/** The number of successes before `totalCount` failures. @see torch.distributions.NegativeBinomial */
export class NegativeBinomial extends BinaryDistribution {
  readonly totalCount: Tensor;

  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(totalCount: Parameter | CountOptions, ...args: ProbsArguments) {
    const options = isOptions(totalCount) ? (totalCount as CountOptions) : undefined;
    const chosen = chooseParameter(options === undefined ? args : [options]);
    const [count, value] = broadcastAll(options === undefined ? (totalCount as Parameter) : options.totalCount!, chosen.value);
    super(chosen.name, value, chosen.options);
    this.totalCount = count.to(value.dtype);
    this.validateParameters();
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: new GreaterThanEq(0, true), probs: halfOpenInterval(0, 1), logits: real };
  }
  get support(): Constraint {
    return nonnegativeInteger;
  }
  get mean(): Tensor {
    return this.totalCount.mul(this.logits.exp());
  }
  override get mode(): Tensor {
    return this.totalCount.sub(1).mul(this.logits.exp()).floor().clamp(0);
  }
  get variance(): Tensor {
    return this.mean.div(this.logits.neg().sigmoid());
  }
  expand(batchShape: Shape): NegativeBinomial {
    return this.keepChecks(new NegativeBinomial({ totalCount: this.totalCount.expand(batchShape), ...this.expandedParam(batchShape) }));
  }
  override sample(sampleShape: Shape = []): Tensor {
    // A Poisson number of a rate that is gamma distributed. The count may be zero, which the gamma distribution would refuse.
    return poisson(new Gamma(this.totalCount, this.logits.neg().exp(), unchecked).sample(sampleShape));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const { totalCount, logits } = this;
    const unnormalized = totalCount.mul(logSigmoid(logits.neg())).add(value.mul(logSigmoid(logits)));
    const all = totalCount.add(value);
    const normalizer = value.add(1).lgamma().sub(all.lgamma()).add(totalCount.lgamma());
    return unnormalized.sub(where(all.eq(0), 0, normalizer));
  }
}
declareLazy(NegativeBinomial, "probs", "logits");

/** log(sigmoid(x)) without overflow. */
export const logSigmoid = (x: Tensor): Tensor => x.clamp({ max: 0 }).sub(x.abs().neg().exp().log1p());
