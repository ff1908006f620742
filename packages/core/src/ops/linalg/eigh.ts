import { type Arguments, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { eigenSymmetric } from "../../reference/matrix/jacobi.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { batchCount, checkFloat, checkSquare, forEachMatrix, Result, rowsOf } from "./matrices.ts";

/** Eigenvalues in ascending order and eigenvectors as columns, from one triangle of a symmetric matrix. */
const eighOp: Op<readonly [Tensor], { readonly upper: boolean }> = defineOp<readonly [Tensor], { readonly upper: boolean }>({
  name: "linalgEigh",
  infer: ([a]) => [
    { shape: a.shape.slice(0, -1), dtype: a.dtype },
    { shape: a.shape, dtype: a.dtype },
  ],
  saves: { outputs: "all" },
  contiguous: true,
  backward: [
    ({ grads: [gL, gV], outputs: [L, V] }) => {
      if (gV == null) return V!.mul(gL!.unsqueeze(-2)).matmul(V!.mT);
      const overlap = V!.mT.matmul(gV);
      const differences = L!.unsqueeze(-2).sub(L!.unsqueeze(-1));
      // The diagonal, which does not turn, divides by infinity.
      const safe = differences.maskedFill(
        differences
          .newOnes([rowsOf(V!), rowsOf(V!)])
          .tril()
          .triu()
          .bool(),
        Number.POSITIVE_INFINITY,
      );
      const turned = overlap.div(safe);
      const inner = gL == null ? turned : turned.add(gL.diagEmbed());
      // Only one triangle is read, but the gradient is given as that of a symmetric matrix.
      return V!.matmul(inner.add(inner.mT).div(2)).matmul(V!.mT);
    },
  ],
});

registerReferenceKernels([
  kernel(eighOp, ([a], [values, vectors], { upper }) => {
    const n = rowsOf(a);
    const L = new Result(values!, batchCount(a));
    const V = new Result(vectors!, batchCount(a));
    forEachMatrix(a, (matrix, i) => {
      for (let r = 0; r < n; r++)
        for (let c = 0; c < r; c++) {
          if (upper) matrix[r * n + c] = matrix[c * n + r]!;
          else matrix[c * n + r] = matrix[r * n + c]!;
        }
      const found = eigenSymmetric(matrix, n);
      L.part(i).set(found.values);
      V.part(i).set(found.vectors);
    });
    L.write();
    V.write();
  }),
]);

const bind = signature("linalg.eigh", { UPLO: "L" });

/** Whether the upper triangle is meant. @throws {ShapeError} unless L or U */
function isUpper(UPLO: string): boolean {
  const letter = UPLO.toUpperCase();
  if (letter !== "L" && letter !== "U") throw new ShapeError(`Expected UPLO argument to be 'L' or 'U', but got ${UPLO}`);
  return letter === "U";
}

/** Eigenvalues (ascending) and eigenvectors of symmetric matrices, of which one triangle is read. @throws {ShapeError} @see torch.linalg.eigh */
export function eigh(
  A: Tensor,
  ...args: Arguments<[], [UPLO: "L" | "U"], { UPLO?: "L" | "U" }>
): NamedTuple<"eigenvalues" | "eigenvectors", Tensor> {
  const { UPLO } = bind(args);
  checkSquare("linalg.eigh", A);
  checkFloat("linalg.eigh", A);
  const [values, vectors] = runMany(eighOp, [A], { upper: isUpper(UPLO) }) as [Tensor, Tensor];
  return namedTuple(["eigenvalues", "eigenvectors"], [values, vectors]);
}

/** Eigenvalues of symmetric matrices, ascending. @throws {ShapeError} @see torch.linalg.eigvalsh */
export const eigvalsh = (A: Tensor, ...args: Arguments<[], [UPLO: "L" | "U"], { UPLO?: "L" | "U" }>): Tensor => {
  checkSquare("linalg.eigvalsh", A);
  return eigh(A, ...args).eigenvalues;
};
