import { run } from "../../dispatch/run.ts";
import { complexExp } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { divideComplex } from "./division.ts";
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

/** `grad * (1 - y) y`: the derivative of the sigmoid by its result `y`. Real dtypes. */
export const sigmoidBackwardOp: BinaryOp = defineBinary({
  name: "sigmoidBackward",
  label: "sigmoid_backward_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, y] }) => run(sigmoidBackwardOp, [grad, y], undefined),
    ({ grad, inputs: [upstream, y] }) => grad.mul(upstream).mul(y.mul(-2).add(1)),
  ],
  compute: { real: (grad, y) => grad * (1 - y) * y },
});

export const sigmoidOp: UnaryOp = defineUnary({
  name: "sigmoid",
  label: "sigmoid_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [
    ({ grad, output }) =>
      isComplex(output.dtype) ? grad.mul(output.neg().add(1).mul(output).conj()) : run(sigmoidBackwardOp, [grad, output], undefined),
  ],
  compute: {
    real: (a) => 1 / (1 + Math.exp(-a)),
    complex: (a: number, b: number, out: ComplexOut) => {
      complexExp(-a, -b, out);
      divideComplex(1, 0, 1 + out[0], out[1], out);
    },
  },
});

/** `1 / (1 + exp(-x))`; integers give floats. @see torch.sigmoid */
export const sigmoid: Unary = floatUnary(sigmoidOp);
/** In-place {@link sigmoid}. @throws {DTypeError} for integers @see torch.Tensor.sigmoid_ */
export const sigmoid_: Unary1 = floatUnaryInto(sigmoidOp);
