import { TensorError } from "../errors.ts";
import type { Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Constraint, isDependent } from "./constraints.ts";
import { holdsEverywhere, sizeText, snakeCase, textOf, tupleText } from "./parameters.ts";

export interface DistributionOptions {
  /** Whether parameters and values are checked. Default true, see {@link Distribution.setDefaultValidateArgs}. */
  validateArgs?: boolean | undefined;
}

let validatesByDefault = true;

/**
 * A probability distribution, or a batch of them: `batchShape` is the shape of the parameters, `eventShape` that of one draw.
 * Samples have shape `[...sampleShape, ...batchShape, ...eventShape]`; log probabilities `[...sampleShape, ...batchShape]`.
 * @see torch.distributions.Distribution
 */
export abstract class Distribution {
  readonly batchShape: Shape;
  readonly eventShape: Shape;
  protected validating: boolean;

  /** Switches the checks of all distributions made from now on. @see torch.distributions.Distribution.set_default_validate_args */
  static setDefaultValidateArgs(value: boolean): void {
    validatesByDefault = value;
  }

  protected constructor(batchShape: Shape, eventShape: Shape, { validateArgs }: DistributionOptions) {
    this.batchShape = batchShape;
    this.eventShape = eventShape;
    this.validating = validateArgs ?? validatesByDefault;
  }

  /** What each parameter must satisfy, by name. */
  abstract get argConstraints(): Readonly<Record<string, Constraint>>;
  /** Where draws lie. */
  abstract get support(): Constraint;
  abstract get mean(): Tensor;
  abstract get variance(): Tensor;
  /** The same distribution with its batch dimensions expanded. */
  abstract expand(batchShape: Shape): Distribution;
  /** Log of the density or mass at `value`. @throws {TensorError} for a value outside the support */
  abstract logProb(value: Tensor): Tensor;

  /** Whether {@link rsample} is there: draws through which gradients reach the parameters. */
  get hasRsample(): boolean {
    return false;
  }
  /** Whether {@link enumerateSupport} is there. */
  get hasEnumerateSupport(): boolean {
    return false;
  }

  /** The most probable value. @throws {TensorError} where it is not implemented */
  get mode(): Tensor {
    throw notImplemented(this, "mode");
  }
  /** Square root of the variance. */
  get stddev(): Tensor {
    return this.variance.sqrt();
  }

  /** Draws, without gradient. */
  sample(sampleShape: Shape = []): Tensor {
    return this.rsample(sampleShape).detach();
  }

  /** Draws that are differentiable functions of the parameters. @throws {TensorError} where there are none */
  rsample(_sampleShape: Shape = []): Tensor {
    throw notImplemented(this, "rsample");
  }

  /** Probability of a draw up to `value`. @throws {TensorError} where it is not implemented */
  cdf(_value: Tensor): Tensor {
    throw notImplemented(this, "cdf");
  }

  /** The value up to which a draw lies with probability `value`. @throws {TensorError} where it is not implemented */
  icdf(_value: Tensor): Tensor {
    throw notImplemented(this, "icdf");
  }

  /**
   * All values of a discrete distribution along a first dimension, expanded over the batch unless `expand` is false.
   * @throws {TensorError} where there are infinitely many
   */
  enumerateSupport(_expand: boolean | { expand?: boolean } = true): Tensor {
    throw notImplemented(this, "enumerateSupport");
  }

  /** Entropy in nats, of shape `batchShape`. @throws {TensorError} where it is not implemented */
  entropy(): Tensor {
    throw notImplemented(this, "entropy");
  }

  /** exp of the entropy. */
  perplexity(): Tensor {
    return this.entropy().exp();
  }

  /** The shape of a sample. */
  extendedShape(sampleShape: Shape = []): Shape {
    return [...sampleShape, ...this.batchShape, ...this.eventShape];
  }

