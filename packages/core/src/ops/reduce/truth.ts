import { given, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { writeDoubles } from "../../reference/loops.ts";
import { groupsOf } from "../../reference/reduce.ts";
import { reducedShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { truths } from "../indexing/nonzero.ts";
import { type DimNames, dimsFor, type Reduction, reducedNames } from "./reduction.ts";

/** `wanted` is the truth that decides: one true element makes `any` true, one false one makes `all` false. */
function defineTruth(name: string, wanted: 0 | 1): Op<readonly [Tensor], Reduction> {
  const op = defineOp<readonly [Tensor], Reduction>({
    name,
    // uint8 stays uint8, as PyTorch keeps it for old programs.
    infer: ([self], { dims, keepdim }) => ({
      shape: reducedShape(self.shape, dims, keepdim),
      dtype: self.dtype === "uint8" ? "uint8" : "bool",
    }),
    names: ([self], params) => [reducedNames(self, params)],
  });
  registerReferenceKernels([
    kernel(op, ([self], [out], { dims }) => {
      const values = truths(self);
      const { base, step } = groupsOf(self.shape, dims);
      writeDoubles(
        out!,
        base.map((start) => (step.some((s) => values[start + s] === wanted) ? wanted : 1 - wanted)),
      );
    }),
  ]);
  return op;
}

const allOp: Op<readonly [Tensor], Reduction> = defineTruth("all", 0);
const anyOp: Op<readonly [Tensor], Reduction> = defineTruth("any", 1);

export interface TruthOptions {
  dim?: number | DimNames | null;
  /** Keep the reduced dimension with size 1. Default false. */
  keepdim?: boolean;
}
export type Truth = (
  self: Tensor,
  dim?: number | DimNames | null | TruthOptions,
  keepdim?: boolean | TruthOptions,
  options?: TruthOptions,
) => Tensor;

const bind = signature("all", { dim: null, keepdim: false });
const truth =
  (op: Op<readonly [Tensor], Reduction>): Truth =>
  (self, ...args) => {
    const { dim, keepdim } = bind(given(args));
    return run(op, [self], { dims: dimsFor(self, dim), keepdim });
  };
/** Whether all elements, over `dim` or altogether, differ from zero; bool. @throws {IndexError} @see torch.all */
export const all: Truth = truth(allOp);
/** Whether any element, over `dim` or altogether, differs from zero; bool. @throws {IndexError} @see torch.any */
export const any: Truth = truth(anyOp);
