import { isOptions } from "../../dispatch/arguments.ts";
import { castAsWhole, castInputs } from "../../dispatch/autocast-hook.ts";
import { ShapeError } from "../../errors.ts";
import { broadcastShapes, numelOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { reshape } from "../view/reshape.ts";
import { noExtra } from "./matrices.ts";
import { bmm, dot, mm, mv } from "./mm.ts";

/**
 * Matrix product: of vectors, matrices and batches of matrices, whose batch dimensions broadcast.
 * A 1-d operand is a row on the left and a column on the right, and that dimension is dropped from the result.
 * @throws {ShapeError} @see torch.matmul
 */
export function matmul(self: Tensor, other: Tensor | { other: Tensor }, ...extra: readonly []): Tensor {
  return castInputs === null ? product(self, other, ...extra) : castProduct(self, other, ...extra);
}

function product(self: Tensor, other: Tensor | { other: Tensor }, ...extra: readonly []): Tensor {
  if (extra.length > 0) noExtra("matmul", extra);
  const a = self;
  const b = isOptions(other) ? (other as { other: Tensor }).other : (other as Tensor);
  if (a.ndim === 0 || b.ndim === 0) {
    throw new ShapeError(`both arguments to matmul need to be at least 1D, but they are ${a.ndim}D and ${b.ndim}D`);
  }
  if (a.ndim === 1 && b.ndim === 1) return dot(a, b);
  if (a.ndim === 2 && b.ndim === 1) return mv(a, b);
  if (a.ndim === 1 && b.ndim === 2) return mm(a.unsqueeze(0), b).squeeze(0);
  if (a.ndim === 2 && b.ndim === 2) return mm(a, b);
  // A batch times one matrix (or vector) is one product of all its rows.
  if (a.ndim >= 3 && b.ndim <= 2) {
    const lead = a.shape.slice(0, -1);
    const rows = reshape(a, [numelOf(lead), a.shape[a.ndim - 1]!]);
    return b.ndim === 1 ? reshape(mv(rows, b), lead) : reshape(mm(rows, b), [...lead, b.shape[1]!]);
  }
  if (b.ndim >= 3 && a.ndim === 1) {
    return product(b.transpose(-2, -1), a);
  }
  return batched(a, b);
}

const castProduct = castAsWhole("matmul", product);

function batched(a: Tensor, b: Tensor): Tensor {
  const [N, K] = a.shape.slice(-2) as [number, number];
  const [K2, M] = b.shape.slice(-2) as [number, number];
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const B = numelOf(batch);
  const left = reshape(expandIfNeeded(a, [...batch, N, K]), [B, N, K]);
  const right = reshape(expandIfNeeded(b, [...batch, K2, M]), [B, K2, M]);
  return reshape(bmm(left, right), [...batch, N, M]);
}
