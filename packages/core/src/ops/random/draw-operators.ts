import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { fillBernoulliEach } from "../../random/bernoulli.ts";
import { drawBinomial, drawPoisson } from "../../random/counts.ts";
import { drawDirichlet, drawGamma, smallestNormal } from "../../random/gamma.ts";
import { dirichletGradient, standardGammaGradient } from "../../random/gamma-gradient.ts";
import type { Generator } from "../../random/generator.ts";
import { drawWithReplacement, exponentialRace, largest } from "../../random/multinomial.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { type DType, isFloatingPoint } from "../../tensor/dtype.ts";
import { bfloat16ToNumber, numberToBfloat16 } from "../../tensor/half.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { permute } from "../view/permute.ts";
import { notImplemented } from "./fill-operators.ts";
import { fillInMemoryOrder, layoutInMemoryOrder } from "./memory-order.ts";

interface Source {
  readonly generator: Generator;
}

const isSingleOrDouble = (dtype: DType): boolean => dtype === "float32" || dtype === "float64";
const takesBfloat16 = (dtype: DType): boolean => isSingleOrDouble(dtype) || dtype === "bfloat16";

/** The rounding of a floating dtype. */
const roundingOf = (dtype: DType): ((x: number) => number) =>
  dtype === "float64" ? (x) => x : dtype === "bfloat16" ? (x) => bfloat16ToNumber(numberToBfloat16(x)) : Math.fround;

/** 1 with the probability that the second input (the only one: the first) holds for each element, else 0. */
function bernoulliKernel(probabilities: Tensor, out: Tensor, generator: Generator): void {
  const expanded = expandIfNeeded(probabilities, out.shape);
  const p = toDoubles(permute(expanded, [...layoutInMemoryOrder(out).order]));
  for (let i = 0; i < p.length; i++) {
    if (!(p[i]! >= 0 && p[i]! <= 1)) {
      throw new TensorError(
        "Expected p_in >= 0 && p_in <= 1 to be true, but got false.  (Could this error message be improved?  If so, please report an enhancement request to PyTorch.)",
      );
    }
  }
  const double = probabilities.dtype === "float64";
  fillInMemoryOrder(out, (stretch) => fillBernoulliEach(stretch, (i) => p[i]!, double, generator));
}

function checkBernoulli(out: DType, probabilities: DType): void {
  if (out === "float16" || out.startsWith("complex")) throw notImplemented("bernoulli_tensor_cpu_self_", out);
  if (!takesBfloat16(probabilities)) throw notImplemented("bernoulli_tensor_cpu_p_", probabilities);
}

/** 1 with the probability that `self` holds, else 0, in its dtype. */
export const bernoulliEachOp: Op<readonly [Tensor], Source> = defineOp<readonly [Tensor], Source>({
  name: "bernoulli",
  infer: ([self]) => {
    checkBernoulli(self.dtype, self.dtype);
    return self;
  },
  backward: [({ grad }) => zerosLike(grad)],
  names: ([self]) => [self.dimNames],
});

/** Overwrites the first input with 1 or 0, by the probabilities of the second. */
export const bernoulliByOp: Op<readonly [Tensor, Tensor], Source> = defineOp<readonly [Tensor, Tensor], Source>({
  name: "bernoulli_tensor_",
  gradName: "BernoulliBackward1",
  infer: ([self, p]) => {
    checkBernoulli(self.dtype, p.dtype);
    return self;
  },
  elementwise: true,
  backward: [({ grad }) => zerosLike(grad), ({ grad }) => zerosLike(grad)],
  names: ([self]) => [self.dimNames],
});

interface Multinomial extends Source {
  readonly samples: number;
  readonly replacement: boolean;
}

