import { TensorError } from "../errors.ts";
import { cat as concatenate, stack as stackTensors } from "../ops/functions.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { textOf } from "./parameters.ts";

/** A region over which a value is valid: what parameters must satisfy, and what a distribution's support is. @see torch.distributions.constraints */
export abstract class Constraint {
  /** Whether the region is discrete. */
  get isDiscrete(): boolean {
    return false;
  }
  /** How many of the last dimensions together make one event; `check` removes them. */
  get eventDim(): number {
    return 0;
  }
  /** Where `value` satisfies the constraint, as bool. */
  abstract check(value: Tensor): Tensor;

  /** PyTorch's `repr`. */
  toString(): string {
    return `${this.constructor.name}()`;
  }
}

/** A bound: a tensor, or a number written as an integer or as a float. */
export type Bound = Tensor | number;
/** Python prints the float `0.0` and the integer `0`; a bound remembers which it is. */
const boundText = (bound: Bound, integer: boolean): string => (typeof bound === "number" && integer ? String(bound) : textOf(bound));

/** Where both hold. */
export const both = (a: Tensor, b: Tensor): Tensor => a.logicalAnd(b);
const isWhole = (value: Tensor): Tensor =>
  value.dtype.startsWith("float") ? both(value.floor().eq(value), value.isfinite()) : value.eq(value);

/** Stands for a constraint that depends on other parameters and cannot be checked by itself. */
export class Dependent extends Constraint {
  readonly #discrete: boolean;
  readonly #eventDim: number;
  constructor({ isDiscrete = false, eventDim = 0 }: { isDiscrete?: boolean; eventDim?: number } = {}) {
    super();
    this.#discrete = isDiscrete;
    this.#eventDim = eventDim;
  }
  override get isDiscrete(): boolean {
    return this.#discrete;
  }
  override get eventDim(): number {
    return this.#eventDim;
  }
  /** @throws {TensorError} always */
  check(): Tensor {
    throw new TensorError("Cannot determine validity of dependent constraint");
  }
}

/** Wraps a constraint so that an event of more dimensions is valid when all its entries are. */
export class IndependentConstraint extends Constraint {
  readonly baseConstraint: Constraint;
  readonly reinterpretedBatchNdims: number;
  constructor(baseConstraint: Constraint, reinterpretedBatchNdims: number) {
    super();
    this.baseConstraint = baseConstraint;
    this.reinterpretedBatchNdims = reinterpretedBatchNdims;
  }
  override get isDiscrete(): boolean {
    return this.baseConstraint.isDiscrete;
  }
  override get eventDim(): number {
    return this.baseConstraint.eventDim + this.reinterpretedBatchNdims;
  }
  /** @throws {TensorError} for values of too few dimensions */
  check(value: Tensor): Tensor {
    const result = this.baseConstraint.check(value);
    const dims = this.reinterpretedBatchNdims;
    if (result.ndim < dims) throw new TensorError(`Expected value.dim() >= ${this.eventDim} but got ${value.ndim}`);
    return result.reshape([...result.shape.slice(0, result.ndim - dims), -1]).all(-1);
  }
  override toString(): string {
    return `IndependentConstraint(${this.baseConstraint}, ${this.reinterpretedBatchNdims})`;
  }
}

abstract class Discrete extends Constraint {
  override get isDiscrete(): boolean {
    return true;
  }
}

/** 0 or 1. */
export class BooleanConstraint extends Discrete {
  check(value: Tensor): Tensor {
    return value.eq(0).logicalOr(value.eq(1));
  }
  override toString(): string {
    return "Boolean()";
  }
}

/** Vectors of one 1 and zeros otherwise. */
export class OneHot extends Discrete {
  override get eventDim(): number {
    return 1;
  }
  check(value: Tensor): Tensor {
    return both(value.eq(0).logicalOr(value.eq(1)).all(-1), value.sum(-1).eq(1));
  }
}

/** Integers in [lowerBound, upperBound]. */
export class IntegerInterval extends Discrete {
  readonly lowerBound: Bound;
  readonly upperBound: Bound;
  constructor(lowerBound: Bound, upperBound: Bound) {
    super();
    this.lowerBound = lowerBound;
    this.upperBound = upperBound;
  }
  check(value: Tensor): Tensor {
    return both(isWhole(value), both(value.ge(this.lowerBound), value.le(this.upperBound)));
  }
  override toString(): string {
    return `IntegerInterval(lower_bound=${boundText(this.lowerBound, true)}, upper_bound=${boundText(this.upperBound, true)})`;
  }
}

/** Integers from `lowerBound` on. */
export class IntegerGreaterThan extends Discrete {
  readonly lowerBound: Bound;
  constructor(lowerBound: Bound) {
    super();
    this.lowerBound = lowerBound;
  }
  check(value: Tensor): Tensor {
    return both(isWhole(value), value.ge(this.lowerBound));
  }
  override toString(): string {
    return `IntegerGreaterThan(lower_bound=${boundText(this.lowerBound, true)})`;
  }
}

