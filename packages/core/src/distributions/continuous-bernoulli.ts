import { rand, where } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, real, unitInterval } from "./constraints.ts";
import { declareLazy } from "./distribution.ts";
import { binaryCrossEntropy, broadcastAll, clampProbs, remember } from "./parameters.ts";
import { BinaryDistribution, chooseParameter, type ProbsArguments } from "./probs-or-logits.ts";

/** Around probabilities of one half the exact formulas cancel; a Taylor series serves between these. */
const LOW = 0.499;
const HIGH = 0.501;

/** A density over [0, 1] proportional to p^x (1 - p)^(1 - x) (Loaiza-Ganem and Cunningham 2019). @see torch.distributions.ContinuousBernoulli */
export class ContinuousBernoulli extends BinaryDistribution {
  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(...args: ProbsArguments) {
    const { name, value, options } = chooseParameter(args);
    super(name, broadcastAll(value)[0], options);
    this.validateParameters();
    if (name === "probs") remember(this, "probs", clampProbs(this.probs));
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }
  get support(): Constraint {
    return unitInterval;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get #stable(): Tensor {
    return this.probs.le(LOW).logicalOr(this.probs.gt(HIGH));
  }
  /** Probabilities at which the exact formulas are safe to evaluate. */
  get #safe(): Tensor {
    return where(this.#stable, this.probs, LOW);
  }
  /** log((1 - p) / p) */
  #logOdds(p: Tensor): Tensor {
    return p.neg().log1p().sub(p.log());
  }
  /** Logarithm of what the density is multiplied by to add up to one. */
  get logNormalizer(): Tensor {
    const p = this.#safe;
    const below = p.le(0.5);
    const width = where(below, where(below, p, 0).mul(-2).log1p(), where(below, 1, p).mul(2).sub(1).log());
    const exact = this.#logOdds(p).abs().log().sub(width);
    const x = this.probs.sub(0.5).pow(2);
    const series = x
      .mul(104 / 45)
      .add(4 / 3)
      .mul(x)
      .add(Math.LN2);
    return where(this.#stable, exact, series);
  }
  get mean(): Tensor {
    const p = this.#safe;
    const exact = p.div(p.mul(2).sub(1)).add(this.#logOdds(p).reciprocal());
    const x = this.probs.sub(0.5);
    const series = x
      .pow(2)
      .mul(16 / 45)
      .add(1 / 3)
      .mul(x)
      .add(0.5);
    return where(this.#stable, exact, series);
  }
  get variance(): Tensor {
    const p = this.#safe;
    const exact = p.mul(p.sub(1)).div(p.mul(2).rsub(1).pow(2)).add(this.#logOdds(p).pow(2).reciprocal());
    const x = this.probs.sub(0.5).pow(2);
    const series = x
      .mul(128 / 945)
      .rsub(1 / 15)
      .mul(x)
      .rsub(1 / 12);
    return where(this.#stable, exact, series);
  }
  override get probs(): Tensor {
    return remember(this, "probs", clampProbs(super.probs));
  }
  expand(batchShape: Shape): ContinuousBernoulli {
    return this.keepChecks(new ContinuousBernoulli(this.expandedParam(batchShape)));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.icdf(rand(this.extendedShape(sampleShape), { dtype: this.probs.dtype, device: this.probs.device }));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [logits, target] = broadcastAll(this.logits, value);
    return binaryCrossEntropy(logits, target).neg().add(this.logNormalizer);
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    const p = this.#safe;
    const exact = p
      .pow(value)
      .mul(p.rsub(1).pow(value.rsub(1)))
      .add(p)
      .sub(1)
      .div(p.mul(2).sub(1));
    const inside = where(this.#stable, exact, value);
    return where(value.le(0), 0, where(value.ge(1), 1, inside));
  }
  override icdf(value: Tensor): Tensor {
    const p = this.#safe;
    const logFailure = p.neg().log1p();
    const exact = value.mul(p.mul(2).sub(1)).sub(p).log1p().sub(logFailure).div(p.log().sub(logFailure));
    return where(this.#stable, exact, value);
  }
  override entropy(): Tensor {
    const failure = this.probs.neg().log1p();
    return this.mean.mul(failure.sub(this.probs.log())).sub(this.logNormalizer).sub(failure);
  }
}
declareLazy(ContinuousBernoulli, "probs", "logits");
