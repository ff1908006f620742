import { rand } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { OverCategories } from "./categorical.ts";
import { type Constraint, real, realVector, simplex, unitInterval } from "./constraints.ts";
import { declareLazy, notImplemented } from "./distribution.ts";
import { broadcastAll, clampProbs, filledLike } from "./parameters.ts";
import { BinaryDistribution, chooseParameter, type ProbsArguments } from "./probs-or-logits.ts";
import { TransformedDistribution } from "./transformed-distribution.ts";
import { ExpTransform, SigmoidTransform } from "./transforms.ts";

/** Log odds of a relaxed coin toss. @see torch.distributions.relaxed_bernoulli.LogitRelaxedBernoulli */
export class LogitRelaxedBernoulli extends BinaryDistribution {
  readonly temperature: Tensor;

  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(temperature: Tensor, ...args: ProbsArguments) {
    const { name, value, options } = chooseParameter(args);
    super(name, broadcastAll(value)[0], options);
    this.temperature = temperature;
    this.validateParameters();
  }
  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }
  get support(): Constraint {
    return real;
  }
  override get hasRsample(): boolean {
    return true;
  }
  /** @throws {TensorError} always: it has no simple form */
  get mean(): Tensor {
    throw notImplemented(this, "mean");
  }
  /** @throws {TensorError} always: it has no simple form */
  get variance(): Tensor {
    throw notImplemented(this, "variance");
  }
  expand(batchShape: Shape): LogitRelaxedBernoulli {
    return this.keepChecks(new LogitRelaxedBernoulli(this.temperature, this.expandedParam(batchShape)));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    const probs = clampProbs(this.probs.expand(shape));
    const u = clampProbs(rand(shape, { dtype: probs.dtype, device: probs.device }));
    return u.log().sub(u.neg().log1p()).add(probs.log()).sub(probs.neg().log1p()).div(this.temperature);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [logits, given] = broadcastAll(this.logits, value);
    const off = logits.sub(given.mul(this.temperature));
    return this.temperature.log().add(off).sub(off.exp().log1p().mul(2));
  }
}
declareLazy(LogitRelaxedBernoulli, "probs", "logits");

/** A coin toss relaxed to [0, 1], nearer to its ends the lower the temperature (Maddison et al. 2016). @see torch.distributions.RelaxedBernoulli */
export class RelaxedBernoulli extends TransformedDistribution {
  constructor(temperature: Tensor, ...args: ProbsArguments) {
    const { name, value, options } = chooseParameter(args);
    super(new LogitRelaxedBernoulli(temperature, { [name]: value }), new SigmoidTransform(), options);
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }
  override get support(): Constraint {
    return unitInterval;
  }
  get #base(): LogitRelaxedBernoulli {
    return this.baseDist as LogitRelaxedBernoulli;
  }
  get temperature(): Tensor {
    return this.#base.temperature;
  }
  get probs(): Tensor {
    return this.#base.probs;
  }
  get logits(): Tensor {
    return this.#base.logits;
  }
  override expand(batchShape: Shape): RelaxedBernoulli {
    return this.keepChecks(new RelaxedBernoulli(this.temperature, { logits: this.logits.expand(batchShape), validateArgs: false }));
  }
}

/** Logarithms of a relaxed one-hot vector. @see torch.distributions.relaxed_categorical.ExpRelaxedCategorical */
export class ExpRelaxedCategorical extends OverCategories {
  readonly temperature: Tensor;

  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(temperature: Tensor, ...args: ProbsArguments<Tensor>) {
    super(chooseParameter(args));
    this.temperature = temperature;
    this.validateParameters();
  }
  get support(): Constraint {
    return realVector;
  }
  override get hasRsample(): boolean {
    return true;
  }
  /** @throws {TensorError} always: it has no simple form */
  get mean(): Tensor {
    throw notImplemented(this, "mean");
  }
  /** @throws {TensorError} always: it has no simple form */
  get variance(): Tensor {
    throw notImplemented(this, "variance");
  }
  expand(batchShape: Shape): ExpRelaxedCategorical {
    return this.keepChecks(new ExpRelaxedCategorical(this.temperature, this.expandedParam(batchShape)));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const u = clampProbs(rand(this.extendedShape(sampleShape), { dtype: this.logits.dtype, device: this.logits.device }));
    const gumbels = u.log().neg().log().neg();
    const scores = this.logits.add(gumbels).div(this.temperature);
    return scores.sub(scores.logsumexp(-1, true));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const k = this.eventShape[0]!;
    const [logits, given] = broadcastAll(this.logits, value);
    const logScale = filledLike(this.temperature, k)
      .lgamma()
      .add(this.temperature.log().mul(k - 1));
    const score = logits.sub(given.mul(this.temperature));
    return score.sub(score.logsumexp(-1, true)).sum(-1).add(logScale);
  }
}

/** A one-hot vector relaxed into the simplex, nearer to its corners the lower the temperature. @see torch.distributions.RelaxedOneHotCategorical */
export class RelaxedOneHotCategorical extends TransformedDistribution {
  constructor(temperature: Tensor, ...args: ProbsArguments<Tensor>) {
    const { name, value, options } = chooseParameter(args);
    super(new ExpRelaxedCategorical(temperature, { [name]: value, ...options }), new ExpTransform(), options);
    this.validateParameters();
  }
  override get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector };
  }
  override get support(): Constraint {
    return simplex;
  }
  get #base(): ExpRelaxedCategorical {
    return this.baseDist as ExpRelaxedCategorical;
  }
  get temperature(): Tensor {
    return this.#base.temperature;
  }
  get probs(): Tensor {
    return this.#base.probs;
  }
  get logits(): Tensor {
    return this.#base.logits;
  }
  override expand(batchShape: Shape): RelaxedOneHotCategorical {
    const logits = this.logits.expand([...batchShape, ...this.eventShape]);
    return this.keepChecks(new RelaxedOneHotCategorical(this.temperature, { logits, validateArgs: false }));
  }
}
