import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { DTypeError, ShapeError, TensorError } from "../../errors.ts";
import { toDoubles } from "../../reference/loops.ts";
import { factorLu, rowOrder } from "../../reference/matrix/lu.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { fromTypedArray } from "../factory/tensor.ts";
import { batchCount, batchOf, checkFloat, checkMatrix, columnsOf, forEachMatrix, Result, rowsOf } from "./matrices.ts";
import { broadcastBatches, solveTriangular } from "./triangular.ts";

/** `A [..., m, n] -> LU, pivots [..., k] (int32), info [...] (int32)` with `k = min(m, n)`. */
const luFactorOp: Op<readonly [Tensor], { readonly pivot: boolean }> = defineOp<readonly [Tensor], { readonly pivot: boolean }>({
  name: "linalgLuFactorEx",
  infer: ([a]) => {
    const batch = batchOf(a.shape);
    return [
      { shape: a.shape, dtype: a.dtype },
      { shape: [...batch, Math.min(rowsOf(a), columnsOf(a))], dtype: "int32" },
      { shape: batch, dtype: "int32" },
    ];
  },
  saves: { outputs: [0, 1] },
  contiguous: true,
  backward: [({ grad, outputs: [packed, pivots] }) => luBackward(grad, packed!, pivots!)],
});

registerReferenceKernels([
  kernel(luFactorOp, ([a], [packed, pivots, infos], { pivot }) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const batch = batchCount(a);
    const factors = new Result(packed!, batch);
    const exchanges = new Result(pivots!, batch);
    const info = new Result(infos!, batch);
    forEachMatrix(a, (matrix, i) => {
      const part = factors.part(i);
      part.set(matrix);
      const lu = factorLu(part, m, n, pivot);
      exchanges.part(i).set(lu.pivots);
      info.part(i)[0] = lu.info;
    });
    for (const result of [factors, exchanges, info]) result.write();
  }),
]);

/**
 * The gradient of a packed factorisation `P^T A = L U`. For square matrices `P L^-T (tril(L^T dL, -1) + triu(dU U^T)) U^-T`;
 * the rows or columns beyond the square are products with it.
 */
function luBackward(grad: Tensor, packed: Tensor, pivots: Tensor): Tensor {
  const [m, n] = [rowsOf(packed), columnsOf(packed)];
  const k = Math.min(m, n);
  const P = permutationOf(pivots, m, packed);
  const square = packed.narrow(-2, 0, k).narrow(-1, 0, k);
  const L = square.tril(-1).add(eye(k, { dtype: packed.dtype }));
  const U = square.triu();
  const gradSquare = grad.narrow(-2, 0, k).narrow(-1, 0, k);
  let lower = L.mT.matmul(gradSquare.tril(-1));
  let upper = gradSquare.triu().matmul(U.mT);
  let rest: Tensor | null = null;
  if (m < n) {
    const gradRight = grad.narrow(-1, k, n - k);
    lower = lower.sub(gradRight.matmul(packed.narrow(-1, k, n - k).mT));
    rest = solveTriangular(L.mT, gradRight, { upper: true, unitriangular: true });
  } else if (m > n) {
    const gradBelow = grad.narrow(-2, k, m - k);
    upper = upper.sub(packed.narrow(-2, k, m - k).mT.matmul(gradBelow));
    rest = solveTriangular(U.mT, gradBelow, { upper: false, left: false });
  }
  const inner = solveTriangular(L.mT, lower.tril(-1).add(upper.triu()), { upper: true, unitriangular: true });
  const main = solveTriangular(U.mT, inner, { upper: false, left: false });
  if (rest === null) return P.matmul(main);
  return P.matmul(m < n ? joined(main, rest, -1) : joined(main, rest, -2));
}

const joined = (a: Tensor, b: Tensor, dim: number): Tensor => {
  const out = a.newZeros(a.shape.map((s, i) => (i === a.ndim + dim ? s + b.shape[i]! : s)));
  out.narrow(dim, 0, a.size(dim)).copy_(a);
  out.narrow(dim, a.size(dim), b.size(dim)).copy_(b);
  return out;
};

