// The namespace `torch.distributions.constraints`.
import {
  BooleanConstraint,
  type Bound,
  CatConstraint,
  type Constraint,
  Dependent,
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  IndependentConstraint,
  IntegerGreaterThan,
  IntegerInterval,
  Interval,
  LessThan,
  MultinomialConstraint,
  OneHot,
  Real,
  Simplex,
  StackConstraint,
} from "./constraint.ts";
import {
  CorrCholesky,
  LowerCholesky,
  LowerTriangular,
  PositiveDefinite,
  PositiveSemidefinite,
  Square,
  SymmetricConstraint,
} from "./matrix-constraints.ts";

export {
  BooleanConstraint,
  type Bound,
  CatConstraint,
  Constraint,
  Dependent,
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  IndependentConstraint,
  IntegerGreaterThan,
  IntegerInterval,
  Interval,
  LessThan,
  MultinomialConstraint,
  OneHot,
  Real,
  Simplex,
  StackConstraint,
} from "./constraint.ts";
export * from "./matrix-constraints.ts";

/** Whether a constraint cannot be checked by itself. */
export const isDependent = (constraint: Constraint): boolean => constraint instanceof Dependent;

/** Depends on other parameters; cannot be checked. */
export const dependent: Constraint = new Dependent();
/** 0 or 1. */
export const boolean: Constraint = new BooleanConstraint();
/** Vectors of one 1 and zeros otherwise. */
export const oneHot: Constraint = new OneHot();
/** 0, 1, 2, ... */
export const nonnegativeInteger: Constraint = new IntegerGreaterThan(0);
/** 1, 2, 3, ... */
export const positiveInteger: Constraint = new IntegerGreaterThan(1);
/** Anything but NaN. */
export const real: Constraint = new Real();
/** Vectors without NaN. */
export const realVector: Constraint = new IndependentConstraint(real, 1);
/** Numbers above 0. */
export const positive: Constraint = new GreaterThan(0);
/** Numbers from 0 on. */
export const nonnegative: Constraint = new GreaterThanEq(0);
/** Numbers in [0, 1]. */
export const unitInterval: Constraint = new Interval(0, 1);
/** Vectors that are not negative and add up to 1. */
export const simplex: Constraint = new Simplex();
/** Square matrices without entries above the diagonal. */
export const lowerTriangular: Constraint = new LowerTriangular();
/** Lower triangular matrices with a positive diagonal. */
export const lowerCholesky: Constraint = new LowerCholesky();
/** Cholesky factors of correlation matrices. */
export const corrCholesky: Constraint = new CorrCholesky();
/** Square matrices. */
export const square: Constraint = new Square();
/** Symmetric matrices. */
export const symmetric: Constraint = new SymmetricConstraint();
/** Symmetric matrices without negative eigenvalues. */
export const positiveSemidefinite: Constraint = new PositiveSemidefinite();
/** Symmetric matrices of positive eigenvalues. */
export const positiveDefinite: Constraint = new PositiveDefinite();

/** `constraint` on events of more dimensions: all entries must satisfy it. */
export const independent = (constraint: Constraint, reinterpretedBatchNdims: number): Constraint =>
  new IndependentConstraint(constraint, reinterpretedBatchNdims);
/** Integers in [lowerBound, upperBound]. */
export const integerInterval = (lowerBound: Bound, upperBound: Bound): Constraint => new IntegerInterval(lowerBound, upperBound);
/** Numbers above `lowerBound`. */
export const greaterThan = (lowerBound: Bound): Constraint => new GreaterThan(lowerBound);
/** Numbers from `lowerBound` on. */
export const greaterThanEq = (lowerBound: Bound): Constraint => new GreaterThanEq(lowerBound);
/** Numbers below `upperBound`. */
export const lessThan = (upperBound: Bound): Constraint => new LessThan(upperBound);
/** Numbers in [lowerBound, upperBound]. */
export const interval = (lowerBound: Bound, upperBound: Bound): Constraint => new Interval(lowerBound, upperBound);
/** Numbers in [lowerBound, upperBound). */
export const halfOpenInterval = (lowerBound: Bound, upperBound: Bound): Constraint => new HalfOpenInterval(lowerBound, upperBound);
/** Counts that add up to at most `upperBound`. */
export const multinomial = (upperBound: number): Constraint => new MultinomialConstraint(upperBound);
/** Constraints of the pieces along a dimension. */
export const cat = (parts: readonly Constraint[], dim = 0, lengths?: readonly number[]): Constraint =>
  new CatConstraint(parts, dim, lengths);
/** Constraints of the slices along a dimension. */
export const stack = (parts: readonly Constraint[], dim = 0): Constraint => new StackConstraint(parts, dim);
