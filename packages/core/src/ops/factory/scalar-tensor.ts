import { keepStorage } from "../../dispatch/allocator.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, isComplex } from "../../tensor/dtype.ts";
import { ComplexScalar, type Scalar, scalarNumber, scalarValue } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";

const REMEMBERED = 512;
const known = new Map<DType, Map<number, Tensor>>();

/** A new 0-d tensor that holds `value`. */
export function newScalarTensor(value: Scalar, dtype: DType): Tensor {
  const out = emptyTensor([], dtype);
  const plain = scalarValue(value);
  if (isComplex(dtype)) writeDoubles(out, [scalarNumber(value), value instanceof ComplexScalar ? value.im : 0]);
  else if (typeof plain === "bigint" && dtype === "int64") writeBigInts(out, BigInt64Array.of(plain));
  else writeDoubles(out, [Number(plain)]);
  return out;
}

/**
 * A 0-d tensor for a scalar operand. Those of plain numbers are remembered: programs use few, again and again.
 * Never hand one to a user, who could write to it.
 */
export function scalarTensor(value: Scalar, dtype: DType): Tensor {
  if (typeof value !== "number") return newScalarTensor(value, dtype);
  let ofDType = known.get(dtype);
  if (ofDType === undefined) {
    ofDType = new Map();
    known.set(dtype, ofDType);
  }
  let found = ofDType.get(value);
  if (found === undefined || Object.is(value, -0)) {
    found = newScalarTensor(value, dtype);
    keepStorage(found.storage);
    if (ofDType.size >= REMEMBERED) ofDType.clear();
    if (!Object.is(value, -0)) ofDType.set(value, found);
  }
  return found;
}

/** A new 0-d tensor that holds a number given by a user. @throws {DTypeError} when it does not fit in `dtype` */
export function scalarOf(value: Scalar, dtype: DType): Tensor {
  checkFits(value, dtype);
  return newScalarTensor(value, dtype);
}

const bounds: Partial<Record<DType, readonly [least: number, most: number]>> = {
  uint8: [0, 255],
  int8: [-128, 127],
  int16: [-32768, 32767],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
  float16: [-65504, 65504],
};

const cppNames: Partial<Record<DType, string>> = {
  uint8: "uint8_t",
  int8: "int8_t",
  int16: "int16_t",
  int32: "int",
  int64: "int64_t",
  float16: "at::Half",
  bfloat16: "at::BFloat16",
  float32: "float",
  float64: "double",
  bool: "bool",
};

/** Checks that a number can be held by `dtype`. @throws {DTypeError} in PyTorch's words */
export function checkFits(value: Scalar, dtype: DType): void {
  if (isComplex(dtype) || dtype === "bool") return;
  const refuse = (): never => {
    throw new DTypeError(`value cannot be converted to type ${cppNames[dtype] ?? dtype} without overflow`);
  };
  if (value instanceof ComplexScalar && value.im !== 0) refuse();
  const number = scalarNumber(value);
  const range = bounds[dtype];
  if (range === undefined || (!Number.isFinite(number) && dtype === "float16")) return;
  // A negative integer wraps around in an unsigned dtype.
  if (dtype === "uint8" && number < 0 && number >= -255) return;
  if (!(number >= range[0] && number <= range[1])) refuse();
}
