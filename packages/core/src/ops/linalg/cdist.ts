import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { isFloatingPoint } from "../../tensor/dtype.ts";
import { type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { vectorNorm } from "./norms.ts";

const bind = signature("cdist", { x2: required, p: 2, computeMode: null });

type CdistArguments = Arguments<[x2: Tensor], [p: Scalar, computeMode: string | null], { p?: Scalar; computeMode?: string | null }>;
type Cdist = (x1: Tensor, ...args: CdistArguments) => Tensor;

/** Distances of order `p` between all rows of two (batches of) matrices, `[..., P, M], [..., R, M] -> [..., P, R]`. @throws {ShapeError} @see torch.cdist */
export const cdist: Cdist = castAsWhole("cdist", (x1: Tensor, ...args: CdistArguments): Tensor => {
  const { x2, p } = bind(args) as { x2: Tensor; p: Scalar };
  for (const [name, x] of [
    ["X1", x1],
    ["X2", x2],
  ] as const) {
    if (!isFloatingPoint(x.dtype)) throw new DTypeError(`cdist only supports floating-point dtypes, ${name} got: ${x.dtype}`);
    if (x.ndim < 2) throw new ShapeError(`cdist only supports at least 2D tensors, ${name} got: ${x.ndim}D`);
  }
  const [m1, m2] = [x1.shape[x1.ndim - 1]!, x2.shape[x2.ndim - 1]!];
  if (m1 !== m2) throw new ShapeError(`X1 and X2 must have the same number of columns. X1: ${m1} X2: ${m2}`);
  const order = scalarNumber(p);
  if (order < 0) throw new ShapeError("cdist only supports non-negative p values");
  const differences = x1.unsqueeze(-2).sub(x2.unsqueeze(-3));
  // Whether elements differ at all does not change smoothly: the gradient is zero.
  if (order === 0) return differences.ne(0).sum(-1).to(x1.dtype).add(differences.mul(0).sum(-1));
  return m1 === 0 ? differences.sum(-1) : vectorNorm(differences, order, -1);
});
