import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { flat, flatTarget, sameElements } from "../../reference/flat.ts";
import { forEachIndex } from "../../reference/scatter.ts";
import { isScalar, type Scalar } from "../../tensor/scalar.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { newScalarTensor, scalarTensor } from "../factory/scalar-tensor.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { gather } from "./gather.ts";

type ScatterOp = Op<readonly [Tensor, Tensor, Tensor], number>;

/** `self` with elements of `src` written where `index` says. The last of several writes to one place wins. */
export const scatterOp: ScatterOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "scatter",
  gradName: "ScatterBackward0",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [
    ({ grad, inputs: [, index], params: dim }) => scatter(grad, dim, index, 0),
    null,
    ({ grad, inputs: [, index], specs: [, , src], params: dim }) =>
      src.shape.length === 0 && index.ndim !== 0 ? null : gather(grad, dim, index),
  ],
  names: ([self]) => [self.dimNames],
});

/** `self` with one number (a 0-d tensor) written where `index` says. */
export const scatterValueOp: ScatterOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "scatterValue",
  gradName: "ScatterBackward1",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, index], params: dim }) => scatter(grad, dim, index, 0), null, null],
  names: ([self]) => [self.dimNames],
});

/** `self` plus elements of `src` added where `index` says. */
export const scatterAddOp: ScatterOp = defineOp<readonly [Tensor, Tensor, Tensor], number>({
  name: "scatterAdd",
  infer: ([self]) => self,
  elementwise: true,
  saves: { inputs: [1] },
  backward: [({ grad }) => grad, null, ({ grad, inputs: [, index], params: dim }) => gather(grad, dim, index)],
  names: ([self]) => [self.dimNames],
});

/** Copies `self` to `out` unless it is there already; the place to write to. */
function start(self: Tensor, out: Tensor): ReturnType<typeof flatTarget> {
  const target = flatTarget(out);
  if (!sameElements(self, out)) target.data.set(flat(self).data);
  return target;
}

registerReferenceKernels([
  kernel(scatterOp, ([self, index, src], [out], dim) => {
    const from = flat(src).data;
    const target = start(self, out!);
    const { data, width } = target;
    forEachIndex(index, dim, self.shape, src.shape, (at, place) => {
      for (let w = 0; w < width; w++) data[at * width + w] = from[place * width + w]!;
    });
    target.commit();
  }),
  kernel(scatterValueOp, ([self, index, value], [out], dim) => {
    const from = flat(value).data;
    const target = start(self, out!);
    const { data, width } = target;
    forEachIndex(index, dim, self.shape, index.shape, (at) => {
      for (let w = 0; w < width; w++) data[at * width + w] = from[w]!;
    });
    target.commit();
  }),
  kernel(scatterAddOp, ([self, index, src], [out], dim) => {
    const total = accumulable(self);
    const { data: from, width } = accumulable(src);
    forEachIndex(index, dim, self.shape, src.shape, (at, place) => {
      for (let w = 0; w < width; w++) total.data[at * width + w]! += from[place * width + w]!;
    });
    writeAccumulated(out!, total);
  }),
]);

/** PyTorch's checks of scatter and its relatives. @throws {DTypeError} @throws {ShapeError} */
export function checkScatter(name: string, self: Tensor, dim: number, index: Tensor, src: Tensor | null): void {
  if (index.count > 0 && index.dtype !== "int64") throw new DTypeError(`${name}(): Expected dtype int64 for index`);
  if (src !== null && self.dtype !== src.dtype) throw new DTypeError(`${name}(): Expected self.dtype to be equal to src.dtype`);
  if (index.count === 0) return;
  const dims = (t: Tensor): number => Math.max(t.ndim, 1);
  if (dims(index) !== dims(self)) throw new ShapeError("Index tensor must have the same number of dimensions as self tensor");
  if (src !== null && dims(index) !== dims(src)) throw new ShapeError("Index tensor must have the same number of dimensions as src tensor");
  const fits = index.shape.every((n, i) => (i === dim || n <= (self.shape[i] ?? 1)) && (src === null || n <= (src.shape[i] ?? 1)));
  if (fits) return;
  const within = src === null ? "" : ` and to be smaller size than src ${formatShape(src.shape)}`;
  throw new ShapeError(
    `Expected index ${formatShape(index.shape)} to be smaller than self ${formatShape(self.shape)} apart from dimension ${dim}${within}`,
  );
}

export interface ScatterOptions {
  /** Combine with what is there: `"add"` or `"multiply"`. Default: replace. */
  reduce?: string | null;
}
export interface Scatter {
  (self: Tensor, dim: number | string, index: Tensor, src: Tensor | Scalar, options?: string | ScatterOptions): Tensor;
  (self: Tensor, dim: number | string, index: Tensor, options: ScatterOptions & ({ src: Tensor } | { value: Scalar })): Tensor;
  (self: Tensor, options: ScatterOptions & { dim: number | string; index: Tensor } & ({ src: Tensor } | { value: Scalar })): Tensor;
}

