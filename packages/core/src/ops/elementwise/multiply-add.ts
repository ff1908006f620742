import { required, signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { dtypeInfo, isComplex, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import { resultTypeOf } from "../../tensor/promotion.ts";
import { ComplexScalar, FloatScalar, type Scalar, scalarCategory, scalarNumber } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { cppName } from "./cpp-names.ts";
import { divideComplex } from "./division.ts";
import { defineTernary, requireTensor, type TernaryOp } from "./pointwise.ts";
import { to } from "./to.ts";

/** Factor of the product or quotient. */
export interface Value {
  readonly value: number;
}

export const addcmulOp: TernaryOp<Value> = defineTernary<Value>({
  name: "addcmul",
  label: "addcmul_cpu_out",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: [1, 2] },
  backward: [
    ({ grad }) => grad,
    ({ grad, inputs: [, , tensor2], params: { value } }) => grad.mul(tensor2.mul(value).conj()),
    ({ grad, inputs: [, tensor1], params: { value } }) => grad.mul(tensor1.mul(value).conj()),
  ],
  compute: {
    real: (self, a, b, { value }) => self + value * a * b,
    int64: (self: bigint, a: bigint, b: bigint, { value }: Value) => self + BigInt(Math.trunc(value)) * a * b,
    complex: (sr: number, si: number, ar: number, ai: number, br: number, bi: number, out: ComplexOut, { value }: Value) => {
      out[0] = sr + value * (ar * br - ai * bi);
      out[1] = si + value * (ar * bi + ai * br);
    },
  },
});

export const addcdivOp: TernaryOp<Value> = defineTernary<Value>({
  name: "addcdiv",
  label: "addcdiv_cpu_out",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: [1, 2] },
  backward: [
    ({ grad }) => grad,
    ({ grad, inputs: [, , tensor2], params: { value } }) => grad.mul(tensor2.reciprocal().mul(value).conj()),
    ({ grad, inputs: [, tensor1, tensor2], params: { value } }) => grad.neg().mul(tensor1.mul(value).div(tensor2.mul(tensor2)).conj()),
  ],
  compute: {
    real: (self, a, b, { value }) => self + (value * a) / b,
    complex: (sr: number, si: number, ar: number, ai: number, br: number, bi: number, out: ComplexOut, { value }: Value) => {
      divideComplex(value * ar, value * ai, br, bi, out);
      out[0] += sr;
      out[1] += si;
    },
  },
});

/** `self + weight (end - self)`, from the nearer end. */
export const lerpOp: TernaryOp = defineTernary({
  name: "lerp",
  label: "lerp_kernel_tensor",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, , weight] }) => grad.mul(weight.neg().add(1).conj()),
    ({ grad, inputs: [, , weight] }) => grad.mul(weight.conj()),
    ({ grad, inputs: [self, end] }) => grad.mul(end.sub(self).conj()),
  ],
  compute: {
    real: (self, end, weight) => (Math.abs(weight) < 0.5 ? self + weight * (end - self) : end - (end - self) * (1 - weight)),
    complex: (sr: number, si: number, er: number, ei: number, wr: number, wi: number, out: ComplexOut) => {
      out[0] = sr + wr * (er - sr) - wi * (ei - si);
      out[1] = si + wr * (ei - si) + wi * (er - sr);
    },
  },
});

interface Products {
  tensor1: Tensor;
  tensor2: Tensor;
  value: Scalar;
}
export interface ValueOptions {
  /** Factor of the product or quotient. Default 1. */
  value?: Scalar;
}
/** The arguments after the receiver: two tensors, then options; or all by name. */
export type ProductArguments =
  | readonly [tensor1: Tensor, tensor2: Tensor, options?: ValueOptions]
  | readonly [options: ValueOptions & { tensor1: Tensor; tensor2: Tensor }]
  | readonly [tensor1: Tensor, options: ValueOptions & { tensor2: Tensor }];

const bindProducts = signature("addcmul", { tensor1: required, tensor2: required, value: 1 });

function productOperands(name: string, self: Tensor, args: ProductArguments): [[Tensor, Tensor, Tensor], Value] {
  const { tensor1, tensor2, value } = bindProducts(args.filter((v) => v !== undefined)) as Products;
  requireTensor(name, "tensor1", tensor1);
  requireTensor(name, "tensor2", tensor2);
  const dtype = resultTypeOf([self, tensor1, tensor2]);
  const kind = scalarCategory(value);
  if (kind === 3 && !isComplex(dtype)) throw new TensorError(`value cannot be converted to type ${cppName(dtype)} without overflow`);
  const scale = value instanceof ComplexScalar;
  const second = scale ? to(tensor1, dtype).mul(value) : to(tensor1, dtype);
  const factor = scale ? 1 : isFloatingPoint(dtype) || isComplex(dtype) ? scalarNumber(value) : Math.trunc(scalarNumber(value));
  return [[to(self, dtype), second, to(tensor2, dtype)], { value: factor }];
}

