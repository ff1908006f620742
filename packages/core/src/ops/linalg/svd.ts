import { type Arguments, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { singularValues } from "../../reference/matrix/jacobi.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { batchCount, batchOf, checkFloat, checkMatrix, columnsOf, forEachMatrix, Result, rowsOf } from "./matrices.ts";

/** `A [..., m, n] -> U [..., m, u], S [..., k], Vh [..., v, n]`: `u`, `v` are `k = min(m, n)`, or `m` and `n` when full. */
const svdOp: Op<readonly [Tensor], { readonly full: boolean }> = defineOp<readonly [Tensor], { readonly full: boolean }>({
  name: "linalgSvd",
  infer: ([a], { full }) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const k = Math.min(m, n);
    const batch = batchOf(a.shape);
    return [
      { shape: [...batch, m, full ? m : k], dtype: a.dtype },
      { shape: [...batch, k], dtype: a.dtype },
      { shape: [...batch, full ? n : k, n], dtype: a.dtype },
    ];
  },
  saves: { outputs: "all" },
  contiguous: true,
  backward: [
    ({ grads: [gU, gS, gVh], outputs: [U, S, Vh] }) => {
      const k = S!.shape[S!.ndim - 1]!;
      const narrow = (t: Tensor | null | undefined, dim: number): Tensor | null =>
        t == null ? null : t.size(dim) === k ? t : t.narrow(dim, 0, k);
      return svdBackward(narrow(gU, -1), gS ?? null, narrow(gVh, -2), narrow(U, -1)!, S!, narrow(Vh, -2)!);
    },
  ],
});

/** The gradient of a reduced decomposition (Townsend, 2016, "Differentiating the SVD"). Singular values must differ where U or V matter. */
function svdBackward(gU: Tensor | null, gS: Tensor | null, gVh: Tensor | null, U: Tensor, S: Tensor, Vh: Tensor): Tensor {
  if (gU === null && gVh === null) return gS === null ? U.matmul(Vh).mul(0) : U.mul(gS.unsqueeze(-2)).matmul(Vh);
  const k = S.shape[S.ndim - 1]!;
  const skew = (x: Tensor): Tensor => x.sub(x.mT);
  const squares = S.square();
  const differences = squares
    .unsqueeze(-2)
    .sub(squares.unsqueeze(-1))
    .add(eye(k, { dtype: S.dtype }));
  const row = S.unsqueeze(-2);
  const column = S.unsqueeze(-1);
  let inner: Tensor | null = null;
  if (gU !== null) inner = skew(U.mT.matmul(gU)).div(differences).mul(row);
  if (gVh !== null) {
    const fromV = skew(Vh.matmul(gVh.mT)).div(differences).mul(column);
    inner = inner === null ? fromV : inner.add(fromV);
  }
  if (gS !== null) inner = inner!.add(gS.diagEmbed());
  let out = U.matmul(inner!).matmul(Vh);
  if (gU !== null && rowsOf(U) > k) {
    const scaled = gU.div(row);
    out = out.add(scaled.sub(U.matmul(U.mT.matmul(scaled))).matmul(Vh));
  }
  if (gVh !== null && columnsOf(Vh) > k) {
    const scaled = gVh.div(column);
    out = out.add(U.matmul(scaled.sub(scaled.matmul(Vh.mT).matmul(Vh))));
  }
  return out;
}

registerReferenceKernels([
  kernel(svdOp, ([a], [u, s, vh]) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const batch = batchCount(a);
    const U = new Result(u!, batch);
    const S = new Result(s!, batch);
    const Vh = new Result(vh!, batch);
    const uColumns = columnsOf(u!);
    forEachMatrix(a, (matrix, i) => {
      const found = singularValues(matrix, m, n);
      const part = U.part(i);
      for (let r = 0; r < m; r++) for (let c = 0; c < uColumns; c++) part[r * uColumns + c] = found.u[r * m + c]!;
      S.part(i).set(found.s);
      Vh.part(i).set(found.vh.subarray(0, Vh.part(i).length));
    });
    for (const result of [U, S, Vh]) result.write();
  }),
]);

type Usv<K extends string> = NamedTuple<K, Tensor>;
const bind = signature("linalg.svd", { fullMatrices: true, driver: null });

/** `A = U diag(S) Vh`, singular values in descending order. Reduced with `fullMatrices: false`. @throws {ShapeError} @see torch.linalg.svd */
export function svd(
  A: Tensor,
  ...args: Arguments<[], [fullMatrices: boolean, driver: string | null], { fullMatrices?: boolean; driver?: string | null }>
): Usv<"U" | "S" | "Vh"> {
  const { fullMatrices } = bind(args);
  checkMatrix("linalg.svd", A);
  checkFloat("linalg.svd", A);
  const [U, S, Vh] = runMany(svdOp, [A], { full: fullMatrices }) as [Tensor, Tensor, Tensor];
  return namedTuple<"U" | "S" | "Vh", Tensor>(["U", "S", "Vh"], [U, S, Vh]);
}

const bindVals = signature("linalg.svdvals", { driver: null });

/** Singular values in descending order. @throws {ShapeError} @see torch.linalg.svdvals */
export function svdvals(A: Tensor, ...args: Arguments<[], [driver: string | null], { driver?: string | null }>): Tensor {
  bindVals(args);
  checkMatrix("linalg.svdvals", A);
  checkFloat("linalg.svdvals", A);
  return runMany(svdOp, [A], { full: false })[1]!;
}

const bindOld = signature("svd", { some: true, computeUv: true });

/** `self = U diag(S) V^T`; with `some: false` the full one; without `computeUv` U and V are zeros. @see torch.svd */
export function svdOld(
  self: Tensor,
  ...args: Arguments<[], [some: boolean, computeUv: boolean], { some?: boolean; computeUv?: boolean }>
): Usv<"U" | "S" | "V"> {
  const { some, computeUv } = bindOld(args);
  checkMatrix("linalg.svd", self, "input");
  if (!computeUv) {
    const [m, n] = [rowsOf(self), columnsOf(self)];
    const batch = batchOf(self.shape);
    return namedTuple<"U" | "S" | "V", Tensor>(
      ["U", "S", "V"],
      [self.newZeros([...batch, m, m]), svdvals(self), self.newZeros([...batch, n, n])],
    );
  }
  const { U, S, Vh } = svd(self, { fullMatrices: !some });
  return namedTuple<"U" | "S" | "V", Tensor>(["U", "S", "V"], [U, S, Vh.mT]);
}
