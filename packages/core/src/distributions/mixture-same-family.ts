import { TensorError } from "../errors.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Categorical } from "./categorical.ts";
import type { Constraint } from "./constraints.ts";
import { Distribution, type DistributionOptions } from "./distribution.ts";
import { sizeText } from "./parameters.ts";

/** A mixture whose components are the last batch dimension of one distribution. @see torch.distributions.MixtureSameFamily */
export class MixtureSameFamily extends Distribution {
  readonly mixtureDistribution: Categorical;
  readonly componentDistribution: Distribution;

  /** @throws {TensorError} for batches that do not fit */
  constructor(mixtureDistribution: Categorical, componentDistribution: Distribution, options: DistributionOptions = {}) {
    if (!(mixtureDistribution instanceof Categorical)) {
      throw new TensorError(" The Mixture distribution needs to be an  instance of torch.distribtutions.Categorical");
    }
    if (!(componentDistribution instanceof Distribution)) {
      throw new TensorError("The Component distribution need to be an instance of torch.distributions.Distribution");
    }
    const mixtureBatch = mixtureDistribution.batchShape;
    const batchShape = componentDistribution.batchShape.slice(0, -1);
    for (let i = 1; i <= Math.min(mixtureBatch.length, batchShape.length); i++) {
      const [a, b] = [mixtureBatch.at(-i)!, batchShape.at(-i)!];
      if (a !== 1 && b !== 1 && a !== b) {
        throw new TensorError(
          `\`mixture_distribution.batch_shape\` (${sizeText(mixtureBatch)}) is not compatible with ` +
            `\`component_distribution.batch_shape\`(${sizeText(batchShape)})`,
        );
      }
    }
    const components = componentDistribution.batchShape.at(-1);
    const mixed = mixtureDistribution.logits.shape.at(-1);
    if (mixed !== components) {
      throw new TensorError(
        `\`mixture_distribution component\` (${mixed}) does not equal ` + `\`component_distribution.batch_shape[-1]\` (${components})`,
      );
    }
    super(batchShape, componentDistribution.eventShape, options);
    this.mixtureDistribution = mixtureDistribution;
    this.componentDistribution = componentDistribution;
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  get support(): Constraint {
    return this.componentDistribution.support;
  }
  /** The dimension of the components, from the end. */
  get #componentDim(): number {
    return -1 - this.eventShape.length;
  }
  /** Probabilities of the components, shaped to multiply their moments. */
  get #weights(): Tensor {
    const { probs, batchShape } = this.mixtureDistribution;
    const pad = numelOf(batchShape) === 1 ? 0 : numelOf(this.batchShape) - numelOf(batchShape);
    const ones = (n: number): number[] => new Array<number>(Math.max(0, n)).fill(1);
    return probs.reshape([...probs.shape.slice(0, -1), ...ones(pad), probs.shape.at(-1)!, ...ones(this.eventShape.length)]);
  }
  get mean(): Tensor {
    return this.#weights.mul(this.componentDistribution.mean).sum(this.#componentDim);
  }
  get variance(): Tensor {
    const { mean, variance } = this.componentDistribution;
    const within = this.#weights.mul(variance).sum(this.#componentDim);
    const between = this.#weights.mul(mean.sub(this.#padded(this.mean)).pow(2)).sum(this.#componentDim);
    return within.add(between);
  }
  #padded(value: Tensor): Tensor {
    return value.unsqueeze(this.#componentDim);
  }
  expand(batchShape: Shape): MixtureSameFamily {
    const components = this.componentDistribution.expand([...batchShape, this.mixtureDistribution.numEvents]);
    return this.keepChecks(new MixtureSameFamily(this.mixtureDistribution.expand(batchShape), components));
  }
  override sample(sampleShape: Shape = []): Tensor {
    const { eventShape } = this;
    const dim = sampleShape.length + this.batchShape.length;
    const chosen = this.mixtureDistribution.sample(sampleShape);
    const all = this.componentDistribution.sample(sampleShape);
    const shape = [...all.shape.slice(0, dim), 1, ...eventShape];
    const index = chosen.reshape([...chosen.shape, ...new Array<number>(eventShape.length + 1).fill(1)]).expand(shape);
    return all.gather(dim, index).squeeze(dim);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    const each = this.componentDistribution.logProb(this.#padded(value));
    return each.add(this.mixtureDistribution.logits.logSoftmax(-1)).logsumexp(-1);
  }
  override cdf(value: Tensor): Tensor {
    return this.componentDistribution.cdf(this.#padded(value)).mul(this.mixtureDistribution.probs).sum(-1);
  }
  override toString(): string {
    return `MixtureSameFamily(\n  ${this.mixtureDistribution},\n  ${this.componentDistribution})`;
  }
}
