import { given, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { comparable } from "../../reference/arg-reduce.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type LineOrder, lineOrder, medianLine, modeLine, writeOrdered } from "../../reference/sort.ts";
import { type DType, isFloatingPoint } from "../../tensor/dtype.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { reducedShape, type Shape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkNotEmptyAlong, refuseComplex } from "./extremes.ts";
import { indexed } from "./indexed.ts";
import { dimNumber, reducedNames } from "./reduction.ts";

interface Along {
  readonly dim: number;
  readonly keepdim: boolean;
}
type AlongOp = Op<readonly [Tensor], Along>;

/** An operator that takes one element of each line along a dimension: `[values, indices]`. */
function definePick(name: string, order: (self: Tensor) => LineOrder): AlongOp {
  const dimsOf = (shape: Shape, dim: number): number[] => (shape.length === 0 ? [] : [dim]);
  const op = defineOp<readonly [Tensor], Along>({
    name,
    infer: ([self], { dim, keepdim }) => {
      const shape = reducedShape(self.shape, dimsOf(self.shape, dim), keepdim);
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
      const names = reducedNames(self, { dims: dimsOf(self.shape, dim), keepdim });
      return [names, names];
    },
  });
  registerReferenceKernels([kernel(op, ([self], [values, indices], { dim }) => writeOrdered(self, dim, order(self), values!, indices!))]);
  return op;
}

const medianOp: AlongOp = definePick("median", (self) => lineOrder(self, medianLine(false)));
const nanmedianOp: AlongOp = definePick("nanmedian", (self) => lineOrder(self, medianLine(true)));
const modeOp: AlongOp = definePick("mode", (self) => lineOrder(self, modeLine));

/** The median of all elements. Its gradient is shared among the elements equal to it. */
function defineOverall(name: string, ignoreNaN: boolean): Op<readonly [Tensor], undefined> {
  const op = defineOp<readonly [Tensor]>({
    name,
    gradName: ignoreNaN ? "NanmedianBackward0" : "MedianBackward0",
    infer: ([self]) => ({ shape: [], dtype: self.dtype }),
    saves: { inputs: "all", outputs: "all" },
    backward: [
      ({ grad, inputs: [self], output }) => {
        const mask = self.eq(output);
        const same = output.detach().ne(output.detach()).item() ? self.ne(self) : mask;
        return grad.mul(same).div(same.sum());
      },
    ],
  });
  registerReferenceKernels([
    kernel(op, ([self], [out]) => {
      if (self.count === 0) return writeDoubles(out!, [emptyMedian(self.dtype)]);
      const { data, offset } = comparable(self.contiguous()) as { data: Float64Array; offset: number };
      const values = data.slice(offset, offset + self.count);
      // Sorted numbers have NaN last.
      const sorted = values.sort();
      let count = sorted.length;
      if (sorted[count - 1] !== sorted[count - 1]) {
        if (!ignoreNaN) return writeDoubles(out!, [Number.NaN]);
        while (count > 1 && sorted[count - 1] !== sorted[count - 1]) count--;
      }
      const middle = sorted.subarray((count - 1) >> 1, ((count - 1) >> 1) + 1);
      if (middle instanceof BigInt64Array) writeBigInts(out!, middle);
      else writeDoubles(out!, middle);
    }),
  ]);
  return op;
}

/** The median of nothing: NaN, or the smallest integer. */
const emptyMedian = (dtype: DType): number =>
  isFloatingPoint(dtype) ? Number.NaN : dtype === "int64" ? -(2 ** 63) : dtype === "int32" ? -(2 ** 31) : 0;

const medianAllOp: Op<readonly [Tensor], undefined> = defineOverall("medianAll", false);
const nanmedianAllOp: Op<readonly [Tensor], undefined> = defineOverall("nanmedianAll", true);

export interface AlongOptions {
  dim?: number | string;
  /** Keep the dimension with size 1. Default false. */
  keepdim?: boolean;
}
type ValuesAndIndices = NamedTuple<"values" | "indices", Tensor>;
export interface Median {
  (self: Tensor): Tensor;
  (self: Tensor, dim: number | string, keepdim?: boolean | AlongOptions): ValuesAndIndices;
  (self: Tensor, options: AlongOptions & { dim: number | string }): ValuesAndIndices;
}
export type Mode = (self: Tensor, dim?: number | string | AlongOptions, keepdim?: boolean | AlongOptions) => ValuesAndIndices;

const bind = signature("median", { dim: null, keepdim: false });
const bindMode = signature("mode", { dim: -1, keepdim: false });

function along(name: string, op: AlongOp, self: Tensor, dim: number | string, keepdim: boolean): ValuesAndIndices {
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  checkNotEmptyAlong(`${name}()`, self, d);
  return namedTuple<"values" | "indices", Tensor>(["values", "indices"], runMany(op, [self], { dim: d, keepdim }), op.name);
}

const medianOf = (name: string, op: AlongOp, all: Op<readonly [Tensor], undefined>): Median =>
  ((self: Tensor, ...args: unknown[]) => {
    refuseComplex(name, self);
    if (self.dtype === "bool") throw new DTypeError(`"median_cpu" not implemented for 'Bool'`);
    const { dim, keepdim } = bind(given(args));
    return dim === null ? run(all, [self], undefined) : along(name, op, self, dim, keepdim);
  }) as Median;

/** The lower median of all elements, or along `dim` with its place: `{ values, indices }`. NaN where there is one. @throws {IndexError} @see torch.median */
export const median: Median = medianOf("median", medianOp, medianAllOp);
/** `median` of the elements that are not NaN. @throws {IndexError} @see torch.nanmedian */
export const nanmedian: Median = medianOf("nanmedian", nanmedianOp, nanmedianAllOp);
/** The value along `dim` (the last) that occurs most, the smallest of several, and its last place: `{ values, indices }`. @throws {IndexError} @see torch.mode */
export const mode: Mode = (self, ...args) => {
  const { dim, keepdim } = bindMode(given(args));
  return along("mode", modeOp, self, dim, keepdim);
};
