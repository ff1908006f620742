import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { toDoubles } from "../../reference/loops.ts";
import { factorLu, solveLuInPlace } from "../../reference/matrix/lu.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { numelOf, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { checkInfo } from "./lu.ts";
import { batchCount, batchOf, checkFloat, checkSquare, columnsOf, forEachMatrix, noExtra, Result, rowsOf } from "./matrices.ts";
import { broadcastBatches } from "./triangular.ts";

/** `A X = B` for matrices of one batch shape; also 0, or the place of the first zero pivot. */
const solveOp: Op<readonly [Tensor, Tensor], undefined> = defineOp<readonly [Tensor, Tensor]>({
  name: "linalgSolveEx",
  infer: ([a, b]) => [
    { shape: b.shape, dtype: a.dtype },
    { shape: batchOf(a.shape), dtype: "int32" },
  ],
  saves: { inputs: [0], outputs: [0] },
  contiguous: true,
  backward: ({ grad, inputs: [a], output, needs }) => {
    const db = runMany(solveOp, [a.mT, grad], undefined)[0]!;
    return [needs[0] ? db.matmul(output.mT).neg() : null, db];
  },
});

registerReferenceKernels([
  kernel(solveOp, ([a, b], [out, infos]) => {
    const n = rowsOf(a);
    const columns = columnsOf(b);
    const result = new Result(out!, batchCount(a));
    const info = new Result(infos!, batchCount(a));
    result.values.set(toDoubles(b));
    forEachMatrix(a, (matrix, i) => {
      const lu = factorLu(matrix, n, n);
      info.part(i)[0] = lu.info;
      solveLuInPlace(matrix, lu.pivots, result.part(i), n, columns);
    });
    result.write();
    info.write();
  }),
]);

const singular = (): string => "The solver failed because the input matrix is singular.";
const notInvertible = (place: number): string =>
  `The diagonal element ${place} is zero, the inversion could not be completed because the input matrix is singular.`;

const bindEx = signature("linalg.solveEx", { B: required, left: true, checkErrors: false });

/** The solution of `A X = B` (or `X A = B`), and 0 or the place of the first zero pivot. `B` may be a vector. @throws {ShapeError} @see torch.linalg.solve_ex */
export function solveEx(
  A: Tensor,
  ...args: Arguments<[B: Tensor], [left: boolean, checkErrors: boolean], { left?: boolean; checkErrors?: boolean }>
): NamedTuple<"result" | "info", Tensor> {
  const { B, left, checkErrors } = bindEx(args) as { B: Tensor; left: boolean; checkErrors: boolean };
  checkFloat("linalg.solve", A);
  checkSquare("linalg.solve", A);
  if (A.dtype !== B.dtype) {
    throw new DTypeError(
      `linalg.solve: Expected A and B to have the same dtype, but found A of type ${A.dtype} and B of type ${B.dtype} instead`,
    );
  }
  // A batch of vectors is told from a matrix by its shape, as NumPy did.
  const isVector = B.ndim === 1 || (A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1)));
  if (isVector && !left)
    throw new ShapeError(
      "linalg.solve: Vector broadcasting of the left hand side is not supported for left=False. In this case linalg.solve is equivalent to B / A.squeeze(-1)",
    );
  if (!left) {
    const { result, info } = solveEx(A.mT, B.mT, { checkErrors });
    return namedTuple(["result", "info"], [result.mT, info]);
  }
  const right = isVector ? B.unsqueeze(-1) : B;
  if (rowsOf(right) !== rowsOf(A)) {
    throw new ShapeError(
      `linalg.solve: Incompatible shapes of A and B for the equation AX = B (${rowsOf(A)}x${columnsOf(A)} and ${rowsOf(right)}x${columnsOf(right)})`,
    );
  }
  const [a, b] = broadcastBatches(A, right);
  const [result, info] = runMany(solveOp, [a, b], undefined) as [Tensor, Tensor];
  if (checkErrors) checkInfo("torch.linalg.solve", info, singular);
  return namedTuple(["result", "info"], [isVector ? result.squeeze(-1) : result, info]);
}

