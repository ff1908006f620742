import { isOptions } from "../dispatch/arguments.ts";
import { TensorError } from "../errors.ts";
import { onesLike, tensor, zeros } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Binomial } from "./binomial.ts";
import { OverCategories, zeroWhere } from "./categorical.ts";
import { type Constraint, multinomial } from "./constraints.ts";
import { broadcastAll } from "./parameters.ts";
import { chooseParameter, type ProbsArguments, type ProbsOrLogits } from "./probs-or-logits.ts";

interface MultinomialOptions extends ProbsOrLogits<Tensor> {
  totalCount?: number;
}

/** How often each of K categories comes in `totalCount` draws. @see torch.distributions.Multinomial */
export class Multinomial extends OverCategories {
  readonly totalCount: number;

  /** @throws {TensorError} unless the count is one integer and exactly one of `probs` and `logits` is given */
  constructor(totalCount: number | MultinomialOptions = 1, ...args: ProbsArguments<Tensor>) {
    const options = isOptions(totalCount) ? (totalCount as MultinomialOptions) : undefined;
    super(chooseParameter(options === undefined ? args : [options]));
    const count = options === undefined ? totalCount : (options.totalCount ?? 1);
    if (typeof count !== "number" || !Number.isInteger(count)) throw new TensorError("inhomogeneous total_count is not supported");
    this.totalCount = count;
    this.validateParameters();
  }
  get support(): Constraint {
    return multinomial(this.totalCount);
  }
  get mean(): Tensor {
    return this.probs.mul(this.totalCount);
  }
  get variance(): Tensor {
    return this.probs.mul(this.totalCount).mul(this.probs.rsub(1));
  }
  expand(batchShape: Shape): Multinomial {
    return this.keepChecks(new Multinomial({ totalCount: this.totalCount, ...this.expandedParam(batchShape) }));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const draws = this.categorical.sample([this.totalCount, ...sampleShape]);
    const dims = draws.shape.map((_, i) => i);
    const byTrial = draws.permute([...dims.slice(1), 0]);
    const counts = zeros(this.extendedShape(sampleShape), { dtype: "int64" });
    return counts.scatterAdd(-1, byTrial, onesLike(byTrial)).to(this.probs.dtype);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const [logits, counts] = broadcastAll(this.logits, value);
    const finite = zeroWhere(counts.eq(0).logicalAnd(logits.eq(Number.NEGATIVE_INFINITY)), logits);
    return counts.sum(-1).add(1).lgamma().sub(counts.add(1).lgamma().sum(-1)).add(finite.mul(counts).sum(-1));
  }
  override entropy(): Tensor {
    const n = tensor(this.totalCount, { dtype: this.probs.dtype });
    const base = this.categorical.entropy().mul(n).sub(n.add(1).lgamma());
    // Each count is binomial by itself.
    const binomial = new Binomial(this.totalCount, this.probs);
    const counts = binomial.enumerateSupport(false).narrow(0, 1, this.totalCount);
    const weighted = binomial.logProb(counts).exp().mul(counts.add(1).lgamma());
    return base.add(weighted.sum([0, -1]));
  }
}
