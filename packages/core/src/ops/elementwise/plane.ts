import { run, runInto } from "../../dispatch/run.ts";
import { AutogradError, DTypeError } from "../../errors.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { floatType } from "../../tensor/promotion.ts";
import { floatScalar } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import {
  type Binary,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  exactlyOne,
  operandOf,
  promotedBinary,
  promotedBinaryInto,
  requireTensor,
  tensorBinary,
  tensorBinaryInto,
  type Unary,
  type Unary1,
} from "./pointwise.ts";
import { where } from "./where.ts";

// Functions of two numbers as a point of the plane, and of angles.

export const atan2Op: BinaryOp = defineBinary({
  name: "atan2",
  label: "atan2_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: ({ grad, inputs: [self, other], needs }) => {
    const scale = self.mul(self).add(other.mul(other)).reciprocal();
    return [needs[0] ? grad.mul(other.mul(scale)) : null, needs[1] ? grad.mul(self.neg().mul(scale)) : null];
  },
  compute: { real: Math.atan2 },
});

export const hypotOp: BinaryOp = defineBinary({
  name: "hypot",
  label: "hypot_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output }) => grad.mul(self.div(output)),
    ({ grad, inputs: [, other], output }) => grad.mul(other.div(output)),
  ],
  compute: { real: (a, b) => Math.hypot(a, b) },
});

const isNegative = (a: number): boolean => a < 0 || Object.is(a, -0);

export const copysignOp: BinaryOp = defineBinary({
  name: "copysign",
  label: "copysign_cpu",
  result: "same",
  saves: { inputs: [0], outputs: "all" },
  backward: [({ grad, inputs: [self], output }) => grad.mul(where(self.eq(0), 0, output.div(self))), ({ grad }) => zerosLike(grad)],
  compute: { real: (a, b) => (isNegative(a) === isNegative(b) ? a : -a) },
});

export const heavisideOp: BinaryOp = defineBinary({
  name: "heaviside",
  label: "heaviside_cpu",
  refuses: { complex: "heaviside is not yet implemented for complex tensors." },
  result: "same",
  backward: () => {
    throw new AutogradError("derivative for aten::heaviside is not implemented");
  },
  compute: {
    real: (a, values) => (a === 0 ? values : a > 0 ? 1 : 0),
    int64: (a: bigint, values: bigint) => (a === 0n ? values : a > 0n ? 1n : 0n),
  },
});

const valuesOf = operandOf("heaviside", "values");
/** Both of one dtype, as `heaviside` wants them. */
function stepOperands(self: Tensor, values: Tensor | { values: Tensor }, extra: unknown): [Tensor, Tensor] {
  const at = valuesOf(values as Tensor, extra);
  requireTensor("heaviside", "input", self);
  requireTensor("heaviside", "values", at);
  if (isComplex(self.dtype) || isComplex(at.dtype)) throw new DTypeError("heaviside is not yet implemented for complex tensors.");
  if (self.dtype !== at.dtype) throw new DTypeError("heaviside is not yet implemented for tensors with different dtypes.");
  return [self, at];
}

/** Angle of the point (other, self) in (-π, π]; integers give floats. @see torch.atan2 */
export const atan2: Binary = tensorBinary(atan2Op, floatType);
/** In-place {@link atan2}. @see torch.Tensor.atan2_ */
export const atan2_: BinaryInto = tensorBinaryInto(atan2Op, floatType);
/** Another name of {@link atan2}. @see torch.arctan2 */
export const arctan2: Binary = atan2;
/** Another name of {@link atan2_}. @see torch.Tensor.arctan2_ */
export const arctan2_: BinaryInto = atan2_;
/** Length of the hypotenuse: `sqrt(self² + other²)` without overflow. @throws {DTypeError} unless floats @see torch.hypot */
export const hypot: Binary = tensorBinary(hypotOp);
/** In-place {@link hypot}. @see torch.Tensor.hypot_ */
export const hypot_: BinaryInto = tensorBinaryInto(hypotOp);
/** `self` with the sign of `other`; integers give floats. @see torch.copysign */
export const copysign: Binary = promotedBinary(copysignOp, floatType);
/** In-place {@link copysign}. @see torch.Tensor.copysign_ */
export const copysign_: BinaryInto = promotedBinaryInto(copysignOp, floatType);
type Step = (self: Tensor, values: Tensor | { values: Tensor }) => Tensor;
/** 0 below zero, 1 above, `values` at zero. @throws {DTypeError} for operands of different dtypes @see torch.heaviside */
export const heaviside: Step = (self, values, extra?: unknown) => run(heavisideOp, stepOperands(self, values, extra), undefined);
/** In-place {@link heaviside}. @see torch.Tensor.heaviside_ */
export const heaviside_: Step = (self, values, extra?: unknown) => runInto(heavisideOp, self, stepOperands(self, values, extra), undefined);

const scaled = (name: string, factor: number, inPlace: boolean): Unary =>
  exactlyOne(name, (self) => {
    if (isComplex(self.dtype)) throw new DTypeError(`${name} is not supported for complex tensors.`);
    return inPlace ? self.mul_(floatScalar(factor)) : self.mul(floatScalar(factor));
  });
/** Degrees as radians; integers give floats. @throws {DTypeError} for complex @see torch.deg2rad */
export const deg2rad: Unary = scaled("deg2rad", Math.PI / 180, false);
/** In-place {@link deg2rad}. @see torch.Tensor.deg2rad_ */
export const deg2rad_: Unary1 = scaled("deg2rad", Math.PI / 180, true);
/** Radians as degrees; integers give floats. @throws {DTypeError} for complex @see torch.rad2deg */
export const rad2deg: Unary = scaled("rad2deg", 180 / Math.PI, false);
/** In-place {@link rad2deg}. @see torch.Tensor.rad2deg_ */
export const rad2deg_: Unary1 = scaled("rad2deg", 180 / Math.PI, true);
