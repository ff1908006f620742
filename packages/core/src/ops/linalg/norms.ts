import { type Arguments, signature } from "../../dispatch/arguments.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { type DType, dtypeInfo, isIntegral } from "../../tensor/dtype.ts";
import { FloatScalar, type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { vectorNormOp } from "../reduce/norm.ts";
import { dimsFor } from "../reduce/reduction.ts";
import { checkSquare, columnsOf, rowsOf } from "./matrices.ts";
import { inv } from "./solve.ts";
import { svdvals } from "./svd.ts";

type Dims = number | readonly number[] | null;
type Order = number | "fro" | "nuc";

const plain = (order: Scalar | string | null): Order | null =>
  order instanceof FloatScalar ? order.value : typeof order === "string" ? (order as Order) : order === null ? null : Number(order);

const bindVector = signature("linalg.vectorNorm", { ord: 2, dim: null, keepdim: false, dtype: null });

/** Norm of order `ord` over `dim`, or of all elements as one vector. @throws {DTypeError} for integers @see torch.linalg.vector_norm */
export function vectorNorm(
  x: Tensor,
  ...args: Arguments<
    [],
    [ord: Scalar, dim: Dims, keepdim: boolean, dtype: DType | null],
    { ord?: Scalar; dim?: Dims; keepdim?: boolean; dtype?: DType | null }
  >
): Tensor {
  const { ord, dim, keepdim, dtype } = bindVector(args.map((a) => (a instanceof FloatScalar ? a.value : a))) as {
    ord: Scalar;
    dim: number | readonly number[] | null;
    keepdim: boolean;
    dtype: DType | null;
  };
  const source = dtype === null ? x : x.to(dtype);
  if (isIntegral(source.dtype)) {
    throw new DTypeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${dtypeInfo[source.dtype].scalarType}`,
    );
  }
  const p = scalarNumber(ord);
  const dims = dimsFor(source, dim);
  // There is no largest element of none.
  if ((p < 0 || p === Number.POSITIVE_INFINITY) && dims.some((d) => source.shape[d] === 0)) {
    throw new ShapeError(
      dim === null
        ? `linalg.vector_norm cannot compute the ${p === Number.POSITIVE_INFINITY ? "inf" : p} norm on an empty tensor because the operation does not have an identity`
        : `linalg.vector_norm cannot compute the ${p === Number.POSITIVE_INFINITY ? "inf" : p} norm on the dimension ${dims.find((d) => source.shape[d] === 0)} because this dimension is empty and the operation does not have an identity`,
    );
  }
  return run(vectorNormOp, [source], { p, dims, keepdim });
}

const bindMatrix = signature("linalg.matrixNorm", { ord: "fro", dim: [-2, -1], keepdim: false, dtype: null });

/** Norm of matrices over two dimensions: `fro`, `nuc`, or 1, -1, 2, -2, inf, -inf. @throws {ShapeError} @see torch.linalg.matrix_norm */
export function matrixNorm(
  A: Tensor,
  ...args: Arguments<
    [],
    [ord: Scalar | "fro" | "nuc", dim: readonly number[], keepdim: boolean, dtype: DType | null],
    { ord?: Scalar | "fro" | "nuc"; dim?: readonly number[]; keepdim?: boolean; dtype?: DType | null }
  >
): Tensor {
  const { ord, dim, keepdim, dtype } = bindMatrix(args.map((a) => (a instanceof FloatScalar ? a.value : a))) as {
    ord: Scalar | string;
    dim: readonly number[];
    keepdim: boolean;
    dtype: DType | null;
  };
  const order = plain(ord)!;
  if (A.ndim < 2) throw new ShapeError("linalg.matrix_norm: The input tensor A must have at least 2 dimensions.");
  if (!Array.isArray(dim) || dim.length !== 2) throw new ShapeError(`linalg.matrix_norm: dim must be a 2-tuple. Got ${String(dim)}`);
  const [row, column] = dim.map((d) => wrapDim(d, A.ndim)) as [number, number];
  if (row === column) throw new ShapeError(`linalg.matrix_norm: dims must be different. Got (${dim.join(", ")})`);
  const source = dtype === null ? A : A.to(dtype);
  const finish = (t: Tensor): Tensor => (keepdim ? [row, column].sort((a, b) => a - b).reduce((out, d) => out.unsqueeze(d), t) : t);
  if (order === "fro") return vectorNorm(source, 2, [row, column], keepdim);
  if (order === "nuc" || Math.abs(order) === 2) {
    const s = svdvals(source.movedim([row, column], [-2, -1]));
    return finish(order === "nuc" ? s.sum(-1) : order > 0 ? s.amax(-1) : s.amin(-1));
  }
  const size = Math.abs(order);
  if (size !== 1 && size !== Number.POSITIVE_INFINITY) throw new ShapeError(`linalg.matrix_norm: Order ${order} not supported.`);
  const [over, along] = size === 1 ? [row, column] : [column, row];
  const sums = source.abs().sum(over, true);
  const extreme = order > 0 ? sums.amax(along, true) : sums.amin(along, true);
  return keepdim ? extreme : extreme.squeeze([row, column]);
}

const bindNorm = signature("linalg.norm", { ord: null, dim: null, keepdim: false, dtype: null });

/** Norm of vectors (one dimension, or no order given) or of matrices (two dimensions). @throws {ShapeError} @see torch.linalg.norm */
export function norm(
  A: Tensor,
  ...args: Arguments<
    [],
    [ord: Scalar | "fro" | "nuc" | null, dim: Dims, keepdim: boolean, dtype: DType | null],
    { ord?: Scalar | "fro" | "nuc" | null; dim?: Dims; keepdim?: boolean; dtype?: DType | null }
  >
): Tensor {
  const { ord, dim, keepdim, dtype } = bindNorm(args.map((a) => (a instanceof FloatScalar ? a.value : a))) as {
    ord: Scalar | string | null;
    dim: number | readonly number[] | null;
    keepdim: boolean;
    dtype: DType | null;
  };
  const order = plain(ord);
  if (order === null) {
    const flat = dim === null ? A.flatten() : A;
    const out = vectorNorm(flat, 2, dim, dim === null ? false : keepdim, dtype);
    return dim === null && keepdim ? out.reshape(A.shape.map(() => 1)) : out;
  }
  const dims = dim === null ? null : typeof dim === "number" ? [dim] : dim;
  if (dims !== null && dims.length !== 1 && dims.length !== 2) {
    throw new ShapeError(`linalg.norm: If dim is specified, it must be of length 1 or 2. Got [${dims.join(", ")}]`);
  }
  if (dims === null && A.ndim !== 1 && A.ndim !== 2) {
    throw new ShapeError(`linalg.norm: If dim is not specified but ord is, the input must be 1D or 2D. Got ${A.ndim}D.`);
  }
  const ofMatrix = dims === null ? A.ndim === 2 : dims.length === 2;
  if (ofMatrix) return matrixNorm(A, order, dims ?? [0, 1], keepdim, dtype);
  if (typeof order === "string") throw new ShapeError(`linalg.norm: Order ${order} not supported for vectors.`);
  return vectorNorm(A, order, dims ?? null, keepdim, dtype);
}

const bindCond = signature("linalg.cond", { p: null });

/** How much solving with a matrix enlarges errors: the norm times the inverse's norm. @throws {ShapeError} @see torch.linalg.cond */
export function cond(A: Tensor, ...args: Arguments<[], [p: Scalar | "fro" | "nuc" | null], { p?: Scalar | "fro" | "nuc" | null }>): Tensor {
  const p = plain(bindCond(args).p) ?? 2;
  if (p === 2 || p === -2) {
    const s = svdvals(A);
    const [largest, smallest] = [s.narrow(-1, 0, 1), s.narrow(-1, Math.min(rowsOf(A), columnsOf(A)) - 1, 1)];
    return (p === 2 ? largest.div(smallest) : smallest.div(largest)).squeeze(-1);
  }
  checkSquare("linalg.cond", A);
  return matrixNorm(A, p).mul(matrixNorm(inv(A), p));
}
