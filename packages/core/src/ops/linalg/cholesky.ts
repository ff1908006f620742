import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { toDoubles } from "../../reference/loops.ts";
import { factorCholesky } from "../../reference/matrix/cholesky.ts";
import { transposed } from "../../reference/matrix/jacobi.ts";
import { solveTriangularInPlace } from "../../reference/matrix/lu.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { checkInfo } from "./lu.ts";
import { batchCount, batchOf, checkFloat, checkSquare, columnsOf, forEachMatrix, Result, rowsOf } from "./matrices.ts";
import { broadcastBatches, solveTriangular } from "./triangular.ts";

/** `A -> L` with `A = L L^T`, reading the lower triangle; also 0, or the order of the first minor that is not positive. */
const choleskyOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "linalgCholeskyEx",
  infer: ([a]) => [
    { shape: a.shape, dtype: a.dtype },
    { shape: batchOf(a.shape), dtype: "int32" },
  ],
  saves: { outputs: [0] },
  contiguous: true,
  // L^-T sym(L^T dL) L^-1, where sym makes the lower triangle symmetric (Murray, 2016, arXiv:1602.07527).
  backward: [
    ({ grad, output: L }) => {
      const lower = L.mT.matmul(grad).tril();
      const symmetric = lower.add(lower.tril(-1).mT).mul(0.5);
      return solveTriangular(L, solveTriangular(L.mT, symmetric, { upper: true }), { upper: false, left: false });
    },
  ],
});

registerReferenceKernels([
  kernel(choleskyOp, ([a], [out, infos]) => {
    const n = rowsOf(a);
    const result = new Result(out!, batchCount(a));
    const info = new Result(infos!, batchCount(a));
    forEachMatrix(a, (matrix, i) => {
      info.part(i)[0] = factorCholesky(matrix, n);
      result.part(i).set(matrix);
    });
    result.write();
    info.write();
  }),
]);

const failed = (order: number): string =>
  `The factorization could not be completed because the input is not positive-definite (the leading minor of order ${order} is not positive-definite).`;

const bindEx = signature("linalg.choleskyEx", { upper: false, checkErrors: false });

/** The factor `L` of `A = L L^T` (or `U` of `U^T U`), and 0 or the order of the first minor that is not positive. @throws {ShapeError} @see torch.linalg.cholesky_ex */
export function choleskyEx(
  A: Tensor,
  ...args: Arguments<[], [upper: boolean, checkErrors: boolean], { upper?: boolean; checkErrors?: boolean }>
): NamedTuple<"L" | "info", Tensor> {
  const { upper, checkErrors } = bindEx(args);
  checkSquare("linalg.cholesky", A);
  checkFloat("linalg.cholesky", A);
  const [L, info] = runMany(choleskyOp, [upper ? A.mT : A], undefined) as [Tensor, Tensor];
  if (checkErrors) checkInfo("torch.linalg.cholesky_ex", info, failed);
  return namedTuple(["L", "info"], [upper ? L.mT : L, info]);
}

const bind = signature("linalg.cholesky", { upper: false });

/** The lower triangular factor of a symmetric positive-definite matrix. @throws {TensorError} for another @see torch.linalg.cholesky */
export function cholesky(A: Tensor, ...args: Arguments<[], [upper: boolean], { upper?: boolean }>): Tensor {
  const { upper } = bind(args);
  const { L, info } = choleskyEx(A, { upper });
  checkInfo("linalg.cholesky", info, failed);
  return L;
}

const bindSolve = signature("choleskySolve", { input2: required, upper: false });

/** `A X = B` from the factor of `A`. */
const choleskySolveOp: Op<readonly [Tensor, Tensor], { readonly upper: boolean }> = defineOp<
  readonly [Tensor, Tensor],
  { readonly upper: boolean }
>({
  name: "choleskySolve",
  infer: ([b]) => b,
  saves: { inputs: [1], outputs: "all" },
  contiguous: true,
  // The factor's gradient is that of `A = L L^T`, in both triangles.
  backward: ({ grad, inputs: [, factor], output, params, needs }) => {
    const db = run(choleskySolveOp, [grad, factor], params);
    if (!needs[1]) return [db, null];
    const common = db.matmul(output.mT);
    const symmetric = common.add(common.mT).neg();
    return [db, params.upper ? factor.matmul(symmetric) : symmetric.matmul(factor)];
  },
});

registerReferenceKernels([
  kernel(choleskySolveOp, ([b, factor], [out], { upper }) => {
    const n = rowsOf(factor);
    const columns = columnsOf(b);
    const result = new Result(out!, batchCount(b));
    result.values.set(toDoubles(b));
    forEachMatrix(factor, (matrix, i) => {
      const flipped = transposed(matrix, n, n);
      const [lower, higher] = upper ? [flipped, matrix] : [matrix, flipped];
      solveTriangularInPlace(lower, result.part(i), n, columns, false, false);
      solveTriangularInPlace(higher, result.part(i), n, columns, true, false);
    });
    result.write();
  }),
]);

/** The solution of `A X = self` from the Cholesky factor of `A`. @throws {ShapeError} @see torch.cholesky_solve */
export function choleskySolve(self: Tensor, ...args: Arguments<[input2: Tensor], [upper: boolean], { upper?: boolean }>): Tensor {
  const { input2, upper } = bindSolve(args) as { input2: Tensor; upper: boolean };
  const [factor, right] = broadcastBatches(input2, self);
  return run(choleskySolveOp, [right, factor], { upper });
}

const bindInverse = signature("choleskyInverse", { upper: false });

/** The inverse of a matrix from its Cholesky factor. @throws {ShapeError} @see torch.cholesky_inverse */
export function choleskyInverse(self: Tensor, ...args: Arguments<[], [upper: boolean], { upper?: boolean }>): Tensor {
  const { upper } = bindInverse(args);
  checkSquare("cholesky_inverse", self);
  return choleskySolve(eye(rowsOf(self), { dtype: self.dtype }).expand(self.shape), self, upper);
}
