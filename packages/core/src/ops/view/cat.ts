import { required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { around, flat } from "../../reference/flat.ts";
import type { DType } from "../../tensor/dtype.ts";
import { resultTypeOf } from "../../tensor/promotion.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { atleast1d, atleast2d, atleast3d } from "./atleast.ts";
import { reshape } from "./reshape.ts";
import { select } from "./select.ts";
import { sliceAlong } from "./slice.ts";

/** An empty vector joins anything: PyTorch skips it, whatever its shape. */
const isSkipped = (t: Tensor): boolean => t.ndim === 1 && t.shape[0] === 0;

function copyPieces(inputs: readonly (Tensor | null)[], out: Tensor, dim: number): void {
  const { data, width } = flat(out);
  const { outer, size, inner } = around(out.shape, dim);
  const row = size * inner * width;
  let start = 0;
  for (const input of inputs) {
    if (input!.count === 0) continue;
    const from = flat(input!).data;
    const n = from.length / outer;
    for (let i = 0; i < outer; i++) data.set(from.subarray(i * n, (i + 1) * n), i * row + start);
    start += n;
  }
}

const catOp: Op<readonly Tensor[], number> = defineOp<readonly Tensor[], number>({
  name: "cat",
  infer: (inputs, dim) => {
    const first = inputs.find((t) => !isSkipped(t)) ?? inputs[0]!;
    let size = 0;
    inputs.forEach((t, position) => {
      if (isSkipped(t) && first.ndim !== 1) return;
      if (t.ndim !== first.ndim) throw new ShapeError(`Tensors must have same number of dimensions: got ${first.ndim} and ${t.ndim}`);
      t.shape.forEach((n, i) => {
        if (i === dim || n === first.shape[i]) return;
        throw new ShapeError(
          `Sizes of tensors must match except in dimension ${dim}. Expected size ${first.shape[i]} but got size ${n} for tensor number ${position} in the list.`,
        );
      });
      size += t.shape[dim]!;
    });
    return { shape: first.shape.with(dim, size), dtype: inputs[0]!.dtype };
  },
  contiguous: true,
  backward: ({ grad, specs, params: dim, needs }) => {
    let start = 0;
    return specs.map(({ shape }, i) => {
      const size = shape.length === 1 && shape[0] === 0 ? 0 : shape[dim]!;
      start += size;
      if (!needs[i]) return null;
      return size === 0 && shape.length !== grad.ndim
        ? reshape(sliceAlong(grad, dim, 0, 0), shape)
        : sliceAlong(grad, dim, start - size, start);
    });
  },
  names: (inputs) => [inputs.find((t) => t.dimNames !== null)?.dimNames ?? null],
});

const stackOp: Op<readonly Tensor[], number> = defineOp<readonly Tensor[], number>({
  name: "stack",
  infer: (inputs, dim) => {
    const first = inputs[0]!;
    inputs.forEach((t, position) => {
      if (t.ndim === first.ndim && t.shape.every((n, i) => n === first.shape[i])) return;
      throw new ShapeError(
        `stack expects each tensor to be equal size, but got ${formatShape(first.shape)} at entry 0 and ${formatShape(t.shape)} at entry ${position}`,
      );
    });
    return { shape: first.shape.toSpliced(dim, 0, inputs.length), dtype: first.dtype };
  },
  contiguous: true,
  backward: ({ grad, specs, params: dim, needs }) => specs.map((_, i) => (needs[i] ? select(grad, dim, i) : null)),
});

registerReferenceKernels([
  kernel(catOp, (inputs, [out], dim) => copyPieces(inputs, out!, dim)),
  kernel(stackOp, (inputs, [out], dim) => copyPieces(inputs, out!, dim)),
]);

function checkTensors(name: string, tensors: unknown): asserts tensors is readonly Tensor[] {
  if (!Array.isArray(tensors))
    throw new TypeError(
      `${name}(): argument 'tensors' (position 1) must be tuple of Tensors, not ${tensors instanceof Tensor ? "Tensor" : typeof tensors}`,
    );
  tensors.forEach((t, i) => {
    if (!(t instanceof Tensor))
      throw new TypeError(`expected Tensor as element ${i} in argument 0, but got ${t === null ? "NoneType" : typeof t}`);
  });
}

/** All tensors in their common dtype. */
function promotedTensors(tensors: readonly Tensor[]): Tensor[] {
  const dtype: DType = tensors.every((t) => t.dtype === tensors[0]!.dtype) ? tensors[0]!.dtype : resultTypeOf(tensors);
  return tensors.map((t) => to(t, dtype));
}

type CatOptions = { dim?: number | string; axis?: number };
export type Cat = (
  tensors: readonly Tensor[] | ({ tensors: readonly Tensor[] } & CatOptions),
  dim?: number | string | CatOptions,
) => Tensor;

const bindCat = signature("cat", { tensors: required, dim: 0, axis: null });

/**
 * The tensors joined along dimension `dim`; dtypes promote, empty vectors are skipped.
 * @throws {ShapeError} where other sizes differ @see torch.cat
 */
export const cat: Cat = (...args) => {
  const { tensors, dim, axis } = bindCat(args);
  checkTensors("cat", tensors);
  if (tensors.length === 0) throw new ShapeError("torch.cat(): expected a non-empty list of Tensors");
  tensors.forEach((t, i) => {
    if (t.ndim === 0) throw new ShapeError(`zero-dimensional tensor (at position ${i}) cannot be concatenated`);
  });
  const first = tensors.find((t) => !isSkipped(t)) ?? tensors[0]!;
  return run(catOp, promotedTensors(tensors), wrapDim(dimNumber(first, axis ?? dim), first.ndim));
};
/** Alias of `cat`. @see torch.concat */
export const concat: Cat = cat;
/** Alias of `cat`. @see torch.concatenate */
export const concatenate: Cat = cat;

const bindStack = signature("stack", { tensors: required, dim: 0 });

/** The tensors, all of one shape, along a new dimension `dim`. @throws {ShapeError} @see torch.stack */
export const stack: Cat = (...args) => {
  const { tensors, dim } = bindStack(args);
  checkTensors("stack", tensors);
  if (tensors.length === 0) throw new ShapeError("stack expects a non-empty TensorList");
  return run(stackOp, promotedTensors(tensors), wrapDim(dim, tensors[0]!.ndim + 1));
};

export type Stack = (tensors: readonly Tensor[] | { tensors: readonly Tensor[] }) => Tensor;

const bindList = signature("hstack", { tensors: required });
const listOf = (name: string, args: readonly unknown[]): readonly Tensor[] => {
  const { tensors } = bindList(args);
  checkTensors(name, tensors);
  if (tensors.length === 0) throw new ShapeError(`${name} expects a non-empty TensorList`);
  return tensors;
};

/** Tensors side by side: along dimension 1, vectors along 0. @throws {ShapeError} @see torch.hstack */
export const hstack: Stack = (...args) => {
  const list = listOf("hstack", args).map((t) => atleast1d(t));
  return cat(list, list[0]!.ndim === 1 ? 0 : 1);
};
/** Tensors below each other, vectors as rows. @throws {ShapeError} @see torch.vstack */
export const vstack: Stack = (...args) =>
  cat(
    listOf("vstack", args).map((t) => atleast2d(t)),
    0,
  );
/** Alias of `vstack`. @see torch.row_stack */
export const rowStack: Stack = vstack;
/** Tensors behind each other, along dimension 2. @throws {ShapeError} @see torch.dstack */
export const dstack: Stack = (...args) =>
  cat(
    listOf("dstack", args).map((t) => atleast3d(t)),
    2,
  );
/** Vectors as the columns of a matrix, others as in `hstack`. @throws {ShapeError} @see torch.column_stack */
export const columnStack: Stack = (...args) =>
  hstack(listOf("column_stack", args).map((t) => (t.ndim <= 1 ? reshape(t, [t.count, 1]) : t)));
