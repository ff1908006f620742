import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { complexPow, complexSqrt } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { power, powerInt32, powerInt64, powerOf } from "../../reference/power-math.ts";
import { dtypeInfo, isComplex, isIntegral } from "../../tensor/dtype.ts";
import { canCast } from "../../tensor/promotion.ts";
import { ComplexScalar, promoteScalar, type Scalar, scalarCategory, scalarNumber } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { real } from "./complex.ts";
import { divideComplex } from "./division.ts";
import {
  type BinaryOp,
  defineBinary,
  defineUnary,
  delivered,
  floatUnary,
  floatUnaryInto,
  type Operand,
  operandOf,
  promoted,
  requireTensor,
  sameUnary,
  sameUnaryInto,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";
import { to } from "./to.ts";
import { where } from "./where.ts";

export const sqrtOp: UnaryOp = defineUnary({
  name: "sqrt",
  label: "sqrt_vml_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.div(output.conj().mul(2))],
  compute: { real: Math.sqrt, complex: complexSqrt },
});

export const rsqrtOp: UnaryOp = defineUnary({
  name: "rsqrt",
  label: "rsqrt_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.mul(-0.5).mul(output.pow(3).conj())],
  compute: {
    real: (a) => 1 / Math.sqrt(a),
    complex: (a: number, b: number, out: ComplexOut) => {
      complexSqrt(a, b, out);
      divideComplex(1, 0, out[0], out[1], out);
    },
  },
});

export const reciprocalOp: UnaryOp = defineUnary({
  name: "reciprocal",
  label: "reciprocal_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => grad.neg().mul(output.mul(output).conj())],
  compute: { real: (a) => 1 / a, complex: (a: number, b: number, out: ComplexOut) => divideComplex(1, 0, a, b, out) },
});

export const squareOp: UnaryOp = defineUnary({
  name: "square",
  gradName: "PowBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.conj().mul(2))],
  compute: {
    real: (a) => a * a,
    integer: (a) => Math.imul(a, a),
    int64: (a: bigint) => a * a,
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = a * a - b * b;
      out[1] = 2 * a * b;
    },
  },
});

export const powOp: BinaryOp = defineBinary({
  name: "pow",
  gradName: "PowBackward1",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: ({ grad, inputs: [self, exponent], output, needs }) => [
    needs[0] ? where(exponent.eq(0), 0, grad.mul(exponent.mul(self.pow(exponent.sub(1))).conj())) : null,
    needs[1] ? where(basePowerFlat(self, exponent), 0, grad.mul(output.mul(self.log()).conj())) : null,
  ],
  compute: { real: power, integer: powerInt32, int64: powerInt64, complex: complexPow },
});

/** Where `0 ** exponent` stays 0 around `exponent`, so that its derivative by the exponent is 0 instead of `0 * log 0`. */
const basePowerFlat = (self: Tensor, exponent: Tensor): Tensor => self.eq(0).logicalAnd(real(exponent).ge(0));

/** Parameters of a power with one exponent. */
export interface PowScalar {
  readonly exponent: number;
}

/** A power with one real exponent, which is no operand and gets no gradient. */
export const powScalarOp: UnaryOp<PowScalar> = defineUnary<PowScalar>({
  name: "powScalar",
  gradName: "PowBackward0",
  label: "pow",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params: { exponent } }) =>
      exponent === 0
        ? zerosLike(grad)
        : grad.mul(
            self
              .pow(exponent - 1)
              .mul(exponent)
              .conj(),
          ),
  ],
  compute: {
    real: (a, { exponent }) => powerOf(exponent)(a),
    integer: (a, { exponent }) => powerInt32(a, exponent),
    int64: (a: bigint, { exponent }: PowScalar) => powerInt64(a, BigInt(exponent)),
    complex: (a: number, b: number, out: ComplexOut, { exponent }: PowScalar) => {
      if (exponent === 0.5) complexSqrt(a, b, out);
      else if (exponent === 2) {
        out[0] = a * a - b * b;
        out[1] = 2 * a * b;
      } else complexPow(a, b, exponent, 0, out);
    },
  },
});

/** The exponent as `powScalar` takes it, or null where it must be an operand: complex, or a big integer. */
function plainExponent(self: Tensor, exponent: Scalar): number | null {
  if (exponent instanceof ComplexScalar) return null;
  if (isIntegral(self.dtype)) {
    if (scalarCategory(exponent) === 1 && scalarNumber(exponent) < 0) {
      throw new DTypeError("Integers to negative integer powers are not allowed.");
    }
    if (typeof exponent === "bigint" && !Number.isSafeInteger(Number(exponent))) return null;
  }
  return scalarNumber(exponent);
}

type Exponent = Operand | { exponent: Operand };
const exponentOf = operandOf("pow", "exponent", { out: null });

