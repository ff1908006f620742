import { given, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { flat } from "../../reference/flat.ts";
import { type DType, isIntegral } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "../factory/arange.ts";
import { checkFactoryOptions, type FactoryOptions } from "../factory/filled.ts";

type TriangleOp = Op<readonly [Tensor], number>;

type Range = [first: number, end: number];

/** `keeps` gives the columns of a row that stay. */
function defineTriangle(name: string, keeps: (row: number, columns: number, diagonal: number) => Range): TriangleOp {
  const op: TriangleOp = defineOp<readonly [Tensor], number>({
    name,
    infer: ([self]) => {
      if (self.ndim < 2) wrapDim(-2, self.ndim);
      return self;
    },
    backward: [({ grad, params }) => run(op, [grad], params)],
    names: ([self]) => [self.dimNames],
  });
  registerReferenceKernels([
    kernel(op, ([self], [out], diagonal) => {
      const { data: from, width } = flat(self);
      const to = flat(out!).data;
      const [rows, columns] = self.shape.slice(-2) as [number, number];
      const zero = (self.dtype === "int64" ? 0n : 0) as number;
      for (let row = 0, start = 0; start < from.length; row = (row + 1) % rows, start += columns * width) {
        const [first, last] = keeps(row, columns, diagonal).map((c) => start + c * width) as [number, number];
        to.fill(zero, start, start + columns * width);
        to.set(from.subarray(first, last), first);
      }
    }),
  ]);
  return op;
}

const clip = (column: number, columns: number): number => Math.min(Math.max(column, 0), columns);

export const trilOp: TriangleOp = defineTriangle("tril", (row, columns, diagonal) => [0, clip(row + diagonal + 1, columns)]);
export const triuOp: TriangleOp = defineTriangle("triu", (row, columns, diagonal) => [clip(row + diagonal, columns), columns]);

const bind = signature("tril", { diagonal: 0 });
export type Triangle = (self: Tensor, diagonal?: number | { diagonal?: number }) => Tensor;

const triangle =
  (op: TriangleOp): Triangle =>
  (self, ...args) =>
    run(op, [self], bind(given(args)).diagonal);
const triangleInto =
  (op: TriangleOp): Triangle =>
  (self, ...args) =>
    runInto(op, self, [self], bind(given(args)).diagonal);

/** The lower triangles of matrices, up to the diagonal `diagonal`; zero elsewhere. @throws {ShapeError} below two dimensions @see torch.tril */
export const tril: Triangle = triangle(trilOp);
/** In-place `tril`. @see torch.Tensor.tril_ */
export const tril_: Triangle = triangleInto(trilOp);
/** The upper triangles of matrices, from the diagonal `diagonal` on; zero elsewhere. @throws {ShapeError} below two dimensions @see torch.triu */
export const triu: Triangle = triangle(triuOp);
/** In-place `triu`. @see torch.Tensor.triu_ */
export const triu_: Triangle = triangleInto(triuOp);

interface IndicesOptions extends FactoryOptions {
  row?: number;
  col?: number;
  offset?: number;
}
export type TriangleIndices = (
  row: number | (IndicesOptions & { row: number; col: number }),
  col?: number,
  offset?: number | IndicesOptions,
  options?: FactoryOptions,
) => Tensor;

const bindIndices = signature("trilIndices", {
  row: 0,
  col: 0,
  offset: 0,
  dtype: null,
  device: null,
  layout: null,
  pinMemory: false,
  requiresGrad: false,
});

function indices(name: string, args: readonly unknown[], keeps: (row: number, column: number, offset: number) => boolean): Tensor {
  const { row, col, offset, ...options } = bindIndices(given(args));
  checkFactoryOptions(name, options);
  if (row < 0) throw new ShapeError(`row must be non-negative, got${row}`);
  if (col < 0) throw new ShapeError(`col must be non-negative, got${col}`);
  const dtype: DType = options.dtype ?? "int64";
  if (!isIntegral(dtype, false)) throw new ShapeError(`"${name.slice(0, 4)}_indices" not implemented for '${dtype}'`);
  const rows: number[] = [];
  const columns: number[] = [];
  for (let i = 0; i < row; i++) {
    for (let j = 0; j < col; j++) {
      if (!keeps(i, j, offset)) continue;
      rows.push(i);
      columns.push(j);
    }
  }
  return fromNumbers(Float64Array.from([...rows, ...columns]), [2, rows.length], dtype, options);
}

/** Rows and columns of the elements in the lower triangle of a `row` x `col` matrix; int64 `[2, n]`. @throws {ShapeError} @see torch.tril_indices */
export const trilIndices: TriangleIndices = (...args) => indices("trilIndices", args, (row, column, offset) => column - row <= offset);
/** Rows and columns of the elements in the upper triangle of a `row` x `col` matrix; int64 `[2, n]`. @throws {ShapeError} @see torch.triu_indices */
export const triuIndices: TriangleIndices = (...args) => indices("triuIndices", args, (row, column, offset) => column - row >= offset);
