import { isOptions, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp } from "../../dispatch/op.ts";
import { launch, run, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { fusedMultiplyAdd } from "../../reference/fused.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { type DType, isComplex, isFloatingPoint } from "../../tensor/dtype.ts";
import { type Scalar, scalarCategory, scalarNumber } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import type { OutOptions } from "./out.ts";
import {
  type Binary,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  defineUnary,
  delivered,
  noMore,
  type Operand,
  promoted,
  promotedBinary,
  promotedBinaryInto,
  sameUnary,
  sameUnaryInto,
  type Unary,
  type Unary1,
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

/** Subtraction from the right, which PyTorch gives a node of its own; computed by `sub`. */
const rsubOp: BinaryOp = defineOp<readonly [Tensor, Tensor]>({
  name: "rsub",
  gradName: "RsubBackward1",
  infer: ([self, other]) => subOp.infer([other, self], undefined),
  elementwise: true,
  backward: [({ grad }) => grad.neg(), ({ grad }) => grad],
});
registerReferenceKernels([kernel(rsubOp, ([self, other], outputs) => launch(subOp, [other, self], outputs, undefined))]);

export const mulOp: BinaryOp = defineBinary({
  name: "mul",
  result: "same",
  saves: { inputs: "all", readBy: [[1], [0]] },
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

interface Alpha {
  readonly alpha: number;
}
/** `self + alpha * other` of floating-point tensors, rounded once, as PyTorch's kernels do. */
const addScaledOp: BinaryOp<Alpha> = defineBinary<Alpha>({
  name: "addScaled",
  gradName: "AddBackward0",
  result: "same",
  backward: [({ grad }) => grad, ({ grad, params: { alpha } }) => grad.mul(alpha)],
  compute: { real: (a, b, { alpha }) => fusedMultiplyAdd(alpha, b, a) },
});

export interface AlphaOptions extends OutOptions {
  /** Factor of `other`. Default 1. */
  alpha?: Scalar;
}

type AlphaOther = Operand | (AlphaOptions & { other: Operand });

const bindAlpha = signature("add", { other: required, alpha: 1, out: null });

/** The second operand and its factor, by position or name. */
function scaledOther(other: AlphaOther, alpha?: Scalar | AlphaOptions): { other: Operand; alpha: Scalar } {
  return bindAlpha(alpha === undefined ? [other] : [other, alpha]) as { other: Operand; alpha: Scalar };
}

function alphaOperands(self: Tensor, other: AlphaOther, options?: Scalar | AlphaOptions): [Tensor, Tensor] {
  if (options === undefined && (other instanceof Tensor || !isOptions(other))) return promoted(self, other as Operand);
  const { other: given, alpha } = scaledOther(other, options);
  const operands = promoted(self, given);
  if (alpha === 1) return operands;
  const { dtype } = operands[0];
  checkAlpha(alpha, dtype);
  // A product with a number would promote bool.
  return [operands[0], operands[1].mul(dtype === "bool" ? scalarNumber(alpha) !== 0 : alpha)];
}

/** What {@link addScaledOp} takes, where it serves: floating point and a factor. */
function scaledOperands(self: Tensor, other: AlphaOther, options?: Scalar | AlphaOptions): [[Tensor, Tensor], Alpha] | null {
  if (options === undefined && (other instanceof Tensor || !isOptions(other))) return null;
  const { other: given, alpha } = scaledOther(other, options);
  if (alpha === 1) return null;
  const operands = promoted(self, given);
  const { dtype } = operands[0];
  if (!isFloatingPoint(dtype)) return null;
  checkAlpha(alpha, dtype);
  const factor = scalarNumber(alpha);
  return [operands, { alpha: dtype === "float64" ? factor : Math.fround(factor) }];
}

/** @throws {DTypeError} when a fractional alpha meets an integer result */
export function checkAlpha(alpha: Scalar, dtype: DType): void {
  const kind = scalarCategory(alpha);
  if (kind === 0 && dtype !== "bool") throw new DTypeError("Boolean alpha only supported for Boolean results.");
  if (kind === 2 && !isFloatingPoint(dtype) && !isComplex(dtype)) {
    throw new DTypeError("For integral input tensors, argument alpha must not be a floating point number.");
  }
  if (kind === 3 && !isComplex(dtype)) throw new DTypeError("For non-complex input tensors, argument alpha must not be a complex number.");
}

/** @throws {DTypeError} where either operand of a difference is bool */
function refuseBool(a: Tensor, b: AlphaOther): void {
  const other = isOptions(b) ? (b as { other: Operand }).other : (b as Operand);
  const isBool = other instanceof Tensor ? other.dtype === "bool" : typeof other === "boolean";
  if (a.dtype !== "bool" && !isBool) return;
  if (a.dtype === "bool" && isBool) {
    throw new DTypeError(
      "Subtraction, the `-` operator, with two bool tensors is not supported. Use the `^` or `logical_xor()` operator instead.",
    );
  }
  throw new DTypeError(
    "Subtraction, the `-` operator, with a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
  );
}

/** A tensor, a number and the options of a sum: `alpha` scales `other`. */
type Sum = (self: Tensor, other: AlphaOther, alpha?: Scalar | AlphaOptions) => Tensor;

/** `self + alpha * other`. Shapes broadcast, dtypes promote. @throws {ShapeError} @see torch.add */
export const add: Sum = (self, other, alpha) => {
  const scaled = scaledOperands(self, other, alpha);
  const sum = scaled === null ? run(addOp, alphaOperands(self, other, alpha), undefined) : run(addScaledOp, ...scaled);
  return delivered("add", sum, other, alpha);
};
/** In-place {@link add}. @throws {ShapeError} when the result does not fit `self` @see torch.Tensor.add_ */
export const add_: Sum = (self, other, alpha) => {
  const scaled = scaledOperands(self, other, alpha);
  return scaled === null ? runInto(addOp, self, alphaOperands(self, other, alpha), undefined) : runInto(addScaledOp, self, ...scaled);
};

/** `self - alpha * other`. @throws {DTypeError} for bool @see torch.sub */
export const sub: Sum = (self, other, alpha) => {
  refuseBool(self, other);
  return delivered("sub", run(subOp, alphaOperands(self, other, alpha), undefined), other, alpha);
};
/** In-place {@link sub}. @see torch.Tensor.sub_ */
export const sub_: Sum = (self, other, alpha) => {
  refuseBool(self, other);
  return runInto(subOp, self, alphaOperands(self, other, alpha), undefined);
};

/** Elementwise product. Shapes broadcast, dtypes promote. @throws {ShapeError} @see torch.mul */
export const mul: Binary = promotedBinary(mulOp);
/** In-place {@link mul}. @see torch.Tensor.mul_ */
export const mul_: BinaryInto = promotedBinaryInto(mulOp);

const refuseBoolNeg = (self: Tensor): Tensor => {
  if (self.dtype === "bool") {
    throw new DTypeError(
      "Negation, the `-` operator, on a bool tensor is not supported. If you are trying to invert a mask, use the `~` or `logical_not()` operator instead.",
    );
  }
  return self;
};

const negated: Unary = sameUnary(negOp);
const negatedInto: Unary1 = sameUnaryInto(negOp);
/** Elementwise negative. @throws {DTypeError} for bool @see torch.neg */
export const neg: Unary = (self: Tensor, ...extra: readonly []) => negated(refuseBoolNeg(self), ...extra);
/** In-place {@link neg}. @see torch.Tensor.neg_ */
export const neg_: Unary1 = (self: Tensor, ...extra: readonly []) => negatedInto(refuseBoolNeg(self), ...extra);

/** `other - self`: the `-` operator with the tensor on the right. @throws {DTypeError} for bool @see torch.rsub */
export const rsub: Sum = (self, other, alpha) => {
  refuseBool(self, other);
  const { other: given, alpha: factor } = scaledOther(other, alpha);
  // `alpha` scales the subtrahend, which is `self` here.
  const [a, b] = promoted(self, given);
  return run(rsubOp, [factor === 1 ? a : a.mul(factor), b], undefined);
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
export const negative_: Unary1 = neg_;
/** The tensor itself. @throws {DTypeError} for bool @see torch.positive */
export const positive: Unary = (self: Tensor, extra?: unknown) => {
  noMore("positive", extra);
  if (self.dtype === "bool") throw new DTypeError("The `+` operator, on a bool tensor is not supported.");
  return self;
};