const bind = signature("scatter", { dim: required, index: required, src: null, reduce: null, value: null });

type Runner = <P>(
  op: Op<readonly [Tensor, Tensor, Tensor], P>,
  self: Tensor,
  inputs: readonly [Tensor, Tensor, Tensor],
  params: P,
) => Tensor;
const outOfPlace: Runner = (op, _self, inputs, params) => run(op, inputs, params);

function scatterWith(execute: Runner, self: Tensor, args: readonly unknown[]): Tensor {
  const { dim, index, src, reduce, value } = bind(givenArguments(args)) as {
    dim: number | string;
    index: Tensor;
    src: Tensor | Scalar | null;
    reduce: string | null;
    value: Scalar | null;
  };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  const given = value ?? src;
  if (given === null) throw new TypeError('scatter() missing 1 required positional arguments: "src"');
  checkScatter("scatter", self, d, index, given instanceof Tensor ? given : null);
  if (reduce !== null) return scatterCombined(execute, self, d, index, given, reduce);
  if (given instanceof Tensor) return execute(scatterOp, self, [self, index, given], d);
  return execute(scatterValueOp, self, [self, index, valueTensor(given, self)], d);
}

const valueTensor = (value: Scalar, self: Tensor): Tensor => {
  const made = scalarTensor(value, self.dtype);
  return self.device === "cpu" ? made : newScalarTensor(value, self.dtype).to(self.device);
};

/** Combines with what is there, one element after the other. Not differentiable for products, as in PyTorch. */
const scatterReduceOp: Op<readonly [Tensor, Tensor, Tensor], { dim: number; reduce: string }> = defineOp<
  readonly [Tensor, Tensor, Tensor],
  { dim: number; reduce: string }
>({ name: "scatterCombine", gradName: "ScatterBackward2", infer: ([self]) => self, names: ([self]) => [self.dimNames] });

registerReferenceKernels([
  kernel(scatterReduceOp, ([self, index, src], [out], { dim, reduce }) => {
    const total = accumulable(self);
    const { data: from, width } = accumulable(src);
    const { data } = total;
    const product = reduce === "multiply";
    forEachIndex(index, dim, self.shape, src.shape, (at, place) => {
      if (!product) for (let w = 0; w < width; w++) data[at * width + w]! += from[place * width + w]!;
      else if (width === 1) data[at]! *= from[place]!;
      else {
        const [a, b, c, e] = [data[2 * at]!, data[2 * at + 1]!, from[2 * place]!, from[2 * place + 1]!];
        data[2 * at] = a * c - b * e;
        data[2 * at + 1] = a * e + b * c;
      }
    });
    writeAccumulated(out!, total);
  }),
]);

function scatterCombined(execute: Runner, self: Tensor, dim: number, index: Tensor, given: Tensor | Scalar, reduce: string): Tensor {
  if (reduce !== "add" && reduce !== "multiply") throw new ShapeError("reduce argument must be either add or multiply.");
  const src = isScalar(given) ? valueTensor(given, self).expand(index.shape) : given;
  return execute(scatterReduceOp, self, [self, index, src], { dim, reduce });
}

/** `self` with elements of `src` (or one number) at the places along `dim` that `index` names: `out[index[i][j]][j] = src[i][j]` for `dim` 0. @throws {ShapeError} @throws {DTypeError} @see torch.scatter */
export const scatter: Scatter = (self: Tensor, ...args: unknown[]): Tensor => scatterWith(outOfPlace, self, args);
/** In-place `scatter`. @see torch.Tensor.scatter_ */
export const scatter_: Scatter = (self: Tensor, ...args: unknown[]): Tensor => scatterWith(runInto, self, args);

export interface ScatterAdd {
  (self: Tensor, dim: number | string, index: Tensor, src: Tensor): Tensor;
  (self: Tensor, options: { dim: number | string; index: Tensor; src: Tensor }): Tensor;
}
const bindAdd = signature("scatterAdd", { dim: required, index: required, src: required });

function scatterAddWith(execute: Runner, self: Tensor, args: readonly unknown[]): Tensor {
  const { dim, index, src } = bindAdd(args) as { dim: number | string; index: Tensor; src: Tensor };
  const d = wrapDim(dimNumber(self, dim), self.ndim);
  checkScatter("scatter", self, d, index, src);
  return execute(scatterAddOp, self, [self, index, src], d);
}
/** `self` with elements of `src` added at the places along `dim` that `index` names. @throws {ShapeError} @throws {DTypeError} @see torch.scatter_add */
export const scatterAdd: ScatterAdd = (self: Tensor, ...args: unknown[]): Tensor => scatterAddWith(outOfPlace, self, args);
/** In-place `scatterAdd`. @see torch.Tensor.scatter_add_ */
export const scatterAdd_: ScatterAdd = (self: Tensor, ...args: unknown[]): Tensor => scatterAddWith(runInto, self, args);