/** Anything but NaN. */
export class Real extends Constraint {
  check(value: Tensor): Tensor {
    return value.eq(value);
  }
}

abstract class HalfLine extends Constraint {
  readonly bound: Bound;
  readonly integer: boolean;
  /** `integer`: the bound is written as an integer in texts. */
  constructor(bound: Bound, integer = false) {
    super();
    this.bound = bound;
    this.integer = integer;
  }
}

/** Numbers above `lowerBound`. */
export class GreaterThan extends HalfLine {
  get lowerBound(): Bound {
    return this.bound;
  }
  check(value: Tensor): Tensor {
    return value.gt(this.bound);
  }
  override toString(): string {
    return `GreaterThan(lower_bound=${boundText(this.bound, this.integer)})`;
  }
}

/** Numbers from `lowerBound` on. */
export class GreaterThanEq extends HalfLine {
  get lowerBound(): Bound {
    return this.bound;
  }
  check(value: Tensor): Tensor {
    return value.ge(this.bound);
  }
  override toString(): string {
    return `GreaterThanEq(lower_bound=${boundText(this.bound, this.integer)})`;
  }
}

/** Numbers below `upperBound`. */
export class LessThan extends HalfLine {
  get upperBound(): Bound {
    return this.bound;
  }
  check(value: Tensor): Tensor {
    return value.lt(this.bound);
  }
  override toString(): string {
    return `LessThan(upper_bound=${boundText(this.bound, this.integer)})`;
  }
}

/** Numbers in [lowerBound, upperBound]. */
export class Interval extends Constraint {
  readonly lowerBound: Bound;
  readonly upperBound: Bound;
  constructor(lowerBound: Bound, upperBound: Bound) {
    super();
    this.lowerBound = lowerBound;
    this.upperBound = upperBound;
  }
  check(value: Tensor): Tensor {
    return both(value.ge(this.lowerBound), value.le(this.upperBound));
  }
  override toString(): string {
    return `${this.constructor.name}(lower_bound=${boundText(this.lowerBound, false)}, upper_bound=${boundText(this.upperBound, false)})`;
  }
}

/** Numbers in [lowerBound, upperBound). */
export class HalfOpenInterval extends Interval {
  override check(value: Tensor): Tensor {
    return both(value.ge(this.lowerBound), value.lt(this.upperBound));
  }
}

/** Vectors that are not negative and add up to 1. */
export class Simplex extends Constraint {
  override get eventDim(): number {
    return 1;
  }
  check(value: Tensor): Tensor {
    return both(value.ge(0).all(-1), value.sum(-1).sub(1).abs().lt(1e-6));
  }
}

/** Vectors of counts that add up to at most `upperBound`. */
export class MultinomialConstraint extends Discrete {
  readonly upperBound: number;
  constructor(upperBound: number) {
    super();
    this.upperBound = upperBound;
  }
  override get eventDim(): number {
    return 1;
  }
  check(value: Tensor): Tensor {
    return both(value.ge(0).all(-1), value.sum(-1).le(this.upperBound));
  }
  override toString(): string {
    return "Multinomial()";
  }
}

/** Applies constraints to the pieces of a value along a dimension, of the given lengths. */
export class CatConstraint extends Constraint {
  readonly parts: readonly Constraint[];
  readonly dim: number;
  readonly lengths: readonly number[];
  constructor(parts: readonly Constraint[], dim = 0, lengths: readonly number[] = parts.map(() => 1)) {
    super();
    this.parts = parts;
    this.dim = dim;
    this.lengths = lengths;
  }
  override get isDiscrete(): boolean {
    return this.parts.some((part) => part.isDiscrete);
  }
  override get eventDim(): number {
    return Math.max(...this.parts.map((part) => part.eventDim));
  }
  check(value: Tensor): Tensor {
    let start = 0;
    const checks = this.parts.map((part, i) => {
      const piece = value.narrow(this.dim, start, this.lengths[i]!);
      start += this.lengths[i]!;
      return part.check(piece);
    });
    return concatenate(checks, this.dim);
  }
  override toString(): string {
    return "Cat()";
  }
}

/** Applies constraints to the slices of a value along a dimension. */
export class StackConstraint extends Constraint {
  readonly parts: readonly Constraint[];
  readonly dim: number;
  constructor(parts: readonly Constraint[], dim = 0) {
    super();
    this.parts = parts;
    this.dim = dim;
  }
  override get isDiscrete(): boolean {
    return this.parts.some((part) => part.isDiscrete);
  }
  override get eventDim(): number {
    const most = Math.max(...this.parts.map((part) => part.eventDim));
    return this.dim + most < 0 ? most + 1 : most;
  }
  check(value: Tensor): Tensor {
    return stackTensors(
      this.parts.map((part, i) => part.check(value.select(this.dim, i))),
      this.dim,
    );
  }
  override toString(): string {
    return "Stack()";
  }
}
