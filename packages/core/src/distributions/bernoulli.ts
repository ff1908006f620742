import { where } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { boolean, type Constraint, real, unitInterval } from "./constraints.ts";
import { counting } from "./dirichlet.ts";
import { declareLazy, expands } from "./distribution.ts";
import { binaryCrossEntropy, broadcastAll } from "./parameters.ts";
import { BinaryDistribution, chooseParameter, type ProbsArguments } from "./probs-or-logits.ts";

/** 1 with probability `probs`, else 0. @see torch.distributions.Bernoulli */
export class Bernoulli extends BinaryDistribution {
  /** @throws {TensorError} unless exactly one of `probs` and `logits` is given */
  constructor(...args: ProbsArguments) {
    const { name, value, options } = chooseParameter(args);
    super(name, broadcastAll(value)[0], options);
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { probs: unitInterval, logits: real };
  }
  get support(): Constraint {
    return boolean;
  }
  override get hasEnumerateSupport(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.probs;
  }
  override get mode(): Tensor {
    return where(this.probs.eq(0.5), Number.NaN, this.probs.ge(0.5).to(this.probs.dtype));
  }
  get variance(): Tensor {
    return this.probs.mul(this.probs.rsub(1));
  }
  expand(batchShape: Shape): Bernoulli {
    return this.keepChecks(new Bernoulli(this.expandedParam(batchShape)));
  }
  override sample(sampleShape: Shape = []): Tensor {
    return this.probs.detach().expand(this.extendedShape(sampleShape)).bernoulli();
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [logits, target] = broadcastAll(this.logits, value);
    return binaryCrossEntropy(logits, target).neg();
  }
  override entropy(): Tensor {
    return binaryCrossEntropy(this.logits, this.probs);
  }
  override enumerateSupport(expand: boolean | { expand?: boolean } = true): Tensor {
    const values = counting(2)
      .to(this.param.dtype)
      .reshape([2, ...this.batchShape.map(() => 1)]);
    return expands(expand) ? values.expand([2, ...this.batchShape]) : values;
  }
}
declareLazy(Bernoulli, "probs", "logits");