  /** Checks the parameters that are there. @throws {TensorError} naming the first one that breaks its constraint */
  protected validateParameters(): void {
    if (!this.validating) return;
    for (const [name, constraint] of Object.entries(this.argConstraints)) {
      if (isDependent(constraint) || !this.isGiven(name)) continue;
      const value = (this as unknown as Record<string, Tensor>)[name]!;
      if (holdsEverywhere(constraint.check(value))) continue;
      throw new TensorError(
        `Expected parameter ${snakeCase(name)} (Tensor of shape ${tupleText(value.shape)}) of distribution ${this} ` +
          `to satisfy the constraint ${constraint}, but found invalid values:\n${textOf(value)}`,
      );
    }
  }

  /** Gives a distribution made from this one's parameters this one's checks. */
  protected keepChecks<D extends Distribution>(made: D): D {
    made.validating = this.validating;
    return made;
  }

  /** Whether a parameter is there rather than to be computed when asked for. */
  private isGiven(name: string): boolean {
    if (Object.hasOwn(this, name)) return true;
    return !lazyParameters.get(this.constructor)?.has(name);
  }

  /** Checks a value given to `logProb`, `cdf` or `icdf`. @throws {TensorError} */
  protected validateSample(value: Tensor): void {
    if (!this.validating) return;
    this.checkValue(value);
  }

  /** Checks a value even where the distribution was made without checks. @throws {TensorError} */
  checkValue(value: Tensor): void {
    if (!(value instanceof Tensor)) throw new TensorError("The value argument to log_prob must be a Tensor");
    const { eventShape } = this;
    const ofEvent = value.shape.slice(Math.max(0, value.ndim - eventShape.length));
    if (value.ndim < eventShape.length || ofEvent.some((size, i) => size !== eventShape[i])) {
      throw new TensorError(`The right-most size of value must match event_shape: ${sizeText(value.shape)} vs ${sizeText(eventShape)}.`);
    }
    const expected = [...this.batchShape, ...eventShape];
    for (let i = 1; i <= Math.min(value.ndim, expected.length); i++) {
      const [a, b] = [value.shape.at(-i)!, expected.at(-i)!];
      if (a !== 1 && b !== 1 && a !== b) {
        throw new TensorError(
          `Value is not broadcastable with batch_shape+event_shape: ${sizeText(value.shape)} vs ${sizeText(expected)}.`,
        );
      }
    }
    const { support } = this;
    if (holdsEverywhere(support.check(value))) return;
    throw new TensorError(
      `Expected value argument (Tensor of shape ${tupleText(value.shape)}) to be within the support (${support}) ` +
        `of the distribution ${this}, but found invalid values:\n${textOf(value)}`,
    );
  }

  /** PyTorch's `repr`: the parameters that are there, small ones by value. */
  toString(): string {
    const parts = Object.keys(this.argConstraints)
      .filter((name) => Object.hasOwn(this, name))
      .map((name) => {
        const value = (this as unknown as Record<string, Tensor>)[name]!;
        return `${snakeCase(name)}: ${value.numel() === 1 ? textOf(value) : sizeText(value.shape)}`;
      });
    return `${this.constructor.name}(${parts.join(", ")})`;
  }

  /** What `console.log` prints in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

const lazyParameters = new Map<unknown, ReadonlySet<string>>();

/** Tells that parameters of a class are computed from one another when asked for, and not checked before. */
export function declareLazy(of: unknown, ...names: string[]): void {
  lazyParameters.set(of, new Set(names));
}

/** What a method that a distribution lacks throws. */
export const notImplemented = (distribution: Distribution, what: string): TensorError =>
  new TensorError(`${distribution.constructor.name} does not implement ${what}`);

/** `true` unless given as `false` or `{ expand: false }`. */
export const expands = (option: boolean | { expand?: boolean }): boolean =>
  typeof option === "boolean" ? option : (option.expand ?? true);

/** The options of a distribution made from another one's parameters, which were checked. */
export const unchecked: DistributionOptions = { validateArgs: false };