/** `samples` indices into each row of weights. */
export const multinomialOp: Op<readonly [Tensor], Multinomial> = defineOp<readonly [Tensor], Multinomial>({
  name: "multinomial",
  infer: ([self], { samples, replacement }) => {
    if (self.ndim < 1 || self.ndim > 2) throw new TensorError("prob_dist must be 1 or 2 dim");
    if (!isFloatingPoint(self.dtype)) throw notFloating(self.dtype);
    if (samples <= 0) throw new TensorError("cannot sample n_sample <= 0 samples");
    const categories = self.shape[self.ndim - 1]!;
    if (!replacement && samples > categories) {
      throw new TensorError("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    }
    if (categories > 2 ** 24) throw new TensorError("number of categories cannot exceed 2^24");
    if (self.dtype === "float16" && self.count > 0) throw new DTypeError("multinomial is not implemented for half on CPU");
    return { shape: self.ndim === 1 ? [samples] : [self.shape[0]!, samples], dtype: "int64" };
  },
});

const scalarNames: Partial<Record<DType, string>> = { bool: "Bool", complex64: "ComplexFloat", complex128: "ComplexDouble" };
const integerNames: Partial<Record<DType, string>> = { int64: "Long", int32: "Int", int16: "Short", int8: "Char", uint8: "Byte" };
const notFloating = (dtype: DType): DTypeError =>
  new DTypeError(`multinomial only supports floating-point dtypes for input, got: ${scalarNames[dtype] ?? integerNames[dtype]}`);

function multinomialKernel(self: Tensor, out: Tensor, { samples, replacement, generator }: Multinomial): void {
  const weights = toDoubles(self);
  const categories = self.shape[self.ndim - 1]!;
  const rows = self.ndim === 1 ? 1 : self.shape[0]!;
  const single = self.dtype !== "float64";
  const round = roundingOf(self.dtype);
  checkWeights(weights, rows, categories, replacement);
  const drawn = new Float64Array(rows * samples);
  if (replacement) {
    for (let r = 0; r < rows; r++) {
      drawn.set(drawWithReplacement(weights.subarray(r * categories, (r + 1) * categories), samples, single, generator), r * samples);
    }
  } else {
    const keys = exponentialRace(weights, round, generator);
    for (let r = 0; r < rows; r++) drawn.set(largest(keys.subarray(r * categories, (r + 1) * categories), samples), r * samples);
  }
  writeDoubles(out, drawn);
}

/** @throws {TensorError} for weights that are no distribution, before a number is drawn */
function checkWeights(weights: Float64Array, rows: number, categories: number, replacement: boolean): void {
  for (let r = 0; r < rows; r++) {
    let sum = 0;
    for (let i = r * categories; i < (r + 1) * categories; i++) {
      const weight = weights[i]!;
      if (!(weight >= 0) || !Number.isFinite(weight)) {
        if (!replacement) throw new TensorError("probability tensor contains either `inf`, `nan` or element < 0");
        throw new TensorError(
          weight >= 0
            ? "invalid multinomial distribution (encountering probability entry = infinity or NaN)"
            : "invalid multinomial distribution (encountering probability entry < 0)",
        );
      }
      sum += weight;
    }
    if (!(sum > 0)) throw new TensorError("invalid multinomial distribution (sum of probabilities <= 0)");
  }
}

/** Poisson numbers of the rates in `self`. */
export const poissonOp: Op<readonly [Tensor], Source> = defineOp<readonly [Tensor], Source>({
  name: "poisson",
  infer: ([self]) => {
    if (!takesBfloat16(self.dtype)) throw notImplemented("poisson_cpu", self.dtype);
    return self;
  },
  backward: [({ grad }) => zerosLike(grad)],
});

/** Binomial numbers of counts and probabilities, which broadcast. */
export const binomialOp: Op<readonly [Tensor, Tensor], Source> = defineOp<readonly [Tensor, Tensor], Source>({
  name: "binomial",
  gradName: "NotImplemented",
  infer: ([count, prob]) => {
    const shape = broadcastShapes(count.shape, prob.shape);
    if (count.dtype !== prob.dtype) {
      const name = (dtype: DType): string => notImplemented("", dtype).message.split("'")[1]!;
      throw new DTypeError(`Found dtype ${name(prob.dtype)} but expected ${name(count.dtype)}`);
    }
    if (!isSingleOrDouble(count.dtype)) throw notImplemented("binomial_cpu", count.dtype);
    return { shape, dtype: count.dtype };
  },
});

/** Numbers of the standard gamma distribution of the shapes in `self`, differentiable in them by implicit reparameterization. */
export const standardGammaOp: Op<readonly [Tensor], Source> = defineOp<readonly [Tensor], Source>({
  name: "standardGamma",
  infer: ([self]) => {
    if (!isSingleOrDouble(self.dtype)) throw notImplemented("gamma_cpu", self.dtype);
    return self;
  },
  saves: { inputs: "all", outputs: "all" },
  backward: [({ grad, inputs: [self], output }) => grad.mul(run(standardGammaGradOp, [self, output], undefined))],
});

/** d sample / d shape of the standard gamma distribution. */
export const standardGammaGradOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "standardGammaGrad",
  infer: ([self]) => self,
});

