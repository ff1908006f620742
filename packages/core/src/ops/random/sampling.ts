import { given, isOptions, signature } from "../../dispatch/arguments.ts";
import { emptyTensor, run, runInto } from "../../dispatch/run.ts";
import { TensorError } from "../../errors.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { generatorOf, type RandomOptions, streamed } from "./checks.ts";
import { type DestinationOptions, writeResult } from "./destination.ts";
import { bernoulliByOp, bernoulliEachOp, binomialOp, multinomialOp, poissonOp } from "./draw-operators.ts";
import { bernoulliOp, fillFresh, fillInto } from "./fill-operators.ts";

const bindBernoulli = signature("bernoulli", { p: null, generator: null, out: null });
const bindBernoulliInto = signature("bernoulli_", { p: 0.5, generator: null });

function checkProbability(p: number): void {
  if (!(p >= 0 && p <= 1)) throw new TensorError(`bernoulli_ expects p to be in [0, 1], but got p=${streamed(p)}`);
}

/**
 * 1 with the probability that each element of `self` is, else 0; with a number `p`, 1 with that probability everywhere. Has `self`'s dtype.
 * @throws {TensorError} for what is no probability @see torch.bernoulli
 */
export function bernoulli(
  self: Tensor,
  p?: number | null | (RandomOptions & DestinationOptions & { p?: number }),
  options?: RandomOptions & DestinationOptions,
): Tensor {
  const bound = bindBernoulli(given([p, options]));
  const generator = generatorOf("bernoulli", bound.generator);
  if (bound.p !== null) {
    checkProbability(Number(bound.p));
    const drawn = fillFresh(bernoulliOp, emptyTensor(self.shape, self.dtype, self.device), { p: Number(bound.p), generator });
    return writeResult("bernoulli", bound.out, drawn);
  }
  if (bound.out === null) return run(bernoulliEachOp, [self], { generator });
  // The destination may have another dtype, which the draw does not depend on.
  return writeResult("bernoulli", bound.out, run(bernoulliEachOp, [self.detach()], { generator }), false);
}

/**
 * Fills `self` with 1 with probability `p` (a number, by default 0.5, or a tensor that broadcasts to `self`), else 0.
 * @throws {TensorError} for what is no probability @see torch.Tensor.bernoulli_
 */
export function bernoulli_(self: Tensor, p?: number | Tensor | (RandomOptions & { p?: number | Tensor }), options?: RandomOptions): Tensor {
  const bound = bindBernoulliInto(given([p, options]));
  const generator = generatorOf("bernoulli_", bound.generator);
  if (bound.p instanceof Tensor) return runInto(bernoulliByOp, self, [self, expandIfNeeded(bound.p, self.shape)], { generator });
  checkProbability(Number(bound.p));
  return fillInto(bernoulliOp, self, { p: Number(bound.p), generator });
}

const bindMultinomial = signature("multinomial", { numSamples: null, replacement: false, generator: null, out: null });

export interface MultinomialOptions extends RandomOptions, DestinationOptions {
  numSamples?: number;
  /** Whether an index may be drawn more than once. Default false. */
  replacement?: boolean;
}
/**
 * Draws `numSamples` indices (int64) into each row of non-negative weights `[C]` or `[N, C]`, which need not add up to one.
 * @throws {TensorError} for weights that are no distribution, or more samples than indices without replacement @see torch.multinomial
 */
export function multinomial(
  self: Tensor,
  numSamples: number | (MultinomialOptions & { numSamples: number }),
  replacement?: boolean | MultinomialOptions,
  options?: MultinomialOptions,
): Tensor {
  const { generator, out, numSamples: samples, replacement: again } = bindMultinomial(given([numSamples, replacement, options]));
  const source = generatorOf("multinomial", generator);
  if (out instanceof Tensor && out.dtype !== "int64") {
    throw new TensorError(`multinomial expects Long tensor out, got: ${out.type().replace(/^torch\.|Tensor$/g, "")}`);
  }
  return writeResult("multinomial", out, run(multinomialOp, [self.detach()], { samples, replacement: again, generator: source }));
}

/** Poisson numbers of the rates in `self`, in its dtype. @throws {TensorError} for a negative rate @see torch.poisson */
export function poisson(self: Tensor, options: RandomOptions = {}): Tensor {
  return run(poissonOp, [self], { generator: generatorOf("poisson", options.generator) });
}

const bindBinomial = signature("binomial", { prob: null, generator: null });

/** Numbers of successes in `count` trials of probability `prob`, which broadcast. @throws {DTypeError} for differing dtypes @see torch.binomial */
export function binomial(count: Tensor, prob: Tensor | (RandomOptions & { prob: Tensor }), options?: RandomOptions): Tensor {
  const bound = bindBinomial(isOptions(prob) || options === undefined ? [prob] : [prob, options]);
  return run(binomialOp, [count, bound.prob], { generator: generatorOf("binomial", bound.generator) });
}
