import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { toDoubles } from "../../reference/loops.ts";
import { eigenSymmetric, type Svd, singularValues } from "../../reference/matrix/jacobi.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Scalar } from "../../tensor/scalar.ts";
import { scalarNumber } from "../../tensor/scalar.ts";
import { broadcastShapes, numelOf, type Shape, sameShape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { eigvalsh } from "./eigh.ts";
import { batchCount, batchOf, checkFloat, checkMatrix, checkSquare, columnsOf, forEachMatrix, Result, rowsOf } from "./matrices.ts";
import { svdvals } from "./svd.ts";

interface Tolerances {
  /** For each matrix of the batch: singular values at most `max(atol, rtol * largest)` count as zero. */
  readonly atol: readonly number[];
  readonly rtol: readonly number[];
  readonly hermitian: boolean;
}

/** Singular values of a symmetric matrix from its eigenvalues; `u` and `vh` by their signs. */
function symmetricSvd(matrix: Float64Array, n: number): Svd {
  for (let r = 0; r < n; r++) for (let c = 0; c < r; c++) matrix[c * n + r] = matrix[r * n + c]!;
  const { values, vectors } = eigenSymmetric(matrix, n);
  const order = Array.from(values.keys()).sort((i, j) => Math.abs(values[j]!) - Math.abs(values[i]!));
  const u = new Float64Array(n * n);
  const vh = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let i = 0; i < n; i++) {
      u[i * n + to] = vectors[i * n + from]!;
      vh[to * n + i] = vectors[i * n + from]! * Math.sign(values[from]! || 1);
    }
  });
  return { u, s: Float64Array.from(order, (i) => Math.abs(values[i]!)), vh };
}

/** Moore-Penrose inverses. */
const pinvOp: Op<readonly [Tensor], Tolerances> = defineOp<readonly [Tensor], Tolerances>({
  name: "linalgPinv",
  infer: ([a]) => ({ shape: [...batchOf(a.shape), columnsOf(a), rowsOf(a)], dtype: a.dtype }),
  saves: { inputs: "all", outputs: "all" },
  contiguous: true,
  backward: [({ grad, inputs: [a], output }) => pinvBackward(grad, output, a)],
});

/** Golub & Pereyra, 1973: the derivative of the inverse plus what leaves the row and column spaces. */
function pinvBackward(grad: Tensor, pinvA: Tensor, a: Tensor): Tensor {
  const gradT = grad.mT;
  const pinvT = pinvA.mT;
  if (rowsOf(a) <= columnsOf(a)) {
    const K = gradT.matmul(pinvA);
    const KP = K.matmul(pinvT);
    return pinvA
      .matmul(K)
      .mT.neg()
      .add(KP)
      .sub(a.matmul(pinvA).matmul(KP))
      .add(pinvT.matmul(pinvA).matmul(gradT.sub(K.matmul(a))));
  }
  const K = pinvA.matmul(gradT);
  const PK = pinvT.matmul(K);
  return K.matmul(pinvA)
    .mT.neg()
    .add(gradT.sub(a.matmul(K)).matmul(pinvA).matmul(pinvT))
    .add(PK)
    .sub(PK.matmul(pinvA).matmul(a));
}

registerReferenceKernels([
  kernel(pinvOp, ([a], [out], { atol, rtol, hermitian }) => {
    const [m, n] = [rowsOf(a), columnsOf(a)];
    const result = new Result(out!, batchCount(a));
    forEachMatrix(a, (matrix, index) => {
      const { u, s, vh } = hermitian ? symmetricSvd(matrix, n) : singularValues(matrix, m, n);
      const least = Math.max(atol[index]!, rtol[index]! * (s[0] ?? 0));
      const part = result.part(index);
      for (let k = 0; k < s.length; k++) {
        if (s[k]! <= least) continue;
        for (let i = 0; i < n; i++) for (let j = 0; j < m; j++) part[i * m + j]! += (vh[k * n + i]! * u[j * m + k]!) / s[k]!;
      }
    });
    result.write();
  }),
]);

type Tolerance = Scalar | Tensor | null;

/** One tolerance for each matrix of a batch; `fallback` where none is given. */
function forBatch(tolerance: Tolerance, batch: Shape, fallback: number): number[] {
  if (tolerance instanceof Tensor) return [...toDoubles(expandIfNeeded(tolerance, broadcastShapes(tolerance.shape, batch)))];
  return new Array<number>(Math.max(numelOf(batch), 1)).fill(tolerance === null ? fallback : scalarNumber(tolerance));
}

const epsilon = (a: Tensor): number => (a.dtype === "float32" ? 2 ** -23 : Number.EPSILON);

/** PyTorch's defaults: a relative one by the size, unless an absolute one is given. */
function tolerances(a: Tensor, atol: Tolerance, rtol: Tolerance, hermitian: boolean): Tolerances {
  const batch = batchOf(a.shape);
  const absolute = forBatch(atol, batch, 0);
  const usual = epsilon(a) * Math.max(rowsOf(a), columnsOf(a));
  const relative = rtol === null ? absolute.map((t) => (t > 0 ? 0 : usual)) : forBatch(rtol, batch, usual);
  return { atol: absolute, rtol: relative, hermitian };
}

const bindPinv = signature("linalg.pinv", { rcond: null, hermitian: false, atol: null, rtol: null });

