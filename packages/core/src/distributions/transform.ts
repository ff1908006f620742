import { TensorError } from "../errors.ts";
import { zerosLike } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, independent, real } from "./constraints.ts";
import { sumRightmost } from "./parameters.ts";

/**
 * An invertible map of tensors with the logarithm of its volume change, by which a density is transformed. A transform is called as a
 * method: `transform.forward(x)`; its inverse is `transform.inv`.
 * @see torch.distributions.transforms.Transform
 */
export abstract class Transform {
  #inverse: Transform | undefined;
  #last: { readonly x: Tensor; readonly y: Tensor } | undefined;
  /** 1 when the last pair of value and image is remembered, so that inverting an image gives the very value. */
  readonly cacheSize: number;

  /** @throws {TensorError} for a cache size other than 0 and 1 */
  constructor(cacheSize = 0) {
    if (cacheSize !== 0 && cacheSize !== 1) throw new TensorError("cache_size must be 0 or 1");
    this.cacheSize = cacheSize;
  }

  abstract get domain(): Constraint;
  abstract get codomain(): Constraint;
  /** Whether the map is one to one. */
  get bijective(): boolean {
    return false;
  }
  /** Sign of the derivative of a monotonic map, a tensor where it differs by element. @throws {TensorError} where it has none */
  get sign(): number | Tensor {
    throw new TensorError(`${this.constructor.name} does not implement sign`);
  }
  protected abstract map(x: Tensor): Tensor;
  protected abstract invert(y: Tensor): Tensor;
  /** log |dy / dx| at `x`, whose image is `y`. @throws {TensorError} where it is not defined */
  logAbsDetJacobian(_x: Tensor, _y: Tensor): Tensor {
    throw new TensorError(`${this.constructor.name} does not implement log_abs_det_jacobian`);
  }
  /** Shape of the image of a value of `shape`. */
  forwardShape(shape: Shape): Shape {
    return shape;
  }
  /** Shape of the value whose image has `shape`. */
  inverseShape(shape: Shape): Shape {
    return shape;
  }
  /** Whether `other` is the same map. */
  equals(other: Transform): boolean {
    return this === other;
  }

