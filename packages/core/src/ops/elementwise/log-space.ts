import { run } from "../../dispatch/run.ts";
import { floatType } from "../../tensor/promotion.ts";
import { floatScalar } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  type Binary,
  type BinaryBothWays,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  type Operand,
  operandOf,
  promotedBinaryInto,
  promotedBothWays,
  requireTensor,
  tensorBinary,
} from "./pointwise.ts";
import { pow } from "./power.ts";
import { where } from "./where.ts";

// Sums and products of numbers given by their logarithms.

export const logaddexpOp: BinaryOp = defineBinary({
  name: "logaddexp",
  label: "logaddexp_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => grad.div(other.sub(self).exp().add(1)),
    ({ grad, inputs: [self, other] }) => grad.div(self.sub(other).exp().add(1)),
  ],
  compute: {
    real: (a, b) => (Math.abs(a) === Number.POSITIVE_INFINITY && a === b ? a : Math.max(a, b) + Math.log1p(Math.exp(-Math.abs(a - b)))),
  },
});

export const logaddexp2Op: BinaryOp = defineBinary({
  name: "logaddexp2",
  label: "logaddexp2_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => grad.div(other.sub(self).exp2().add(1)),
    ({ grad, inputs: [self, other] }) => grad.div(self.sub(other).exp2().add(1)),
  ],
  compute: {
    real: (a, b) =>
      Math.abs(a) === Number.POSITIVE_INFINITY && a === b ? a : Math.max(a, b) + Math.log1p(2 ** -Math.abs(a - b)) * Math.LOG2E,
  },
});

export const xlogyOp: BinaryOp = defineBinary({
  name: "xlogy",
  label: "xlogy_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => where(self.eq(0).logicalAnd(other.le(0)), 0, run(xlogyOp, [grad, other], undefined)),
    ({ grad, inputs: [self, other] }) => grad.mul(self).div(other),
  ],
  compute: { real: (x, y) => (y !== y ? y : x === 0 ? 0 : x * Math.log(y)) },
});

export const xlog1pyOp: BinaryOp = defineBinary({
  name: "xlog1py",
  label: "xlog1py_cpu",
  gradName: "SpecialXlog1PyBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => where(self.eq(0).logicalAnd(other.le(-1)), 0, run(xlog1pyOp, [grad, other], undefined)),
    ({ grad, inputs: [self, other] }) => grad.mul(self).div(other.add(1)),
  ],
  compute: { real: (x, y) => (y !== y ? y : x === 0 ? 0 : x * Math.log1p(y)) },
});

/** `log(exp(self) + exp(other))` without overflow. @throws {DTypeError} unless floats @see torch.logaddexp */
export const logaddexp: Binary = tensorBinary(logaddexpOp);
/** `log2(2^self + 2^other)` without overflow. @throws {DTypeError} unless floats @see torch.logaddexp2 */
export const logaddexp2: Binary = tensorBinary(logaddexp2Op);
/** `self log(other)`, 0 where `self` is; integers give floats; either operand may be a number. @see torch.xlogy */
export const xlogy: BinaryBothWays = promotedBothWays(xlogyOp, floatType);
/** In-place {@link xlogy}. @see torch.Tensor.xlogy_ */
export const xlogy_: BinaryInto = promotedBinaryInto(xlogyOp, floatType);

const exponentOf = operandOf("ldexp");
const timesPower = (name: string, self: Tensor, other: Operand | { other: Operand }, extra: unknown): [Tensor, Tensor] => {
  const exponent = exponentOf(other, extra);
  requireTensor(name, "input", self);
  requireTensor(name, "other", exponent);
  return [self, pow(floatScalar(2), exponent)];
};
/** `self * 2 ** other`; integers give floats. @see torch.ldexp */
export const ldexp: Binary = (self, other, extra?: unknown) => {
  const [base, scale] = timesPower("ldexp", self, other, extra);
  return base.mul(scale);
};
/** In-place {@link ldexp}. @see torch.Tensor.ldexp_ */
export const ldexp_: BinaryInto = (self, other, extra?: unknown) => {
  const [base, scale] = timesPower("ldexp_", self, other, extra);
  return base.mul_(scale);
};
