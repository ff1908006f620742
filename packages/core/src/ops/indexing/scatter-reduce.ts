import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type GradContext, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { type Accumulator, accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { forEachIndex } from "../../reference/scatter.ts";
import { isIntegral } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { onesLike, zerosLike } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { gather } from "./gather.ts";
import { checkScatter, scatter, scatterAdd } from "./scatter.ts";

/** How elements that meet at one place become one. */
export type Combination = "sum" | "prod" | "mean" | "amax" | "amin";

interface ScatterReduction {
  readonly dim: number;
  readonly reduce: Combination;
  /** Whether what is there takes part. */
  readonly includeSelf: boolean;
}
type Context = GradContext<readonly [Tensor, Tensor, Tensor], ScatterReduction>;

/** Combines elements of `src` at the places of `index`. */
export const scatterReduceOp: Op<readonly [Tensor, Tensor, Tensor], ScatterReduction> = defineOp<
  readonly [Tensor, Tensor, Tensor],
  ScatterReduction
>({
  name: "scatterReduce",
  infer: ([self]) => self,
  saves: { inputs: "all", outputs: "all" },
  backward: (ctx) => reduceGrads(ctx),
  names: ([self]) => [self.dimNames],
});

/** Gradients with respect to `self` and `src`. */
function reduceGrads({ grad, inputs: [self, index, src], output, params: { dim, reduce, includeSelf } }: Context): (Tensor | null)[] {
  const [selfGrad, srcGrad] = ((): [Tensor, Tensor] => {
    switch (reduce) {
      case "sum":
        return [grad, gather(grad, dim, index)];
      case "prod":
        return productGrads(grad, self, dim, index, src, output, includeSelf);
      case "mean": {
        const start = includeSelf ? onesLike(grad) : zerosLike(grad);
        const counts = scatterAdd(start, dim, index, onesLike(src));
        const count = counts.maskedFill(counts.eq(0), 1);
        return [grad.div(count), gather(grad.div(count), dim, index)];
      }
      default: {
        const selfIs = self.eq(output).to(grad.dtype);
        const srcIs = src.eq(gather(output, dim, index)).to(grad.dtype);
        const sharing = scatterAdd(includeSelf ? selfIs : scatter(selfIs, dim, index, 0), dim, index, srcIs);
        const share = grad.div(sharing.maskedFill(sharing.eq(0), 1));
        return [share.mul(selfIs), srcIs.mul(gather(share, dim, index))];
      }
    }
  })();
  return [includeSelf ? selfGrad : scatter(selfGrad, dim, index, 0), null, srcGrad];
}

/** Zeros are left out of quotients: a place's only zero has the product of the others, several have nothing. */
function productGrads(
  grad: Tensor,
  self: Tensor,
  dim: number,
  index: Tensor,
  src: Tensor,
  output: Tensor,
  includeSelf: boolean,
): [Tensor, Tensor] {
  const selfZero = self.eq(0);
  const withoutZero = self.maskedFill(selfZero, 1);
  const params = { dim, reduce: "prod" as const, includeSelf };
  const selfGrad = grad.mul(run(scatterReduceOp, [withoutZero, index, src], params)).div(withoutZero);
  const srcZero = src.eq(0);
  const zerosHere = gather(scatterAdd(zerosLike(self), dim, index, srcZero.to(self.dtype)), dim, index);
  const single = srcZero.logicalAnd(zerosHere.eq(1));
  const others = run(scatterReduceOp, [self, index, src.maskedFill(single, 1)], params);
  const plain = gather(grad.mul(output), dim, index).div(src.maskedFill(srcZero, 1));
  const lonely = gather(grad.mul(others), dim, index);
  const zero = single.logicalNot().logicalAnd(srcZero);
  return [selfGrad, plain.maskedFill(srcZero, 0).add(lonely.mul(single)).maskedFill(zero, 0)];
}

type Combine = (a: number, b: number) => number;
const combiners: Record<Exclude<Combination, "mean">, Combine> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  amax: (a, b) => (a > b || a !== a ? a : b),
  amin: (a, b) => (a < b || a !== a ? a : b),
};

/** What a combination starts from when what is there does not take part. */
function neutral(reduce: Combination, exact: boolean): number {
  if (reduce === "sum" || reduce === "mean") return (exact ? 0n : 0) as number;
  if (reduce === "prod") return (exact ? 1n : 1) as number;
  const infinite = reduce === "amax" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return exact ? ((reduce === "amax" ? -(2n ** 63n) : 2n ** 63n - 1n) as unknown as number) : infinite;
}

