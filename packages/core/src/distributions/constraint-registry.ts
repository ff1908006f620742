import { TensorError } from "../errors.ts";
import {
  CatConstraint,
  type Constraint,
  CorrCholesky,
  GreaterThan,
  GreaterThanEq,
  HalfOpenInterval,
  IndependentConstraint,
  Interval,
  LessThan,
  LowerCholesky,
  Real,
  Simplex,
  StackConstraint,
} from "./constraints.ts";
import { CorrCholeskyTransform } from "./corr-cholesky-transform.ts";
import { broadcastAll } from "./parameters.ts";
import { ComposeTransform, IndependentTransform, identityTransform, type Transform } from "./transform.ts";
import {
  AffineTransform,
  CatTransform,
  ExpTransform,
  LowerCholeskyTransform,
  SigmoidTransform,
  SoftmaxTransform,
  StackTransform,
  StickBreakingTransform,
} from "./transforms.ts";

type Class = abstract new (...args: never[]) => Constraint;
type Factory = (constraint: never) => Transform;

/** Finds transforms of unconstrained numbers onto what satisfies a constraint. @see torch.distributions.constraint_registry.ConstraintRegistry */
export class ConstraintRegistry {
  readonly #factories = new Map<unknown, Factory>();

  /** Tells how constraints of a class are met. */
  register<C extends Constraint>(constraint: abstract new (...args: never[]) => C, factory: (constraint: C) => Transform): void {
    this.#factories.set(constraint, factory as Factory);
  }

  /** The transform onto `constraint`. @throws {TensorError} where none is registered */
  get(constraint: Constraint): Transform {
    const factory = this.#factories.get(constraint.constructor);
    if (factory === undefined) throw new TensorError(`Cannot transform ${constraint.constructor.name} constraints`);
    return factory(constraint as never);
  }
}

const bijections = new ConstraintRegistry();
const transformations = new ConstraintRegistry();
const each = [bijections, transformations];

for (const registry of each) {
  registry.register(Real, () => identityTransform);
  registry.register(
    IndependentConstraint,
    ({ baseConstraint, reinterpretedBatchNdims }) => new IndependentTransform(registry.get(baseConstraint), reinterpretedBatchNdims),
  );
  for (const HalfLine of [GreaterThan, GreaterThanEq] as Class[]) {
    registry.register(HalfLine, (constraint) => {
      const { lowerBound } = constraint as GreaterThan;
      return new ComposeTransform([new ExpTransform(), new AffineTransform(lowerBound, 1)]);
    });
  }
  registry.register(LessThan, ({ upperBound }) => new ComposeTransform([new ExpTransform(), new AffineTransform(upperBound, -1)]));
  for (const Bounded of [Interval, HalfOpenInterval]) {
    registry.register(Bounded, ({ lowerBound, upperBound }) => {
      if (lowerBound === 0 && upperBound === 1) return new SigmoidTransform();
      const [low, high] = broadcastAll(lowerBound, upperBound);
      const width = typeof lowerBound === "number" && typeof upperBound === "number" ? upperBound - lowerBound : high.sub(low);
      return new ComposeTransform([new SigmoidTransform(), new AffineTransform(lowerBound, width)]);
    });
  }
  registry.register(CorrCholesky, () => new CorrCholeskyTransform());
  registry.register(
    CatConstraint,
    ({ parts, dim, lengths }) =>
      new CatTransform(
        parts.map((part) => registry.get(part)),
        dim,
        lengths,
      ),
  );
  registry.register(
    StackConstraint,
    ({ parts, dim }) =>
      new StackTransform(
        parts.map((part) => registry.get(part)),
        dim,
      ),
  );
}
bijections.register(Simplex, () => new StickBreakingTransform());
transformations.register(Simplex, () => new SoftmaxTransform());
transformations.register(LowerCholesky, () => new LowerCholeskyTransform());

/** A one-to-one transform of unconstrained numbers onto `constraint`. @throws {TensorError} where there is none @see torch.distributions.biject_to */
export const bijectTo = (constraint: Constraint): Transform => bijections.get(constraint);
/** A transform of unconstrained numbers onto `constraint`, with fewer demands than {@link bijectTo}. @throws {TensorError} where there is none @see torch.distributions.transform_to */
export const transformTo = (constraint: Constraint): Transform => transformations.get(constraint);
/** Tells {@link bijectTo} of a class of constraints. */
export const registerBijection: ConstraintRegistry["register"] = (constraint, factory) => bijections.register(constraint, factory);
/** Tells {@link transformTo} of a class of constraints. */
export const registerTransform: ConstraintRegistry["register"] = (constraint, factory) => transformations.register(constraint, factory);