  /** The image of `x`. */
  forward(x: Tensor): Tensor {
    if (this.cacheSize === 0) return this.map(x);
    if (this.#last?.x !== x) this.#last = { x, y: this.map(x) };
    return this.#last.y;
  }

  /** The value whose image is `y`. */
  backward(y: Tensor): Tensor {
    if (this.cacheSize === 0) return this.invert(y);
    if (this.#last?.y !== y) this.#last = { x: this.invert(y), y };
    return this.#last.x;
  }

  /** The inverse map. */
  get inv(): Transform {
    this.#inverse ??= new InverseTransform(this);
    return this.#inverse;
  }

  toString(): string {
    return `${this.constructor.name}()`;
  }
}

/** A transform backwards. */
class InverseTransform extends Transform {
  readonly #of: Transform;
  constructor(of: Transform) {
    super();
    this.#of = of;
  }
  get domain(): Constraint {
    return this.#of.codomain;
  }
  get codomain(): Constraint {
    return this.#of.domain;
  }
  override get bijective(): boolean {
    return this.#of.bijective;
  }
  override get sign(): number | Tensor {
    return this.#of.sign;
  }
  protected map(x: Tensor): Tensor {
    return this.#of.backward(x);
  }
  protected invert(y: Tensor): Tensor {
    return this.#of.forward(y);
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return this.#of.logAbsDetJacobian(y, x).neg();
  }
  override forwardShape(shape: Shape): Shape {
    return this.#of.inverseShape(shape);
  }
  override inverseShape(shape: Shape): Shape {
    return this.#of.forwardShape(shape);
  }
  override equals(other: Transform): boolean {
    return other instanceof InverseTransform && this.#of.equals(other.#of);
  }
  override get inv(): Transform {
    return this.#of;
  }
  override toString(): string {
    return `_InverseTransform(${this.#of})`;
  }
}

/** Transforms one after the other. @see torch.distributions.transforms.ComposeTransform */
export class ComposeTransform extends Transform {
  readonly parts: readonly Transform[];
  constructor(parts: readonly Transform[], { cacheSize = 0 }: { cacheSize?: number } = {}) {
    super(cacheSize);
    this.parts = parts;
  }
  get domain(): Constraint {
    const [first] = this.parts;
    if (first === undefined) return real;
    // The dimensions of an event before all parts are those that any part needs, counted back to the start.
    let eventDim = this.parts.at(-1)!.codomain.eventDim;
    for (const { domain, codomain } of [...this.parts].reverse()) {
      eventDim = Math.max(eventDim + domain.eventDim - codomain.eventDim, domain.eventDim);
    }
    return widened(first.domain, eventDim);
  }
  get codomain(): Constraint {
    const last = this.parts.at(-1);
    if (last === undefined) return real;
    let eventDim = this.parts[0]!.domain.eventDim;
    for (const { domain, codomain } of this.parts) {
      eventDim = Math.max(eventDim + codomain.eventDim - domain.eventDim, codomain.eventDim);
    }
    return widened(last.codomain, eventDim);
  }
  override get bijective(): boolean {
    return this.parts.every((part) => part.bijective);
  }
  override get sign(): number | Tensor {
    return this.parts.reduce<number | Tensor>((sign, part) => timesSign(sign, part.sign), 1);
  }
  protected map(x: Tensor): Tensor {
    return this.parts.reduce((value, part) => part.forward(value), x);
  }
  protected invert(y: Tensor): Tensor {
    return this.parts.reduceRight((value, part) => part.backward(value), y);
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    if (this.parts.length === 0) return zerosLike(x);
    let eventDim = this.domain.eventDim;
    let value = x;
    let total: Tensor | undefined;
    this.parts.forEach((part, i) => {
      const image = i === this.parts.length - 1 ? y : part.forward(value);
      const term = sumRightmost(part.logAbsDetJacobian(value, image), eventDim - part.domain.eventDim);
      total = total === undefined ? term : total.add(term);
      eventDim += part.codomain.eventDim - part.domain.eventDim;
      value = image;
    });
    return total!;
  }
  override forwardShape(shape: Shape): Shape {
    return this.parts.reduce((s, part) => part.forwardShape(s), shape);
  }
  override inverseShape(shape: Shape): Shape {
    return this.parts.reduceRight((s, part) => part.inverseShape(s), shape);
  }
  override equals(other: Transform): boolean {
    return other instanceof ComposeTransform && sameTransforms(this.parts, other.parts);
  }
  override toString(): string {
    return `ComposeTransform(\n    ${this.parts.join(",\n    ")}\n)`;
  }
}

const widened = (constraint: Constraint, eventDim: number): Constraint =>
  eventDim > constraint.eventDim ? independent(constraint, eventDim - constraint.eventDim) : constraint;

/** Product of two signs. */
export const timesSign = (a: number | Tensor, b: number | Tensor): number | Tensor =>
  typeof a === "number" ? (typeof b === "number" ? a * b : b.mul(a)) : a.mul(b);

/** Whether two lists of transforms are the same maps in the same order. */
export const sameTransforms = (a: readonly Transform[], b: readonly Transform[]): boolean =>
  a.length === b.length && a.every((part, i) => part.equals(b[i]!));

/** The identity. */
export const identityTransform: Transform = new ComposeTransform([]);

/** A transform whose last batch dimensions are taken together as one event. @see torch.distributions.transforms.IndependentTransform */
export class IndependentTransform extends Transform {
  readonly baseTransform: Transform;
  readonly reinterpretedBatchNdims: number;
  constructor(baseTransform: Transform, reinterpretedBatchNdims: number, { cacheSize = 0 }: { cacheSize?: number } = {}) {
    super(cacheSize);
    this.baseTransform = baseTransform;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }
  get domain(): Constraint {
    return independent(this.baseTransform.domain, this.reinterpretedBatchNdims);
  }
  get codomain(): Constraint {
    return independent(this.baseTransform.codomain, this.reinterpretedBatchNdims);
  }
  override get bijective(): boolean {
    return this.baseTransform.bijective;
  }
  override get sign(): number | Tensor {
    return this.baseTransform.sign;
  }
  /** @throws {TensorError} for values of too few dimensions */
  protected map(x: Tensor): Tensor {
    requireDims(x.shape, this.domain.eventDim);
    return this.baseTransform.forward(x);
  }
  protected invert(y: Tensor): Tensor {
    requireDims(y.shape, this.codomain.eventDim);
    return this.baseTransform.backward(y);
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    return sumRightmost(this.baseTransform.logAbsDetJacobian(x, y), this.reinterpretedBatchNdims);
  }
  override forwardShape(shape: Shape): Shape {
    return this.baseTransform.forwardShape(shape);
  }
  override inverseShape(shape: Shape): Shape {
    return this.baseTransform.inverseShape(shape);
  }
  override toString(): string {
    return `IndependentTransform(${this.baseTransform}, ${this.reinterpretedBatchNdims})`;
  }
}

/** @throws {TensorError} for fewer dimensions than an event has */
export function requireDims(shape: Shape, dims: number): void {
  if (shape.length < dims) throw new TensorError("Too few dimensions on input");
}
