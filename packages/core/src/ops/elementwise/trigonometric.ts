import { complexAcos, complexAsin, complexAtan, complexCos, complexSin, complexTan } from "../../reference/complex-math.ts";
import { defineUnary, floatUnary, floatUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";

export const sinOp: UnaryOp = defineUnary({
  name: "sin",
  label: "sin_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.cos().conj())],
  compute: { real: Math.sin, complex: complexSin },
});

export const cosOp: UnaryOp = defineUnary({
  name: "cos",
  label: "cos_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.sin().neg().conj())],
  compute: { real: Math.cos, complex: complexCos },
});

export const tanOp: UnaryOp = defineUnary({
  name: "tan",
  label: "tan_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.mul(output.mul(output).add(1).conj())],
  compute: { real: Math.tan, complex: complexTan },
});

export const asinOp: UnaryOp = defineUnary({
  name: "asin",
  label: "asin_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.neg().mul(self).add(1).rsqrt().conj())],
  compute: { real: Math.asin, complex: complexAsin },
});

export const acosOp: UnaryOp = defineUnary({
  name: "acos",
  label: "acos_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.neg().mul(self).add(1).rsqrt().neg().conj())],
  compute: { real: Math.acos, complex: complexAcos },
});

export const atanOp: UnaryOp = defineUnary({
  name: "atan",
  label: "atan_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.mul(self).add(1).conj())],
  compute: { real: Math.atan, complex: complexAtan },
});

/** Sine; integers give floats. @see torch.sin */
export const sin: Unary = floatUnary(sinOp);
/** In-place {@link sin}. @throws {DTypeError} for integers @see torch.Tensor.sin_ */
export const sin_: Unary1 = floatUnaryInto(sinOp);
/** Cosine; integers give floats. @see torch.cos */
export const cos: Unary = floatUnary(cosOp);
/** In-place {@link cos}. @throws {DTypeError} for integers @see torch.Tensor.cos_ */
export const cos_: Unary1 = floatUnaryInto(cosOp);
/** Tangent; integers give floats. @see torch.tan */
export const tan: Unary = floatUnary(tanOp);
/** In-place {@link tan}. @throws {DTypeError} for integers @see torch.Tensor.tan_ */
export const tan_: Unary1 = floatUnaryInto(tanOp);
/** Inverse sine; integers give floats. @see torch.asin */
export const asin: Unary = floatUnary(asinOp);
/** In-place {@link asin}. @throws {DTypeError} for integers @see torch.Tensor.asin_ */
export const asin_: Unary1 = floatUnaryInto(asinOp);
/** Another name of {@link asin}. @see torch.arcsin */
export const arcsin: Unary = asin;
/** Another name of {@link asin_}. @see torch.Tensor.arcsin_ */
export const arcsin_: Unary1 = asin_;
/** Inverse cosine; integers give floats. @see torch.acos */
export const acos: Unary = floatUnary(acosOp);
/** In-place {@link acos}. @throws {DTypeError} for integers @see torch.Tensor.acos_ */
export const acos_: Unary1 = floatUnaryInto(acosOp);
/** Another name of {@link acos}. @see torch.arccos */
export const arccos: Unary = acos;
/** Another name of {@link acos_}. @see torch.Tensor.arccos_ */
export const arccos_: Unary1 = acos_;
/** Inverse tangent; integers give floats. @see torch.atan */
export const atan: Unary = floatUnary(atanOp);
/** In-place {@link atan}. @throws {DTypeError} for integers @see torch.Tensor.atan_ */
export const atan_: Unary1 = floatUnaryInto(atanOp);
/** Another name of {@link atan}. @see torch.arctan */
export const arctan: Unary = atan;
/** Another name of {@link atan_}. @see torch.Tensor.arctan_ */
export const arctan_: Unary1 = atan_;
