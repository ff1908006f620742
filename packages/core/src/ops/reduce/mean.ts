import { given, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import type { Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { cascadeSum } from "../../reference/cascade-sum.ts";
import { toComplexDoubles, toDoubles, writeDoubles } from "../../reference/loops.ts";
import { sumRows } from "../../reference/reduce.ts";
import { type DType, dtypeInfo, isComplex, isIntegral } from "../../tensor/dtype.ts";
import { contiguousStrides, reducedShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { defineReduction, dimsFor, type Reduce, type Reduction, reducedCount, restoreDims, wholeReduction } from "./reduction.ts";

export const meanOp: Op<readonly [Tensor], Reduction> = defineReduction({
  name: "mean",
  // Divided before it is expanded, while it is small.
  backward: [
    ({ grad, specs: [self], params }) =>
      restoreDims(grad.div(reducedCount(self.shape, params.dims)), self.shape, params).expand(self.shape),
  ],
});

registerReferenceKernels([
  kernel(meanOp, ([self], [out], { dims }) => {
    const sums =
      self.dtype === "float32" || self.dtype === "float64"
        ? cascadeSum(self, dims, out!.shape, contiguousStrides(reducedShape(self.shape, dims, true)))
        : isComplex(self.dtype)
          ? sumRows(self.shape, dims, toComplexDoubles(self), 2)
          : sumRows(self.shape, dims, toDoubles(self), 1);
    const n = reducedCount(self.shape, dims);
    for (let i = 0; i < sums.length; i++) sums[i]! /= n;
    writeDoubles(out!, sums);
  }),
]);

const bind = signature("mean", { dim: null, keepdim: false, dtype: null });

/** Mean over `dim` (one, several, names, or all) of floating-point or complex elements. @throws {DTypeError} for integers @see torch.mean */
export const mean: Reduce = (self, ...args) => {
  if (args.length === 0 && !isIntegral(self.dtype)) return run(meanOp, [self], wholeReduction(self.ndim));
  const { dim, keepdim, dtype } = bind(given(args)) as { dim: never; keepdim: boolean; dtype: DType | null };
  if (isIntegral(dtype ?? self.dtype)) {
    const what = dtype === null ? "infer output dtype. Input dtype" : "infer output dtype. Optional dtype";
    throw new DTypeError(
      `mean(): could not ${what} must be either a floating point or complex dtype. Got: ${dtypeInfo[dtype ?? self.dtype].scalarType}`,
    );
  }
  return run(meanOp, [dtype === null ? self : to(self, dtype)], { dims: dimsFor(self, dim), keepdim });
};
