import { TensorError } from "../errors.ts";
import { cat, stack, tensor, where, zeros } from "../ops/functions.ts";
import { numelOf, type Shape, sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  type Constraint,
  cat as catConstraint,
  independent,
  lowerCholesky,
  real,
  realVector,
  simplex,
  stack as stackConstraint,
  unitInterval,
} from "./constraints.ts";
import { logSigmoid } from "./counts.ts";
import { counting } from "./dirichlet.ts";
import type { Distribution } from "./distribution.ts";
import { type CacheOptions, clippedSigmoid } from "./elementwise-transforms.ts";
import { filledLike, floatLimits, sizeText, sumRightmost } from "./parameters.ts";
import { requireDims, Transform } from "./transform.ts";

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
