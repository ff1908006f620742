import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { toDoubles } from "../../reference/loops.ts";
import { solveTriangularInPlace } from "../../reference/matrix/lu.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { batchCount, batchOf, checkFloat, checkSquare, columnsOf, Result, rowsOf } from "./matrices.ts";

interface Triangle {
  readonly upper: boolean;
  readonly unitriangular: boolean;
}

/** `A X = B` for triangular `A [..., n, n]` and `B [..., n, k]` of one batch shape. */
const solveTriangularOp: Op<readonly [Tensor, Tensor], Triangle> = defineOp<readonly [Tensor, Tensor], Triangle>({
  name: "linalgSolveTriangular",
  infer: ([, b]) => b,
  saves: { inputs: [0], outputs: "all" },
  contiguous: true,
  backward: ({ grad, inputs: [a], output, params, needs }) => {
    const { upper, unitriangular } = params;
    const db = run(solveTriangularOp, [a.mT, grad], { upper: !upper, unitriangular });
    if (!needs[0]) return [null, db];
    const full = db.matmul(output.mT).neg();
    const skip = unitriangular ? 1 : 0;
    return [upper ? full.triu(skip) : full.tril(-skip), db];
  },
});

registerReferenceKernels([
  kernel(solveTriangularOp, ([a, b], [out], { upper, unitriangular }) => {
    const n = rowsOf(a);
    const k = columnsOf(b);
    const matrices = toDoubles(a);
    const right = toDoubles(b);
    const result = new Result(out!, batchCount(a));
    result.values.set(right);
    for (let i = 0; i < batchCount(a); i++) {
      solveTriangularInPlace(matrices.subarray(i * n * n, (i + 1) * n * n), result.part(i), n, k, upper, unitriangular);
    }
    result.write();
  }),
]);

/** Both with one batch shape. */
export function broadcastBatches(a: Tensor, b: Tensor): [Tensor, Tensor] {
  const batch = broadcastShapes(batchOf(a.shape), batchOf(b.shape));
  return [expandIfNeeded(a, [...batch, ...a.shape.slice(-2)]), expandIfNeeded(b, [...batch, ...b.shape.slice(-2)])];
}

const bind = signature("linalg.solveTriangular", { B: required, upper: required, left: true, unitriangular: false });

export interface SolveTriangularOptions {
  /** Whether the matrix is upper triangular; the other triangle is not read. */
  upper: boolean;
  /** Solve `A X = B` (true) or `X A = B`. Default true. */
  left?: boolean;
  /** Take the diagonal as ones. Default false. */
  unitriangular?: boolean;
}

/** The solution of a triangular system `A X = B`, batch by batch. @throws {ShapeError} @see torch.linalg.solve_triangular */
export function solveTriangular(A: Tensor, B: Tensor | (SolveTriangularOptions & { B: Tensor }), options?: SolveTriangularOptions): Tensor {
  const { B: right, upper, left, unitriangular } = bind(options === undefined ? [B] : [B, options]);
  checkSquare("linalg.solve_triangular", A);
  if (right.ndim < 2) throw new ShapeError("linalg.solve_triangular: The input tensor B must have at least 2 dimensions.");
  checkFloat("linalg.solve_triangular", A);
  if (A.dtype !== right.dtype) {
    throw new DTypeError(
      `linalg.solve_triangular: Expected A and B to have the same dtype, but found A of type ${A.dtype} and B of type ${right.dtype} instead`,
    );
  }
  const n = rowsOf(A);
  if ((left ? rowsOf(right) : columnsOf(right)) !== n) {
    throw new ShapeError(
      `linalg.solve_triangular: Incompatible shapes of A and B for the equation ${left ? "AX = B" : "XA = B"} (${n}x${n} and ${rowsOf(right)}x${columnsOf(right)})`,
    );
  }
  if (!left) return solveTriangular(A.mT, right.mT, { upper: !upper, unitriangular }).mT;
  const [a, b] = broadcastBatches(A, right);
  return run(solveTriangularOp, [a, b], { upper, unitriangular });
}

const bindOld = signature("triangularSolve", { A: required, upper: true, transpose: false, unitriangular: false });

/** Solution of `A X = self`, and a copy of `A`. @see torch.triangular_solve */
export function triangularSolve(
  self: Tensor,
  ...args: Arguments<
    [A: Tensor],
    [upper: boolean, transpose: boolean, unitriangular: boolean],
    { upper?: boolean; transpose?: boolean; unitriangular?: boolean }
  >
): NamedTuple<"solution" | "clonedCoefficient", Tensor> {
  const { A, upper, transpose, unitriangular } = bindOld(args);
  const [a, b] = broadcastBatches(A, self);
  const solution = transpose ? solveTriangular(a.mT, b, { upper: !upper, unitriangular }) : solveTriangular(a, b, { upper, unitriangular });
  return namedTuple(["solution", "clonedCoefficient"], [solution, a.clone()]);
}