/** The pseudoinverse; singular values at most `max(atol, rtol * largest)` count as zero. @throws {ShapeError} @see torch.linalg.pinv */
export function pinv(
  A: Tensor,
  ...args: Arguments<
    [],
    [rcond: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance],
    { rcond?: Tolerance; hermitian?: boolean; atol?: Tolerance; rtol?: Tolerance }
  >
): Tensor {
  const { rcond, hermitian, atol, rtol } = bindPinv(args) as { rcond: Tolerance; hermitian: boolean; atol: Tolerance; rtol: Tolerance };
  checkMatrix("linalg.pinv", A);
  checkFloat("linalg.pinv", A);
  if (hermitian) checkSquare("linalg.pinv", A);
  if (A.count === 0) return A.newZeros([...batchOf(A.shape), columnsOf(A), rowsOf(A)]).add(A.sum().mul(0));
  return run(pinvOp, [A], tolerances(A, atol, rtol ?? rcond, hermitian));
}

const bindPinverse = signature("pinverse", { rcond: 1e-15 });

/** The pseudoinverse. @see torch.pinverse */
export const pinverse = (self: Tensor, ...args: Arguments<[], [rcond: Tolerance], { rcond?: Tolerance }>): Tensor =>
  pinv(self, { rtol: bindPinverse(args).rcond });

const bindRank = signature("linalg.matrixRank", { tol: null, hermitian: false, atol: null, rtol: null });

/** How many singular values exceed `max(atol, rtol * largest)`, int64. @throws {ShapeError} @see torch.linalg.matrix_rank */
export function matrixRank(
  A: Tensor,
  ...args: Arguments<
    [],
    [tol: Tolerance, hermitian: boolean, atol: Tolerance, rtol: Tolerance],
    { tol?: Tolerance; hermitian?: boolean; atol?: Tolerance; rtol?: Tolerance }
  >
): Tensor {
  const { tol, hermitian, atol, rtol } = bindRank(args) as { tol: Tolerance; hermitian: boolean; atol: Tolerance; rtol: Tolerance };
  checkMatrix("linalg.matrix_rank", A, "A");
  checkFloat("linalg.matrix_rank", A);
  const source = A.detach();
  const limits = tolerances(source, tol ?? atol, tol === null ? rtol : 0, hermitian);
  const s = hermitian ? eigvalsh(source).abs() : svdvals(source);
  const batch = batchOf(A.shape);
  const given = [tol, atol, rtol].reduce<Shape>((shape, t) => (t instanceof Tensor ? broadcastShapes(shape, t.shape) : shape), batch);
  const k = s.shape[s.ndim - 1]!;
  const values = expandIfNeeded(s, [...given, k]);
  if (k === 0) return values.sum(-1).long();
  const largest = values.amax(-1, true);
  const asTensor = (list: readonly number[]): Tensor => {
    const flat = s.newZeros([list.length]);
    list.forEach((v, i) => flat.select(0, i).fill_(v));
    return list.length === numelOf(given) ? flat.reshape([...given, 1]) : flat.reshape([...batch, 1]);
  };
  if (numelOf(batch) === 0) return values.sum(-1).long();
  const least = asTensor(limits.atol).maximum(asTensor(limits.rtol).mul(largest));
  return values.gt(least).sum(-1);
}

const bindLstsq = signature("linalg.lstsq", { b: required, rcond: null, driver: null });

/**
 * Least-squares solution of `A X = B`: the one of least norm where there are many.
 * Gives `solution`, `residuals` (sums of squares, for full-rank tall matrices), `rank` and `singularValues` as the driver does.
 * @throws {ShapeError} @see torch.linalg.lstsq
 */
export function lstsq(
  A: Tensor,
  ...args: Arguments<
    [b: Tensor],
    [rcond: Scalar | null, driver: string | null],
    { rcond?: Scalar | null; driver?: "gels" | "gelsy" | "gelsd" | "gelss" | null }
  >
): NamedTuple<"solution" | "residuals" | "rank" | "singularValues", Tensor> {
  const { b: B, rcond, driver } = bindLstsq(args) as { b: Tensor; rcond: Scalar | null; driver: string | null };
  checkFloat("torch.linalg.lstsq", A);
  if (A.ndim < 2) throw new ShapeError("torch.linalg.lstsq: input must have at least 2 dimensions.");
  if (B.ndim < 1) throw new ShapeError("torch.linalg.lstsq: other must have at least 1 dimension.");
  if (driver !== null && !["gels", "gelsy", "gelsd", "gelss"].includes(driver)) {
    throw new ShapeError("torch.linalg.lstsq: parameter `driver` should be one of (gels, gelsy, gelsd, gelss)");
  }
  const isVector = A.ndim - 1 === B.ndim && sameShape(B.shape, A.shape.slice(0, -1));
  const right = isVector || B.ndim === 1 ? B.unsqueeze(-1) : B;
  const [m, n] = [rowsOf(A), columnsOf(A)];
  if (rowsOf(right) !== m) throw new ShapeError("torch.linalg.lstsq: input.size(-2) should match other.size(-2)");
  const method = driver ?? "gelsy";
  const solution = pinv(A, method === "gels" ? { rtol: 0 } : rcond === null ? {} : { rtol: rcond }).matmul(right);
  const rank = method === "gels" ? null : matrixRank(A, rcond === null ? {} : { rtol: rcond });
  const empty = (): Tensor => A.newEmpty([0]);
  const fullRank = rank === null || toDoubles(rank).every((r) => r === n);
  const residuals = m > n && fullRank && method !== "gelsy" ? A.matmul(solution).sub(right).square().sum(-2) : empty();
  const singular = method === "gelsd" || method === "gelss" ? svdvals(A) : empty();
  return namedTuple(
    ["solution", "residuals", "rank", "singularValues"],
    [isVector || B.ndim === 1 ? solution.squeeze(-1) : solution, residuals, rank ?? A.newEmpty([0], { dtype: "int64" }), singular],
  );
}
