import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo, isIntegral } from "../../tensor/dtype.ts";
import { promoteTypes } from "../../tensor/promotion.ts";
import { type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { mulOp } from "../elementwise/arithmetic.ts";
import { norm } from "./norm.ts";

const bindDist = signature("dist", { other: required, p: 2 });

/** The norm of order `p` (2) of `self - other`, which broadcast. @see torch.dist */
export function dist(self: Tensor, other: Tensor | { other: Tensor; p?: Scalar }, p?: Scalar | { p?: Scalar }, ...extra: never[]): Tensor {
  const given = bindDist(givenArguments([other, p, ...extra])) as { other: Tensor; p: Scalar };
  return norm(self.sub(given.other), given.p);
}

export interface Renorm {
  (self: Tensor, p: Scalar, dim: number, maxnorm: Scalar): Tensor;
  (self: Tensor, options: { p: Scalar; dim: number; maxnorm: Scalar }): Tensor;
}
const bindRenorm = signature("renorm", { p: required, dim: required, maxnorm: required });

/** What each slice along `dim` is multiplied by, so that its norm is at most `maxnorm`. */
function factors(self: Tensor, args: readonly unknown[]): Tensor {
  const { p, dim, maxnorm } = bindRenorm(args) as { p: Scalar; dim: number; maxnorm: Scalar };
  const order = scalarNumber(p);
  const most = scalarNumber(maxnorm);
  if (!(order > 0)) throw new ShapeError("renorm: non-positive-norm not supported");
  if (self.ndim < 2) throw new ShapeError(`renorm: input needs at least 2 dimensions, got ${self.ndim} dimensions`);
  if (!(most >= 0)) throw new ShapeError(`renorm: expected maxnorm to be >= 0 but got ${most}`);
  const d = wrapDim(dim, self.ndim);
  if (isIntegral(self.dtype)) {
    throw new DTypeError(
      `linalg.vector_norm: Expected a floating point or complex tensor as input. Got ${dtypeInfo[self.dtype].scalarType}`,
    );
  }
  const others = self.shape.map((_, i) => i).filter((i) => i !== d);
  const norms = norm(self, order, others, true);
  const scale = norms.add(1e-7).reciprocal().mul(most);
  const factor = norms.gt(most);
  return scale.sub(1).mul(factor).maskedFill(factor.logicalNot(), 0).add(1).to(promoteTypes(self.dtype, norms.dtype));
}
/** `self` with each slice along `dim` scaled down to a norm of order `p` of at most `maxnorm`. @throws {ShapeError} @see torch.renorm */
export const renorm: Renorm = (self: Tensor, ...args: unknown[]): Tensor => run(mulOp, [self, factors(self, args)], undefined);
/** In-place `renorm`. @see torch.Tensor.renorm_ */
export const renorm_: Renorm = (self: Tensor, ...args: unknown[]): Tensor => renormInto(self, args);

/** Writing over `self` must leave what the derivative reads: that is computed from a copy. */
function renormInto(self: Tensor, args: readonly unknown[]): Tensor {
  const before = self.clone();
  return self.copy_(run(mulOp, [before, factors(before, args)], undefined));
}
