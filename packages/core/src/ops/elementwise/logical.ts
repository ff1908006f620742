import { runInto } from "../../dispatch/run.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import {
  type Binary,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  defineUnary,
  operandOf,
  promoted,
  requireTensor,
  sameUnary,
  sameUnaryInto,
  tensorBinary,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";

/** An operator on truth values: what is not zero is true. */
const defineLogical = (name: string, label: string, holds: (a: boolean, b: boolean) => boolean): BinaryOp =>
  defineBinary({
    name,
    label,
    result: "bool",
    compute: {
      real: (a, b) => (holds(a !== 0, b !== 0) ? 1 : 0),
      int64: (a: bigint, b: bigint) => (holds(a !== 0n, b !== 0n) ? 1 : 0),
      complex: (a: number, b: number, c: number, d: number, out: ComplexOut) => {
        out[0] = holds(a !== 0 || b !== 0, c !== 0 || d !== 0) ? 1 : 0;
      },
    },
  });

export const logicalAndOp: BinaryOp = defineLogical("logicalAnd", "logical_and_cpu", (a, b) => a && b);
export const logicalOrOp: BinaryOp = defineLogical("logicalOr", "logical_or_cpu", (a, b) => a || b);
export const logicalXorOp: BinaryOp = defineLogical("logicalXor", "logical_xor_cpu", (a, b) => a !== b);

/** A predicate of one number; of a complex one by its parts. */
const definePredicate = (
  name: string,
  real: (a: number) => boolean,
  complex: (a: number, b: number) => boolean,
  int64: (a: bigint) => boolean,
): UnaryOp =>
  defineUnary({
    name,
    result: "bool",
    compute: {
      real: (a) => (real(a) ? 1 : 0),
      int64: (a: bigint) => (int64(a) ? 1 : 0),
      complex: (a: number, b: number, out: ComplexOut) => {
        out[0] = complex(a, b) ? 1 : 0;
      },
    },
  });

const never = (): boolean => false;
const isInfinite = (a: number): boolean => a === Number.POSITIVE_INFINITY || a === Number.NEGATIVE_INFINITY;

export const logicalNotOp: UnaryOp = definePredicate(
  "logicalNot",
  (a) => a === 0,
  (a, b) => a === 0 && b === 0,
  (a) => a === 0n,
);
export const isnanOp: UnaryOp = definePredicate(
  "isnan",
  (a) => a !== a,
  (a, b) => a !== a || b !== b,
  never,
);
export const isinfOp: UnaryOp = definePredicate("isinf", isInfinite, (a, b) => isInfinite(a) || isInfinite(b), never);
export const isfiniteOp: UnaryOp = definePredicate(
  "isfinite",
  Number.isFinite,
  (a, b) => Number.isFinite(a) && Number.isFinite(b),
  () => true,
);

/** isposinf and isneginf: whether real elements are one infinity. */
const defineIsInfinity = (name: string, infinity: number): UnaryOp =>
  defineUnary({
    name,
    refuses: { complex: `${name} does not support complex inputs.` },
    result: "bool",
    compute: { real: (a) => (a === infinity ? 1 : 0), int64: () => 0 },
  });
export const isposinfOp: UnaryOp = defineIsInfinity("isposinf", Number.POSITIVE_INFINITY);
export const isneginfOp: UnaryOp = defineIsInfinity("isneginf", Number.NEGATIVE_INFINITY);

/** In place: 1 and 0 in the dtype of `self`. No part of a graph, as in PyTorch. */
function logicalInto(op: BinaryOp): Binary {
  const operand = operandOf(`${op.name}_`);
  return (self, other, extra?: unknown) => {
    const second = operand(other, extra);
    requireTensor(`${op.name}_`, "other", second, 1);
    return runInto(op, self, promoted(self, second), undefined);
  };
}

/** Whether both elements are not zero. bool result. @see torch.logical_and */
export const logicalAnd: Binary = tensorBinary(logicalAndOp);
/** In-place {@link logicalAnd}. @see torch.Tensor.logical_and_ */
export const logicalAnd_: BinaryInto = logicalInto(logicalAndOp);
/** Whether either element is not zero. bool result. @see torch.logical_or */
export const logicalOr: Binary = tensorBinary(logicalOrOp);
/** In-place {@link logicalOr}. @see torch.Tensor.logical_or_ */
export const logicalOr_: BinaryInto = logicalInto(logicalOrOp);
/** Whether exactly one element is not zero. bool result. @see torch.logical_xor */
export const logicalXor: Binary = tensorBinary(logicalXorOp);
/** In-place {@link logicalXor}. @see torch.Tensor.logical_xor_ */
export const logicalXor_: BinaryInto = logicalInto(logicalXorOp);
/** Whether elements are zero. bool result. @see torch.logical_not */
export const logicalNot: Unary = sameUnary(logicalNotOp);
/** In-place {@link logicalNot}: 1 and 0 in the dtype of `self`. @see torch.Tensor.logical_not_ */
export const logicalNot_: Unary1 = sameUnaryInto(logicalNotOp);
/** Whether elements are NaN. bool result. @see torch.isnan */
export const isnan: Unary = sameUnary(isnanOp);
/** Whether elements are infinite. bool result. @see torch.isinf */
export const isinf: Unary = sameUnary(isinfOp);
/** Whether elements are neither infinite nor NaN. bool result. @see torch.isfinite */
export const isfinite: Unary = sameUnary(isfiniteOp);
/** Whether elements are +∞. bool result. @throws {DTypeError} for complex @see torch.isposinf */
export const isposinf: Unary = sameUnary(isposinfOp);
/** Whether elements are -∞. bool result. @throws {DTypeError} for complex @see torch.isneginf */
export const isneginf: Unary = sameUnary(isneginfOp);