/** A point of the Dirichlet distribution for each row (last dimension) of concentrations, differentiable in them. */
export const sampleDirichletOp: Op<readonly [Tensor], Source> = defineOp<readonly [Tensor], Source>({
  name: "sampleDirichlet",
  infer: ([self]) => {
    if (!isSingleOrDouble(self.dtype)) throw notImplemented("dirichlet", self.dtype);
    return self;
  },
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [concentration], output: x }) => {
      const total = concentration.sum(-1, true).expand(concentration.shape);
      return run(dirichletGradOp, [x, concentration, total], undefined).mul(grad.sub(x.mul(grad).sum(-1, true)));
    },
  ],
});

/** The factor of a coordinate in the reparameterized gradient of a Dirichlet point. */
export const dirichletGradOp: Op<readonly [Tensor, Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor, Tensor]>({
  name: "dirichletGrad",
  infer: ([x]) => x,
});

registerReferenceKernels([
  kernel(bernoulliEachOp, ([self], [out], { generator }) => bernoulliKernel(self, out!, generator)),
  kernel(bernoulliByOp, ([, p], [out], { generator }) => bernoulliKernel(p, out!, generator)),
  kernel(multinomialOp, ([self], [out], params) => {
    if (out!.count > 0) multinomialKernel(self, out!, params);
  }),
  kernel(poissonOp, ([self], [out], { generator }) => {
    const rates = toDoubles(self);
    if (!rates.every((rate) => rate >= 0)) throw new TensorError("invalid Poisson rate, expected rate to be non-negative");
    writeDoubles(
      out!,
      rates.map((rate) => drawPoisson(rate, generator)),
    );
  }),
  kernel(binomialOp, ([count, prob], [out], { generator }) => {
    const round = roundingOf(count.dtype);
    const probabilities = toDoubles(expandIfNeeded(prob, out!.shape));
    writeDoubles(
      out!,
      toDoubles(expandIfNeeded(count, out!.shape)).map((n, i) => drawBinomial(n, probabilities[i]!, round, generator)),
    );
  }),
  kernel(standardGammaOp, ([self], [out], { generator }) => {
    const round = roundingOf(self.dtype);
    const least = smallestNormal(self.dtype === "float32");
    writeDoubles(
      out!,
      toDoubles(self).map((alpha) => Math.max(least, drawGamma(alpha, round, generator))),
    );
  }),
  kernel(standardGammaGradOp, ([self, sample], [out]) => {
    const samples = toDoubles(sample);
    writeDoubles(
      out!,
      toDoubles(self).map((alpha, i) => standardGammaGradient(alpha, samples[i]!)),
    );
  }),
  kernel(sampleDirichletOp, ([self], [out], { generator }) => {
    const concentrations = toDoubles(self);
    const n = self.shape[self.ndim - 1] ?? 1;
    const points = new Float64Array(concentrations.length);
    for (let i = 0; i < points.length; i += n) {
      points.set(drawDirichlet(concentrations.subarray(i, i + n), self.dtype === "float32", generator), i);
    }
    writeDoubles(out!, points);
  }),
  kernel(dirichletGradOp, ([x, alpha, total], [out]) => {
    const alphas = toDoubles(alpha);
    const totals = toDoubles(total);
    writeDoubles(
      out!,
      toDoubles(x).map((point, i) => dirichletGradient(point, alphas[i]!, totals[i]!)),
    );
  }),
]);