const refuseIntegerQuotient = (args: ProductArguments): void => {
  const { tensor1, tensor2 } = bindProducts(args.filter((v) => v !== undefined)) as Products;
  if (tensor1 instanceof Tensor && tensor2 instanceof Tensor && isIntegral(tensor1.dtype) && isIntegral(tensor2.dtype)) {
    throw new DTypeError(
      "Integer division with addcdiv is no longer supported, and in a future  release addcdiv will perform a true division of tensor1 and tensor2. The historic addcdiv behavior can be implemented as (input + value * torch.trunc(tensor1 / tensor2)).to(input.dtype) for integer inputs and as (input + value * tensor1 / tensor2) for float inputs. The future addcdiv behavior is just the latter implementation: (input + value * tensor1 / tensor2), for all dtypes.",
    );
  }
};

/** `self + value * tensor1 * tensor2`. Shapes broadcast, dtypes promote. @throws {DTypeError} for bool @see torch.addcmul */
export const addcmul = (self: Tensor, ...args: ProductArguments): Tensor => run(addcmulOp, ...productOperands("addcmul", self, args));
/** In-place {@link addcmul}. @see torch.Tensor.addcmul_ */
export const addcmul_ = (self: Tensor, ...args: ProductArguments): Tensor =>
  runInto(addcmulOp, self, ...productOperands("addcmul_", self, args));
/** `self + value * tensor1 / tensor2`. Shapes broadcast, dtypes promote. @throws {DTypeError} for integers over integers @see torch.addcdiv */
export function addcdiv(self: Tensor, ...args: ProductArguments): Tensor {
  refuseIntegerQuotient(args);
  return run(addcdivOp, ...productOperands("addcdiv", self, args));
}
/** In-place {@link addcdiv}. @see torch.Tensor.addcdiv_ */
export function addcdiv_(self: Tensor, ...args: ProductArguments): Tensor {
  refuseIntegerQuotient(args);
  return runInto(addcdivOp, self, ...productOperands("addcdiv_", self, args));
}

interface LerpArguments {
  end: Tensor;
  weight: Tensor | Scalar;
}
const bindLerp = signature("lerp", { end: required, weight: required });

function lerpOperands(
  self: Tensor,
  end: Tensor | LerpArguments,
  weight?: Tensor | Scalar | { weight: Tensor | Scalar },
  extra?: unknown,
): [Tensor, Tensor, Tensor] {
  const bound = bindLerp([end, weight, extra].filter((v) => v !== undefined)) as LerpArguments;
  requireTensor("lerp", "end", bound.end);
  const given = bound.weight;
  const check = (name: string, t: Tensor): void => {
    if (t.dtype !== self.dtype)
      throw new DTypeError(`expected dtype ${cppName(self.dtype)} for \`${name}\` but got dtype ${cppName(t.dtype)}`);
  };
  check("end", bound.end);
  if (given instanceof Tensor) {
    check("weight", given);
    return [self, bound.end, given];
  }
  if (isIntegral(self.dtype)) throw new DTypeError(`"lerp_kernel_scalar" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
  if (given instanceof ComplexScalar && !isComplex(self.dtype)) {
    throw new TensorError(`value cannot be converted to type ${cppName(self.dtype)} without overflow`);
  }
  return [self, bound.end, scalarTensor(given instanceof FloatScalar ? given.value : given, self.dtype)];
}

type Lerp = (self: Tensor, end: Tensor | LerpArguments, weight?: Tensor | Scalar | { weight: Tensor | Scalar }) => Tensor;
/** Linear interpolation `self + weight (end - self)`; the weight is a number or a tensor that broadcasts. @throws {DTypeError} unless all have one float dtype @see torch.lerp */
export const lerp: Lerp = (self, end, weight, extra?: unknown) => run(lerpOp, lerpOperands(self, end, weight, extra), undefined);
/** In-place {@link lerp}. @see torch.Tensor.lerp_ */
export const lerp_: Lerp = (self, end, weight, extra?: unknown) => runInto(lerpOp, self, lerpOperands(self, end, weight, extra), undefined);
