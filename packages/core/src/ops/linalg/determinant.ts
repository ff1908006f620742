import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { toDoubles } from "../../reference/loops.ts";
import { factorLu } from "../../reference/matrix/lu.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { where } from "../elementwise/where.ts";
import { eye } from "../factory/eye.ts";
import { batchCount, batchOf, checkFloat, checkSquare, forEachMatrix, noExtra, Result, rowsOf } from "./matrices.ts";
import { invEx } from "./solve.ts";
import { svd } from "./svd.ts";

/** Sign and logarithm of the absolute value, from the pivots. */
function signAndLog(matrix: Float64Array, n: number): readonly [sign: number, logAbs: number] {
  const { pivots } = factorLu(matrix, n, n);
  let sign = 1;
  let log = 0;
  for (let i = 0; i < n; i++) {
    if (pivots[i] !== i + 1) sign = -sign;
    const pivot = matrix[i * n + i]!;
    sign *= Math.sign(pivot);
    log += Math.log(Math.abs(pivot));
  }
  return [sign, log];
}

const detOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "linalgDet",
  gradName: "LinalgDetBackward0",
  infer: ([a]) => ({ shape: batchOf(a.shape), dtype: a.dtype }),
  saves: { inputs: "all", outputs: "all" },
  contiguous: true,
  backward: [({ grad, inputs: [a], output }) => detBackward(grad, a, output)],
});

/** The gradient is the transposed adjugate: `det A^-T`, or by singular values where there is no inverse. */
function detBackward(grad: Tensor, a: Tensor, det: Tensor): Tensor {
  const each = grad.unsqueeze(-1).unsqueeze(-1);
  if (toDoubles(det).every((d) => d !== 0 && Number.isFinite(d) && Math.abs(d) > 1e-12)) {
    return invEx(a).inverse.mT.mul(det.unsqueeze(-1).unsqueeze(-1)).mul(each);
  }
  const { U, S, Vh } = svd(a, { fullMatrices: true });
  const n = rowsOf(a);
  // The product of all singular values but one.
  const others = S.unsqueeze(-2)
    .expand([...S.shape, n])
    .maskedFill(eye(n, { dtype: "bool" }), 1)
    .prod(-1);
  const orientation = det_(U.detach()).mul(det_(Vh.detach())).unsqueeze(-1).unsqueeze(-1);
  return U.mul(others.unsqueeze(-2)).matmul(Vh).mul(orientation).mul(each);
}

const slogdetOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "linalgSlogdet",
  infer: ([a]) => {
    const spec = { shape: batchOf(a.shape), dtype: a.dtype };
    return [spec, spec];
  },
  saves: { inputs: "all" },
  contiguous: true,
  backward: [({ grads: [, grad], inputs: [a] }) => (grad === null ? null : invEx(a).inverse.mT.mul(grad!.unsqueeze(-1).unsqueeze(-1)))],
});

registerReferenceKernels([
  kernel(detOp, ([a], [out]) => {
    const n = rowsOf(a);
    const result = new Result(out!, batchCount(a));
    forEachMatrix(a, (matrix, i) => {
      const { pivots } = factorLu(matrix, n, n);
      let product = 1;
      for (let k = 0; k < n; k++) product *= matrix[k * n + k]! * (pivots[k] === k + 1 ? 1 : -1);
      result.part(i)[0] = product;
    });
    result.write();
  }),
  kernel(slogdetOp, ([a], outputs) => {
    const results = outputs.map((out) => new Result(out, batchCount(a)));
    forEachMatrix(a, (matrix, i) => {
      signAndLog(matrix, rowsOf(a)).forEach((value, k) => {
        results[k]!.part(i)[0] = value;
      });
    });
    for (const result of results) result.write();
  }),
]);

/** Determinants of square matrices. @throws {ShapeError} @see torch.linalg.det */
export function det(A: Tensor, ...extra: readonly []): Tensor {
  noExtra("linalg.det", extra);
  checkSquare("linalg.det", A);
  checkFloat("linalg.det", A);
  if (A.count === 0) return A.newOnes(batchOf(A.shape));
  return run(detOp, [A], undefined);
}
const det_ = det;

/** Sign of the determinant and logarithm of its absolute value. @throws {ShapeError} @see torch.linalg.slogdet */
export function slogdet(A: Tensor, ...extra: readonly []): NamedTuple<"sign" | "logabsdet", Tensor> {
  noExtra("linalg.slogdet", extra);
  checkSquare("linalg.slogdet", A);
  checkFloat("linalg.slogdet", A);
  const [sign, logAbs] = runMany(slogdetOp, [A], undefined) as [Tensor, Tensor];
  return namedTuple(["sign", "logabsdet"], [sign, logAbs]);
}

/** Logarithm of the determinant; NaN where that is negative. @throws {ShapeError} @see torch.logdet */
export function logdet(self: Tensor, ...extra: readonly []): Tensor {
  noExtra("logdet", extra);
  checkSquare("logdet", self);
  const { sign, logabsdet } = slogdet(self);
  return where(sign.eq(-1), Number.NaN, logabsdet);
}
