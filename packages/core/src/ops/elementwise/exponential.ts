import { complexExp, complexLog } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { defineUnary, floatUnary, floatUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";

/** A complex logarithm in another base: the natural one over `scale`. */
const complexLogOver =
  (scale: number) =>
  (a: number, b: number, out: ComplexOut): void => {
    complexLog(a, b, out);
    out[0] /= scale;
    out[1] /= scale;
  };

export const expOp: UnaryOp = defineUnary({
  name: "exp",
  label: "exp_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.mul(output.conj())],
  compute: { real: Math.exp, complex: complexExp },
});

export const exp2Op: UnaryOp = defineUnary({
  name: "exp2",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.mul(output.conj()).mul(Math.LN2)],
  compute: { real: (a) => 2 ** a },
});

export const expm1Op: UnaryOp = defineUnary({
  name: "expm1",
  label: "expm1_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.mul(output.conj().add(1))],
  compute: { real: Math.expm1 },
});

export const logOp: UnaryOp = defineUnary({
  name: "log",
  label: "log_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.conj())],
  compute: { real: Math.log, complex: complexLog },
});

export const log2Op: UnaryOp = defineUnary({
  name: "log2",
  label: "log2_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.conj().mul(Math.LN2))],
  compute: { real: Math.log2, complex: complexLogOver(Math.LN2) },
});

export const log10Op: UnaryOp = defineUnary({
  name: "log10",
  label: "log10_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.conj().mul(Math.LN10))],
  compute: { real: Math.log10, complex: complexLogOver(Math.LN10) },
});

export const log1pOp: UnaryOp = defineUnary({
  name: "log1p",
  label: "log1p_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.add(1).conj())],
  compute: { real: Math.log1p },
});

/** `e` to the power of each element; integers give floats. @see torch.exp */
export const exp: Unary = floatUnary(expOp);
/** In-place {@link exp}. @throws {DTypeError} for integers @see torch.Tensor.exp_ */
export const exp_: Unary1 = floatUnaryInto(expOp);
/** 2 to the power of each element; integers give floats. @see torch.exp2 */
export const exp2: Unary = floatUnary(exp2Op);
/** In-place {@link exp2}. @throws {DTypeError} for integers @see torch.Tensor.exp2_ */
export const exp2_: Unary1 = floatUnaryInto(exp2Op);
/** `exp(x) - 1`, accurate near zero; integers give floats. @throws {DTypeError} for complex @see torch.expm1 */
export const expm1: Unary = floatUnary(expm1Op);
/** In-place {@link expm1}. @throws {DTypeError} for integers @see torch.Tensor.expm1_ */
export const expm1_: Unary1 = floatUnaryInto(expm1Op);
/** Natural logarithm; NaN below zero; integers give floats. @see torch.log */
export const log: Unary = floatUnary(logOp);
/** In-place {@link log}. @throws {DTypeError} for integers @see torch.Tensor.log_ */
export const log_: Unary1 = floatUnaryInto(logOp);
/** Logarithm to base 2; integers give floats. @see torch.log2 */
export const log2: Unary = floatUnary(log2Op);
/** In-place {@link log2}. @throws {DTypeError} for integers @see torch.Tensor.log2_ */
export const log2_: Unary1 = floatUnaryInto(log2Op);
/** Logarithm to base 10; integers give floats. @see torch.log10 */
export const log10: Unary = floatUnary(log10Op);
/** In-place {@link log10}. @throws {DTypeError} for integers @see torch.Tensor.log10_ */
export const log10_: Unary1 = floatUnaryInto(log10Op);
/** `log(1 + x)`, accurate near zero; integers give floats. @see torch.log1p */
export const log1p: Unary = floatUnary(log1pOp);
/** In-place {@link log1p}. @throws {DTypeError} for integers @see torch.Tensor.log1p_ */
export const log1p_: Unary1 = floatUnaryInto(log1pOp);
