import { run } from "../../dispatch/run.ts";
import { complexAcosh, complexAsinh, complexAtanh, complexCosh, complexSinh, complexTanh } from "../../reference/complex-math.ts";
import { isComplex } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  type BinaryOp,
  defineBinary,
  defineUnary,
  floatUnary,
  floatUnaryInto,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";

/** `1 / sqrt(x² - 1)`; as a product of two roots where complex, which keeps to the branch of `acosh`. */
const acoshSlope = (self: Tensor): Tensor =>
  isComplex(self.dtype) ? self.sub(1).rsqrt().mul(self.add(1).rsqrt()) : self.mul(self).sub(1).rsqrt();

export const sinhOp: UnaryOp = defineUnary({
  name: "sinh",
  label: "sinh_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.cosh().conj())],
  compute: { real: Math.sinh, complex: complexSinh },
});

export const coshOp: UnaryOp = defineUnary({
  name: "cosh",
  label: "cosh_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.sinh().conj())],
  compute: { real: Math.cosh, complex: complexCosh },
});

export const asinhOp: UnaryOp = defineUnary({
  name: "asinh",
  label: "asinh_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.mul(self).add(1).rsqrt().conj())],
  compute: { real: Math.asinh, complex: complexAsinh },
});

export const acoshOp: UnaryOp = defineUnary({
  name: "acosh",
  label: "acosh_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(acoshSlope(self).conj())],
  compute: { real: Math.acosh, complex: complexAcosh },
});

export const atanhOp: UnaryOp = defineUnary({
  name: "atanh",
  label: "atanh_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(self.mul(self).neg().add(1).conj())],
  compute: { real: Math.atanh, complex: complexAtanh },
});

/** `grad * (1 - y²)`: the derivative of tanh by its result `y`. Real dtypes. */
export const tanhBackwardOp: BinaryOp = defineBinary({
  name: "tanhBackward",
  label: "tanh_backward_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, y] }) => run(tanhBackwardOp, [grad, y], undefined),
    ({ grad, inputs: [upstream, y] }) => grad.mul(upstream).mul(y).mul(-2),
  ],
  compute: { real: (grad, y) => grad * (1 - y * y) },
});

export const tanhOp: UnaryOp = defineUnary({
  name: "tanh",
  label: "tanh_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [
    ({ grad, output }) =>
      isComplex(output.dtype) ? grad.mul(output.mul(output).neg().add(1).conj()) : run(tanhBackwardOp, [grad, output], undefined),
  ],
  compute: { real: Math.tanh, complex: complexTanh },
});

/** Hyperbolic sine; integers give floats. @see torch.sinh */
export const sinh: Unary = floatUnary(sinhOp);
/** In-place {@link sinh}. @throws {DTypeError} for integers @see torch.Tensor.sinh_ */
export const sinh_: Unary1 = floatUnaryInto(sinhOp);
/** Hyperbolic cosine; integers give floats. @see torch.cosh */
export const cosh: Unary = floatUnary(coshOp);
/** In-place {@link cosh}. @throws {DTypeError} for integers @see torch.Tensor.cosh_ */
export const cosh_: Unary1 = floatUnaryInto(coshOp);
/** Inverse hyperbolic sine; integers give floats. @see torch.asinh */
export const asinh: Unary = floatUnary(asinhOp);
/** In-place {@link asinh}. @throws {DTypeError} for integers @see torch.Tensor.asinh_ */
export const asinh_: Unary1 = floatUnaryInto(asinhOp);
/** Another name of {@link asinh}. @see torch.arcsinh */
export const arcsinh: Unary = asinh;
/** Another name of {@link asinh_}. @see torch.Tensor.arcsinh_ */
export const arcsinh_: Unary1 = asinh_;
/** Inverse hyperbolic cosine; integers give floats. @see torch.acosh */
export const acosh: Unary = floatUnary(acoshOp);
/** In-place {@link acosh}. @throws {DTypeError} for integers @see torch.Tensor.acosh_ */
export const acosh_: Unary1 = floatUnaryInto(acoshOp);
/** Another name of {@link acosh}. @see torch.arccosh */
export const arccosh: Unary = acosh;
/** Another name of {@link acosh_}. @see torch.Tensor.arccosh_ */
export const arccosh_: Unary1 = acosh_;
/** Inverse hyperbolic tangent; integers give floats. @see torch.atanh */
export const atanh: Unary = floatUnary(atanhOp);
/** In-place {@link atanh}. @throws {DTypeError} for integers @see torch.Tensor.atanh_ */
export const atanh_: Unary1 = floatUnaryInto(atanhOp);
/** Another name of {@link atanh}. @see torch.arctanh */
export const arctanh: Unary = atanh;
/** Another name of {@link atanh_}. @see torch.Tensor.arctanh_ */
export const arctanh_: Unary1 = atanh_;
/** Hyperbolic tangent; integers give floats. @see torch.tanh */
export const tanh: Unary = floatUnary(tanhOp);
/** In-place {@link tanh}. @throws {DTypeError} for integers @see torch.Tensor.tanh_ */
export const tanh_: Unary1 = floatUnaryInto(tanhOp);
