import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { logitsToProbs, type Parameter, probsToLogits, remember } from "./parameters.ts";

/** Probabilities, or their log odds: exactly one of the two. */
export interface ProbsOrLogits<P = Parameter> extends DistributionOptions {
  probs?: P | null | undefined;
  logits?: P | null | undefined;
}

/** Arguments of distributions that `probs` or `logits` parameterize: by position, or in the options. */
export type ProbsArguments<P = Parameter> = [
  probs?: P | null | ProbsOrLogits<P>,
  logits?: P | null | ProbsOrLogits<P>,
  options?: ProbsOrLogits<P>,
];

export interface Chosen<P> {
  readonly name: "probs" | "logits";
  readonly value: P;
  readonly options: DistributionOptions;
}

/** @throws {TensorError} unless exactly one is given */
export function chooseParameter<P>([first, second, third]: ProbsArguments<P>): Chosen<P> {
  const options = [first, second, third].find((value) => isOptions(value)) as ProbsOrLogits<P> | undefined;
  const probs = (isOptions(first) ? undefined : (first as P)) ?? options?.probs;
  const logits = (isOptions(second) ? undefined : (second as P)) ?? options?.logits;
  if ((probs === null || probs === undefined) === (logits === null || logits === undefined)) {
    throw new TensorError("Either `probs` or `logits` must be specified, but not both.");
  }
  const rest = { validateArgs: options?.validateArgs };
  return probs === null || probs === undefined
    ? { name: "logits", value: logits!, options: rest }
    : { name: "probs", value: probs, options: rest };
}

/** Distributions of success and failure. The parameter that was not given is computed when asked for, and kept. */
export abstract class BinaryDistribution extends Distribution {
  /** The parameter that was given. */
  protected readonly given: "probs" | "logits";

  protected constructor(name: "probs" | "logits", value: Tensor, options: DistributionOptions) {
    super(value.shape, [], options);
    this.given = name;
    remember(this, name, value);
  }

  /** Probability of success. */
  get probs(): Tensor {
    return remember(this, "probs", logitsToProbs(this.logits, true));
  }
  /** Log odds of success. */
  get logits(): Tensor {
    return remember(this, "logits", probsToLogits(this.probs, true));
  }
  /** Shape of the parameter. */
  get paramShape(): Shape {
    return this.param.shape;
  }
  protected get param(): Tensor {
    return this[this.given];
  }
  /** The parameter expanded, as options for a new distribution. */
  protected expandedParam(batchShape: Shape): ProbsOrLogits<Tensor> {
    return { [this.given]: this.param.expand(batchShape), ...unchecked };
  }
}
