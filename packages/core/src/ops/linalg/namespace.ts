/** Linear algebra on (batches of) matrices. @see torch.linalg */
export { cholesky, choleskyEx } from "./cholesky.ts";
export { det, slogdet } from "./determinant.ts";
export { diagonalLinalg as diagonal } from "./diagonal.ts";
export { eigh, eigvalsh } from "./eigh.ts";
export { lstsq, matrixRank, pinv } from "./least-squares.ts";
export { luDecomposition as lu, luFactor, luFactorEx, luSolveLinalg as luSolve } from "./lu.ts";
export { matmul } from "./matmul.ts";
export { cond, matrixNorm, norm, vectorNorm } from "./norms.ts";
export { householderProduct, qrLinalg as qr } from "./qr.ts";
export { inv, invEx, solve, solveEx, tensorinv, tensorsolve } from "./solve.ts";
export { svd, svdvals } from "./svd.ts";
export { crossLinalg as cross, matrixExp, matrixPower, multiDot, vanderLinalg as vander, vecdot } from "./tensor-products.ts";
export { solveTriangular } from "./triangular.ts";
