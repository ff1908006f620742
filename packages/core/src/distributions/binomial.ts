import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import { binomial } from "../ops/functions.ts";
import { toDoubles } from "../reference/loops.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, integerInterval, nonnegativeInteger, real, unitInterval } from "./constraints.ts";
import { counting } from "./dirichlet.ts";
import { declareLazy, expands } from "./distribution.ts";
import { broadcastAll, type Parameter } from "./parameters.ts";
import { BinaryDistribution, chooseParameter, type ProbsArguments, type ProbsOrLogits } from "./probs-or-logits.ts";

export interface CountOptions extends ProbsOrLogits {
  totalCount?: Parameter;
}

/** The number of successes in `totalCount` trials. @see torch.distributions.Binomial */
export class Binomial extends BinaryDistribution {
  readonly totalCount: Tensor;

  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(totalCount: Parameter | CountOptions = 1, ...args: ProbsArguments) {
    const options = isOptions(totalCount) ? (totalCount as CountOptions) : undefined;
    const chosen = chooseParameter(options === undefined ? args : [options]);
    const [count, value] = broadcastAll(options === undefined ? (totalCount as Parameter) : (options.totalCount ?? 1), chosen.value);
    super(chosen.name, value, chosen.options);
    this.totalCount = count.to(value.dtype);
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { totalCount: nonnegativeInteger, probs: unitInterval, logits: real };
  }
  get support(): Constraint {
    return integerInterval(0, this.totalCount);
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.totalCount.mul(this.probs);
  }
  override get mode(): Tensor {
    return this.totalCount.add(1).mul(this.probs).floor().minimum(this.totalCount);
  }
  get variance(): Tensor {
    return this.totalCount.mul(this.probs).mul(this.probs.rsub(1));
  }
  expand(batchShape: Shape): Binomial {
    return this.keepChecks(new Binomial({ totalCount: this.totalCount.expand(batchShape), ...this.expandedParam(batchShape) }));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const shape = this.extendedShape(sampleShape);
    return binomial(this.totalCount.detach().expand(shape), this.probs.detach().expand(shape));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const { totalCount, logits } = this;
    // n log(1 + e^l) without overflow, whose gradient at l = 0 is the mean of both sides.
    const positivePart = logits
      .clamp(0)
      .add(logits)
      .sub(logits.clamp({ max: 0 }))
      .div(2);
    const normalizer = totalCount.mul(positivePart).add(totalCount.mul(logits.abs().neg().exp().log1p())).sub(totalCount.add(1).lgamma());
    return value.mul(logits).sub(value.add(1).lgamma()).sub(totalCount.sub(value).add(1).lgamma()).sub(normalizer);
  }
  /** @throws {TensorError} for counts that differ */
  override entropy(): Tensor {
    this.#commonCount("entropy");
    const logProb = this.logProb(this.enumerateSupport(false));
    return logProb.exp().mul(logProb).sum(0).neg();
  }
  /** @throws {TensorError} for counts that differ */
  override enumerateSupport(expand: boolean | { expand?: boolean } = true): Tensor {
    const count = this.#commonCount("enumerate_support");
    const values = counting(count + 1)
      .to(this.param.dtype)
      .reshape([-1, ...this.batchShape.map(() => 1)]);
    return expands(expand) ? values.expand([count + 1, ...this.batchShape]) : values;
  }
  #commonCount(what: string): number {
    const counts = toDoubles(this.totalCount);
    if (counts.some((count) => count !== counts[0])) throw new TensorError(`Inhomogeneous total count not supported by \`${what}\`.`);
    return counts[0] ?? 0;
  }
}
declareLazy(Binomial, "probs", "logits");
