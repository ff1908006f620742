import { erfc as erfcOf, erfinv as erfinvOf, erf as erfOf } from "../../reference/error-function.ts";
import { defineUnary, floatUnary, floatUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";

const TWO_PER_ROOT_PI = 2 / Math.sqrt(Math.PI);

export const erfOp: UnaryOp = defineUnary({
  name: "erf",
  label: "erf_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => self.mul(self).neg().exp().mul(TWO_PER_ROOT_PI).mul(grad)],
  compute: { real: erfOf },
});

export const erfcOp: UnaryOp = defineUnary({
  name: "erfc",
  label: "erfc_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => self.mul(self).neg().exp().mul(-TWO_PER_ROOT_PI).mul(grad)],
  compute: { real: erfcOf },
});

export const erfinvOp: UnaryOp = defineUnary({
  name: "erfinv",
  label: "erfinv_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [
    ({ grad, output }) =>
      output
        .mul(output)
        .exp()
        .mul(1 / TWO_PER_ROOT_PI)
        .mul(grad),
  ],
  compute: { real: erfinvOf },
});

/** Error function; integers give floats. @throws {DTypeError} for complex @see torch.erf */
export const erf: Unary = floatUnary(erfOp);
/** In-place {@link erf}. @see torch.Tensor.erf_ */
export const erf_: Unary1 = floatUnaryInto(erfOp);
/** `1 - erf(x)`, accurate where it is tiny; integers give floats. @throws {DTypeError} for complex @see torch.erfc */
export const erfc: Unary = floatUnary(erfcOp);
/** In-place {@link erfc}. @see torch.Tensor.erfc_ */
export const erfc_: Unary1 = floatUnaryInto(erfcOp);
/** Inverse of {@link erf}: infinite at ±1, NaN beyond; integers give floats. @see torch.erfinv */
export const erfinv: Unary = floatUnary(erfinvOp);
/** In-place {@link erfinv}. @see torch.Tensor.erfinv_ */
export const erfinv_: Unary1 = floatUnaryInto(erfinvOp);
