import { given, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { flat } from "../../reference/flat.ts";
import { forEachIndex } from "../../reference/scatter.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { scatterAdd } from "./scatter.ts";

/** Elements picked along one dimension. */
export const gatherOp: Op<readonly [Tensor, Tensor], number> = defineOp<readonly [Tensor, Tensor], number>({
  name: "gather",
  infer: ([self, index]) => ({ shape: index.shape, dtype: self.dtype }),
  contiguous: true,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], specs: [self], params: dim }) =>
      scatterAdd(zeros(self.shape, { dtype: grad.dtype, device: grad.device }), dim, index, grad),
    null,
  ],
});

registerReferenceKernels([
  kernel(gatherOp, ([self, index], [out], dim) => {
    const from = flat(self).data;
    const { data: to, width } = flat(out!);
    forEachIndex(index, dim, self.shape, index.shape, (at, place) => {
      to[place * width] = from[at * width]!;
      if (width === 2) to[place * 2 + 1] = from[at * 2 + 1]!;
    });
  }),
]);

const bind = signature("gather", { dim: required, index: required, sparseGrad: false });

export interface Gather {
  (self: Tensor, dim: number | string, index: Tensor, options?: { sparseGrad?: boolean }): Tensor;
  (self: Tensor, options: { dim: number | string; index: Tensor; sparseGrad?: boolean }): Tensor;
}

/** `out[i][j][k] = self[index[i][j][k]][j][k]` for `dim` 0, and so on. The result has the shape of `index`. @throws {ShapeError} @see torch.gather */
export const gather: Gather = (self: Tensor, ...args: unknown[]): Tensor => {
  const { dim, index } = bind(args) as { dim: number | string; index: Tensor };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  if (index.dtype !== "int64") throw new DTypeError("gather(): Expected dtype int64 for index");
  if (index.count > 0 && Math.max(index.ndim, 1) !== Math.max(self.ndim, 1)) {
    throw new ShapeError("Index tensor must have the same number of dimensions as input tensor");
  }
  if (index.count > 0) {
    index.shape.forEach((n, i) => {
      if (i === d || n <= (self.shape[i] ?? 1)) return;
      throw new ShapeError(
        `Size does not match at dimension ${i} expected index ${formatShape(index.shape)} to be smaller than self ${formatShape(self.shape)} apart from dimension ${d}`,
      );
    });
  }
  return run(gatherOp, [self, index], d);
};

const bindTake = signature("takeAlongDim", { indices: required, dim: null });

/** Elements of `self` at `indices` along `dim`, both broadcast but there; of all elements in row-major order without `dim`. @see torch.take_along_dim */
export function takeAlongDim(
  self: Tensor,
  indices: Tensor | { indices: Tensor; dim?: number | null },
  dim?: number | null | { dim?: number | null },
  ...extra: never[]
): Tensor {
  const { indices: index, dim: along } = bindTake(given([indices, dim, ...extra])) as {
    indices: Tensor;
    dim: number | null;
  };
  if (index.dtype !== "int64")
    throw new DTypeError(
      `torch.take_along_dim(): dtype of indices should be Long but got ${index.dtype === "float32" ? "Float" : index.dtype}`,
    );
  if (along === null) return gather(self.reshape([-1]), 0, index.reshape([-1]));
  if (self.ndim !== index.ndim) {
    throw new ShapeError(
      `torch.take_along_dim(): input and indices should have the same number of dimensions, but got ${self.ndim} dimensions for input, and ${index.ndim} dimensions for indices`,
    );
  }
  const d = wrapDim(along, self.ndim);
  const common = self.shape.map((n, i) => {
    if (i === d) return n;
    const m = index.shape[i]!;
    if (n !== m && n !== 1 && m !== 1)
      throw new IndexError(`The size of tensor a (${n}) must match the size of tensor b (${m}) at non-singleton dimension ${i}`);
    return n === 1 ? m : n;
  });
  return gather(self.expand(common), d, index.expand(common.with(d, index.shape[d]!)));
}