/** The matrices `P` with `A = P L U`, from the pivots; of the dtype of `like`. */
function permutationOf(pivots: Tensor, m: number, like: Tensor): Tensor {
  const k = pivots.shape[pivots.ndim - 1]!;
  const batch = pivots.shape.slice(0, -1);
  const exchanges = toDoubles(pivots);
  const count = batch.reduce((total, s) => total * s, 1);
  const P = new Float64Array(count * m * m);
  for (let i = 0; i < count; i++) {
    const order = rowOrder(exchanges.subarray(i * k, (i + 1) * k), m);
    for (let row = 0; row < m; row++) P[(i * m + order[row]!) * m + row] = 1;
  }
  return fromTypedArray(P, [...batch, m, m]).to(like.dtype);
}

type Factors = NamedTuple<"LU" | "pivots" | "info", Tensor>;

const bindEx = signature("linalg.luFactorEx", { pivot: true, checkErrors: false });

/** LU factors in packed form, the pivots, and 0 or the place of the first zero pivot. @throws {ShapeError} @see torch.linalg.lu_factor_ex */
export function luFactorEx(
  A: Tensor,
  ...args: Arguments<[], [pivot: boolean, checkErrors: boolean], { pivot?: boolean; checkErrors?: boolean }>
): Factors {
  const { pivot, checkErrors } = bindEx(args);
  checkMatrix("linalg.lu_factor_ex", A);
  checkFloat("linalg.lu_factor_ex", A);
  const [LU, pivots, info] = runMany(luFactorOp, [A], { pivot }) as [Tensor, Tensor, Tensor];
  if (checkErrors) checkInfo("torch.linalg.lu_factor_ex", info);
  return namedTuple<"LU" | "pivots" | "info", Tensor>(["LU", "pivots", "info"], [LU, pivots, info]);
}

/** @throws {TensorError} naming the first matrix of a batch whose `info` is not zero */
export function checkInfo(
  name: string,
  info: Tensor,
  what = (place: number) =>
    `U[${place},${place}] is zero and using it on lu_solve would result in a division by zero. If you still want to perform the factorization, consider calling linalg.lu(A, pivot) or linalg.lu_factor_ex(A, pivot)`,
): void {
  const values = toDoubles(info);
  const at = values.findIndex((v) => v !== 0);
  if (at < 0) return;
  const batch = info.ndim === 0 ? "" : ` (Batch element ${at}):`;
  throw new TensorError(`${name}:${batch} ${what(values[at]!)}`);
}

const bindFactor = signature("linalg.luFactor", { pivot: true });

/** LU factors in packed form, and the pivots. @throws {TensorError} for a zero pivot @see torch.linalg.lu_factor */
export function luFactor(A: Tensor, ...args: Arguments<[], [pivot: boolean], { pivot?: boolean }>): NamedTuple<"LU" | "pivots", Tensor> {
  const { pivot } = bindFactor(args);
  checkMatrix("linalg.lu_factor", A);
  const { LU, pivots, info } = luFactorEx(A, { pivot });
  checkInfo("torch.linalg.lu_factor", info);
  return namedTuple(["LU", "pivots"], [LU, pivots]);
}

const bindOld = signature("lu", { pivot: true, getInfos: false });

/** LU factors in packed form and pivots, with `getInfos` the infos as well. @see torch.lu */
export function lu(
  self: Tensor,
  ...args: Arguments<[], [pivot: boolean, getInfos: boolean], { pivot?: boolean; getInfos?: boolean }>
): NamedTuple<"LU" | "pivots" | "info", Tensor> | NamedTuple<"LU" | "pivots", Tensor> {
  const { pivot, getInfos } = bindOld(args);
  const { LU, pivots, info } = luFactorEx(self, { pivot });
  if (getInfos) return namedTuple<"LU" | "pivots" | "info", Tensor>(["LU", "pivots", "info"], [LU, pivots, info]);
  return namedTuple<"LU" | "pivots", Tensor>(["LU", "pivots"], [LU, pivots]);
}

const bindUnpack = signature("luUnpack", { LUPivots: required, unpackData: true, unpackPivots: true });