/**
 * Each element to a power: a number, or a tensor that broadcasts. Dtypes promote; integers stay integers and wrap.
 * A number may also be the base. @throws {DTypeError} for integers to a negative integer power @see torch.pow
 */
export const pow: (self: Operand, exponent: Exponent) => Tensor = (self: Operand, exponent: Exponent, extra?: unknown) => {
  const deliver = (result: Tensor): Tensor => delivered("pow", result, exponent, extra);
  const by = exponentOf(exponent, extra);
  if (by instanceof Tensor) return deliver(run(powOp, promoted(self, by), undefined));
  requireTensor("pow", "exponent", self);
  const plain = plainExponent(self, by);
  if (plain === null) return deliver(run(powOp, promoted(self, by), undefined));
  return deliver(run(powScalarOp, [to(self, promoteScalar(self.dtype, by))], { exponent: plain }));
};

/** In-place {@link pow}. @throws {DTypeError} when the result's dtype does not fit @see torch.Tensor.pow_ */
export const pow_: (self: Tensor, exponent: Exponent) => Tensor = (self: Tensor, exponent: Exponent, extra?: unknown) => {
  const by = exponentOf(exponent, extra);
  const plain = by instanceof Tensor ? null : plainExponent(self, by);
  const dtype = by instanceof Tensor ? self.dtype : promoteScalar(self.dtype, by);
  if (!canCast(dtype, self.dtype)) {
    throw new DTypeError(`Found dtype ${dtypeInfo[self.dtype].scalarType} but expected ${dtypeInfo[dtype].scalarType}`);
  }
  if (plain === null) return runInto(powOp, self, promoted(self, by), undefined);
  return runInto(powScalarOp, self, [to(self, dtype)], { exponent: plain });
};

const doubleOrComplex = (a: Operand, b: Operand): "float64" | "complex128" => {
  const complex = (x: Operand): boolean => (x instanceof Tensor ? isComplex(x.dtype) : x instanceof ComplexScalar);
  return complex(a) || complex(b) ? "complex128" : "float64";
};

/** {@link pow} computed in float64 (complex128 for complex operands). @see torch.float_power */
export const floatPower: (self: Operand, exponent: Exponent) => Tensor = (self: Operand, exponent: Exponent, extra?: unknown) => {
  const by = exponentOf(exponent, extra);
  const dtype = doubleOrComplex(self, by);
  const base = self instanceof Tensor ? to(self, dtype) : scalarTensor(self, dtype);
  return pow(base, by instanceof Tensor ? to(by, dtype) : by);
};

/** In-place {@link floatPower}. @throws {DTypeError} unless `self` is float64 or complex128 @see torch.Tensor.float_power_ */
export const floatPower_: (self: Tensor, exponent: Exponent) => Tensor = (self: Tensor, exponent: Exponent, extra?: unknown) => {
  const by = exponentOf(exponent, extra);
  const dtype = doubleOrComplex(self, by);
  if (self.dtype !== dtype) {
    throw new DTypeError(
      `the base given to float_power_ has dtype ${dtypeInfo[self.dtype].scalarType} but the operation's result requires dtype ${dtypeInfo[dtype].scalarType}`,
    );
  }
  return pow_(self, by instanceof Tensor ? to(by, dtype) : by);
};

/** Square root; integers give floats. @see torch.sqrt */
export const sqrt: Unary = floatUnary(sqrtOp);
/** In-place {@link sqrt}. @throws {DTypeError} for integers @see torch.Tensor.sqrt_ */
export const sqrt_: Unary1 = floatUnaryInto(sqrtOp);
/** `1 / sqrt(x)`; integers give floats. @see torch.rsqrt */
export const rsqrt: Unary = floatUnary(rsqrtOp);
/** In-place {@link rsqrt}. @throws {DTypeError} for integers @see torch.Tensor.rsqrt_ */
export const rsqrt_: Unary1 = floatUnaryInto(rsqrtOp);
/** `1 / x`; integers give floats. @see torch.reciprocal */
export const reciprocal: Unary = floatUnary(reciprocalOp);
/** In-place {@link reciprocal}. @throws {DTypeError} for integers @see torch.Tensor.reciprocal_ */
export const reciprocal_: Unary1 = floatUnaryInto(reciprocalOp);

const squared: Unary = sameUnary(squareOp);
const squaredInto: Unary1 = sameUnaryInto(squareOp);
/** bool squared is int64, as `bool ** 2` is. */
const squarable = (self: Tensor): Tensor => (self.dtype === "bool" ? to(self, "int64") : self);
/** `x * x` in the dtype of `self`; bool gives int64. @see torch.square */
export const square: Unary = (self: Tensor, ...extra: readonly []) => squared(squarable(self), ...extra);
/** In-place {@link square}. @see torch.Tensor.square_ */
export const square_: Unary1 = (self: Tensor, ...extra: readonly []) =>
  self.dtype === "bool" ? pow_(self, 2) : squaredInto(self, ...extra);
