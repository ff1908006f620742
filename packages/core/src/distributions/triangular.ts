import { eye } from "../ops/functions.ts";
import { solveTriangular } from "../ops/linalg/triangular.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** X of L X = B for lower triangular matrices L; batches broadcast. */
export const solveLower = (factor: Tensor, right: Tensor): Tensor => solveTriangular(factor, right, { upper: false });
/** The inverse of lower triangular matrices. */
export const invertLower = (factor: Tensor): Tensor => solveLower(factor, eye(factor.shape.at(-1)!, { dtype: factor.dtype }));
