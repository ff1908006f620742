import { TensorError } from "../errors.ts";
import { cat, eye, tensor, zeros } from "../ops/functions.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Constraint, corrCholesky, realVector } from "./constraints.ts";
import { logSigmoid } from "./counts.ts";
import { filledLike, floatLimits } from "./parameters.ts";
import { requireDims, Transform } from "./transform.ts";

/** Row-major positions of the entries at least `below` places under the diagonal of n x n matrices. */
function positionsBelow(n: number, below: number): Tensor {
  const positions: bigint[] = [];
  for (let i = below; i < n; i++) for (let j = 0; j <= i - below; j++) positions.push(BigInt(i * n + j));
  return tensor(BigInt64Array.from(positions));
}

/** Those entries of matrices, as vectors. */
function vectorOf(matrix: Tensor, below: number): Tensor {
  const n = matrix.shape.at(-1)!;
  const flat = matrix.reshape([...matrix.shape.slice(0, -2), n * n]);
  return flat.indexSelect(-1, positionsBelow(n, below));
}

/** Vectors of n (n - 1) / 2 numbers as strictly lower triangular matrices. */
function matrixOf(vector: Tensor, n: number): Tensor {
  const batch = vector.shape.slice(0, -1);
  const positions = positionsBelow(n, 1).expand(vector.shape);
  const flat = zeros([...batch, n * n], { dtype: vector.dtype, device: vector.device }).scatter(-1, positions, vector);
  return flat.reshape([...batch, n, n]);
}

/** `values` moved one column to the right, with ones in the first. */
const shifted = (values: Tensor): Tensor => {
  const ones = filledLike(values, 1, [...values.shape.slice(0, -1), 1]);
  return cat([ones, values.narrow(-1, 0, values.shape.at(-1)! - 1)], -1);
};

const softplus = (x: Tensor): Tensor => logSigmoid(x.neg()).neg();

/**
 * Vectors of n (n - 1) / 2 reals as Cholesky factors of n x n correlation matrices, by canonical partial correlations: signed stick
 * breaking of each row (Lewandowski, Kurowicka and Joe 2009). @see torch.distributions.transforms.CorrCholeskyTransform
 */
export class CorrCholeskyTransform extends Transform {
  constructor({ cacheSize = 0 }: { cacheSize?: number } = {}) {
    super(cacheSize);
  }
  get domain(): Constraint {
    return realVector;
  }
  get codomain(): Constraint {
    return corrCholesky;
  }
  override get bijective(): boolean {
    return true;
  }
  protected map(x: Tensor): Tensor {
    const { eps } = floatLimits(x.dtype);
    const n = this.forwardShape(x.shape).at(-1)!;
    const partial = matrixOf(x.tanh().clamp(-1 + eps, 1 - eps), n);
    const left = partial.pow(2).rsub(1).sqrt().cumprod(-1);
    return partial.add(eye(n, { dtype: x.dtype, device: x.device })).mul(shifted(left));
  }
  protected invert(y: Tensor): Tensor {
    const left = shifted(y.mul(y).cumsum(-1).rsub(1));
    const t = vectorOf(y, 1).div(vectorOf(left, 1).sqrt());
    return t.add(1).div(t.rsub(1)).log().div(2);
  }
  override logAbsDetJacobian(x: Tensor, y: Tensor): Tensor {
    const left = y.mul(y).cumsum(-1).rsub(1);
    const sticks = vectorOf(left, 2).log().sum(-1).mul(0.5);
    return sticks.add(
      x
        .add(softplus(x.mul(-2)))
        .sub(Math.LN2)
        .sum(-1)
        .mul(-2),
    );
  }
  /** @throws {TensorError} unless the last size is n (n - 1) / 2 */
  override forwardShape(shape: Shape): Shape {
    requireDims(shape, 1);
    const entries = shape.at(-1)!;
    const n = Math.round(Math.sqrt(0.25 + 2 * entries) + 0.5);
    if ((n * (n - 1)) / 2 !== entries) throw new TensorError("Input is not a flattend lower-diagonal number");
    return [...shape.slice(0, -1), n, n];
  }
  /** @throws {TensorError} unless square */
  override inverseShape(shape: Shape): Shape {
    requireDims(shape, 2);
    const [rows, n] = shape.slice(-2) as [number, number];
    if (rows !== n) throw new TensorError("Input is not square");
    return [...shape.slice(0, -2), (n * (n - 1)) / 2];
  }
  override equals(other: Transform): boolean {
    return other instanceof CorrCholeskyTransform;
  }
}
