import { given as givenArguments, signature } from "../../dispatch/arguments.ts";
import { defineView, type ViewOp } from "../../dispatch/op.ts";
import { runView } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { tensorList } from "./atleast.ts";
import { cat } from "./cat.ts";
import { viewScatter } from "./view-scatter.ts";

interface Diagonal {
  readonly offset: number;
  readonly dim1: number;
  readonly dim2: number;
}

const diagonalView: ViewOp<Diagonal> = defineView<Diagonal>({
  name: "diagonal",
  layout: (self, { offset, dim1, dim2 }) => {
    const [rows, columns] = [self.shape[dim1]!, self.shape[dim2]!];
    const length = Math.max(offset >= 0 ? Math.min(rows, columns - offset) : Math.min(rows + offset, columns), 0);
    const start = length === 0 ? 0 : offset >= 0 ? offset * self.strides[dim2]! : -offset * self.strides[dim1]!;
    const rest = <T>(list: readonly T[]): T[] => list.filter((_, i) => i !== dim1 && i !== dim2);
    return {
      shape: [...rest(self.shape), length],
      strides: [...rest(self.strides), self.strides[dim1]! + self.strides[dim2]!],
      offset: self.offset + start,
    };
  },
  backward: ({ grad, specs: [self], params }) => viewScatter(grad, self.shape, (base) => runView(diagonalView, base, params)),
  names: (self, { dim1, dim2 }) => [...self.dimNames!.filter((_, i) => i !== dim1 && i !== dim2), null],
});

export interface DiagonalOptions {
  /** Which diagonal: above the main one when positive. Default 0. */
  offset?: number;
  /** Default 0. */
  dim1?: number | string;
  /** Default 1. */
  dim2?: number | string;
}

const bind = signature("diagonal", { offset: 0, dim1: 0, dim2: 1 });

/** @throws {ShapeError} when both dimensions are one */
function checkPair(a: number, b: number, dim1: number, dim2: number): void {
  if (a === b) throw new ShapeError(`diagonal dimensions cannot be identical ${dim1}, ${dim2}`);
}

/** A view of the diagonals of the matrices in `dim1` and `dim2`, as the last dimension. @throws {ShapeError} @throws {IndexError} @see torch.diagonal */
export function diagonal(
  self: Tensor,
  offset?: number | DiagonalOptions,
  dim1?: number | DiagonalOptions,
  dim2?: number | DiagonalOptions,
  ...extra: never[]
): Tensor {
  const given = bind(givenArguments([offset, dim1, dim2, ...extra]));
  const a = wrapDim(dimNumber(self, given.dim1), self.ndim);
  const b = wrapDim(dimNumber(self, given.dim2), self.ndim);
  checkPair(a, b, given.dim1, given.dim2);
  return runView(diagonalView, self, { offset: given.offset, dim1: a, dim2: b });
}

const bindEmbed = signature("diagEmbed", { offset: 0, dim1: -2, dim2: -1 });

/** Matrices of zeros, in `dim1` and `dim2`, whose diagonals are the last dimension of `self`. @throws {ShapeError} @see torch.diag_embed */
export function diagEmbed(
  self: Tensor,
  offset?: number | DiagonalOptions,
  dim1?: number | DiagonalOptions,
  dim2?: number | DiagonalOptions,
  ...extra: never[]
): Tensor {
  const given = bindEmbed(givenArguments([offset, dim1, dim2, ...extra]));
  const ndim = self.ndim + 1;
  const a = wrapDim(given.dim1, ndim);
  const b = wrapDim(given.dim2, ndim);
  checkPair(a, b, given.dim1, given.dim2);
  const size = self.shape[self.ndim - 1]! + Math.abs(given.offset);
  const shape = self.shape.slice(0, -1);
  for (const d of [Math.min(a, b), Math.max(a, b)]) shape.splice(d, 0, size);
  return viewScatter(self, shape, (base) => diagonal(base, given.offset, a, b));
}

const bindDiag = signature("diag", { diagonal: 0 });
type Which = number | { diagonal?: number };

/** The diagonal of a matrix, a copy; or a matrix with a vector as its diagonal. @throws {ShapeError} @see torch.diag */
export function diag(self: Tensor, which?: Which, ...extra: never[]): Tensor {
  const { diagonal: offset } = bindDiag(givenArguments([which, ...extra]));
  if (self.ndim === 1) return diagEmbed(self, offset, 0, 1);
  if (self.ndim !== 2) throw new ShapeError("matrix or a vector expected");
  return diagonal(self, offset, 0, 1).clone();
}

const bindFlat = signature("diagflat", { offset: 0 });
/** A matrix with all elements, in row-major order, as its diagonal. @see torch.diagflat */
export function diagflat(self: Tensor, offset?: number | { offset?: number }, ...extra: never[]): Tensor {
  return diagEmbed(self.contiguous().reshape([-1]), bindFlat(givenArguments([offset, ...extra])).offset);
}

/** Matrices (vectors as rows, numbers as `[1, 1]`) along the diagonal of a matrix of zeros. @throws {ShapeError} above two dimensions @see torch.block_diag */
export function blockDiag(...tensors: Tensor[] | [readonly Tensor[]]): Tensor {
  const list = tensorList("blockDiag", tensors);
  const blocks = list.map((t, i) => {
    if (t.ndim > 2) {
      throw new ShapeError(`torch.block_diag: Input tensors must have 2 or fewer dimensions. Input ${i} has ${t.ndim} dimensions`);
    }
    return t.ndim === 2 ? t : t.reshape([1, t.count]);
  });
  const width = blocks.reduce((n, t) => n + t.shape[1]!, 0);
  let left = 0;
  const rows = blocks.map((t) => {
    const [h, w] = t.shape as [number, number];
    const start = left;
    left += w;
    const filler = (n: number): Tensor => zeros([h, n], { dtype: t.dtype, device: t.device });
    return cat([filler(start), t, filler(width - start - w)], 1);
  });
  return rows.length === 0 ? zeros([1, 0]) : cat(rows, 0);
}
