// Linear algebra that is also methods of Tensor.
export * from "./addmm.ts";
export { cholesky, choleskyInverse, choleskySolve } from "./cholesky.ts";
export { det, logdet, slogdet } from "./determinant.ts";
export { pinverse } from "./least-squares.ts";
export { lu, luSolve } from "./lu.ts";
export { matmul } from "./matmul.ts";
export { bmm, dot, mm, mv, vdot } from "./mm.ts";
export { geqrf, orgqr, ormqr, qr } from "./qr.ts";
export { inverse } from "./solve.ts";
export { svdOld as svd } from "./svd.ts";
export { cross, kron, matrixExp, matrixPower, trace } from "./tensor-products.ts";
export { triangularSolve } from "./triangular.ts";
