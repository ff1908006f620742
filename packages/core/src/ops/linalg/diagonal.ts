import { type Arguments, signature } from "../../dispatch/arguments.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const bind = signature("linalg.diagonal", { offset: 0, dim1: -2, dim2: -1 });

/** Diagonals of (batches of) matrices, a view. @throws {ShapeError} @see torch.linalg.diagonal */
export function diagonalLinalg(
  A: Tensor,
  ...args: Arguments<[], [offset: number, dim1: number, dim2: number], { offset?: number; dim1?: number; dim2?: number }>
): Tensor {
  const { offset, dim1, dim2 } = bind(args);
  return A.diagonal(offset, dim1, dim2);
}
