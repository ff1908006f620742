/** Linear algebra on (batches of) matrices. Under autocast in float32, as PyTorch computes it on the CPU. @see torch.linalg */
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import * as chol from "./cholesky.ts";
import * as eigen from "./eigh.ts";
import * as least from "./least-squares.ts";
import * as norms from "./norms.ts";
import * as orthogonal from "./qr.ts";
import * as solving from "./solve.ts";
import * as singular from "./svd.ts";
import * as products from "./tensor-products.ts";

export { det, slogdet } from "./determinant.ts";
export { diagonalLinalg as diagonal } from "./diagonal.ts";
export { pinv } from "./least-squares.ts";
export { luDecomposition as lu, luFactor, luFactorEx, luSolveLinalg as luSolve } from "./lu.ts";
export { matmul } from "./matmul.ts";
export { norm, vectorNorm } from "./norms.ts";
export { householderProduct } from "./qr.ts";
export { crossLinalg as cross, matrixPower, multiDot, vanderLinalg as vander, vecdot } from "./tensor-products.ts";
export { solveTriangular } from "./triangular.ts";

/** The lower triangular factor of a symmetric positive-definite matrix. @throws {TensorError} for another @see torch.linalg.cholesky */
export const cholesky: typeof chol.cholesky = castAsWhole("linalg.cholesky", chol.cholesky);
/** The factor `L` of `A = L L^T` (or `U` of `U^T U`), and 0 or the order of the first minor that is not positive. @throws {ShapeError} @see torch.linalg.cholesky_ex */
export const choleskyEx: typeof chol.choleskyEx = castAsWhole("linalg.choleskyEx", chol.choleskyEx);
/** Eigenvalues (ascending) and eigenvectors of symmetric matrices, of which one triangle is read. @throws {ShapeError} @see torch.linalg.eigh */
export const eigh: typeof eigen.eigh = castAsWhole("linalg.eigh", eigen.eigh);
/** Eigenvalues of symmetric matrices, ascending. @throws {ShapeError} @see torch.linalg.eigvalsh */
export const eigvalsh: typeof eigen.eigvalsh = castAsWhole("linalg.eigvalsh", eigen.eigvalsh);
/**
 * Least-squares solution of `A X = B`: the one of least norm where there are many.
 * Gives `solution`, `residuals` (sums of squares, for full-rank tall matrices), `rank` and `singularValues` as the driver does.
 * @throws {ShapeError} @see torch.linalg.lstsq
 */
export const lstsq: typeof least.lstsq = castAsWhole("linalg.lstsq", least.lstsq);
/** How many singular values exceed `max(atol, rtol * largest)`, int64. @throws {ShapeError} @see torch.linalg.matrix_rank */
export const matrixRank: typeof least.matrixRank = castAsWhole("linalg.matrixRank", least.matrixRank);
/** How much solving with a matrix enlarges errors: the norm times the inverse's norm. @throws {ShapeError} @see torch.linalg.cond */
export const cond: typeof norms.cond = castAsWhole("linalg.cond", norms.cond);
/** Norm of matrices over two dimensions: `fro`, `nuc`, or 1, -1, 2, -2, inf, -inf. @throws {ShapeError} @see torch.linalg.matrix_norm */
export const matrixNorm: typeof norms.matrixNorm = castAsWhole("linalg.matrixNorm", norms.matrixNorm);
/** `A = Q R`: orthonormal columns and an upper triangular factor. Modes `reduced`, `complete`, `r`. @throws {ShapeError} @see torch.linalg.qr */
export const qr: typeof orthogonal.qrLinalg = castAsWhole("linalg.qr", orthogonal.qrLinalg);
/** The inverse of square matrices. @throws {TensorError} for a singular one @see torch.linalg.inv */
export const inv: typeof solving.inv = castAsWhole("linalg.inv", solving.inv);
/** The inverse, and 0 or the place of the first zero pivot. @throws {ShapeError} @see torch.linalg.inv_ex */
export const invEx: typeof solving.invEx = castAsWhole("linalg.invEx", solving.invEx);
/** The solution of `A X = B` (or `X A = B` with `left: false`). `B` may be a vector. @throws {TensorError} for a singular matrix @see torch.linalg.solve */
export const solve: typeof solving.solve = castAsWhole("linalg.solve", solving.solve);
/** The solution of `A X = B` (or `X A = B`), and 0 or the place of the first zero pivot. `B` may be a vector. @throws {ShapeError} @see torch.linalg.solve_ex */
export const solveEx: typeof solving.solveEx = castAsWhole("linalg.solveEx", solving.solveEx);
/** The inverse of a tensor for `tensordot`: its first `ind` dimensions hold as many elements as the others. @throws {ShapeError} @see torch.linalg.tensorinv */
export const tensorinv: typeof solving.tensorinv = castAsWhole("linalg.tensorinv", solving.tensorinv);
/** The tensor `X` with `tensordot(A, X, X.ndim) = B`. @throws {ShapeError} @see torch.linalg.tensorsolve */
export const tensorsolve: typeof solving.tensorsolve = castAsWhole("linalg.tensorsolve", solving.tensorsolve);
/** `A = U diag(S) Vh`, singular values in descending order. Reduced with `fullMatrices: false`. @throws {ShapeError} @see torch.linalg.svd */
export const svd: typeof singular.svd = castAsWhole("linalg.svd", singular.svd);
/** Singular values in descending order. @throws {ShapeError} @see torch.linalg.svdvals */
export const svdvals: typeof singular.svdvals = castAsWhole("linalg.svdvals", singular.svdvals);
/** The exponential of square matrices: a Taylor polynomial of the matrix scaled down by a power of two, squared back up. @throws {ShapeError} @see torch.matrix_exp */
export const matrixExp: typeof products.matrixExp = castAsWhole("linalg.matrixExp", products.matrixExp);
