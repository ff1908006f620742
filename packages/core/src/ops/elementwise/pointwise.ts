import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op, type Saves, type TensorSpec } from "../../dispatch/op.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { type Expressions, pointwiseKernel } from "../../reference/pointwise.ts";
import { type DType, toRealDType } from "../../tensor/dtype.ts";
import { floatType, promoteTensors } from "../../tensor/promotion.ts";
import { promoteScalar, type Scalar } from "../../tensor/scalar.ts";
import { broadcastShapes } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { to } from "./to.ts";

/**
 * Pointwise operators are a table: a name, the scalar expression, the derivative. This file turns a row of it into an
 * operator, its reference kernel, and the functions that users call.
 */

/** How the result's dtype follows from the operands': the same; the default float for integers; bool; the real part's for complex. */
export type Result = "same" | "float" | "bool" | "real";

export const resultDType = (result: Result, dtype: DType): DType =>
  result === "same" ? dtype : result === "float" ? floatType(dtype) : result === "bool" ? "bool" : toRealDType(dtype);

export interface Pointwise<I extends readonly Tensor[], P> {
  readonly name: string;
  /** PyTorch's name of the node, when not `<Name>Backward0`. */
  readonly gradName?: string;
  readonly result: Result;
  readonly saves?: Saves;
  readonly backward?: Backward<I, P>;
  readonly compute: Expressions<I, P>;
}

export type UnaryOp<P = undefined> = Op<readonly [Tensor], P>;
export type BinaryOp<P = undefined> = Op<readonly [Tensor, Tensor], P>;
export type TernaryOp<P = undefined> = Op<readonly [Tensor, Tensor, Tensor], P>;
/** A function of one tensor. */
export type Unary = (self: Tensor) => Tensor;
/** A function of a tensor and a tensor or number. */
export type Binary = (self: Tensor, other: Tensor | Scalar) => Tensor;

function definePointwise<I extends readonly Tensor[], P>(row: Pointwise<I, P>): Op<I, P> {
  const op = defineOp<I, P>({
    name: row.name,
    ...(row.gradName === undefined ? {} : { gradName: row.gradName }),
    infer: (inputs): TensorSpec => {
      let shape = inputs[0]!.shape;
      for (let i = 1; i < inputs.length; i++) shape = broadcastShapes(shape, inputs[i]!.shape);
      return { shape, dtype: resultDType(row.result, inputs[0]!.dtype) };
    },
    elementwise: true,
    ...(row.saves === undefined ? {} : { saves: row.saves }),
    ...(row.backward === undefined ? {} : { backward: row.backward }),
  });
  registerReferenceKernels([kernel(op, pointwiseKernel(row.name, row.compute))]);
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

/** The function of an operator to the reals: integers are cast first. */
export const floatUnary =
  (op: UnaryOp): Unary =>
  (self) =>
    run(op, [asFloat(self)], undefined);
export const floatUnaryInto =
  (op: UnaryOp): Unary =>
  (self) =>
    runInto(op, self, [asFloat(self)], undefined);

/** The function of an operator that keeps the dtype. */
export const sameUnary =
  (op: UnaryOp): Unary =>
  (self) =>
    run(op, [self], undefined);
export const sameUnaryInto =
  (op: UnaryOp): Unary =>
  (self) =>
    runInto(op, self, [self], undefined);

/** Both operands in their common dtype; a number becomes a 0-d tensor of it. `least` may raise that dtype (float division). */
export function promoted(self: Tensor, other: Tensor | Scalar, least?: (dtype: DType) => DType): [Tensor, Tensor] {
  if (!(other instanceof Tensor)) {
    let dtype = promoteScalar(self.dtype, other);
    if (least !== undefined) dtype = least(dtype);
    return [self.dtype === dtype ? self : to(self, dtype), scalarTensor(other, dtype)];
  }
  let dtype = promoteTensors(self, other);
  if (least !== undefined) dtype = least(dtype);
  return [self.dtype === dtype ? self : to(self, dtype), other.dtype === dtype ? other : to(other, dtype)];
}

/** The function of an operator on operands of a common dtype. */
export const promotedBinary =
  (op: BinaryOp, least?: (dtype: DType) => DType): Binary =>
  (self, other) =>
    run(op, promoted(self, other, least), undefined);
export const promotedBinaryInto =
  (op: BinaryOp, least?: (dtype: DType) => DType): Binary =>
  (self, other) =>
    runInto(op, self, promoted(self, other, least), undefined);
