import { given as givenArguments, nothingElse, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { kthLine, lineOrder, sortLine, topLine, writeOrdered } from "../../reference/sort.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { scatterAdd } from "../indexing/scatter.ts";
import { refuseBool, refuseComplex } from "../reduce/extremes.ts";
import { indexed } from "../reduce/indexed.ts";
import { dimNumber } from "../reduce/reduction.ts";

interface Sorting {
  readonly dim: number;
  readonly descending: boolean;
  /** Whether equal elements keep their order. */
  readonly stable: boolean;
}

/** The derivative of a choice of elements along a dimension: gradients go back to where they came from. */
const choiceGrad = (grad: Tensor, indices: Tensor, shape: readonly number[], dim: number): Tensor =>
  shape.length === 0 ? grad : scatterAdd(zeros(shape, { dtype: grad.dtype, device: grad.device }), dim, indices, grad);

/** Elements in order along a dimension, with the places they came from. */
export const sortOp: Op<readonly [Tensor], Sorting> = defineOp<readonly [Tensor], Sorting>({
  name: "sort",
  infer: ([self]) => [self, { shape: self.shape, dtype: "int64" }],
  saves: { outputs: [1] },
  backward: [({ grads: [grad], outputs: [, indices], specs: [self], params }) => choiceGrad(grad!, indices!, self.shape, params.dim)],
  names: ([self]) => [self.dimNames, self.dimNames],
});

interface TopK {
  readonly k: number;
  readonly dim: number;
  readonly largest: boolean;
}

/** The first k elements of a sort. */
export const topkOp: Op<readonly [Tensor], TopK> = defineOp<readonly [Tensor], TopK>({
  name: "topk",
  infer: ([self], { k, dim }) => {
    const shape = self.ndim === 0 ? self.shape : self.shape.with(dim, k);
    return [
      { shape, dtype: self.dtype },
      { shape, dtype: "int64" },
    ];
  },
  saves: { outputs: [1] },
  backward: [({ grads: [grad], outputs: [, indices], specs: [self], params }) => choiceGrad(grad!, indices!, self.shape, params.dim)],
  names: ([self]) => [self.dimNames, self.dimNames],
});

interface Kth {
  readonly k: number;
  readonly dim: number;
  readonly keepdim: boolean;
}

/** The k-th smallest (counted from 1) along a dimension. */
const kthvalueOp: Op<readonly [Tensor], Kth> = defineOp<readonly [Tensor], Kth>({
  name: "kthvalue",
  infer: ([self], { dim, keepdim }) => {
    const shape = self.ndim === 0 ? self.shape : keepdim ? self.shape.with(dim, 1) : self.shape.toSpliced(dim, 1);
    return [
      { shape, dtype: self.dtype },
      { shape, dtype: "int64" },
    ];
  },
  saves: { outputs: [1] },
  backward: [
    ({ grads: [grad], outputs: [, indices], specs: [self], params }) => indexed(grad!, indices!, self.shape, params.dim, params.keepdim),
  ],
  names: ([self], { dim, keepdim }) => {
    const names = self.dimNames === null || keepdim ? self.dimNames : self.dimNames.filter((_, i) => i !== dim);
    return [names, names];
  },
});

registerReferenceKernels([
  kernel(sortOp, ([self], [values, indices], { dim, descending, stable }) =>
    writeOrdered(self, dim, lineOrder(self, sortLine(descending, stable)), values!, indices!),
  ),
  kernel(topkOp, ([self], [values, indices], { k, dim, largest }) =>
    writeOrdered(self, dim, lineOrder(self, topLine(k, largest)), values!, indices!),
  ),
  kernel(kthvalueOp, ([self], [values, indices], { k, dim }) =>
    writeOrdered(self, dim, lineOrder(self, kthLine(k - 1)), values!, indices!),
  ),
]);

export interface SortOptions {
  /** Default: the last. */
  dim?: number | string;
  /** Largest first. Default false. */
  descending?: boolean;
  /** Keep the order of equal elements. Default false. */
  stable?: boolean | null;
}
type ValuesAndIndices = NamedTuple<"values" | "indices", Tensor>;
export type Sort<R> = (self: Tensor, dim?: number | string | SortOptions, descending?: boolean | SortOptions, options?: SortOptions) => R;

const bindSort = signature("sort", { dim: -1, descending: false, stable: null });

function sorted(self: Tensor, args: readonly unknown[]): ValuesAndIndices {
  refuseComplex("sort", self);
  const { dim, descending, stable } = bindSort(givenArguments(args));
  return namedTuple<"values" | "indices", Tensor>(
    ["values", "indices"],
    runMany(sortOp, [self], { dim: wrapDim(dimNumber(self, dim), self.ndim), descending, stable: stable === true }),
    "sort",
  );
}

/** Elements in order along `dim` (the last), NaN as the largest; equal ones keep their order when `stable`: `{ values, indices }`. @throws {IndexError} @see torch.sort */
export const sort: Sort<ValuesAndIndices> = (self, ...args) => sorted(self, args);
/** The places from which `sort` takes elements; int64. @throws {IndexError} @see torch.argsort */
export const argsort: Sort<Tensor> = (self, ...args) => sorted(self, args)[1]!;
/** Elements in order along dimension 0. @see torch.msort */
export function msort(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("msort", extra);
  return sorted(self, [0])[0]!;
}

export interface TopkOptions {
  k?: number;
  /** Default: the last. */
  dim?: number | string;
  /** The largest (default) rather than the smallest. */
  largest?: boolean;
  /** In order (default); always so here. */
  sorted?: boolean;
}
const bindTopk = signature("topk", { k: null, dim: -1, largest: true, sorted: true });

/** The `k` largest (or smallest) elements along `dim`, in order: `{ values, indices }`. @throws {ShapeError} where there are fewer @see torch.topk */
export function topk(
  self: Tensor,
  k: number | TopkOptions,
  dim?: number | string | TopkOptions,
  largest?: boolean | TopkOptions,
  isSorted?: boolean | TopkOptions,
  ...extra: never[]
): ValuesAndIndices {
  refuseComplex("topk", self);
  refuseBool("topk_cpu", self);
  const given = bindTopk(givenArguments([k, dim, largest, isSorted, ...extra]));
  const d = wrapDim(dimNumber(self, given.dim), self.ndim);
  const size = self.shape[d] ?? 1;
  if (given.k < 0 || given.k > size) {
    throw new ShapeError("selected index k out of range");
  }
  return namedTuple<"values" | "indices", Tensor>(
    ["values", "indices"],
    runMany(topkOp, [self], { k: given.k, dim: d, largest: given.largest }),
    "topk",
  );
}

export interface KthOptions {
  k?: number;
  /** Default: the last. */
  dim?: number | string;
  keepdim?: boolean;
}
const bindKth = signature("kthvalue", { k: null, dim: -1, keepdim: false });

/** The `k`-th smallest element (counted from 1) along `dim`: `{ values, indices }`. @throws {ShapeError} @see torch.kthvalue */
export function kthvalue(
  self: Tensor,
  k: number | KthOptions,
  dim?: number | string | KthOptions,
  keepdim?: boolean | KthOptions,
  ...extra: never[]
): ValuesAndIndices {
  const given = bindKth(givenArguments([k, dim, keepdim, ...extra]));
  refuseBool("kthvalue_cpu", self);
  const d = wrapDim(dimNumber(self, given.dim), self.ndim);
  const size = self.shape[d] ?? 1;
  if (size === 0) throw new IndexError(`kthvalue(): Expected reduction dim ${d} to have non-zero size.`);
  if (given.k < 1 || given.k > size) throw new ShapeError(`kthvalue(): selected number k out of range for dimension ${d}`);
  return namedTuple<"values" | "indices", Tensor>(
    ["values", "indices"],
    runMany(kthvalueOp, [self], { k: given.k, dim: d, keepdim: given.keepdim }),
    "kthvalue",
  );
}
