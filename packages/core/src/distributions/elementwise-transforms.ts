import { broadcastShapes, type Shape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent, interval, positive, real, unitInterval } from "./constraints.ts";
import { logSigmoid } from "./counts.ts";
import { broadcastAll, filledLike, floatLimits, holdsEverywhere, type Parameter, sumRightmost } from "./parameters.ts";
import { Transform } from "./transform.ts";

export interface CacheOptions {
  /** 1 to remember the last pair. Default 0. */
  cacheSize?: number;
}

const softplus = (x: Tensor): Tensor => logSigmoid(x.neg()).neg();

/** Maps of each element by itself that increase and have no parameters. */
abstract class Increasing extends Transform {
  constructor({ cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
  }
  get domain(): Constraint {
    return real;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number {
    return 1;
  }
  override equals(other: Transform): boolean {
    return other.constructor === this.constructor;
  }
}

/** y = exp(x). @see torch.distributions.transforms.ExpTransform */
export class ExpTransform extends Increasing {
  get codomain(): Constraint {
    return positive;
  }
  protected map(x: Tensor): Tensor {
    return x.exp();
  }
  protected invert(y: Tensor): Tensor {
    return y.log();
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return x;
  }
}

/** y = sigmoid(x), kept off 0 and 1. @see torch.distributions.transforms.SigmoidTransform */
export class SigmoidTransform extends Increasing {
  get codomain(): Constraint {
    return unitInterval;
  }
  protected map(x: Tensor): Tensor {
    return clippedSigmoid(x);
  }
  protected invert(y: Tensor): Tensor {
    const { tiny, eps } = floatLimits(y.dtype);
    const inside = y.clamp(tiny, 1 - eps);
    return inside.log().sub(inside.neg().log1p());
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return softplus(x.neg()).neg().sub(softplus(x));
  }
}

/** The sigmoid, kept off 0 and 1. */
export function clippedSigmoid(x: Tensor): Tensor {
  const { tiny, eps } = floatLimits(x.dtype);
  return x.sigmoid().clamp(tiny, 1 - eps);
}

/** y = log(1 + exp(x)). @see torch.distributions.transforms.SoftplusTransform */
export class SoftplusTransform extends Increasing {
  get codomain(): Constraint {
    return positive;
  }
  protected map(x: Tensor): Tensor {
    return softplus(x);
  }
  protected invert(y: Tensor): Tensor {
    return y.neg().expm1().neg().log().add(y);
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return softplus(x.neg()).neg();
  }
}

/** y = tanh(x). @see torch.distributions.transforms.TanhTransform */
export class TanhTransform extends Increasing {
  get codomain(): Constraint {
    return interval(-1, 1);
  }
  protected map(x: Tensor): Tensor {
    return x.tanh();
  }
  protected invert(y: Tensor): Tensor {
    return y.atanh();
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return x
      .rsub(Math.LN2)
      .sub(softplus(x.mul(-2)))
      .mul(2);
  }
}

/** y = |x|; inverted to the positive one of its two values. @see torch.distributions.transforms.AbsTransform */
export class AbsTransform extends Transform {
  constructor({ cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
  }
  get domain(): Constraint {
    return real;
  }
  get codomain(): Constraint {
    return positive;
  }
  protected map(x: Tensor): Tensor {
    return x.abs();
  }
  protected invert(y: Tensor): Tensor {
    return y;
  }
  override equals(other: Transform): boolean {
    return other instanceof AbsTransform;
  }
}

/** y = x ^ exponent, of positive numbers. @see torch.distributions.transforms.PowerTransform */
export class PowerTransform extends Transform {
  readonly exponent: Tensor;
  constructor(exponent: Parameter, { cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
    this.exponent = broadcastAll(exponent)[0];
  }
  get domain(): Constraint {
    return positive;
  }
  get codomain(): Constraint {
    return positive;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number {
    return 1;
  }
  protected map(x: Tensor): Tensor {
    return x.pow(this.exponent);
  }
  protected invert(y: Tensor): Tensor {
    return y.pow(this.exponent.reciprocal());
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.exponent.mul(y).div(x).abs().log();
  }
  override forwardShape(shape: Shape): Shape {
    return broadcastShapes(shape, this.exponent.shape);
  }
  override inverseShape(shape: Shape): Shape {
    return broadcastShapes(shape, this.exponent.shape);
  }
  override equals(other: Transform): boolean {
    return other instanceof PowerTransform && holdsEverywhere(this.exponent.eq(other.exponent));
  }
}

const shapeOf = (value: Parameter): Shape => (value instanceof Tensor ? value.shape : []);
const sameParameter = (a: Parameter, b: Parameter): boolean =>
  typeof a === "number" && typeof b === "number" ? a === b : holdsEverywhere(broadcastAll(a, b).reduce((x, y) => x.eq(y)));

/** y = loc + scale * x. @see torch.distributions.transforms.AffineTransform */
export class AffineTransform extends Transform {
  readonly loc: Parameter;
  readonly scale: Parameter;
  readonly eventDim: number;
  constructor(loc: Parameter, scale: Parameter, { eventDim = 0, cacheSize = 0 }: CacheOptions & { eventDim?: number } = {}) {
    super(cacheSize);
    this.loc = loc;
    this.scale = scale;
    this.eventDim = eventDim;
  }
  get domain(): Constraint {
    return this.eventDim === 0 ? real : independent(real, this.eventDim);
  }
  get codomain(): Constraint {
    return this.domain;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number | Tensor {
    return typeof this.scale === "number" ? Math.sign(this.scale) : this.scale.sign();
  }
  protected map(x: Tensor): Tensor {
    return x.mul(this.scale).add(this.loc);
  }
  protected invert(y: Tensor): Tensor {
    return y.sub(this.loc).div(this.scale);
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    const { scale, eventDim } = this;
    const each = typeof scale === "number" ? filledLike(x, Math.log(Math.abs(scale))) : scale.abs().log();
    const shape = x.shape.slice(0, x.ndim - eventDim);
    return sumRightmost(each, eventDim).expand(shape);
  }
  override forwardShape(shape: Shape): Shape {
    return broadcastShapes(broadcastShapes(shape, shapeOf(this.loc)), shapeOf(this.scale));
  }
  override inverseShape(shape: Shape): Shape {
    return this.forwardShape(shape);
  }
  override equals(other: Transform): boolean {
    return other instanceof AffineTransform && sameParameter(this.loc, other.loc) && sameParameter(this.scale, other.scale);
  }
}
