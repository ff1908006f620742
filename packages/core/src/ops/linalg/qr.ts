import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { AutogradError, ShapeError } from "../../errors.ts";
import { factorQr, formQ } from "../../reference/matrix/qr.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { numelOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { cat } from "../view/cat.ts";
import { batchCount, batchOf, checkFloat, checkMatrix, columnsOf, forEachMatrix, noExtra, Result, rowsOf } from "./matrices.ts";
import { solveTriangular } from "./triangular.ts";

export type QrMode = "reduced" | "complete" | "r";

/** `A [..., m, n] -> Q [..., m, c], R [..., c, n]` with `c` = `m` in mode complete, else `min(m, n)`; Q is empty in mode r. */
const qrOp: Op<readonly [Tensor], QrMode> = defineOp<readonly [Tensor], QrMode>({
  name: "linalgQr",
  infer: ([a], mode) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const c = mode === "complete" ? m : Math.min(m, n);
    return [
      { shape: mode === "r" ? [0] : [...batchOf(a.shape), m, c], dtype: a.dtype },
      { shape: [...batchOf(a.shape), c, n], dtype: a.dtype },
    ];
  },
  saves: { inputs: "all", outputs: "all" },
  contiguous: true,
  backward: [
    ({ grads: [gQ, gR], inputs: [a], outputs: [Q, R], params: mode }) => {
      const [m, n] = [rowsOf(a), columnsOf(a)];
      if (mode === "r") {
        throw new AutogradError(
          "The derivative of linalg.qr depends on Q, which is not computed when mode='r'. Please use linalg.qr(A, mode='reduced') if you are going to differentiate through linalg.qr.",
        );
      }
      if (mode === "complete" && m > n) {
        throw new AutogradError("The QR decomposition is not differentiable when mode='complete' and nrows > ncols.");
      }
      if (m >= n) return tallBackward(gQ!, gR!, Q!, R!);
      // The first m columns are factored, the others multiplied by Q^T.
      const rest = a.narrow(-1, m, n - m);
      const dQ = gR === null ? gQ : sum(gQ!, rest.matmul(gR!.narrow(-1, m, n - m).mT));
      const square = tallBackward(dQ!, gR === null ? null : gR!.narrow(-1, 0, m), Q!, R!.narrow(-1, 0, m));
      const beyond = gR === null ? rest.mul(0) : Q!.matmul(gR!.narrow(-1, m, n - m));
      return cat([square, beyond], -1);
    },
  ],
});

const sum = (a: Tensor | null, b: Tensor): Tensor => (a === null ? b : a.add(b));

/** `(dQ + Q sym(triu(dR R^T - Q^T dQ))) R^-T` (Roberts & Roberts, 2020, arXiv:2009.10071). */
function tallBackward(gQ: Tensor | null, gR: Tensor | null, Q: Tensor, R: Tensor): Tensor {
  let inner = gR === null ? null : gR.matmul(R.mT);
  if (gQ !== null) {
    const overlap = Q.mT.matmul(gQ);
    inner = inner === null ? overlap.neg() : inner.sub(overlap);
  }
  const upper = inner!.triu();
  const symmetric = upper.add(upper.triu(1).mT);
  const total = sum(gQ, Q.matmul(symmetric));
  return solveTriangular(R.mT, total, { upper: false, left: false });
}

registerReferenceKernels([
  kernel(qrOp, ([a], [q, r], mode) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const c = mode === "complete" ? m : Math.min(m, n);
    const batch = batchCount(a);
    const Q = new Result(q!, batch);
    const R = new Result(r!, batch);
    forEachMatrix(a, (matrix, i) => {
      const tau = factorQr(matrix, m, n);
      const part = R.part(i);
      for (let row = 0; row < Math.min(c, n); row++)
        for (let column = row; column < n; column++) part[row * n + column] = matrix[row * n + column]!;
      if (mode !== "r") Q.part(i).set(formQ(matrix, tau, m, n, c));
    });
    Q.write();
    R.write();
  }),
]);

type Qr = NamedTuple<"Q" | "R", Tensor>;
const bind = signature("linalg.qr", { mode: "reduced" });

/** `A = Q R`: orthonormal columns and an upper triangular factor. Modes `reduced`, `complete`, `r`. @throws {ShapeError} @see torch.linalg.qr */
export function qrLinalg(A: Tensor, ...args: Arguments<[], [mode: QrMode], { mode?: QrMode }>): Qr {
  const { mode } = bind(args);
  checkMatrix("linalg.qr", A);
  checkFloat("linalg.qr", A);
  if (mode !== "reduced" && mode !== "complete" && mode !== "r") {
    throw new ShapeError(`qr received unrecognized mode '${mode}' but expected one of 'reduced' (default), 'r', or 'complete'`);
  }
  const [Q, R] = runMany(qrOp, [A], mode) as [Tensor, Tensor];
  return namedTuple<"Q" | "R", Tensor>(["Q", "R"], [Q, R]);
}

