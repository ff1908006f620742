import { TensorError } from "../errors.ts";
import { type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent } from "./constraints.ts";
import { Distribution, type DistributionOptions, notImplemented } from "./distribution.ts";
import { Independent } from "./independent.ts";
import { sizeText, sumRightmost } from "./parameters.ts";
import { ComposeTransform, Transform, timesSign } from "./transform.ts";

interface Prepared {
  readonly base: Distribution;
  readonly batchShape: Shape;
  readonly eventShape: Shape;
}

/** The base as the transforms need it, and the shapes of the result. @throws {TensorError} */
function prepare(given: Distribution, transform: ComposeTransform): Prepared {
  const baseShape = [...given.batchShape, ...given.eventShape];
  const eventDim = given.eventShape.length;
  const domainDim = transform.domain.eventDim;
  if (baseShape.length < domainDim) {
    throw new TensorError(`base_distribution needs to have shape with size at least ${domainDim}, but got ${sizeText(baseShape)}.`);
  }
  const shape = transform.forwardShape(baseShape);
  const expanded = transform.inverseShape(shape);
  let base = sameShape(baseShape, expanded) ? given : given.expand(expanded.slice(0, expanded.length - eventDim));
  if (domainDim > eventDim) base = new Independent(base, domainDim - eventDim);
  const cut = shape.length - transform.codomain.eventDim - Math.max(eventDim - domainDim, 0);
  return { base, batchShape: shape.slice(0, cut), eventShape: shape.slice(cut) };
}

/** What comes of the draws of a distribution by transforms. @see torch.distributions.TransformedDistribution */
export class TransformedDistribution extends Distribution {
  readonly baseDist: Distribution;
  readonly transforms: readonly Transform[];

  /** @throws {TensorError} for what are no transforms, or a base of too few dimensions */
  constructor(baseDistribution: Distribution, transforms: Transform | readonly Transform[], options: DistributionOptions = {}) {
    const list = transforms instanceof Transform ? [transforms] : transforms;
    if (!Array.isArray(list)) throw new TensorError(`transforms must be a Transform or list, but was ${String(transforms)}`);
    if (!list.every((t) => t instanceof Transform)) throw new TensorError("transforms must be a Transform or a list of Transforms");
    const { base, batchShape, eventShape } = prepare(baseDistribution, new ComposeTransform(list));
    super(batchShape, eventShape, options);
    this.baseDist = base;
    this.transforms = list;
  }

  get argConstraints(): Readonly<Record<string, Constraint>> {
    return {};
  }
  get support(): Constraint {
    const last = this.transforms.at(-1);
    if (last === undefined) return this.baseDist.support;
    const { codomain } = last;
    const extra = this.eventShape.length - codomain.eventDim;
    return extra > 0 ? independent(codomain, extra) : codomain;
  }
  override get hasRsample(): boolean {
    return this.baseDist.hasRsample;
  }
  /** @throws {TensorError} where the family does not know it */
  get mean(): Tensor {
    throw notImplemented(this, "mean");
  }
  /** @throws {TensorError} where the family does not know it */
  get variance(): Tensor {
    throw notImplemented(this, "variance");
  }
  expand(batchShape: Shape): TransformedDistribution {
    const shape = [...batchShape, ...this.eventShape];
    const inverse = new ComposeTransform(this.transforms).inverseShape(shape);
    const base = this.baseDist.expand(inverse.slice(0, inverse.length - this.baseDist.eventShape.length));
    return this.keepChecks(new TransformedDistribution(base, this.transforms));
  }
  override sample(sampleShape: Shape = []): Tensor {
    return this.#transformed(this.baseDist.sample(sampleShape)).detach();
  }
  override rsample(sampleShape: Shape = []): Tensor {
    return this.#transformed(this.baseDist.rsample(sampleShape));
  }
  #transformed(x: Tensor): Tensor {
    return this.transforms.reduce((value, transform) => transform.forward(value), x);
  }
  logProb(value: Tensor): Tensor {
    this.validateSample(value);
    let eventDim = this.eventShape.length;
    let total: Tensor | undefined;
    let y = value;
    for (const transform of [...this.transforms].reverse()) {
      const x = transform.backward(y);
      eventDim += transform.domain.eventDim - transform.codomain.eventDim;
      const term = sumRightmost(transform.logAbsDetJacobian(x, y), eventDim - transform.domain.eventDim);
      total = total === undefined ? term.neg() : total.sub(term);
      y = x;
    }
    const base = sumRightmost(this.baseDist.logProb(y), eventDim - this.baseDist.eventShape.length);
    return total === undefined ? base : total.add(base);
  }
  override cdf(value: Tensor): Tensor {
    const x = this.transforms.reduceRight((y, transform) => transform.backward(y), value);
    if (this.validating) this.baseDist.checkValue(x);
    return this.#increasing(this.baseDist.cdf(x));
  }
  override icdf(value: Tensor): Tensor {
    return this.#transformed(this.baseDist.icdf(this.#increasing(value)));
  }
  /** A probability counted from the other end where the transforms turn the order around. */
  #increasing(value: Tensor): Tensor {
    const sign = this.transforms.reduce<number | Tensor>((all, transform) => timesSign(all, transform.sign), 1);
    return sign === 1 ? value : value.sub(0.5).mul(sign).add(0.5);
  }
}
