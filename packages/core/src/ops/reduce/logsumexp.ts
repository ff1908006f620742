import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import type { Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { reduceGroups } from "../../reference/reduce.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { asFloat } from "../elementwise/pointwise.ts";
import { type DimNames, defineReduction, dimsFor, type Reduction, restoreDims } from "./reduction.ts";

export const logsumexpOp: Op<readonly [Tensor], Reduction> = defineReduction({
  name: "logsumexp",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output, params }) =>
      restoreDims(grad, self.shape, params).mul(self.sub(restoreDims(output, self.shape, params)).exp()),
  ],
});

/** log(sum(exp(values))) without overflow: the largest is taken out first. */
export function logSumExp(values: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (Number.isNaN(value)) return value;
    if (value > largest) largest = value;
  }
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

registerReferenceKernels([
  kernel(logsumexpOp, ([self], [out], { dims }) => writeDoubles(out!, reduceGroups(self.shape, dims, toDoubles(self), logSumExp))),
]);

const bind = signature("logsumexp", { dim: required, keepdim: false });

export interface Logsumexp {
  (self: Tensor, dim: number | readonly number[] | DimNames, keepdim?: boolean | { keepdim?: boolean }): Tensor;
  (self: Tensor, options: { dim: number | readonly number[] | DimNames; keepdim?: boolean }): Tensor;
}

/** The logarithm of the sum of exponentials over `dim`, without overflow. @throws {IndexError} @see torch.logsumexp */
export const logsumexp: Logsumexp = (self: Tensor, ...args: unknown[]): Tensor => {
  const { dim, keepdim } = bind(given(args));
  return run(logsumexpOp, [asFloat(self)], { dims: dimsFor(self, dim), keepdim });
};
