import { given as givenArguments, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import type { Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { cascadeSum } from "../../reference/cascade-sum.ts";
import { toBigInts, toComplexDoubles, toDoubles, writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { sumRows } from "../../reference/reduce.ts";
import { type DType, isComplex, isIntegral } from "../../tensor/dtype.ts";
import { contiguousStrides, reducedShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { type DimNames, defineReduction, dimsFor, type ReduceOptions, type Reduction, restoreDims, wholeReduction } from "./reduction.ts";

export const sumOp: Op<readonly [Tensor], Reduction> = defineReduction({
  name: "sum",
  backward: [({ grad, specs: [self], params }) => restoreDims(grad, self.shape, params).expand(self.shape)],
});

registerReferenceKernels([
  kernel(sumOp, ([self], [out], { dims }) => {
    if (isComplex(self.dtype)) return writeDoubles(out!, sumRows(self.shape, dims, toComplexDoubles(self), 2));
    if (self.dtype === "int64") {
      return writeBigInts(out!, BigInt64Array.from(sumRows(self.shape, dims, toBigInts(self), 1)));
    }
    if (self.dtype === "float32" || self.dtype === "float64") {
      const kept = contiguousStrides(reducedShape(self.shape, dims, true));
      return writeDoubles(out!, cascadeSum(self, dims, out!.shape, kept));
    }
    writeDoubles(out!, sumRows(self.shape, dims, toDoubles(self), 1));
  }),
]);

const bind = signature("sum", { dim: null, keepdim: false, dtype: null });

/** The sum over dimensions that are wrapped and sorted, for derivatives. */
export const sumOver = (self: Tensor, reduction: Reduction): Tensor => run(sumOp, [self], reduction);

/** Sum over `dim` (one, several, names, or all); integers give int64. @throws {IndexError} @see torch.sum */
export function sum(
  self: Tensor,
  dim?: number | DimNames | readonly number[] | null | ReduceOptions,
  keepdim?: boolean | ReduceOptions,
  options?: ReduceOptions,
): Tensor {
  if (dim === undefined && keepdim === undefined && options === undefined && !isIntegral(self.dtype)) {
    return run(sumOp, [self], wholeReduction(self.ndim));
  }
  const {
    dim: given,
    keepdim: keep,
    dtype,
  } = bind(givenArguments([dim, keepdim, options])) as { dim: never; keepdim: boolean; dtype: DType | null };
  const target = dtype ?? (isIntegral(self.dtype) ? "int64" : self.dtype);
  return run(sumOp, [to(self, target)], { dims: dimsFor(self, given), keepdim: keep });
}
