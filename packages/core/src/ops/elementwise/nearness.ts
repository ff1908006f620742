import { required, signature } from "../../dispatch/arguments.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { toBigInts, toComplexDoubles, toDoubles } from "../../reference/loops.ts";
import { dtypeInfo, getDefaultDtype, isComplex, isIntegral } from "../../tensor/dtype.ts";
import { promoteTensors } from "../../tensor/promotion.ts";
import { sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { exactlyOne, operandOf, requireTensor, type Unary } from "./pointwise.ts";
import { to } from "./to.ts";

export interface CloseOptions {
  /** Relative tolerance. Default 1e-5. */
  rtol?: number;
  /** Absolute tolerance. Default 1e-8. */
  atol?: number;
  /** Take NaN for equal to NaN. Default false. */
  equalNan?: boolean;
}
type CloseOther = Tensor | (CloseOptions & { other: Tensor });
type CloseArgument = number | boolean | CloseOptions | undefined;
const bindClose = signature("isclose", { other: required, rtol: 1e-5, atol: 1e-8, equalNan: false });

function closeness(self: Tensor, args: readonly unknown[]): Tensor {
  const { other, rtol, atol, equalNan } = bindClose(args.filter((v) => v !== undefined)) as Required<CloseOptions> & { other: Tensor };
  requireTensor("isclose", "input", self);
  requireTensor("isclose", "other", other);
  if (self.dtype !== other.dtype) {
    throw new DTypeError(`${dtypeInfo[self.dtype].scalarType} did not match ${dtypeInfo[other.dtype].scalarType}`);
  }
  if (!(rtol >= 0)) throw new TensorError(`rtol must be greater than or equal to zero, but got ${rtol}`);
  if (!(atol >= 0)) throw new TensorError(`atol must be greater than or equal to zero, but got ${atol}`);
  let close = self.eq(other);
  if (equalNan && !isIntegral(self.dtype)) close = close.logicalOr(self.isnan().logicalAnd(other.isnan()));
  if (rtol === 0 && atol === 0) return close;
  const expected = isIntegral(other.dtype) ? to(other, getDefaultDtype()) : other;
  const allowed = expected.mul(rtol).abs().add(atol);
  const actual = (isIntegral(self.dtype) ? to(self, getDefaultDtype()) : self).sub(expected).abs();
  return close.logicalOr(actual.isfinite().logicalAnd(actual.le(allowed)));
}

/** Whether elements are within `atol + rtol |other|` of `other`. bool result. @throws {DTypeError} for operands of different dtypes @see torch.isclose */
export const isclose = (self: Tensor, other: CloseOther, ...args: readonly CloseArgument[]): Tensor => closeness(self, [other, ...args]);

/** Whether all elements are close; see {@link isclose}. @throws {DTypeError} for operands of different dtypes @see torch.allclose */
export const allclose = (self: Tensor, other: CloseOther, ...args: readonly CloseArgument[]): boolean =>
  toDoubles(closeness(self, [other, ...args])).every((v) => v !== 0);

const otherOf = operandOf("equal");

/** Whether shapes and all elements are equal (NaN is not). @see torch.equal */
export function equal(self: Tensor, other: Tensor | { other: Tensor }, ...extra: []): boolean {
  const second = otherOf(other as Tensor, ...extra);
  requireTensor("equal", "input", self);
  requireTensor("equal", "other", second);
  if (!sameShape(self.shape, second.shape)) return false;
  const dtype = promoteTensors(self, second);
  const read = isComplex(dtype) ? toComplexDoubles : dtype === "int64" ? toBigInts : toDoubles;
  const a: ArrayLike<number | bigint> = read(to(self, dtype));
  const b: ArrayLike<number | bigint> = read(to(second, dtype));
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether elements are real: all of a real tensor, those without imaginary part of a complex one. bool result. @see torch.isreal */
export const isreal: Unary = exactlyOne("isreal", (self) =>
  isComplex(self.dtype) ? self.imag.eq(0) : self.eq(self).logicalOr(self.isnan()),
);
