import { isOptions, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op, type Saves, type TensorSpec } from "../../dispatch/op.ts";
import { checkWritable, run, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { type Expressions, pointwiseKernel } from "../../reference/pointwise.ts";
import { type DType, dtypeInfo, dtypes, isComplex, toComplexDType, toRealDType } from "../../tensor/dtype.ts";
import { canCast, floatType, promoteTensors } from "../../tensor/promotion.ts";
import { isScalar, promoteScalar, type Scalar } from "../../tensor/scalar.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { copy_ } from "./clone.ts";
import { pythonType } from "./cpp-names.ts";
import { type OutOptions, onlyOut, outAmong, writeOut } from "./out.ts";
import { to } from "./to.ts";

/**
 * Pointwise operators are a table: a name, the scalar expression, the derivative. This file turns a row of it into an
 * operator, its reference kernel, and the functions that users call.
 */

/** How the result's dtype follows from the operands': the same; bool; the real part's of complex ones; the complex one of real parts. */
export type Result = "same" | "bool" | "real" | "complex";

export const resultDType = (result: Result, dtype: DType): DType =>
  result === "same" ? dtype : result === "bool" ? "bool" : result === "real" ? toRealDType(dtype) : toComplexDType(dtype);

export interface Pointwise<I extends readonly Tensor[], P> {
  readonly name: string;
  /** PyTorch's name of the node, when not `<Name>Backward0`. */
  readonly gradName?: string;
  /** PyTorch's name of the kernel in "not implemented for" messages, when not the operator's. */
  readonly label?: string;
  /** Kinds of dtype that PyTorch refuses though there is an expression, or with words of its own. */
  readonly refuses?: Partial<Record<Kind, string | true>>;
  readonly result: Result;
  readonly saves?: Saves;
  readonly backward?: Backward<I, P>;
  readonly compute: Expressions<I, P>;
}

export type UnaryOp<P = undefined> = Op<readonly [Tensor], P>;
export type BinaryOp<P = undefined> = Op<readonly [Tensor, Tensor], P>;
export type TernaryOp<P = undefined> = Op<readonly [Tensor, Tensor, Tensor], P>;
/** The derivative of an operator of one tensor. */
export type Derivation = Backward<readonly [Tensor], undefined>;
/** A function of one tensor. */
export type Unary = (self: Tensor, options?: OutOptions) => Tensor;
/** A function of one tensor that takes nothing else. */
export type Unary1 = (self: Tensor) => Tensor;
/** A tensor, or a number that takes part in type promotion as PyTorch's Python numbers do. */
export type Operand = Tensor | Scalar;
/** A function of a tensor and a tensor or number, which may be given by name. */
export type Binary = (self: Tensor, other: Operand | (OutOptions & { other: Operand }), options?: OutOptions) => Tensor;
/** The in-place form of a {@link Binary}. */
export type BinaryInto = (self: Tensor, other: Operand | { other: Operand }) => Tensor;
/** As {@link Binary}, with a number also on the left. */
export type BinaryBothWays = (self: Operand, other: Operand | (OutOptions & { other: Operand }), options?: OutOptions) => Tensor;

/** Kinds of dtype, by category. */
const kinds = ["bool", "integer", "float", "complex"] as const;
type Kind = (typeof kinds)[number];

/** What an operator says of each dtype that it does not take; null for those it does. */
function refusals(row: Pick<Pointwise<readonly Tensor[], never>, "name" | "label" | "refuses" | "result">, has: ReadonlySet<string>) {
  const refusal = (dtype: DType): string | null => {
    const given = row.refuses?.[kinds[dtypeInfo[dtype].category]!];
    if (typeof given === "string") return given;
    const known =
      isComplex(dtype) || row.result === "complex"
        ? has.has("complex")
        : has.has("real") || (dtypeInfo[dtype].category < 2 && (has.has("integer") || (dtype === "int64" && has.has("int64"))));
    return known && given !== true ? null : notImplemented(row.label ?? row.name, dtype);
  };
  return Object.fromEntries(dtypes.map((dtype) => [dtype, refusal(dtype)])) as Record<DType, string | null>;
}

/** PyTorch's message of a kernel that has no loop for a dtype. */
export const notImplemented = (label: string, dtype: DType): string => `"${label}" not implemented for '${dtypeInfo[dtype].scalarType}'`;

function definePointwise<I extends readonly Tensor[], P>(row: Pointwise<I, P>): Op<I, P> {
  let refused: Readonly<Record<DType, string | null>> | undefined;
  const op = defineOp<I, P>({
    name: row.name,
    ...(row.gradName === undefined ? {} : { gradName: row.gradName }),
    infer: (inputs): TensorSpec => {
      const { dtype } = inputs[0]!;
      let shape = inputs[0]!.shape;
      for (let i = 1; i < inputs.length; i++) shape = broadcastShapes(shape, inputs[i]!.shape);
      refused ??= refusals(row as never, new Set(Object.keys(row.compute)));
      if (refused[dtype] !== null) throw new DTypeError(refused[dtype]);
      return { shape, dtype: resultDType(row.result, dtype) };
    },
    elementwise: true,
    ...(row.saves === undefined ? {} : { saves: row.saves }),
    ...(row.backward === undefined ? {} : { backward: row.backward }),
  });
  registerReferenceKernels([kernel(op, pointwiseKernel(row.label ?? row.name, row.compute))]);
  return op;
}

/** An operator of one tensor. */
export const defineUnary = <P = undefined>(row: Pointwise<readonly [Tensor], P>): UnaryOp<P> => definePointwise(row);
/** An operator of two tensors of one dtype, which broadcast. */
export const defineBinary = <P = undefined>(row: Pointwise<readonly [Tensor, Tensor], P>): BinaryOp<P> => definePointwise(row);
/** An operator of three tensors of one dtype, which broadcast. */
export const defineTernary = <P = undefined>(row: Pointwise<readonly [Tensor, Tensor, Tensor], P>): TernaryOp<P> => definePointwise(row);

/** The tensor in the dtype a float function computes in: integers become the default dtype. */
export const asFloat = (self: Tensor): Tensor => to(self, floatType(self.dtype));

/** @throws {TypeError} for arguments beyond those that the function `name` has */
export function noMore(name: string, extra: unknown): void {
  if (extra !== undefined) signature(name, {})([extra]);
}

// Some functions below have a parameter more than their types show, so that untyped callers hear of options that do not exist.

/** The function of an operator to the reals: integers are cast first. */
export const floatUnary =
  (op: UnaryOp): Unary =>
  (self, options) => {
    const out = options === undefined ? null : onlyOut(op.name, options);
    const result = run(op, [asFloat(self)], undefined);
    return out === null ? result : writeOut(op.name, out, result);
  };
export const floatUnaryInto =
  (op: UnaryOp): Unary1 =>
  (self: Tensor, extra?: unknown) => {
    noMore(op.name, extra);
    return runInto(op, self, [asFloat(self)], undefined);
  };

/** The function of an operator that keeps the dtype. */
export const sameUnary =
  (op: UnaryOp): Unary =>
  (self, options) => {
    const out = options === undefined ? null : onlyOut(op.name, options);
    const result = run(op, [self], undefined);
    return out === null ? result : writeOut(op.name, out, result);
  };
export const sameUnaryInto =
  (op: UnaryOp): Unary1 =>
  (self: Tensor, extra?: unknown) => {
    noMore(op.name, extra);
    return runInto(op, self, [self], undefined);
  };

/** Reads the second operand, given by position or by the name `key`. @throws {TypeError} for other options than `others` */
export function operandOf(name: string, key = "other", others: OutOptions = {}): (other: Operand | object, extra?: unknown) => Operand {
  const bind = signature(name, { [key]: required, ...others });
  return (other, extra) => {
    if (extra === undefined && (other instanceof Tensor || !isOptions(other))) return other as Operand;
    return bind(extra === undefined ? [other] : [other, extra])[key] as Operand;
  };
}

/** A result as it is, or in the `out` of trailing options. */
export function delivered(name: string, result: Tensor, other: unknown, options: unknown): Tensor {
  if (options === undefined && other instanceof Tensor) return result;
  const out = outAmong(options) ?? outAmong(other);
  return out === null ? result : writeOut(name, out, result);
}

/** @throws {TypeError} unless `value` is a tensor: the untyped call that PyTorch's binding refuses */
export function requireTensor(
  name: string,
  argument: string,
  value: unknown,
  position = argument === "input" ? 1 : 2,
): asserts value is Tensor {
  if (value instanceof Tensor) return;
  const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  throw new TypeError(`${snake}(): argument '${argument}' (position ${position}) must be Tensor, not ${pythonType(value)}`);
}

/** @throws {DTypeError} where a result of dtype `from` may not be written into `to` */
function requireCast(from: DType, to: DType): void {
  if (canCast(from, to)) return;
  throw new DTypeError(`result type ${dtypeInfo[from].scalarType} can't be cast to the desired output type ${dtypeInfo[to].scalarType}`);
}

/** Both operands in their common dtype; a number becomes a 0-d tensor of it. `least` may raise that dtype (float division). @throws {TypeError} where neither is a tensor */
export function promoted(self: Operand, other: Operand, least?: (dtype: DType) => DType): [Tensor, Tensor] {
  if (!(self instanceof Tensor)) {
    requireTensor("operator", "other", other);
    const [b, a] = promoted(other, self, least);
    return [a, b];
  }
  if (!(other instanceof Tensor)) {
    if (!isScalar(other)) requireTensor("operator", "other", other);
    let dtype = promoteScalar(self.dtype, other);
    if (least !== undefined) dtype = least(dtype);
    return [self.dtype === dtype ? self : to(self, dtype), scalarTensor(other, dtype)];
  }
  let dtype = promoteTensors(self, other);
  if (least !== undefined) dtype = least(dtype);
  return [self.dtype === dtype ? self : to(self, dtype), other.dtype === dtype ? other : to(other, dtype)];
}

/** The function of an operator on operands of a common dtype. */
export function promotedBinary(op: BinaryOp, least?: (dtype: DType) => DType): Binary {
  const operand = operandOf(op.name, "other", { out: null });
  return (self, other, options) => {
    requireTensor(op.name, "input", self);
    return delivered(op.name, run(op, promoted(self, operand(other, options), least), undefined), other, options);
  };
}
export function promotedBinaryInto(op: BinaryOp, least?: (dtype: DType) => DType): BinaryInto {
  const operand = operandOf(`${op.name}_`);
  return (self, other, extra?: unknown) => {
    const operands = promoted(self, operand(other, extra), least);
    if (operands[0].dtype !== self.dtype) requireCast(operands[0].dtype, self.dtype);
    return runInto(op, self, operands, undefined);
  };
}
/** As {@link promotedBinary}, for functions that take a number on the left too. */
export function promotedBothWays(op: BinaryOp, least?: (dtype: DType) => DType): BinaryBothWays {
  const operand = operandOf(op.name, "other", { out: null });
  return (self, other, options) => delivered(op.name, run(op, promoted(self, operand(other, options), least), undefined), other, options);
}
/** Wraps a function of one tensor that takes nothing else, as those above are. */
export const exactlyOne =
  <R>(name: string, call: (self: Tensor) => R): ((self: Tensor) => R) =>
  (self: Tensor, extra?: unknown) => {
    noMore(name, extra);
    return call(self);
  };
/** As {@link promotedBinary}, for functions whose second operand PyTorch wants to be a tensor. */
export function tensorBinary(op: BinaryOp, least?: (dtype: DType) => DType): Binary {
  const operand = operandOf(op.name, "other", { out: null });
  return (self, other, options) => {
    const second = operand(other, options);
    requireTensor(op.name, "input", self);
    requireTensor(op.name, "other", second);
    return delivered(op.name, run(op, promoted(self, second, least), undefined), other, options);
  };
}
/** The in-place form of {@link tensorBinary}. */
export function tensorBinaryInto(op: BinaryOp, least?: (dtype: DType) => DType): BinaryInto {
  const operand = operandOf(`${op.name}_`);
  return (self, other, extra?: unknown) => {
    const second = operand(other, extra);
    requireTensor(`${op.name}_`, "other", second, 1);
    const operands = promoted(self, second, least);
    if (operands[0].dtype !== self.dtype) requireCast(operands[0].dtype, self.dtype);
    return runInto(op, self, operands, undefined);
  };
}

/** In place, a predicate of two operands: 1 and 0 over `self`, whose gradient ends there. */
export function predicateInto(call: Binary): BinaryInto {
  return (self, other, extra?: unknown) => {
    const result = (call as (...args: unknown[]) => Tensor)(self, other, extra);
    checkWritable(self, result);
    return copy_(self, result);
  };
}
