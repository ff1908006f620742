import { TensorError } from "../errors.ts";
import { type DType, dtypeInfo, isComplex, isFloatingPoint, toRealDType } from "./dtype.ts";

/** What the numbers of a floating dtype are like. */
export interface FloatLimits {
  readonly dtype: DType;
  readonly bits: number;
  /** The gap after 1. */
  readonly eps: number;
  readonly max: number;
  readonly min: number;
  /** The smallest positive number of full precision. */
  readonly tiny: number;
  readonly smallestNormal: number;
  /** About the precision of decimals: `10 ** -digits`. */
  readonly resolution: number;
}

/** What the numbers of an integer dtype are like. `max` and `min` of int64 are bigints. */
export interface IntegerLimits {
  readonly dtype: DType;
  readonly bits: number;
  readonly max: number | bigint;
  readonly min: number | bigint;
}

/** Bits of the fraction, and the exponents of the smallest and largest numbers. */
const formats: Partial<Record<DType, readonly [fraction: number, least: number, most: number, digits: number]>> = {
  float64: [52, -1022, 1023, 15],
  float32: [23, -126, 127, 6],
  float16: [10, -14, 15, 3],
  bfloat16: [7, -126, 127, 2],
};

/** Limits of a floating dtype, or of the parts of a complex one. @throws {TensorError} for integers @see torch.finfo */
export function finfo(dtype: DType | { type: DType }): FloatLimits {
  const given = typeof dtype === "string" ? dtype : dtype.type;
  const format = formats[toRealDType(given)];
  if (format === undefined)
    throw new TensorError(`torch.finfo() requires a floating point input type. Use torch.iinfo to handle 'torch.${given}'`);
  const [fraction, least, most, digits] = format;
  const max = (2 - 2 ** -fraction) * 2 ** most;
  const tiny = 2 ** least;
  return {
    dtype: toRealDType(given),
    bits: dtypeInfo[toRealDType(given)].itemSize * 8,
    eps: 2 ** -fraction,
    max,
    min: -max,
    tiny,
    smallestNormal: tiny,
    resolution: Number(`1e-${digits}`),
  };
}

/** Limits of an integer dtype. @throws {TensorError} for others @see torch.iinfo */
export function iinfo(dtype: DType | { type: DType }): IntegerLimits {
  const given = typeof dtype === "string" ? dtype : dtype.type;
  if (isFloatingPoint(given) || isComplex(given)) {
    throw new TensorError(`torch.iinfo() requires an integer input type. Use torch.finfo to handle 'torch.${given}'`);
  }
  if (given === "bool") throw new TensorError("torch.bool is not supported by torch.iinfo");
  const bits = dtypeInfo[given].itemSize * 8;
  if (given === "uint8") return { dtype: given, bits, max: 255, min: 0 };
  if (bits === 64) return { dtype: given, bits, max: 2n ** 63n - 1n, min: -(2n ** 63n) };
  return { dtype: given, bits, max: 2 ** (bits - 1) - 1, min: -(2 ** (bits - 1)) };
}
