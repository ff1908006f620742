import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type GradContext, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { isIntegral } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { onesLike, zerosLike } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { checkedIndices, indexSelect } from "./index-select.ts";
import { checkSource, forEachSlice, indexAdd, indexFill } from "./index-write.ts";
import { type Combination, combine } from "./scatter-reduce.ts";

interface IndexReduction {
  readonly dim: number;
  readonly reduce: Combination;
  readonly includeSelf: boolean;
}
type Context = GradContext<readonly [Tensor, Tensor, Tensor], IndexReduction>;

/** Combines slices of `source` into `self` along a dimension. */
const indexReduceOp: Op<readonly [Tensor, Tensor, Tensor], IndexReduction> = defineOp<readonly [Tensor, Tensor, Tensor], IndexReduction>({
  name: "indexReduce",
  infer: ([self]) => self,
  saves: { inputs: "all", outputs: "all" },
  backward: (ctx) => reduceGrads(ctx),
  names: ([self]) => [self.dimNames],
});

function reduceGrads({ grad, inputs: [self, index, source], output, params }: Context): (Tensor | null)[] {
  const { dim, reduce, includeSelf } = params;
  const pick = (t: Tensor): Tensor => indexSelect(t, dim, index);
  const [selfGrad, sourceGrad] = ((): [Tensor, Tensor] => {
    if (reduce === "prod") {
      const selfZero = self.eq(0);
      const plainSelf = self.maskedFill(selfZero, 1);
      const withoutZero = run(indexReduceOp, [plainSelf, index, source], params);
      const sourceZero = source.eq(0);
      const zerosHere = pick(indexAdd(zerosLike(self), dim, index, sourceZero.to(self.dtype)));
      const single = sourceZero.logicalAnd(zerosHere.eq(1));
      const others = run(indexReduceOp, [self, index, source.maskedFill(single, 1)], params);
      const plain = pick(grad.mul(output)).div(source.maskedFill(sourceZero, 1));
      const lonely = pick(grad.mul(others)).mul(single);
      return [grad.mul(withoutZero).div(plainSelf), plain.maskedFill(sourceZero, 0).add(lonely)];
    }
    if (reduce === "mean") {
      const counts = indexAdd(includeSelf ? onesLike(grad) : zerosLike(grad), dim, index, onesLike(source));
      const each = grad.div(counts.maskedFill(counts.eq(0), 1));
      return [each, pick(each)];
    }
    const selfIs = self.eq(output).to(grad.dtype);
    const sourceIs = source.eq(pick(output)).to(grad.dtype);
    const sharing = indexAdd(includeSelf ? selfIs : indexFill(selfIs, dim, index, 0), dim, index, sourceIs);
    const share = grad.div(sharing.maskedFill(sharing.eq(0), 1));
    return [share.mul(selfIs), sourceIs.mul(pick(share))];
  })();
  return [includeSelf ? selfGrad : indexFill(selfGrad, dim, index, 0), null, sourceGrad];
}

registerReferenceKernels([
  kernel(indexReduceOp, ([self, index, source], [out], { dim, reduce, includeSelf }) => {
    const total = accumulable(self);
    const indices = checkedIndices(index, self.shape[dim] ?? 1);
    combine(total, accumulable(source), reduce, includeSelf, isIntegral(self.dtype), (visit) =>
      forEachSlice(self, dim, indices, (at, from, run) => {
        for (let i = 0; i < run; i++) visit(at + i, from + i);
      }),
    );
    writeAccumulated(out!, total);
  }),
]);

export interface IndexReduceOptions {
  /** Whether what is there takes part. Default true. */
  includeSelf?: boolean;
}
export interface IndexReduce {
  (self: Tensor, dim: number | string, index: Tensor, source: Tensor, reduce: string, options?: boolean | IndexReduceOptions): Tensor;
  (self: Tensor, options: IndexReduceOptions & { dim: number | string; index: Tensor; source: Tensor; reduce: string }): Tensor;
}
const bind = signature("indexReduce", { dim: required, index: required, source: required, reduce: required, includeSelf: true });

function parse(self: Tensor, args: readonly unknown[]): { inputs: readonly [Tensor, Tensor, Tensor]; params: IndexReduction } {
  const { dim, index, source, reduce, includeSelf } = bind(args);
  if (!["prod", "mean", "amax", "amin"].includes(reduce)) {
    throw new ShapeError(`index_reduce(): Expected reduce to be one of prod, mean, amax or amin but got ${reduce}.`);
  }
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  if (index.dtype !== "int64" && index.dtype !== "int32") throw new DTypeError("index_reduce(): Expected dtype int32/int64 for index");
  checkSource("index_reduce", self, d, index, source);
  return { inputs: [self, index, source], params: { dim: d, reduce, includeSelf } };
}
/** `self` with the slices of `source` along `dim` combined at `index` by `reduce`: `"prod"`, `"mean"`, `"amax"` or `"amin"`. @throws {ShapeError} @see torch.index_reduce */
export const indexReduce: IndexReduce = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, params } = parse(self, args);
  return run(indexReduceOp, inputs, params);
};
/** In-place `indexReduce`. @see torch.Tensor.index_reduce_ */
export const indexReduce_: IndexReduce = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, params } = parse(self, args);
  return runInto(indexReduceOp, self, inputs, params);
};
