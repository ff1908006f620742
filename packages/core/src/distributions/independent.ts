import { TensorError } from "../errors.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent } from "./constraints.ts";
import { Distribution, type DistributionOptions } from "./distribution.ts";
import { sumRightmost } from "./parameters.ts";

/** A distribution whose last batch dimensions are taken together as one event. @see torch.distributions.Independent */
export class Independent extends Distribution {
  readonly baseDist: Distribution;
  readonly reinterpretedBatchNdims: number;

  /** @throws {TensorError} for more dimensions than the batch has */
  constructor(baseDistribution: Distribution, reinterpretedBatchNdims: number, options: DistributionOptions = {}) {
    const { batchShape, eventShape } = baseDistribution;
    if (reinterpretedBatchNdims > batchShape.length) {
      throw new TensorError(
        "Expected reinterpreted_batch_ndims <= len(base_distribution.batch_shape), " +
          `actual ${reinterpretedBatchNdims} vs ${batchShape.length}`,
      );
    }
    const cut = batchShape.length - reinterpretedBatchNdims;
    super(batchShape.slice(0, cut), [...batchShape.slice(cut), ...eventShape], options);
    this.baseDist = baseDistribution;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  get support(): Constraint {
    const { support } = this.baseDist;
    return this.reinterpretedBatchNdims > 0 ? independent(support, this.reinterpretedBatchNdims) : support;
  }
  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }
  override get hasEnumerateSupport(): boolean {
    return this.reinterpretedBatchNdims === 0 && this.baseDist.hasEnumerateSupport;
  }
  get mean(): Tensor {
    return this.baseDist.mean;
  }
  override get mode(): Tensor {
    return this.baseDist.mode;
  }
  get variance(): Tensor {
    return this.baseDist.variance;
  }
  expand(batchShape: Shape): Independent {
    const base = this.baseDist.expand([...batchShape, ...this.eventShape.slice(0, this.reinterpretedBatchNdims)]);
    return this.keepChecks(new Independent(base, this.reinterpretedBatchNdims));
  }
  override sample(sampleShape: Shape = []): Tensor {
    return this.baseDist.sample(sampleShape);
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.baseDist.rsample(sampleShape);
  }
  logProb(value: Tensor): Tensor {
    return sumRightmost(this.baseDist.logProb(value), this.reinterpretedBatchNdims);
  }
  override entropy(): Tensor {
    return sumRightmost(this.baseDist.entropy(), this.reinterpretedBatchNdims);
  }
  /** @throws {TensorError} where dimensions were reinterpreted: the product of their values is not enumerated */
  override enumerateSupport(expand: boolean | { expand?: boolean } = true): Tensor {
    if (this.reinterpretedBatchNdims > 0) throw new TensorError("Enumeration over cartesian product is not implemented");
    return this.baseDist.enumerateSupport(expand);
  }
  override toString(): string {
    return `Independent(${this.baseDist}, ${this.reinterpretedBatchNdims})`;
  }
}
