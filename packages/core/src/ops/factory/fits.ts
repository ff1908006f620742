import { DTypeError } from "../../errors.ts";
import { type DType, isComplex } from "../../tensor/dtype.ts";
import { ComplexScalar, type Scalar, scalarNumber } from "../../tensor/scalar.ts";

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
export function checkFits(value: Scalar, dtype: DType, name = cppNames[dtype] ?? dtype): void {
  if (isComplex(dtype) || dtype === "bool") return;
  const refuse = (): never => {
    throw new DTypeError(`value cannot be converted to type ${name} without overflow`);
  };
  if (value instanceof ComplexScalar && value.im !== 0) refuse();
  const number = scalarNumber(value);
  const range = bounds[dtype];
  if (range === undefined || (!Number.isFinite(number) && dtype === "float16")) return;
  // A negative integer wraps around in an unsigned dtype.
  if (dtype === "uint8" && number < 0 && number >= -255) return;
  if (!(number >= range[0] && number <= range[1])) refuse();
}
