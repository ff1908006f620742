import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { launch, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { fillBernoulli, fillScaledBernoulli } from "../../random/bernoulli.ts";
import { fillCauchy, fillExponential, fillGeometric, fillLogNormal } from "../../random/continuous.ts";
import type { Generator } from "../../random/generator.ts";
import { fillFullRange, fillIntegers, fillPermutation } from "../../random/integers.ts";
import { fillNormal } from "../../random/normal.ts";
import type { Stretch } from "../../random/sink.ts";
import { fillUniform } from "../../random/uniform.ts";
import { type DType, dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import { fillInMemoryOrder } from "./memory-order.ts";

/** An operator that overwrites a tensor with random numbers; the tensor is its only input and its output. */
export type FillOp<P extends { generator: Generator }> = Op<readonly [Tensor], P>;

interface Fill<P> {
  readonly name: string;
  readonly gradName: string;
  /** Dtypes it takes, and the name PyTorch's complaint about others begins with. */
  readonly takes: (dtype: DType) => boolean;
  readonly complaint: string;
  readonly fill: (stretch: Stretch, params: P, contiguous: boolean) => void;
}

function defineFill<P extends { generator: Generator }>({ name, gradName, takes, complaint, fill }: Fill<P>): FillOp<P> {
  const op = defineOp<readonly [Tensor], P>({
    name,
    gradName,
    infer: ([self]) => {
      if (!takes(self.dtype)) throw notImplemented(complaint, self.dtype);
      return self;
    },
    elementwise: true,
    // What was there before has no part in the result.
    backward: [({ grad }) => zerosLike(grad)],
    names: ([self]) => [self.dimNames],
  });
  registerReferenceKernels([
    kernel(op, (_, [out], params) => fillInMemoryOrder(out!, (stretch, contiguous) => fill(stretch, params, contiguous))),
  ]);
  return op;
}

/** PyTorch's complaint about a dtype that a kernel lacks. */
export const notImplemented = (kernelName: string, dtype: DType): DTypeError =>
  new DTypeError(`"${kernelName}" not implemented for '${dtypeInfo[dtype].scalarType}'`);

const isFloat = (dtype: DType): boolean => dtypeInfo[dtype].category === 2;
const isFloatOrComplex = (dtype: DType): boolean => dtypeInfo[dtype].category >= 2;
const isReal = (dtype: DType): boolean => !isComplex(dtype);
const isNumber = (dtype: DType): boolean => dtype !== "bool" && !isComplex(dtype);
const isRealNotHalf = (dtype: DType): boolean => dtype !== "float16" && !isComplex(dtype);

/** Uniform on [from, to). */
export const uniformOp = defineFill<{ from: number; to: number; generator: Generator }>({
  name: "uniform_",
  gradName: "UniformBackward0",
  takes: isFloatOrComplex,
  complaint: "check_uniform_bounds",
  fill: (stretch, { from, to, generator }) => fillUniform(stretch, from, to, generator),
});

/** Normal. For complex tensors `std` is that of each part. */
export const normalOp = defineFill<{ mean: number; std: number; generator: Generator }>({
  name: "normal_",
  gradName: "NormalBackward0",
  takes: isFloatOrComplex,
  complaint: "normal_kernel_cpu",
  fill: (stretch, { mean, std, generator }, contiguous) => fillNormal(stretch, mean, std, generator, contiguous),
});

/** Integers on [from, from + range). */
export const integersOp = defineFill<{ from: bigint; range: bigint; generator: Generator }>({
  name: "random_from_to_",
  gradName: "RandomBackward0",
  takes: isReal,
  complaint: "random_from_to_kernel_cpu",
  fill: (stretch, { from, range, generator }) => fillIntegers(stretch, from, range, generator),
});

/** Integers on [0, to): the same numbers under the name of PyTorch's other overload. */
export const integersBelowOp = defineFill<{ from: bigint; range: bigint; generator: Generator }>({
  name: "random_to_",
  gradName: "RandomBackward1",
  takes: isReal,
  complaint: "random_from_to_kernel_cpu",
  fill: (stretch, { from, range, generator }) => fillIntegers(stretch, from, range, generator),
});

/** Integers on everything the dtype counts. */
export const fullRangeOp = defineFill<{ generator: Generator }>({
  name: "random_",
  gradName: "RandomBackward2",
  takes: isReal,
  complaint: "random_kernel_cpu",
  fill: (stretch, { generator }) => fillFullRange(stretch, generator),
});

/** A random permutation of 0 ... n - 1. */
export const permutationOp = defineFill<{ generator: Generator }>({
  name: "randperm",
  gradName: "RandpermBackward0",
  takes: isNumber,
  complaint: "randperm",
  fill: (stretch, { generator }) => fillPermutation(stretch, generator),
});

/** 1 with probability `p`, else 0. */
export const bernoulliOp = defineFill<{ p: number; generator: Generator }>({
  name: "bernoulli_",
  gradName: "BernoulliBackward2",
  takes: isRealNotHalf,
  complaint: "bernoulli_scalar_cpu_",
  fill: (stretch, { p, generator }) => fillBernoulli(stretch, p, generator),
});

/** 1 / keep with probability `keep`, else 0: what dropout multiplies by. */
export const dropoutMaskOp = defineFill<{ keep: number; scale: number; generator: Generator }>({
  name: "dropoutMask",
  gradName: "DivBackward0",
  takes: isRealNotHalf,
  complaint: "bernoulli_scalar_cpu_",
  fill: (stretch, { keep, scale, generator }) => fillScaledBernoulli(stretch, keep, scale, generator),
});

export const exponentialOp = defineFill<{ lambda: number; generator: Generator }>({
  name: "exponential_",
  gradName: "ExponentialBackward0",
  takes: isFloat,
  complaint: "exponential_cpu",
  fill: (stretch, { lambda, generator }) => fillExponential(stretch, lambda, generator),
});

export const cauchyOp = defineFill<{ median: number; sigma: number; generator: Generator }>({
  name: "cauchy_",
  gradName: "CauchyBackward0",
  takes: isFloat,
  complaint: "cauchy_cpu",
  fill: (stretch, { median, sigma, generator }) => fillCauchy(stretch, median, sigma, generator),
});

export const logNormalOp = defineFill<{ mean: number; std: number; generator: Generator }>({
  name: "logNormal_",
  gradName: "LogNormalBackward0",
  takes: isFloat,
  complaint: "log_normal_cpu",
  fill: (stretch, { mean, std, generator }) => fillLogNormal(stretch, mean, std, generator),
});

export const geometricOp = defineFill<{ p: number; generator: Generator }>({
  name: "geometric_",
  gradName: "GeometricBackward0",
  takes: isNumber,
  complaint: "geometric_cpu",
  fill: (stretch, { p, generator }) => fillGeometric(stretch, p, generator),
});

/** Overwrites `self` and records that. @throws {DTypeError} before anything changes */
export const fillInto = <P extends { generator: Generator }>(op: FillOp<P>, self: Tensor, params: P): Tensor =>
  runInto(op, self, [self], params);

/** Fills a tensor that nobody has seen yet: nothing to check but its dtype, nothing to record. @throws {DTypeError} */
export function fillFresh<P extends { generator: Generator }>(op: FillOp<P>, out: Tensor, params: P): Tensor {
  op.infer([out], params);
  launch(op, [out], [out], params);
  return out;
}
