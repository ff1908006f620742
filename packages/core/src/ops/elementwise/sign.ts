import { runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { complexSgn } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { zerosLike } from "../factory/filled.ts";
import { real } from "./complex.ts";
import { defineUnary, exactlyOne, sameUnary, sameUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

const magnitude64 = (a: bigint): bigint => (a < 0n ? -a : a);

/** Signs of a real number; NaN has sign 0, as in PyTorch. */
const signOf = (a: number): number => (a > 0 ? 1 : a < 0 ? -1 : 0);
const sign64 = (a: bigint): bigint => (a > 0n ? 1n : a < 0n ? -1n : 0n);

export const absOp: UnaryOp = defineUnary({
  name: "abs",
  label: "abs_cpu",
  refuses: { bool: true },
  result: "real",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => self.sgn().mul(grad)],
  compute: {
    real: Math.abs,
    int64: magnitude64,
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = Math.hypot(a, b);
    },
  },
});

export const signOp: UnaryOp = defineUnary({
  name: "sign",
  label: "sign_cpu",
  refuses: { complex: "Unlike NumPy, torch.sign is not intended to support complex numbers. Please use torch.sgn instead." },
  result: "same",
  backward: [({ grad }) => zerosLike(grad)],
  compute: { real: signOf, int64: sign64 },
});

export const sgnOp: UnaryOp = defineUnary({
  name: "sgn",
  label: "sgn_cpu",
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output }) => {
      if (!isComplex(self.dtype)) return zerosLike(grad);
      // grad/|z| less its part along z: (grad - Re(grad conj(sgn)) sgn) / |z|, and 0 at 0.
      const size = self.abs();
      const along = real(grad.mul(output.conj()));
      return where(size.eq(0), 0, grad.sub(output.mul(along)).div(size));
    },
  ],
  compute: { real: signOf, int64: sign64, complex: complexSgn },
});

export const signbitOp: UnaryOp = defineUnary({
  name: "signbit",
  label: "signbit_cpu",
  refuses: { complex: "signbit is not implemented for complex tensors." },
  result: "bool",
  compute: { real: (a) => (a < 0 || Object.is(a, -0) ? 1 : 0) },
});

/** Absolute value; of a complex tensor, real. @throws {DTypeError} for bool @see torch.abs */
export const abs: Unary = sameUnary(absOp);
/** In-place {@link abs}. @throws {DTypeError} for bool and complex @see torch.Tensor.abs_ */
export const abs_: Unary1 = exactlyOne("abs_", (self) => {
  if (isComplex(self.dtype)) throw new DTypeError("In-place abs is not supported for complex tensors.");
  return runInto(absOp, self, [self], undefined);
});
/** Another name of {@link abs}. @see torch.absolute */
export const absolute: Unary = abs;
/** Another name of {@link abs_}. @see torch.Tensor.absolute_ */
export const absolute_: Unary1 = abs_;
/** -1, 0 or 1. @throws {DTypeError} for complex @see torch.sign */
export const sign: Unary = sameUnary(signOp);
/** In-place {@link sign}. @see torch.Tensor.sign_ */
export const sign_: Unary1 = sameUnaryInto(signOp);
/** The sign; of complex elements, the number scaled to length 1. @see torch.sgn */
export const sgn: Unary = sameUnary(sgnOp);
/** In-place {@link sgn}. @see torch.Tensor.sgn_ */
export const sgn_: Unary1 = sameUnaryInto(sgnOp);
/** Whether the sign bit is set (true for -0). bool result. @throws {DTypeError} for complex @see torch.signbit */
export const signbit: Unary = sameUnary(signbitOp);
