import { isOptions } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type GradContext, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { toComplexDoubles, writeDoubles } from "../../reference/loops.ts";
import { groupsOf } from "../../reference/reduce.ts";
import { isComplex, isIntegral, toRealDType } from "../../tensor/dtype.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { reducedShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { mean } from "./mean.ts";
import { type DimNames, dimsFor, type Reduction, reducedCount, reducedNames, restoreDims } from "./reduction.ts";

interface Variance extends Reduction {
  /** What is taken from the number of elements before dividing: 1 makes the estimate unbiased. */
  readonly correction: number;
}

type VarianceContext = GradContext<readonly [Tensor], Variance>;

/** `2 (x - mean) / (n - correction)` times the gradient of the variance. */
function varianceGrad({ inputs: [self], params }: VarianceContext, grad: Tensor): Tensor {
  const n = reducedCount(self.shape, params.dims);
  const centred = self.sub(mean(self, params.dims.length === 0 ? null : params.dims, true));
  const spread = restoreDims(grad, self.shape, params);
  // 2 / 0 is infinite, as in PyTorch: a single element has no unbiased variance.
  return spread.mul(2 / (n - params.correction)).mul(self.ndim === 0 ? centred.reshape([]) : centred);
}

const shared = (name: string, backward: (ctx: VarianceContext) => Tensor, saveOutput: boolean): Op<readonly [Tensor], Variance> =>
  defineOp<readonly [Tensor], Variance>({
    name,
    infer: ([self], { dims, keepdim }) => ({ shape: reducedShape(self.shape, dims, keepdim), dtype: toRealDType(self.dtype) }),
    saves: saveOutput ? { inputs: "all", outputs: "all" } : { inputs: "all" },
    backward: [backward],
    names: ([self], params) => [reducedNames(self, params)],
  });

export const varOp: Op<readonly [Tensor], Variance> = shared("var", (ctx) => varianceGrad(ctx, ctx.grad), false);
export const stdOp: Op<readonly [Tensor], Variance> = shared(
  "std",
  (ctx) => varianceGrad(ctx, ctx.grad.div(ctx.output.mul(2)).maskedFill(ctx.output.eq(0), 0)),
  true,
);

/** Variances of groups, by two passes: the mean first, then squared distances from it. Complex: of both parts together. */
function variances(self: Tensor, dims: readonly number[], correction: number): Float64Array {
  const values = toComplexDoubles(self);
  const { base, step } = groupsOf(self.shape, dims);
  const out = new Float64Array(base.length);
  const n = step.length;
  const parts = isComplex(self.dtype) ? 2 : 1;
  for (let i = 0; i < base.length; i++) {
    let total = 0;
    for (let part = 0; part < parts; part++) {
      let sum = 0;
      for (let j = 0; j < n; j++) sum += values[2 * (base[i]! + step[j]!) + part]!;
      const mean = sum / n;
      for (let j = 0; j < n; j++) total += (values[2 * (base[i]! + step[j]!) + part]! - mean) ** 2;
    }
    out[i] = total / Math.max(n - correction, 0);
  }
  return out;
}

registerReferenceKernels([
  kernel(varOp, ([self], [out], { dims, correction }) => writeDoubles(out!, variances(self, dims, correction))),
  kernel(stdOp, ([self], [out], { dims, correction }) => writeDoubles(out!, variances(self, dims, correction).map(Math.sqrt))),
]);

export interface VarianceOptions {
  /** Dimensions to reduce, by number or name. Default: all. */
  dim?: number | readonly number[] | DimNames | null;
  /** Divide by n - 1 (default) rather than n. */
  unbiased?: boolean;
  /** Divide by n - correction instead of what `unbiased` says. */
  correction?: number | null;
  /** Keep the reduced dimensions with size 1. Default false. */
  keepdim?: boolean;
}

type DimOrUnbiased = number | readonly number[] | DimNames | boolean | null | VarianceOptions;
type Arguments = [
  dim?: DimOrUnbiased,
  unbiased?: boolean | VarianceOptions,
  keepdim?: boolean | VarianceOptions,
  options?: VarianceOptions,
];
export type VarianceFunction = (self: Tensor, ...args: Arguments) => Tensor;

/** PyTorch's overloads: `(unbiased)`, `(dim, unbiased, keepdim)`, and `correction` by name. */
function parse(name: string, self: Tensor, args: Arguments): Variance {
  const given = args.filter((a) => a !== undefined) as unknown[];
  const last = given[given.length - 1];
  const options: VarianceOptions = isOptions(last) ? (given.pop() as VarianceOptions) : {};
  for (const key of Object.keys(options)) {
    if (!["dim", "unbiased", "correction", "keepdim"].includes(key)) {
      throw new TypeError(`${name}() got an unexpected keyword argument '${key}'; it takes dim, unbiased, correction, keepdim`);
    }
  }
  const positional = typeof given[0] === "boolean" ? { unbiased: given[0] } : { dim: given[0], unbiased: given[1], keepdim: given[2] };
  const dim = (options.dim ?? positional.dim ?? null) as never;
  const unbiased = (options.unbiased ?? positional.unbiased ?? true) as boolean | null;
  const keepdim = ((options.keepdim ?? (positional as { keepdim?: unknown }).keepdim) as boolean) ?? false;
  if (isIntegral(self.dtype)) throw new DTypeError(`${name} only support floating point and complex dtypes`);
  return { dims: dimsFor(self, dim), keepdim, correction: options.correction ?? (unbiased === false ? 0 : 1) };
}

/** Variance over `dim` (one, several, names, or all), of n - 1 unless `unbiased: false` or `correction` say otherwise. @throws {DTypeError} for integers @see torch.var */
const variance: VarianceFunction = (self, ...args) => run(varOp, [self], parse("std and var", self, args));

export { variance as var };
/** Standard deviation, with the arguments of `var`. @throws {DTypeError} for integers @see torch.std */
export const std: VarianceFunction = (self, ...args) => run(stdOp, [self], parse("std and var", self, args));

const withMean = (op: Op<readonly [Tensor], Variance>, self: Tensor, args: Arguments): Tensor[] => {
  const params = parse("std and var", self, args);
  return [run(op, [self], params), mean(self, params.dims.length === 0 ? null : params.dims, params.keepdim)];
};
/** Variance and mean, with the arguments of `var`. @throws {DTypeError} @see torch.var_mean */
export const varMean = (self: Tensor, ...args: Arguments): NamedTuple<"var" | "mean", Tensor> =>
  namedTuple(["var", "mean"], withMean(varOp, self, args));
/** Standard deviation and mean, with the arguments of `var`. @throws {DTypeError} @see torch.std_mean */
export const stdMean = (self: Tensor, ...args: Arguments): NamedTuple<"std" | "mean", Tensor> =>
  namedTuple(["std", "mean"], withMean(stdOp, self, args));
