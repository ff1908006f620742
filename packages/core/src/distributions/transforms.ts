import { TensorError } from "../errors.ts";
import { cat, stack, tensor, where, zeros } from "../ops/functions.ts";
import { broadcastShapes, numelOf, type Shape, sameShape } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";
import {
  type Constraint,
  cat as catConstraint,
  independent,
  interval,
  lowerCholesky,
  positive,
  real,
  realVector,
  simplex,
  stack as stackConstraint,
  unitInterval,
} from "./constraints.ts";
import { logSigmoid } from "./counts.ts";
import { counting } from "./dirichlet.ts";
import type { Distribution } from "./distribution.ts";
import { broadcastAll, filledLike, floatLimits, holdsEverywhere, type Parameter, sizeText, sumRightmost } from "./parameters.ts";
import { requireDims, Transform } from "./transform.ts";

interface CacheOptions {
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

function clippedSigmoid(x: Tensor): Tensor {
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

/** Reshapes the event. @see torch.distributions.transforms.ReshapeTransform */
export class ReshapeTransform extends Transform {
  readonly inShape: Shape;
  readonly outShape: Shape;
  /** @throws {TensorError} for shapes of different numbers of elements */
  constructor(inShape: Shape, outShape: Shape, { cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
    if (numelOf(inShape) !== numelOf(outShape)) throw new TensorError("in_shape, out_shape have different numbers of elements");
    this.inShape = inShape;
    this.outShape = outShape;
  }
  get domain(): Constraint {
    return independent(real, this.inShape.length);
  }
  get codomain(): Constraint {
    return independent(real, this.outShape.length);
  }
  override get bijective(): boolean {
    return true;
  }
  protected map(x: Tensor): Tensor {
    return x.reshape(this.forwardShape(x.shape));
  }
  protected invert(y: Tensor): Tensor {
    return y.reshape(this.inverseShape(y.shape));
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return zeros(x.shape.slice(0, x.ndim - this.inShape.length), { dtype: x.dtype, device: x.device });
  }
  /** @throws {TensorError} for a shape that does not end as it should */
  override forwardShape(shape: Shape): Shape {
    return exchangeEnd(shape, this.inShape, this.outShape);
  }
  override inverseShape(shape: Shape): Shape {
    return exchangeEnd(shape, this.outShape, this.inShape);
  }
}

function exchangeEnd(shape: Shape, from: Shape, to: Shape): Shape {
  requireDims(shape, from.length);
  const cut = shape.length - from.length;
  if (!sameShape(shape.slice(cut), from)) {
    throw new TensorError(`Shape mismatch: expected ${sizeText(shape.slice(cut))} but got ${sizeText(from)}`);
  }
  return [...shape.slice(0, cut), ...to];
}

/** Maps of vectors of reals onto the simplex. */
abstract class OntoSimplex extends Transform {
  constructor({ cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
  }
  get domain(): Constraint {
    return realVector;
  }
  get codomain(): Constraint {
    return simplex;
  }
  override equals(other: Transform): boolean {
    return other.constructor === this.constructor;
  }
}

/** y = softmax(x); not one to one. @see torch.distributions.transforms.SoftmaxTransform */
export class SoftmaxTransform extends OntoSimplex {
  protected map(x: Tensor): Tensor {
    return x.softmax(-1);
  }
  protected invert(y: Tensor): Tensor {
    return y.log();
  }
  override forwardShape(shape: Shape): Shape {
    requireDims(shape, 1);
    return shape;
  }
  override inverseShape(shape: Shape): Shape {
    requireDims(shape, 1);
    return shape;
  }
}

/** Breaks a stick of length 1 into n + 1 pieces, each a sigmoid of what is left. @see torch.distributions.transforms.StickBreakingTransform */
export class StickBreakingTransform extends OntoSimplex {
  override get bijective(): boolean {
    return true;
  }
  /** log of the pieces still to come, which centers the transform. */
  #logOffset(x: Tensor): Tensor {
    const n = x.shape.at(-1)!;
    return counting(n).to(x.dtype).rsub(n).log();
  }
  protected map(x: Tensor): Tensor {
    const z = clippedSigmoid(x.sub(this.#logOffset(x)));
    const left = z.rsub(1).cumprod(-1);
    const one = filledLike(x, 1, [...x.shape.slice(0, -1), 1]);
    return cat([z, one], -1).mul(cat([one, left], -1));
  }
  protected invert(y: Tensor): Tensor {
    const pieces = y.narrow(-1, 0, y.shape.at(-1)! - 1);
    const left = pieces.cumsum(-1).rsub(1).clamp(floatLimits(y.dtype).tiny);
    return pieces.log().sub(left.log()).add(this.#logOffset(pieces));
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const centered = x.sub(this.#logOffset(x));
    const pieces = y.narrow(-1, 0, y.shape.at(-1)! - 1);
    return centered.neg().add(logSigmoid(centered)).add(pieces.log()).sum(-1);
  }
  override forwardShape(shape: Shape): Shape {
    requireDims(shape, 1);
    return [...shape.slice(0, -1), shape.at(-1)! + 1];
  }
  override inverseShape(shape: Shape): Shape {
    requireDims(shape, 1);
    return [...shape.slice(0, -1), shape.at(-1)! - 1];
  }
}

/** Lower triangular matrices whose diagonal is the exponential of the given one. @see torch.distributions.transforms.LowerCholeskyTransform */
export class LowerCholeskyTransform extends Transform {
  constructor({ cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
  }
  get domain(): Constraint {
    return independent(real, 2);
  }
  get codomain(): Constraint {
    return lowerCholesky;
  }
  protected map(x: Tensor): Tensor {
    return x.tril(-1).add(onDiagonal(x.diagonal(0, -2, -1).exp()));
  }
  protected invert(y: Tensor): Tensor {
    return y.tril(-1).add(onDiagonal(y.diagonal(0, -2, -1).log()));
  }
  override equals(other: Transform): boolean {
    return other instanceof LowerCholeskyTransform;
  }
}

/** Vectors as the diagonals of matrices. */
function onDiagonal(values: Tensor): Tensor {
  const n = counting(values.shape.at(-1)!);
  return where(n.unsqueeze(-1).eq(n), values.unsqueeze(-1), tensor(0, { dtype: values.dtype }));
}

/** Transforms of the pieces of a tensor along a dimension. @see torch.distributions.transforms.CatTransform */
export class CatTransform extends Transform {
  readonly transforms: readonly Transform[];
  readonly dim: number;
  readonly lengths: readonly number[];
  constructor(
    transforms: readonly Transform[],
    dim = 0,
    lengths: readonly number[] = transforms.map(() => 1),
    { cacheSize = 0 }: CacheOptions = {},
  ) {
    super(cacheSize);
    this.transforms = transforms;
    this.dim = dim;
    this.lengths = lengths;
  }
  get domain(): Constraint {
    return catConstraint(
      this.transforms.map((t) => t.domain),
      this.dim,
      this.lengths,
    );
  }
  get codomain(): Constraint {
    return catConstraint(
      this.transforms.map((t) => t.codomain),
      this.dim,
      this.lengths,
    );
  }
  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective);
  }
  #pieces(value: Tensor): Tensor[] {
    let start = 0;
    return this.lengths.map((length) => {
      const piece = value.narrow(this.dim, start, length);
      start += length;
      return piece;
    });
  }
  protected map(x: Tensor): Tensor {
    return cat(
      this.#pieces(x).map((piece, i) => this.transforms[i]!.forward(piece)),
      this.dim,
    );
  }
  protected invert(y: Tensor): Tensor {
    return cat(
      this.#pieces(y).map((piece, i) => this.transforms[i]!.backward(piece)),
      this.dim,
    );
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const images = this.#pieces(y);
    const eventDim = Math.max(...this.transforms.map((t) => t.domain.eventDim));
    const terms = this.#pieces(x).map((piece, i) => {
      const transform = this.transforms[i]!;
      return sumRightmost(transform.logAbsDetJacobian(piece, images[i]!), eventDim - transform.domain.eventDim);
    });
    const dim = (this.dim >= 0 ? this.dim - x.ndim : this.dim) + eventDim;
    return dim < 0 ? cat(terms, dim) : terms.reduce((a, b) => a.add(b));
  }
}

/** Transforms of the slices of a tensor along a dimension. @see torch.distributions.transforms.StackTransform */
export class StackTransform extends Transform {
  readonly transforms: readonly Transform[];
  readonly dim: number;
  constructor(transforms: readonly Transform[], dim = 0, { cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
    this.transforms = transforms;
    this.dim = dim;
  }
  get domain(): Constraint {
    return stackConstraint(
      this.transforms.map((t) => t.domain),
      this.dim,
    );
  }
  get codomain(): Constraint {
    return stackConstraint(
      this.transforms.map((t) => t.codomain),
      this.dim,
    );
  }
  override get bijective(): boolean {
    return this.transforms.every((t) => t.bijective);
  }
  #each(compute: (transform: Transform, index: number) => Tensor): Tensor {
    return stack(this.transforms.map(compute), this.dim);
  }
  protected map(x: Tensor): Tensor {
    return this.#each((transform, i) => transform.forward(x.select(this.dim, i)));
  }
  protected invert(y: Tensor): Tensor {
    return this.#each((transform, i) => transform.backward(y.select(this.dim, i)));
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.#each((transform, i) => transform.logAbsDetJacobian(x.select(this.dim, i), y.select(this.dim, i)));
  }
}

/** The cumulative distribution of a distribution. @see torch.distributions.transforms.CumulativeDistributionTransform */
export class CumulativeDistributionTransform extends Transform {
  readonly distribution: Distribution;
  constructor(distribution: Distribution, { cacheSize = 0 }: CacheOptions = {}) {
    super(cacheSize);
    this.distribution = distribution;
  }
  get domain(): Constraint {
    return this.distribution.support;
  }
  get codomain(): Constraint {
    return unitInterval;
  }
  override get bijective(): boolean {
    return true;
  }
  override get sign(): number {
    return 1;
  }
  protected map(x: Tensor): Tensor {
    return this.distribution.cdf(x);
  }
  protected invert(y: Tensor): Tensor {
    return this.distribution.icdf(y);
  }
  override logAbsDetJacobian(x: Tensor): Tensor {
    return this.distribution.logProb(x);
  }
}
