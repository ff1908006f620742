import { TensorError } from "../errors.ts";
import { rand } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, Dependent, interval } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, holdsEverywhere, type Parameter } from "./parameters.ts";

/** The uniform distribution on [low, high). @see torch.distributions.Uniform */
export class Uniform extends Distribution {
  readonly low: Tensor;
  readonly high: Tensor;

  /** @throws {TensorError} unless `low` < `high` */
  constructor(low: Parameter, high: Parameter, options: DistributionOptions = {}) {
    const [lower, upper] = broadcastAll(low, high);
    super(lower.shape, [], options);
    this.low = lower;
    this.high = upper;
    this.validateParameters();
    if (this.validating && !holdsEverywhere(lower.lt(upper))) throw new TensorError("Uniform is not defined when low>= high");
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { low: new Dependent(), high: new Dependent() };
  }
  get support(): Constraint {
    return interval(this.low, this.high);
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.high.add(this.low).div(2);
  }
  override get mode(): Tensor {
    return this.high.mul(Number.NaN);
  }
  override get stddev(): Tensor {
    return this.#width.div(Math.sqrt(12));
  }
  get variance(): Tensor {
    return this.#width.pow(2).div(12);
  }
  get #width(): Tensor {
    return this.high.sub(this.low);
  }
  expand(batchShape: Shape): Uniform {
    return this.keepChecks(new Uniform(this.low.expand(batchShape), this.high.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    const u = rand(this.extendedShape(sampleShape), { dtype: this.low.dtype, device: this.low.device });
    return this.low.add(u.mul(this.#width));
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const inside = this.low.le(value).logicalAnd(this.high.gt(value)).to(this.low.dtype);
    return inside.log().sub(this.#width.log());
  }
  override cdf(value: Tensor): Tensor {
    this.validateSample(value);
    return value.sub(this.low).div(this.#width).clamp(0, 1);
  }
  override icdf(value: Tensor): Tensor {
    return value.mul(this.#width).add(this.low);
  }
  override entropy(): Tensor {
    return this.#width.log();
  }
}