/** Combines `from` into `total` at pairs of places; `mean` divides by how many there were, rounding integers down. */
export function combine(
  total: Accumulator,
  from: Accumulator,
  reduce: Combination,
  includeSelf: boolean,
  integers: boolean,
  forEachPair: (visit: (at: number, place: number) => void) => void,
): void {
  const { data, width } = total;
  const exact = data instanceof BigInt64Array;
  const call = reduce === "mean" ? combiners.sum : combiners[reduce];
  const counts = new Float64Array(data.length / width).fill(includeSelf ? 1 : 0);
  if (!includeSelf) {
    const start = neutral(reduce, exact);
    forEachPair((at) => {
      data[at * width] = start;
      if (width === 2) data[at * 2 + 1] = 0;
    });
  }
  forEachPair((at, place) => {
    counts[at]!++;
    if (width === 1) {
      data[at] = call(data[at]!, from.data[place]!);
      return;
    }
    const [a, b, c, d] = [data[2 * at]!, data[2 * at + 1]!, from.data[2 * place]!, from.data[2 * place + 1]!];
    [data[2 * at], data[2 * at + 1]] = reduce === "prod" ? [a * c - b * d, a * d + b * c] : [a + c, b + d];
  });
  if (reduce !== "mean") return;
  for (let i = 0; i < counts.length; i++) {
    if (counts[i]! <= 1) continue;
    for (let w = 0; w < width; w++) {
      const at = i * width + w;
      data[at] = exact ? (floorDivide(data[at] as unknown as bigint, BigInt(counts[i]!)) as unknown as number) : data[at]! / counts[i]!;
      if (!exact && integers) data[at] = Math.floor(data[at]!);
    }
  }
}

const floorDivide = (a: bigint, b: bigint): bigint => (a < 0n && a % b !== 0n ? a / b - 1n : a / b);

registerReferenceKernels([
  kernel(scatterReduceOp, ([self, index, src], [out], { dim, reduce, includeSelf }) => {
    const total = accumulable(self);
    combine(total, accumulable(src), reduce, includeSelf, isIntegral(self.dtype), (visit) =>
      forEachIndex(index, dim, self.shape, src.shape, visit),
    );
    writeAccumulated(out!, total);
  }),
]);

export interface ScatterReduceOptions {
  /** Whether what is there takes part. Default true. */
  includeSelf?: boolean;
}
export interface ScatterReduce {
  (self: Tensor, dim: number | string, index: Tensor, src: Tensor, reduce: string, options?: boolean | ScatterReduceOptions): Tensor;
  (self: Tensor, dim: number | string, index: Tensor, src: Tensor, options: ScatterReduceOptions & { reduce: string }): Tensor;
  (self: Tensor, options: ScatterReduceOptions & { dim: number | string; index: Tensor; src: Tensor; reduce: string }): Tensor;
}
const bind = signature("scatterReduce", { dim: required, index: required, src: required, reduce: required, includeSelf: true });

/** Checks the name of a combination. @throws {ShapeError} in PyTorch's words */
export function checkCombination(reduce: string): Combination {
  if (["sum", "prod", "mean", "amax", "amin"].includes(reduce)) return reduce as Combination;
  throw new ShapeError(`reduce argument must be either sum, prod, mean, amax or amin, got ${reduce}`);
}

function parse(self: Tensor, args: readonly unknown[]): { inputs: readonly [Tensor, Tensor, Tensor]; params: ScatterReduction } {
  const { dim, index, src, reduce, includeSelf } = bind(args);
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  const combination = checkCombination(reduce);
  checkScatter("scatter", self, d, index, src);
  return { inputs: [self, index, src], params: { dim: d, reduce: combination, includeSelf } };
}
/** `self` with the elements of `src` that meet at each place along `dim` combined by `reduce`: `"sum"`, `"prod"`, `"mean"`, `"amax"` or `"amin"`. @throws {ShapeError} @throws {DTypeError} @see torch.scatter_reduce */
export const scatterReduce: ScatterReduce = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, params } = parse(self, args);
  return run(scatterReduceOp, inputs, params);
};
/** In-place `scatterReduce`. @see torch.Tensor.scatter_reduce_ */
export const scatterReduce_: ScatterReduce = (self: Tensor, ...args: unknown[]): Tensor => {
  const { inputs, params } = parse(self, args);
  return runInto(scatterReduceOp, self, inputs, params);
};
