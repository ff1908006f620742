import { given, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { extremePositions } from "../../reference/arg-reduce.ts";
import { writeDoubles } from "../../reference/loops.ts";
import { reducedShape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkNotEmptyAlong, refuseBool, refuseComplex } from "./extremes.ts";
import { dimNumber, type Reduction } from "./reduction.ts";

function defineArg(name: string, largest: boolean): Op<readonly [Tensor], Reduction> {
  const op = defineOp<readonly [Tensor], Reduction>({
    name,
    infer: ([self], { dims, keepdim }) => ({ shape: reducedShape(self.shape, dims, keepdim), dtype: "int64" }),
  });
  registerReferenceKernels([kernel(op, ([self], [out], { dims }) => writeDoubles(out!, extremePositions(self, dims, largest)))]);
  return op;
}

export const argmaxOp: Op<readonly [Tensor], Reduction> = defineArg("argmax", true);
export const argminOp: Op<readonly [Tensor], Reduction> = defineArg("argmin", false);

export interface ArgOptions {
  /** The dimension. Default: the position among all elements, in row-major order. */
  dim?: number | string | null;
  /** Keep the dimension with size 1. Default false. */
  keepdim?: boolean;
}
export type ArgReduce = (
  self: Tensor,
  dim?: number | string | null | ArgOptions,
  keepdim?: boolean | ArgOptions,
  options?: ArgOptions,
) => Tensor;

const bind = signature("argmax", { dim: null, keepdim: false });
const argOf =
  (name: string, op: Op<readonly [Tensor], Reduction>): ArgReduce =>
  (self, ...args) => {
    refuseComplex(name, self);
    refuseBool(`${name}_cpu`, self);
    const { dim, keepdim } = bind(given(args));
    if (dim === null) {
      if (self.count === 0) throw new ShapeError(`${name}(): Expected reduction dim to be specified for input.numel() == 0.`);
      return run(op, [self], { dims: self.shape.map((_, i) => i), keepdim });
    }
    const d = wrapDim(dimNumber(self, dim), self.ndim);
    checkNotEmptyAlong(`${name}()`, self, d);
    return run(op, [self], { dims: self.ndim === 0 ? [] : [d], keepdim });
  };
/** The index of the first largest element along `dim`, or among all; int64. @throws {IndexError} @see torch.argmax */
export const argmax: ArgReduce = argOf("argmax", argmaxOp);
/** The index of the first smallest element along `dim`, or among all; int64. @throws {IndexError} @see torch.argmin */
export const argmin: ArgReduce = argOf("argmin", argminOp);
