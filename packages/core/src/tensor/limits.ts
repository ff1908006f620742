import { DTypeError } from "../errors.ts";
import { type DType, isComplex, isFloatingPoint, itemSize, toRealDType } from "./dtype.ts";

/** Limits of a floating-point dtype. */
export interface FloatInfo {
  /** Bits of an element. */
  readonly bits: number;
  /** Distance from 1 to the next number. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** Smallest positive number of full precision. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** Decimal resolution. */
  readonly resolution: number;
  readonly dtype: DType;
}

/** Limits of an integer dtype; int64 as bigints. */
export interface IntInfo {
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
  readonly dtype: DType;
}

/** Bits of the fraction, largest exponent, and decimal digits. */
const formats: Partial<Record<DType, readonly [fraction: number, exponent: number, digits: number]>> = {
  float16: [10, 15, 3],
  bfloat16: [7, 127, 2],
  float32: [23, 127, 6],
  float64: [52, 1023, 15],
};

/** Limits of a floating-point dtype; of a complex one those of its parts. @throws {DTypeError} for integers @see torch.finfo */
export function finfo(dtype: DType = "float32"): FloatInfo {
  const real = isComplex(dtype) ? toRealDType(dtype) : dtype;
  const format = formats[real];
  if (format === undefined) throw new DTypeError(`torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.finfo'`);
  const [fraction, exponent, digits] = format;
  const max = (2 - 2 ** -fraction) * 2 ** exponent;
  const tiny = 2 ** (1 - exponent);
  return { bits: itemSize(real) * 8, eps: 2 ** -fraction, max, min: -max, tiny, smallestNormal: tiny, resolution: 10 ** -digits, dtype: real };
}

/** Limits of an integer dtype. @throws {DTypeError} for others @see torch.iinfo */
export function iinfo(dtype: DType): IntInfo {
  if (isFloatingPoint(dtype) || isComplex(dtype)) {
    throw new DTypeError(`torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.iinfo'`);
  }
  if (dtype === "bool") throw new DTypeError("torch.bool is not supported by torch.iinfo");
  const bits = itemSize(dtype) * 8;
  if (dtype === "int64") return { bits, max: 2n ** 63n - 1n, min: -(2n ** 63n), dtype };
  return dtype === "uint8" ? { bits, max: 255, min: 0, dtype } : { bits, max: 2 ** (bits - 1) - 1, min: -(2 ** (bits - 1)), dtype };
}