const bindSolve = signature("linalg.solve", { B: required, left: true });

/** The solution of `A X = B` (or `X A = B` with `left: false`). `B` may be a vector. @throws {TensorError} for a singular matrix @see torch.linalg.solve */
export function solve(A: Tensor, ...args: Arguments<[B: Tensor], [left: boolean], { left?: boolean }>): Tensor {
  const { B, left } = bindSolve(args);
  const { result, info } = solveEx(A, B, { left });
  checkInfo("torch.linalg.solve", info, singular);
  return result;
}

const bindInvEx = signature("linalg.invEx", { checkErrors: false });

/** The inverse, and 0 or the place of the first zero pivot. @throws {ShapeError} @see torch.linalg.inv_ex */
export function invEx(
  A: Tensor,
  ...args: Arguments<[], [checkErrors: boolean], { checkErrors?: boolean }>
): NamedTuple<"inverse" | "info", Tensor> {
  const { checkErrors } = bindInvEx(args);
  checkSquare("linalg.inv", A);
  checkFloat("linalg.inv", A);
  const identity = eye(rowsOf(A), { dtype: A.dtype }).expand(A.shape);
  const [inverse, info] = runMany(solveOp, [A, identity], undefined) as [Tensor, Tensor];
  if (checkErrors) checkInfo("torch.linalg.inv_ex", info, notInvertible);
  return namedTuple(["inverse", "info"], [inverse, info]);
}

/** The inverse of square matrices. @throws {TensorError} for a singular one @see torch.linalg.inv */
export function inv(A: Tensor, ...extra: readonly []): Tensor {
  noExtra("linalg.inv", extra);
  const { inverse, info } = invEx(A);
  checkInfo("linalg.inv", info, notInvertible);
  return inverse;
}
/** Another name of {@link inv}. @see torch.inverse */
export const inverse: (self: Tensor) => Tensor = castAsWhole("inverse", inv);

const bindInd = signature("linalg.tensorinv", { ind: 2 });

/** The inverse of a tensor for `tensordot`: its first `ind` dimensions hold as many elements as the others. @throws {ShapeError} @see torch.linalg.tensorinv */
export function tensorinv(A: Tensor, ...args: Arguments<[], [ind: number], { ind?: number }>): Tensor {
  const { ind } = bindInd(args);
  if (ind <= 0) throw new ShapeError("Expected a strictly positive integer for 'ind'");
  const first = A.shape.slice(0, ind);
  const last = A.shape.slice(ind);
  if (numelOf(first) !== numelOf(last)) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[ind:]) == prod(self.shape[:ind]), but got ${numelOf(last)} != ${numelOf(first)}`,
    );
  }
  return inv(A.reshape(numelOf(first), numelOf(last))).reshape([...last, ...first]);
}

const bindTensorsolve = signature("linalg.tensorsolve", { other: required, dims: null });

/** The tensor `X` with `tensordot(A, X, X.ndim) = B`. @throws {ShapeError} @see torch.linalg.tensorsolve */
export function tensorsolve(
  A: Tensor,
  ...args: Arguments<[other: Tensor], [dims: readonly number[] | null], { dims?: readonly number[] | null }>
): Tensor {
  const { other: B, dims } = bindTensorsolve(args) as { other: Tensor; dims: readonly number[] | null };
  const moved =
    dims === null
      ? A
      : A.movedim(
          dims,
          dims.map((_, i) => A.ndim - dims.length + i),
        );
  const result = moved.shape.slice(B.ndim);
  if (numelOf(result) !== numelOf(moved.shape.slice(0, B.ndim))) {
    throw new ShapeError(
      `Expected self to satisfy the requirement prod(self.shape[other.ndim:]) == prod(self.shape[:other.ndim]), but got ${numelOf(result)} != ${numelOf(moved.shape.slice(0, B.ndim))}`,
    );
  }
  return solve(moved.reshape(B.count, numelOf(result)), B.flatten()).reshape(result);
}
