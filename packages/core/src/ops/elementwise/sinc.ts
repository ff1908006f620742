import { complexSin } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { divideComplex } from "./division.ts";
import { defineUnary, floatUnary, floatUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

/** `sin(π x) / (π x)`, 1 at 0. */
export const sincOp: UnaryOp = defineUnary({
  name: "sinc",
  label: "sinc_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self] }) => {
      const turn = self.mul(Math.PI);
      const square = self.mul(self).mul(Math.PI);
      const slope = turn.mul(turn.cos()).sub(turn.sin()).div(square);
      return where(square.eq(0), 0, grad.mul(slope.conj()));
    },
  ],
  compute: {
    real: (x) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x)),
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = 1;
      out[1] = 0;
      if (a === 0 && b === 0) return;
      complexSin(Math.PI * a, Math.PI * b, out);
      divideComplex(out[0], out[1], Math.PI * a, Math.PI * b, out);
    },
  },
});

/** `sin(π x) / (π x)`, 1 at 0; integers give floats. @see torch.sinc */
export const sinc: Unary = floatUnary(sincOp);
/** In-place {@link sinc}. @see torch.Tensor.sinc_ */
export const sinc_: Unary1 = floatUnaryInto(sincOp);
