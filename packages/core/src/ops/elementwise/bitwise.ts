import { run, runInto } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  type BinaryBothWays,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  defineUnary,
  exactlyOne,
  promotedBinaryInto,
  promotedBothWays,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";

/** An operator on the bits of integers, and on bool as one bit. */
const defineBits = (
  name: string,
  label: string,
  integer: (a: number, b: number) => number,
  int64: (a: bigint, b: bigint) => bigint,
): BinaryOp => defineBinary({ name, label, result: "same", compute: { integer, int64 } });

export const bitwiseAndOp: BinaryOp = defineBits(
  "bitwiseAnd",
  "bitwise_and_cpu",
  (a, b) => a & b,
  (a, b) => a & b,
);
export const bitwiseOrOp: BinaryOp = defineBits(
  "bitwiseOr",
  "bitwise_or_cpu",
  (a, b) => a | b,
  (a, b) => a | b,
);
export const bitwiseXorOp: BinaryOp = defineBits(
  "bitwiseXor",
  "bitwise_xor_cpu",
  (a, b) => a ^ b,
  (a, b) => a ^ b,
);

/** A shift; the count is taken modulo the width of the processor's register, as PyTorch's compiled code does. */
export const leftShiftOp: BinaryOp = defineBinary({
  name: "bitwiseLeftShift",
  label: "lshift_cpu",
  refuses: { bool: true },
  result: "same",
  compute: { integer: (a, b) => a << b, int64: (a: bigint, b: bigint) => a << (b & 63n) },
});
export const rightShiftOp: BinaryOp = defineBinary({
  name: "bitwiseRightShift",
  label: "rshift_cpu",
  refuses: { bool: true },
  result: "same",
  compute: { integer: (a, b) => a >> b, int64: (a: bigint, b: bigint) => a >> (b & 63n) },
});

export const bitwiseNotOp: UnaryOp = defineUnary({
  name: "bitwiseNot",
  label: "bitwise_not_cpu",
  result: "same",
  compute: { integer: (a) => ~a, int64: (a: bigint) => ~a },
});
/** The negation of bool, whose other bits must stay 0. */
export const boolNotOp: UnaryOp = defineUnary({
  name: "boolNot",
  label: "bitwise_not_cpu",
  result: "same",
  compute: { integer: (a) => (a === 0 ? 1 : 0) },
});

const notOp = (self: Tensor): UnaryOp => (self.dtype === "bool" ? boolNotOp : bitwiseNotOp);

/** Bitwise and of integers or bool; either operand may be a number. @throws {DTypeError} for floats @see torch.bitwise_and */
export const bitwiseAnd: BinaryBothWays = promotedBothWays(bitwiseAndOp);
/** In-place {@link bitwiseAnd}. @see torch.Tensor.bitwise_and_ */
export const bitwiseAnd_: BinaryInto = promotedBinaryInto(bitwiseAndOp);
/** Bitwise or of integers or bool; either operand may be a number. @throws {DTypeError} for floats @see torch.bitwise_or */
export const bitwiseOr: BinaryBothWays = promotedBothWays(bitwiseOrOp);
/** In-place {@link bitwiseOr}. @see torch.Tensor.bitwise_or_ */
export const bitwiseOr_: BinaryInto = promotedBinaryInto(bitwiseOrOp);
/** Bitwise exclusive or of integers or bool; either operand may be a number. @throws {DTypeError} for floats @see torch.bitwise_xor */
export const bitwiseXor: BinaryBothWays = promotedBothWays(bitwiseXorOp);
/** In-place {@link bitwiseXor}. @see torch.Tensor.bitwise_xor_ */
export const bitwiseXor_: BinaryInto = promotedBinaryInto(bitwiseXorOp);
/** Bits shifted to the left by `other`; either operand may be a number. @throws {DTypeError} unless integers @see torch.bitwise_left_shift */
export const bitwiseLeftShift: BinaryBothWays = promotedBothWays(leftShiftOp);
/** In-place {@link bitwiseLeftShift}. @see torch.Tensor.bitwise_left_shift_ */
export const bitwiseLeftShift_: BinaryInto = promotedBinaryInto(leftShiftOp);
/** Bits shifted to the right by `other`, keeping the sign. @throws {DTypeError} unless integers @see torch.bitwise_right_shift */
export const bitwiseRightShift: BinaryBothWays = promotedBothWays(rightShiftOp);
/** In-place {@link bitwiseRightShift}. @see torch.Tensor.bitwise_right_shift_ */
export const bitwiseRightShift_: BinaryInto = promotedBinaryInto(rightShiftOp);
/** Bits inverted; bool negated. @throws {DTypeError} for floats @see torch.bitwise_not */
export const bitwiseNot: Unary = exactlyOne("bitwiseNot", (self) => run(notOp(self), [self], undefined));
/** In-place {@link bitwiseNot}. @see torch.Tensor.bitwise_not_ */
export const bitwiseNot_: Unary1 = exactlyOne("bitwiseNot_", (self) => runInto(notOp(self), self, [self], undefined));
