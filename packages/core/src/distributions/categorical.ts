import { TensorError } from "../errors.ts";
import { where } from "../ops/functions.ts";
import { broadcastShapes, numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, integerInterval, oneHot, realVector, simplex } from "./constraints.ts";
import { counting } from "./dirichlet.ts";
import { Distribution, declareLazy, expands, unchecked } from "./distribution.ts";
import { filledLike, floatLimits, logitsToProbs, probsToLogits, remember } from "./parameters.ts";
import { type Chosen, chooseParameter, type ProbsArguments } from "./probs-or-logits.ts";

/** One of K categories, by probabilities or unnormalized log probabilities along the last dimension. @see torch.distributions.Categorical */
export class Categorical extends Distribution {
  readonly #given: "probs" | "logits";
  readonly #events: number;

  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given, of one dimension at least */
  constructor(...args: ProbsArguments<Tensor>) {
    const { name, value, options } = chooseParameter(args);
    if (value.ndim < 1) throw new TensorError(`\`${name}\` parameter must be at least one-dimensional.`);
    super(value.shape.slice(0, -1), [], options);
    this.#given = name;
    this.#events = value.shape.at(-1)!;
    remember(this, name, name === "probs" ? value.div(value.sum(-1, true)) : value.sub(value.logsumexp(-1, true)));
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector };
  }
  get support(): Constraint {
    return integerInterval(0, this.#events - 1);
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  /** Probabilities, which add up to 1 along the last dimension. */
  get probs(): Tensor {
    return remember(this, "probs", logitsToProbs(this.logits, false));
  }
  /** Log probabilities. */
  get logits(): Tensor {
    return remember(this, "logits", probsToLogits(this.probs, false));
  }
  /** Shape of the parameter. */
  get paramShape(): Shape {
    return this.param.shape;
  }
  /** Number of categories. */
  get numEvents(): number {
    return this.#events;
  }
  /** The parameter that was given, normalized. */
  get param(): Tensor {
    return this[this.#given];
  }
  get mean(): Tensor {
    return filledLike(this.probs, Number.NaN, this.extendedShape());
  }
  override get mode(): Tensor {
    return this.probs.argmax(-1);
  }
  get variance(): Tensor {
    return filledLike(this.probs, Number.NaN, this.extendedShape());
  }
  expand(batchShape: Shape): Categorical {
    return this.keepChecks(new Categorical({ [this.#given]: this.param.expand([...batchShape, this.#events]), ...unchecked }));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const rows = this.probs.detach().reshape([-1, this.#events]);
    return rows.multinomial(numelOf(sampleShape), true).t().reshape(this.extendedShape(sampleShape));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const index = value.to("int64").unsqueeze(-1);
    const shape = broadcastShapes(index.shape, this.logits.shape);
    return this.logits
      .expand(shape)
      .gather(-1, index.expand([...shape.slice(0, -1), 1]))
      .squeeze(-1);
  }
  override entropy(): Tensor {
    // A log probability of minus infinity times its probability counts as zero.
    const logits = this.logits.clamp(-floatLimits(this.logits.dtype).max);
    return logits.mul(this.probs).sum(-1).neg();
  }
  override enumerateSupport(expand: boolean | { expand?: boolean } = true): Tensor {
    const values = counting(this.#events).reshape([-1, ...this.batchShape.map(() => 1)]);
    return expands(expand) ? values.expand([this.#events, ...this.batchShape]) : values;
  }
}
declareLazy(Categorical, "probs", "logits");

/** Distributions over vectors of K entries that a categorical one underlies. */
export abstract class OverCategories extends Distribution {
  protected readonly categorical: Categorical;

  protected constructor({ name, value, options }: Chosen<Tensor>) {
    const categorical = new Categorical({ [name]: value });
    super(categorical.batchShape, categorical.paramShape.slice(-1), options);
    this.categorical = categorical;
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: simplex, logits: realVector };
  }
  get probs(): Tensor {
    return this.categorical.probs;
  }
  get logits(): Tensor {
    return this.categorical.logits;
  }
  get paramShape(): Shape {
    return this.categorical.paramShape;
  }
  /** The parameter expanded, as options for a new distribution. */
  protected expandedParam(batchShape: Shape): { probs?: Tensor; logits?: Tensor } {
    const { categorical } = this;
    const name = Object.hasOwn(categorical, "probs") && categorical.param === categorical.probs ? "probs" : "logits";
    return { [name]: categorical.param.expand([...batchShape, ...this.eventShape]) };
  }
}

/** Vectors with a 1 at the drawn category. @see torch.distributions.OneHotCategorical */
export class OneHotCategorical extends OverCategories {
  constructor(...args: ProbsArguments<Tensor>) {
    super(chooseParameter(args));
    this.validateParameters();
  }
  get support(): Constraint {
    return oneHot;
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.probs;
  }
  override get mode(): Tensor {
    return this.#vectors(this.probs.argmax(-1));
  }
  get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }
  #vectors(indices: Tensor): Tensor {
    return indices.unsqueeze(-1).eq(counting(this.eventShape[0]!)).to(this.probs.dtype);
  }
  expand(batchShape: Shape): this {
    const Class = this.constructor as new (options: object) => this;
    return this.keepChecks(new Class(this.expandedParam(batchShape)));
  }
  override sample(sampleShape: Shape = []): Tensor {
    return this.#vectors(this.categorical.sample(sampleShape));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return this.categorical.logProb(value.argmax(-1));
  }
  override entropy(): Tensor {
    return this.categorical.entropy();
  }
  override enumerateSupport(expand: boolean | { expand?: boolean } = true): Tensor {
    const n = this.eventShape[0]!;
    const values = this.#vectors(counting(n)).reshape([n, ...this.batchShape.map(() => 1), n]);
    return expands(expand) ? values.expand([n, ...this.batchShape, n]) : values;
  }
}

/** {@link OneHotCategorical} whose draws pass gradients to the probabilities unchanged (Bengio et al. 2013). @see torch.distributions.OneHotCategoricalStraightThrough */
export class OneHotCategoricalStraightThrough extends OneHotCategorical {
  override get hasRsample(): boolean {
    return true;
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.sample(sampleShape).add(this.probs.sub(this.probs.detach()));
  }
}

export const zeroWhere = (condition: Tensor, value: Tensor): Tensor => where(condition, 0, value);
