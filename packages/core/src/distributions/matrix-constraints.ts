import { full } from "../ops/functions.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { both, Constraint } from "./constraint.ts";
import { floatLimits, holdsEverywhere } from "./parameters.ts";

abstract class Matrix extends Constraint {
  override get eventDim(): number {
    return 2;
  }
}

const allEntries = (condition: Tensor): Tensor => condition.reshape([...condition.shape.slice(0, -2), -1]).all(-1);

/** Square matrices without entries above the diagonal. */
export class LowerTriangular extends Matrix {
  check(value: Tensor): Tensor {
    return allEntries(value.tril().eq(value));
  }
}

/** Lower triangular matrices with a positive diagonal. */
export class LowerCholesky extends LowerTriangular {
  override check(value: Tensor): Tensor {
    return both(super.check(value), value.diagonal(0, -2, -1).gt(0).all(-1));
  }
}

/** Lower triangular matrices with a positive diagonal and rows of length 1. */
export class CorrCholesky extends LowerCholesky {
  override check(value: Tensor): Tensor {
    // Ten times the rounding of a row's length.
    const tolerance = floatLimits(value.dtype).eps * value.shape.at(-1)! * 10;
    const lengths = value.detach().pow(2).sum(-1).sqrt();
    return both(super.check(value), lengths.sub(1).abs().le(tolerance).all(-1));
  }
}

/** Square matrices. */
export class Square extends Matrix {
  check(value: Tensor): Tensor {
    return full(value.shape.slice(0, -2), value.shape.at(-2) === value.shape.at(-1), { dtype: "bool", device: value.device });
  }
}

/** Symmetric matrices, up to rounding. */
export class SymmetricConstraint extends Square {
  override check(value: Tensor): Tensor {
    const square = super.check(value);
    if (!holdsEverywhere(square)) return square;
    const transposed = value.transpose(-2, -1);
    return allEntries(value.sub(transposed).abs().le(transposed.abs().mul(1e-5).add(1e-6)));
  }
  override toString(): string {
    return `${this.constructor.name.replace("Constraint", "")}()`;
  }
}

/** Symmetric matrices without negative eigenvalues. */
export class PositiveSemidefinite extends SymmetricConstraint {
  override check(value: Tensor): Tensor {
    const symmetric = super.check(value);
    return holdsEverywhere(symmetric) ? leastPivot(value, true) : symmetric;
  }
}

/** Symmetric matrices whose eigenvalues are positive. */
export class PositiveDefinite extends SymmetricConstraint {
  override check(value: Tensor): Tensor {
    const symmetric = super.check(value);
    return holdsEverywhere(symmetric) ? leastPivot(value, false) : symmetric;
  }
}

/** Whether every pivot of the elimination of each matrix is positive (or, with `zero`, not negative). */
function leastPivot(value: Tensor, zero: boolean): Tensor {
  const n = value.shape.at(-1)!;
  const batch = value.shape.slice(0, -2);
  const flat = value.detach().reshape([-1, n, n]).tolist() as number[][][];
  const verdicts = flat.map((rows) => pivotsHold(rows, zero));
  const out = full(batch, false, { dtype: "bool" });
  const elements = out.elements as Uint8Array;
  verdicts.forEach((holds, i) => {
    elements[out.offset + i] = holds ? 1 : 0;
  });
  return out;
}

function pivotsHold(rows: number[][], zero: boolean): boolean {
  for (let k = 0; k < rows.length; k++) {
    const pivot = rows[k]![k]!;
    const slack = zero ? 1e-6 * Math.max(1, ...rows.map((row) => Math.abs(row[k]!))) : 0;
    if (!(zero ? pivot >= -slack : pivot > 0)) return false;
    if (pivot <= slack) continue;
    for (let i = k + 1; i < rows.length; i++) {
      const factor = rows[i]![k]! / pivot;
      for (let j = k; j < rows.length; j++) rows[i]![j]! -= factor * rows[k]![j]!;
    }
  }
  return true;
}