/** `P`, `L` and `U` from the packed form. @throws {DTypeError} @see torch.lu_unpack */
export function luUnpack(
  LUData: Tensor,
  ...args: Arguments<[LUPivots: Tensor], [unpackData: boolean, unpackPivots: boolean], { unpackData?: boolean; unpackPivots?: boolean }>
): NamedTuple<"P" | "L" | "U", Tensor> {
  const { LUPivots: luPivots, unpackData, unpackPivots } = bindUnpack(args);
  checkMatrix("torch.lu_unpack", LUData, "LU_data");
  if (unpackPivots && luPivots.dtype !== "int32") {
    throw new DTypeError(
      "torch.lu_unpack: LU_pivots is expected to be a contiguous tensor of torch.int32 dtype.\nNote: this function is intended to be used with the output produced by torch.linalg.lu_factor",
    );
  }
  const [m, n] = [rowsOf(LUData), columnsOf(LUData)];
  const k = Math.min(m, n);
  const empty = LUData.newEmpty([0]);
  const P = unpackPivots ? permutationOf(luPivots, m, LUData) : empty;
  if (!unpackData) return namedTuple(["P", "L", "U"], [P, empty, empty.clone()]);
  const identity = eye(m, k, { dtype: LUData.dtype });
  const L = LUData.narrow(-1, 0, k).tril(-1).add(identity);
  const U = LUData.narrow(-2, 0, k).triu();
  return namedTuple(["P", "L", "U"], [P, L, U]);
}

const bindLu = signature("linalg.lu", { pivot: true });

/** `A = P L U`: permutation, unit lower and upper triangular factors. @throws {ShapeError} @see torch.linalg.lu */
export function luDecomposition(
  A: Tensor,
  ...args: Arguments<[], [pivot: boolean], { pivot?: boolean }>
): NamedTuple<"P" | "L" | "U", Tensor> {
  const { pivot } = bindLu(args);
  checkMatrix("linalg.lu", A);
  checkFloat("linalg.lu", A);
  const { LU, pivots } = luFactorEx(A, { pivot });
  const unpacked = luUnpack(LU, pivots);
  return pivot ? unpacked : namedTuple(["P", "L", "U"], [A.newEmpty([0]), unpacked.L, unpacked.U]);
}

const bindSolve = signature("linalg.luSolve", { pivots: required, B: required, left: true, adjoint: false });

/** The solution of `A X = B` from the factors of `A`. @throws {ShapeError} @see torch.linalg.lu_solve */
export function luSolveLinalg(
  LU: Tensor,
  ...args: Arguments<[pivots: Tensor, B: Tensor], [left: boolean, adjoint: boolean], { left?: boolean; adjoint?: boolean }>
): Tensor {
  const { pivots, B, left, adjoint } = bindSolve(args) as { pivots: Tensor; B: Tensor; left: boolean; adjoint: boolean };
  if (!left) return luSolveLinalg(LU, pivots, B.mT, { adjoint: !adjoint }).mT;
  if (rowsOf(LU) !== rowsOf(B)) {
    throw new ShapeError(
      `linalg.lu_solve: Incompatible shapes of A and B for the equation AX = B (${rowsOf(LU)}x${columnsOf(LU)} and ${rowsOf(B)}x${columnsOf(B)})`,
    );
  }
  const P = permutationOf(pivots, rowsOf(LU), LU);
  const [factors, right] = broadcastBatches(LU, B);
  if (!adjoint) {
    const y = solveTriangular(factors, P.mT.matmul(right), { upper: false, unitriangular: true });
    return solveTriangular(factors, y, { upper: true });
  }
  const y = solveTriangular(factors.mT, right, { upper: false });
  return P.matmul(solveTriangular(factors.mT, y, { upper: true, unitriangular: true }));
}

const bindOldSolve = signature("luSolve", { LUData: required, LUPivots: required });

/** The solution of `A X = self` from the factors of `A`. @see torch.lu_solve */
export function luSolve(self: Tensor, ...args: readonly [LUData: Tensor, LUPivots: Tensor]): Tensor {
  const { LUData, LUPivots } = bindOldSolve(args);
  if (self.ndim < 2) throw new ShapeError(`b should have at least 2 dimensions, but has ${self.ndim} dimensions instead`);
  return luSolveLinalg(LUData, LUPivots, self);
}
