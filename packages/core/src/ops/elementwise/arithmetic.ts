import { isOptions, signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { type DType, isComplex, isFloatingPoint } from "../../tensor/dtype.ts";
import { type Scalar, scalarCategory } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import {
  type BinaryOp,
  defineBinary,
  defineUnary,
  type Operand,
  operand,
  promoted,
  sameUnary,
  sameUnaryInto,
  type Unary,
  type UnaryOp,
} from "./pointwise.ts";

export const addOp: BinaryOp = defineBinary({
  name: "add",
  result: "same",
  backward: [({ grad }) => grad, ({ grad }) => grad],
  compute: {
    real: (a, b) => a + b,
    int64: (a: bigint, b: bigint) => a + b,
    complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
      out[0] = a + c;
      out[1] = b + d;
    },
  },
});

export const subOp: BinaryOp = defineBinary({
  name: "sub",
  result: "same",
  backward: [({ grad }) => grad, ({ grad }) => grad.neg()],
  compute: {
    real: (a, b) => a - b,
    int64: (a: bigint, b: bigint) => a - b,
    complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
      out[0] = a - c;
      out[1] = b - d;
    },
  },
});

export const mulOp: BinaryOp = defineBinary({
  name: "mul",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [, other] }) => grad.mul(other.conj()), ({ grad, inputs: [self] }) => grad.mul(self.conj())],
  compute: {
    real: (a, b) => a * b,
    integer: (a, b) => Math.imul(a, b),
    int64: (a: bigint, b: bigint) => a * b,
    complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
      out[0] = a * c - b * d;
      out[1] = a * d + b * c;
    },
  },
});

export const negOp: UnaryOp = defineUnary({
  name: "neg",
  result: "same",
  backward: [({ grad }) => grad.neg()],
  compute: {
    real: (a) => -a,
    int64: (a: bigint) => -a,
    complex: (a: number, b: number, out: ComplexOut) => {
      out[0] = -a;
      out[1] = -b;
    },
  },
});

export interface AlphaOptions {
  /** Factor of `other`. Default 1. */
  alpha?: Scalar;
}

const bindAlpha = signature("add", { other: null, alpha: 1 });

function alphaOperands(
  name: string,
  self: Tensor,
  other: Operand | (AlphaOptions & { other: Operand }),
  options?: Scalar | AlphaOptions,
): [Tensor, Tensor] {
  if (options === undefined && !isOptions(other)) return promoted(self, other as Operand);
  const { other: given, alpha } = bindAlpha(options === undefined ? [other] : [other, options]) as { other: Operand; alpha: Scalar };
  const operands = promoted(self, given);
  if (alpha === 1) return operands;
  checkAlpha(name, alpha, operands[0].dtype);
  return [operands[0], operands[1].mul(alpha)];
}

/** @throws {DTypeError} when a fractional alpha meets an integer result */
export function checkAlpha(_name: string, alpha: Scalar, dtype: DType): void {
  const kind = scalarCategory(alpha);
  if (kind === 0 && dtype !== "bool") throw new DTypeError("Boolean alpha only supported for Boolean results.");
  if (kind === 2 && !isFloatingPoint(dtype) && !isComplex(dtype)) {
    throw new DTypeError("For integral input tensors, argument alpha must not be a floating point number.");
  }
  if (kind === 3 && !isComplex(dtype)) throw new DTypeError("For non-complex input tensors, argument alpha must not be a complex number.");
}

const refuseBool = (a: Tensor, b: Operand): void => {
  if (a.dtype !== "bool") return;
  if (b instanceof Tensor ? b.dtype === "bool" : typeof b === "boolean") {
    throw new DTypeError(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  }
  throw new DTypeError(
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
  );
};

/** `self + alpha * other`. Shapes broadcast, dtypes promote. @throws {ShapeError} @see torch.add */
export const add = (self: Tensor, other: Operand | (AlphaOptions & { other: Operand }), options?: Scalar | AlphaOptions): Tensor =>
  run(addOp, alphaOperands("add", self, other, options), undefined);
/** In-place {@link add}. @throws {ShapeError} when the result does not fit `self` @see torch.Tensor.add_ */
export const add_ = (self: Tensor, other: Operand | (AlphaOptions & { other: Operand }), options?: Scalar | AlphaOptions): Tensor =>
  runInto(addOp, self, alphaOperands("add_", self, other, options), undefined);

/** `self - alpha * other`. @throws {DTypeError} for bool @see torch.sub */
export function sub(self: Tensor, other: Operand | (AlphaOptions & { other: Operand }), options?: Scalar | AlphaOptions): Tensor {
  refuseBool(self, other as Operand);
  return run(subOp, alphaOperands("sub", self, other, options), undefined);
}
/** In-place {@link sub}. @see torch.Tensor.sub_ */
export function sub_(self: Tensor, other: Operand | (AlphaOptions & { other: Operand }), options?: Scalar | AlphaOptions): Tensor {
  refuseBool(self, other as Operand);
  return runInto(subOp, self, alphaOperands("sub_", self, other, options), undefined);
}

/** Elementwise product. Shapes broadcast, dtypes promote. @throws {ShapeError} @see torch.mul */
export const mul = (self: Tensor, other: Operand | { other: Operand }): Tensor => run(mulOp, promoted(self, operand(other)), undefined);
/** In-place {@link mul}. @see torch.Tensor.mul_ */
export const mul_ = (self: Tensor, other: Operand | { other: Operand }): Tensor =>
  runInto(mulOp, self, promoted(self, operand(other)), undefined);

const refuseBoolNeg = (self: Tensor): Tensor => {
  if (self.dtype === "bool") {
    throw new DTypeError(
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  }
  return self;
};

/** Elementwise negative. @throws {DTypeError} for bool @see torch.neg */
export const neg: Unary = (self) => sameUnary(negOp)(refuseBoolNeg(self));
/** In-place {@link neg}. */
export const neg_: Unary = (self) => sameUnaryInto(negOp)(refuseBoolNeg(self));

/** `other - self`: the `-` operator with the tensor on the right. @see torch.rsub */
export const rsub = (self: Tensor, other: Operand | (AlphaOptions & { other: Operand }), options?: Scalar | AlphaOptions): Tensor => {
  refuseBool(self, other as Operand);
  const { other: given, alpha } = bindAlpha([other, options].filter((v) => v !== undefined)) as { other: Operand; alpha: Scalar };
  // `alpha` scales the subtrahend, which is `self` here.
  const [a, b] = promoted(self, given);
  return run(subOp, [b, alpha === 1 ? a : a.mul(alpha)], undefined);
};

/** Another name of {@link sub}. @see torch.subtract */
export const subtract: typeof sub = sub;
/** Another name of {@link sub_}. @see torch.Tensor.subtract_ */
export const subtract_: typeof sub_ = sub_;
/** Another name of {@link mul}. @see torch.multiply */
export const multiply: typeof mul = mul;
/** Another name of {@link mul_}. @see torch.Tensor.multiply_ */
export const multiply_: typeof mul_ = mul_;
/** Another name of {@link neg}. @see torch.negative */
export const negative: Unary = neg;
/** Another name of {@link neg_}. @see torch.Tensor.negative_ */
export const negative_: Unary = neg_;
/** The tensor itself. @throws {DTypeError} for bool @see torch.positive */
export function positive(self: Tensor): Tensor {
  if (self.dtype === "bool") throw new DTypeError("The `+` operator, on a bool tensor is not supported.");
  return self;
}
