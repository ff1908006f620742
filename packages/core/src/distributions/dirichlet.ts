import { run } from "../dispatch/run.ts";
import { TensorError } from "../errors.ts";
import { stack, tensor, where } from "../ops/functions.ts";
import { sampleDirichletOp } from "../ops/random/draw-operators.ts";
import { defaultGenerator } from "../random/generator.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent, positive, simplex, unitInterval } from "./constraints.ts";
import { Distribution, type DistributionOptions, unchecked } from "./distribution.ts";
import { broadcastAll, type Parameter } from "./parameters.ts";

/** The Dirichlet distribution over vectors that add up to 1, of a concentration for each entry. @see torch.distributions.Dirichlet */
export class Dirichlet extends Distribution {
  readonly concentration: Tensor;

  /** @throws {TensorError} for a 0-d concentration */
  constructor(concentration: Tensor, options: DistributionOptions = {}) {
    if (concentration.ndim < 1) throw new TensorError("`concentration` parameter must be at least one-dimensional.");
    super(concentration.shape.slice(0, -1), concentration.shape.slice(-1), options);
    this.concentration = concentration;
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration: independent(positive, 1) };
  }
  get support(): Constraint {
    return simplex;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get mean(): Tensor {
    return this.concentration.div(this.concentration.sum(-1, true));
  }
  override get mode(): Tensor {
    const excess = this.concentration.sub(1).clamp(0);
    const mode = excess.div(excess.sum(-1, true));
    // Where every concentration is below one, the mode lies in a corner.
    const n = this.concentration.shape.at(-1)!;
    const inCorner = this.concentration.lt(1).all(-1, true);
    return where(inCorner, mode.argmax(-1, true).eq(counting(n)).to(mode.dtype), mode);
  }
  get variance(): Tensor {
    const total = this.concentration.sum(-1, true);
    return this.concentration.mul(total.sub(this.concentration)).div(total.pow(2).mul(total.add(1)));
  }
  expand(batchShape: Shape): Dirichlet {
    return this.keepChecks(new Dirichlet(this.concentration.expand([...batchShape, ...this.eventShape]), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return run(sampleDirichletOp, [this.concentration.expand(this.extendedShape(sampleShape))], { generator: defaultGenerator });
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const { concentration } = this;
    return value.log().mul(concentration.sub(1)).sum(-1).add(concentration.sum(-1).lgamma()).sub(concentration.lgamma().sum(-1));
  }
  override entropy(): Tensor {
    const { concentration } = this;
    const k = concentration.shape.at(-1)!;
    const total = concentration.sum(-1);
    return concentration
      .lgamma()
      .sum(-1)
      .sub(total.lgamma())
      .sub(total.rsub(k).mul(total.digamma()))
      .sub(concentration.sub(1).mul(concentration.digamma()).sum(-1));
  }
}

/** The integers 0 ... n - 1. */
export const counting = (n: number): Tensor => tensor(BigInt64Array.from({ length: n }, (_, i) => BigInt(i)));

/** The beta distribution over [0, 1]: the first entry of a Dirichlet distribution of two. @see torch.distributions.Beta */
export class Beta extends Distribution {
  readonly #dirichlet: Dirichlet;

  constructor(concentration1: Parameter, concentration0: Parameter, options: DistributionOptions = {}) {
    const concentrations = stack(broadcastAll(concentration1, concentration0), -1);
    const dirichlet = new Dirichlet(concentrations, options);
    super(dirichlet.batchShape, [], options);
    this.#dirichlet = dirichlet;
    this.validateParameters();
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return { concentration1: positive, concentration0: positive };
  }
  get support(): Constraint {
    return unitInterval;
  }
  override get hasRsample(): boolean {
    return true;
  }
  get concentration1(): Tensor {
    return this.#dirichlet.concentration.select(-1, 0);
  }
  get concentration0(): Tensor {
    return this.#dirichlet.concentration.select(-1, 1);
  }
  get mean(): Tensor {
    return this.concentration1.div(this.concentration1.add(this.concentration0));
  }
  override get mode(): Tensor {
    return this.#dirichlet.mode.select(-1, 0);
  }
  get variance(): Tensor {
    const total = this.concentration1.add(this.concentration0);
    return this.concentration1.mul(this.concentration0).div(total.pow(2).mul(total.add(1)));
  }
  expand(batchShape: Shape): Beta {
    return this.keepChecks(new Beta(this.concentration1.expand(batchShape), this.concentration0.expand(batchShape), unchecked));
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.#dirichlet.rsample(sampleShape).select(-1, 0);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    return this.#dirichlet.logProb(stack([value, value.rsub(1)], -1));
  }
  override entropy(): Tensor {
    return this.#dirichlet.entropy();
  }
}
