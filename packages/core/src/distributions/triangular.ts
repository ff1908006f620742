import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { defineOp, type Op } from "../dispatch/op.ts";
import { run } from "../dispatch/run.ts";
import { TensorError } from "../errors.ts";
import { eye } from "../ops/functions.ts";
import { toDoubles, writeDoubles } from "../reference/loops.ts";
import { broadcastShapes, numelOf } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** The lower triangular factor of symmetric positive definite matrices. */
const factorOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "distributionsCholesky",
  gradName: "LinalgCholeskyExBackward0",
  infer: ([matrix]) => matrix,
  saves: { outputs: "all" },
  backward: [
    ({ grad, output: factor }) => {
      // With phi(X) the lower triangle of X, its diagonal halved: L^-T phi(L^T G) L^-1, made symmetric (Murray 2016).
      const inner = factor.transpose(-2, -1).matmul(grad);
      const phi = inner.tril(-1).add(inner.tril().sub(inner.tril(-1)).mul(0.5));
      const left = solve(factor, phi, true);
      const both = solve(factor, left.transpose(-2, -1), true);
      return both.add(both.transpose(-2, -1)).mul(0.5);
    },
  ],
});

interface Side {
  /** Solve with the transpose of the factor. */
  readonly transposed: boolean;
}

/** X of L X = B (or L^T X = B) for lower triangular matrices L; batches broadcast. */
const solveOp: Op<readonly [Tensor, Tensor], Side> = defineOp<readonly [Tensor, Tensor], Side>({
  name: "distributionsSolveLower",
  gradName: "LinalgSolveTriangularBackward0",
  infer: ([factor, right]) => ({
    shape: [...broadcastShapes(factor.shape.slice(0, -2), right.shape.slice(0, -2)), ...right.shape.slice(-2)],
    dtype: right.dtype,
  }),
  saves: { inputs: [0], outputs: "all" },
  backward: [
    ({ grad, inputs: [factor], output, params: { transposed } }) => {
      const right = solve(factor, grad, !transposed);
      const product = transposed ? output.matmul(right.transpose(-2, -1)) : right.matmul(output.transpose(-2, -1));
      return product.tril().neg();
    },
    ({ grad, inputs: [factor], params: { transposed } }) => solve(factor, grad, !transposed),
  ],
});

const solve = (factor: Tensor, right: Tensor, transposed: boolean): Tensor => run(solveOp, [factor, right], { transposed });

function factorInPlace(a: Float64Array, at: number, n: number): void {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[at + i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[at + i * n + k]! * a[at + j * n + k]!;
      if (i !== j) a[at + i * n + j] = sum / a[at + j * n + j]!;
      else if (sum > 0) a[at + i * n + i] = Math.sqrt(sum);
      else {
        throw new TensorError(
          `linalg.cholesky: The factorization could not be completed because the input is not positive-definite (the leading minor of order ${i + 1} is not positive-definite).`,
        );
      }
    }
    a.fill(0, at + i * n + i + 1, at + (i + 1) * n);
  }
}

registerReferenceKernels([
  kernel(factorOp, ([matrix], [out]) => {
    const values = toDoubles(matrix);
    const n = matrix.shape.at(-1)!;
    for (let at = 0; at < values.length; at += n * n) factorInPlace(values, at, n);
    writeDoubles(out!, values);
  }),
  kernel(solveOp, ([factor, right], [out], { transposed }) => {
    const shape = out!.shape;
    const batch = shape.slice(0, -2);
    const [n, columns] = shape.slice(-2) as [number, number];
    const l = toDoubles(factor.expand([...batch, n, n]));
    const x = toDoubles(right.expand(shape));
    for (let b = 0; b < numelOf(batch); b++) solveOne(l.subarray(b * n * n), x.subarray(b * n * columns), n, columns, transposed);
    writeDoubles(out!, x);
  }),
]);

/** Forward (or, transposed, backward) substitution over the rows of `x`. */
function solveOne(l: Float64Array, x: Float64Array, n: number, columns: number, transposed: boolean): void {
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step;
    for (let c = 0; c < columns; c++) {
      let sum = x[i * columns + c]!;
      for (let done = 0; done < step; done++) {
        const k = transposed ? n - 1 - done : done;
        sum -= (transposed ? l[k * n + i]! : l[i * n + k]!) * x[k * columns + c]!;
      }
      x[i * columns + c] = sum / l[i * n + i]!;
    }
  }
}

/** The lower triangular factor L of matrices L L^T. @throws {TensorError} unless they are positive definite */
export const cholesky = (matrix: Tensor): Tensor => run(factorOp, [matrix], undefined);
/** X of L X = B. */
export const solveLower = (factor: Tensor, right: Tensor): Tensor => solve(factor, right, false);
/** The inverse of lower triangular matrices. */
export const invertLower = (factor: Tensor): Tensor => solveLower(factor, eye(factor.shape.at(-1)!, { dtype: factor.dtype }));
