import { given as givenArguments, isOptions, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import type { Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { groupsOf } from "../../reference/reduce.ts";
import { type DType, isIntegral } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { onesLike } from "../factory/filled.ts";
import { cat } from "../view/cat.ts";
import { flip } from "../view/flip.ts";
import { reshape } from "../view/reshape.ts";
import { sliceAlong } from "../view/slice.ts";
import { cumprod } from "./cumulative.ts";
import { defineReduction, dimsFor, type Reduction, restoreDims } from "./reduction.ts";

export const prodOp: Op<readonly [Tensor], Reduction> = defineReduction({
  name: "prod",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params }) => {
      if (self.count === 0 || self.ndim === 0) return restoreDims(grad, self.shape, params).expand(self.shape);
      if (params.dims.length === 1) return restoreDims(grad, self.shape, params).mul(othersProduct(self, params.dims[0]!).conj());
      return reshape(grad, [1])
        .mul(othersProduct(reshape(self, [-1]), 0).conj())
        .reshape(self.shape);
    },
  ],
});

/** For each element the product of the others along `dim`, by products from both ends, which zeros do not disturb. */
function othersProduct(self: Tensor, dim: number): Tensor {
  const size = self.shape[dim]!;
  const ones = onesLike(sliceAlong(self, dim, 0, 1));
  if (size === 1) return ones;
  const before = cat([ones, cumprod(sliceAlong(self, dim, 0, size - 1), dim)], dim);
  const after = cat([flip(cumprod(flip(sliceAlong(self, dim, 1, size), dim), dim), dim), ones], dim);
  return before.mul(after);
}

registerReferenceKernels([
  kernel(prodOp, ([self], [out], { dims }) => {
    const { data, width } = accumulable(self);
    const { base, step } = groupsOf(self.shape, dims);
    const exact = data instanceof BigInt64Array;
    const values = new (data.constructor as new (n: number) => Float64Array)(base.length * width);
    for (let i = 0; i < base.length; i++) {
      let re = (exact ? 1n : 1) as number;
      let im = 0;
      for (let j = 0; j < step.length; j++) {
        const at = (base[i]! + step[j]!) * width;
        if (width === 1) re *= data[at]!;
        else [re, im] = [re * data[at]! - im * data[at + 1]!, re * data[at + 1]! + im * data[at]!];
      }
      values[i * width] = re;
      if (width === 2) values[2 * i + 1] = im;
    }
    writeAccumulated(out!, { data: values, width });
  }),
]);

export interface ProdOptions {
  /** The dimension. Default: all elements. */
  dim?: number | string | null;
  /** Keep the reduced dimension with size 1. Default false. */
  keepdim?: boolean;
  /** Cast to this dtype first. */
  dtype?: DType | null;
}
export type Prod = (
  self: Tensor,
  dim?: number | string | null | ProdOptions,
  keepdim?: boolean | ProdOptions,
  options?: ProdOptions,
) => Tensor;

const bind = signature("prod", { dim: null, keepdim: false, dtype: null });

/** Product over `dim`, or of all elements; integers give int64. @throws {IndexError} @see torch.prod */
export const prod: Prod = (self, ...args) => {
  const given = givenArguments(args);
  const { dim, keepdim, dtype } = bind(given);
  if (given.length === 0 || isOptions(given[0]) || typeof dim === "number" || typeof dim === "string" || dim === null) {
    const target = dtype ?? (isIntegral(self.dtype) ? "int64" : self.dtype);
    return run(prodOp, [to(self, target)], { dims: dimsFor(self, dim), keepdim });
  }
  throw new TypeError(`prod(): argument 'dim' must be int, not ${typeof dim}`);
};
