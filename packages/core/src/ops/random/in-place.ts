import { given, signature } from "../../dispatch/arguments.ts";
import { TensorError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkStd, checkUniformBounds, generatorOf, integerArgument, integerRange, type RandomOptions, streamed } from "./checks.ts";
import {
  cauchyOp,
  exponentialOp,
  fillInto,
  fullRangeOp,
  geometricOp,
  integersBelowOp,
  integersOp,
  logNormalOp,
  normalOp,
  uniformOp,
} from "./fill-operators.ts";

const bindUniform = signature("uniform_", { from: 0, to: 1, generator: null });
const bindNormal = signature("normal_", { mean: 0, std: 1, generator: null });
const bindLogNormal = signature("logNormal_", { mean: 1, std: 2, generator: null });
const bindCauchy = signature("cauchy_", { median: 0, sigma: 1, generator: null });
const bindExponential = signature("exponential_", { lambd: 1, generator: null });
const bindGeometric = signature("geometric_", { p: null, generator: null });

export interface UniformOptions extends RandomOptions {
  from?: number;
  to?: number;
}
/**
 * Fills `self` with numbers uniform on [from, to), by default [0, 1).
 * @throws {TensorError} for bounds in the wrong order or beyond the dtype @throws {DTypeError} for integers @see torch.Tensor.uniform_
 */
export function uniform_(self: Tensor, from?: number | UniformOptions, to?: number | RandomOptions, options?: RandomOptions): Tensor {
  const bound = bindUniform(given([from, to, options]));
  const generator = generatorOf("uniform_", bound.generator);
  uniformOp.infer([self], bound);
  checkUniformBounds(self.dtype, Number(bound.from), Number(bound.to));
  return fillInto(uniformOp, self, { from: Number(bound.from), to: Number(bound.to), generator });
}

export interface NormalOptions extends RandomOptions {
  mean?: number;
  std?: number;
}
/**
 * Fills `self` with normally distributed numbers, by default of mean 0 and deviation 1. Complex tensors share the variance between their
 * two parts. @throws {TensorError} for a negative `std` @throws {DTypeError} for integers @see torch.Tensor.normal_
 */
export function normal_(self: Tensor, mean?: number | NormalOptions, std?: number | RandomOptions, options?: RandomOptions): Tensor {
  const bound = bindNormal(given([mean, std, options]));
  const generator = generatorOf("normal_", bound.generator);
  checkStd(Number(bound.std));
  return fillInto(normalOp, self, { mean: Number(bound.mean), std: spread(self, Number(bound.std)), generator });
}

/** The deviation of each part of the elements: a complex number divides its variance in two. */
export const spread = (self: Tensor, std: number): number => (self.dtype.startsWith("complex") ? std / Math.SQRT2 : std);

/** Fills `self` with the exponentials of normal numbers of mean 1 and deviation 2. @throws {TensorError} unless `std` > 0 @see torch.Tensor.log_normal_ */
export function logNormal_(self: Tensor, mean?: number | NormalOptions, std?: number | RandomOptions, options?: RandomOptions): Tensor {
  const bound = bindLogNormal(given([mean, std, options]));
  const generator = generatorOf("logNormal_", bound.generator);
  if (!(bound.std > 0)) throw new TensorError(`log_normal_ expects std > 0.0, but found std=${streamed(Number(bound.std))}`);
  return fillInto(logNormalOp, self, { mean: Number(bound.mean), std: Number(bound.std), generator });
}

export interface CauchyOptions extends RandomOptions {
  median?: number;
  sigma?: number;
}
/** Fills `self` with Cauchy distributed numbers. @throws {DTypeError} for integers @see torch.Tensor.cauchy_ */
export function cauchy_(self: Tensor, median?: number | CauchyOptions, sigma?: number | RandomOptions, options?: RandomOptions): Tensor {
  const bound = bindCauchy(given([median, sigma, options]));
  const generator = generatorOf("cauchy_", bound.generator);
  return fillInto(cauchyOp, self, { median: Number(bound.median), sigma: Number(bound.sigma), generator });
}

/** Fills `self` with exponentially distributed numbers of rate `lambd`. @throws {TensorError} for a negative rate @see torch.Tensor.exponential_ */
export function exponential_(self: Tensor, lambd?: number | (RandomOptions & { lambd?: number }), options?: RandomOptions): Tensor {
  const bound = bindExponential(given([lambd, options]));
  const generator = generatorOf("exponential_", bound.generator);
  if (!(bound.lambd >= 0)) throw new TensorError(`exponential_ expects lambda >= 0.0, but found lambda=${streamed(Number(bound.lambd))}`);
  return fillInto(exponentialOp, self, { lambda: Number(bound.lambd), generator });
}

/** Fills `self` with the number of trials up to the first success of probability `p`. @throws {TensorError} unless 0 < p < 1 @see torch.Tensor.geometric_ */
export function geometric_(self: Tensor, p: number | (RandomOptions & { p: number }), options?: RandomOptions): Tensor {
  const bound = bindGeometric(given([p, options]));
  const generator = generatorOf("geometric_", bound.generator);
  if (!(bound.p > 0 && bound.p < 1)) throw new TensorError(`geometric_ expects p to be in (0, 1), but got p=${streamed(Number(bound.p))}`);
  return fillInto(geometricOp, self, { p: bound.p, generator });
}

/** Marks bounds that were not given: `null` is an upper bound that PyTorch knows. */
const absent = Symbol("absent");
const bindRandom = signature("random_", { from: absent, to: absent, generator: null });

export interface RandomIntegerOptions extends RandomOptions {
  from?: number | bigint;
  /** `null`: up to the largest integer of the dtype. */
  to?: number | bigint | null;
}
/**
 * Fills `self` with integers: `random_()` on everything the dtype counts, `random_(to)` on [0, to), `random_(from, to)` on [from, to).
 * @throws {TensorError} for an empty range or one beyond the dtype @see torch.Tensor.random_
 */
export function random_(
  self: Tensor,
  from?: number | bigint | RandomIntegerOptions,
  to?: number | bigint | null | RandomOptions,
  options?: RandomOptions,
): Tensor {
  const bound = bindRandom(given([from, to, options]));
  const generator = generatorOf("random_", bound.generator);
  const fromGiven = bound.from !== absent;
  const toGiven = bound.to !== absent;
  if (!fromGiven && !toGiven) return fillInto(fullRangeOp, self, { generator });
  if (fromGiven !== toGiven) {
    const below = integerArgument("random_", "to", fromGiven ? bound.from : bound.to);
    return fillInto(integersBelowOp, self, { ...integerRange(self.dtype, 0n, below), generator });
  }
  const first = integerArgument("random_", "from", bound.from);
  const end = bound.to === null ? null : integerArgument("random_", "to", bound.to);
  return fillInto(integersOp, self, { ...integerRange(self.dtype, first, end), generator });
}