const bindOld = signature("qr", { some: true });

/** `A = Q R`; with `some: false` the complete one. @see torch.qr */
export const qr = (self: Tensor, ...args: Arguments<[], [some: boolean], { some?: boolean }>): Qr =>
  qrLinalg(self, bindOld(args).some ? "reduced" : "complete");

/** Householder vectors below the diagonal and R on and above it, and the factors of the reflections, as LAPACK packs them. Not differentiable. @see torch.geqrf */
const geqrfOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "geqrf",
  infer: ([a]) => [
    { shape: a.shape, dtype: a.dtype },
    { shape: [...batchOf(a.shape), Math.min(rowsOf(a), columnsOf(a))], dtype: a.dtype },
  ],
  contiguous: true,
});

registerReferenceKernels([
  kernel(geqrfOp, ([a], [out, taus]) => {
    const packed = new Result(out!, batchCount(a));
    const tau = new Result(taus!, batchCount(a));
    forEachMatrix(a, (matrix, i) => {
      tau.part(i).set(factorQr(matrix, rowsOf(a), columnsOf(a)));
      packed.part(i).set(matrix);
    });
    packed.write();
    tau.write();
  }),
]);

/** LAPACK's packed QR factorisation. @throws {ShapeError} @see torch.geqrf */
export function geqrf(self: Tensor, ...extra: readonly []): NamedTuple<"a" | "tau", Tensor> {
  noExtra("geqrf", extra);
  checkMatrix("torch.geqrf", self, "input");
  const [a, tau] = runMany(geqrfOp, [self], undefined) as [Tensor, Tensor];
  return namedTuple(["a", "tau"], [a, tau]);
}

/** Applies the reflections of a packed factorisation to `c`, from the left; in reverse order for the transposed product. */
function reflect(packed: Tensor, tau: Tensor, c: Tensor, transpose: boolean): Tensor {
  const m = rowsOf(packed);
  const k = tau.shape[tau.ndim - 1]!;
  let out = c;
  for (let step = 0; step < k; step++) {
    const j = transpose ? step : k - 1 - step;
    const below = packed.narrow(-1, j, 1).narrow(-2, j + 1, m - j - 1);
    const lead = packed.newZeros([...batchOf(packed.shape), j, 1]);
    const v = cat([lead, packed.newOnes([...batchOf(packed.shape), 1, 1]), below], -2);
    const scale = tau.narrow(-1, j, 1).unsqueeze(-1);
    out = out.sub(v.mul(scale).matmul(v.mT.matmul(out)));
  }
  return out;
}

const bindProduct = signature("linalg.householderProduct", { tau: required });

/** The first columns of the orthogonal factor that a packed factorisation stands for. @throws {ShapeError} @see torch.linalg.householder_product */
export function householderProduct(A: Tensor, ...args: readonly [tau: Tensor]): Tensor {
  const { tau } = bindProduct(args) as { tau: Tensor };
  checkMatrix("torch.linalg.householder_product", A, "input");
  const [m, n] = [rowsOf(A), columnsOf(A)];
  if (m < n) throw new ShapeError("torch.linalg.householder_product: input.shape[-2] must be greater than or equal to input.shape[-1]");
  if (tau.shape[tau.ndim - 1]! > n)
    throw new ShapeError("torch.linalg.householder_product: input.shape[-1] must be greater than or equal to tau.shape[-1]");
  const identity = eye(m, n, { dtype: A.dtype }).expand(A.shape);
  return numelOf(A.shape) === 0 ? A.clone() : reflect(A, tau, identity, false);
}

const bindOrgqr = signature("orgqr", { input2: required });

/** Another name of {@link householderProduct}. @see torch.orgqr */
export const orgqr = (self: Tensor, ...args: readonly [input2: Tensor]): Tensor => householderProduct(self, bindOrgqr(args).input2);

const bindOrmqr = signature("ormqr", { input2: required, input3: required, left: true, transpose: false });

/** The product of a matrix with the orthogonal factor of a packed factorisation. @throws {ShapeError} @see torch.ormqr */
export function ormqr(
  self: Tensor,
  ...args: Arguments<[input2: Tensor, input3: Tensor], [left: boolean, transpose: boolean], { left?: boolean; transpose?: boolean }>
): Tensor {
  const { input2: tau, input3: other, left, transpose } = bindOrmqr(args);
  if (self.ndim < 2) throw new ShapeError("torch.ormqr: input must have at least 2 dimensions.");
  return left ? reflect(self, tau, other, transpose) : reflect(self, tau, other.mT, !transpose).mT;
}
