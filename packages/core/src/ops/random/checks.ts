import { DTypeError, TensorError } from "../../errors.ts";
import { defaultGenerator, Generator } from "../../random/generator.ts";
import { INTEGER_MAX, representableBounds, SIGNIFICAND_BITS } from "../../random/integers.ts";
import type { RealDType } from "../../random/sink.ts";
import { type DType, dtypeInfo, isComplex, isFloatingPoint, toRealDType } from "../../tensor/dtype.ts";

/** What every random operator takes. */
export interface RandomOptions {
  /** Where the numbers come from. Default: the generator that `manualSeed` seeds. */
  generator?: Generator | null | undefined;
}

/** The generator of an option, the default one for none. @throws {TypeError} for anything else */
export function generatorOf(name: string, given: unknown): Generator {
  if (given === null || given === undefined) return defaultGenerator;
  if (given instanceof Generator) return given;
  throw new TypeError(`${name}(): argument 'generator' must be Generator, not ${given?.constructor?.name ?? typeof given}`);
}

function asInt64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw new TensorError("Overflow when unpacking long");
  return value;
}

/** C++ names of the scalar types, as PyTorch's complaints about bounds give them. */
const cTypes: Partial<Record<DType, string>> = {
  float32: "float",
  float64: "double",
  float16: "c10::Half",
  bfloat16: "c10::BFloat16",
  uint8: "unsigned char",
  int8: "signed char",
  int16: "short int",
  int32: "int",
  int64: "long int",
  bool: "bool",
};

const floatMax: Partial<Record<DType, number>> = {
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

/** A double as C++ streams print it: six significant digits. */
export function streamed(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const exponent = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(Number(value.toPrecision(6)))));
  if (exponent >= -4 && exponent < 6) return String(Number(value.toPrecision(6)));
  const [mantissa, power] = value.toExponential(5).split("e") as [string, string];
  return `${Number(mantissa)}e${power[0]}${power.slice(1).padStart(2, "0")}`;
}

/** @throws {TensorError} for bounds of a uniform distribution that the dtype does not hold, or in the wrong order */
export function checkUniformBounds(dtype: DType, from: number, to: number): void {
  const real = toRealDType(dtype);
  const max = floatMax[real];
  if (max === undefined) return;
  if (!(from >= -max && from <= max)) throw new TensorError(`from is out of bounds for ${cTypes[real]}`);
  if (!(to >= -max && to <= max)) throw new TensorError(`to is out of bounds for ${cTypes[real]}`);
  if (from > to)
    throw new TensorError(`uniform_ expects to return a [from, to) range, but found from=${streamed(from)} > to=${streamed(to)}`);
  if (to - from > max) {
    throw new TensorError(
      `uniform_ expects to-from <= std::numeric_limits<${dtypeInfo[real].scalarType}>::max(), but found to=${streamed(to)} and from=${streamed(from)} which result in to-from to exceed the limit`,
    );
  }
}

/** @throws {TensorError} for a negative or absent standard deviation */
export function checkStd(std: number): void {
  if (!(std >= 0)) throw new TensorError(`normal expects std >= 0.0, but found std ${streamed(std)}`);
}

/** An integer argument. @throws {TypeError} for fractions and what is no number @throws {TensorError} beyond 64 bits */
export function integerArgument(name: string, parameter: string, value: unknown): bigint {
  if (typeof value === "number" && Number.isInteger(value)) {
    // 2 ** 63 - 1 cannot be told from 2 ** 63 as a number; only the former is an int64.
    return value === 2 ** 63 ? 2n ** 63n - 1n : asInt64(BigInt(value));
  }
  if (typeof value === "bigint") return asInt64(value);
  throw new TypeError(`${name}(): argument '${parameter}' must be int, not ${typeof value === "number" ? "float" : typeof value}`);
}

/** The integers that `random_` draws from, for a dtype: first and how many. `to` null means up to the largest. @throws {TensorError} */
export function integerRange(dtype: DType, from: bigint, to: bigint | null): { from: bigint; range: bigint } {
  if (to !== null) {
    if (from >= to) throw new TensorError(`random_ expects 'from' to be less than 'to', but got from=${from} >= to=${to}`);
    let bounds = { from, to };
    if (isFloatingPoint(dtype)) {
      bounds = representableBounds(dtype as RealDType, from, to);
      if (bounds.from >= bounds.to) {
        throw new TensorError(
          `random_ expects 'from' casted to dtype to be less than 'to' casted to dtype, but got from=${bounds.from} >= to=${bounds.to}`,
        );
      }
    }
    checkInRange(dtype, bounds.from, bounds.to - 1n);
    return { from: bounds.from, range: bounds.to - bounds.from };
  }
  if (from === -(2n ** 63n)) return { from, range: 1n << 64n };
  if (isFloatingPoint(dtype)) {
    const last = 1n << BigInt(SIGNIFICAND_BITS[dtype as RealDType]!);
    const first = representableBounds(dtype as RealDType, from, from + 1n).from;
    if (first >= last) {
      throw new TensorError(
        `random_ expects 'from' casted to dtype to be less than or equal to 'to_inc' casted to dtype, but got from=${first} > to_inc=${last}`,
      );
    }
    checkInRange(dtype, first, last);
    return { from: first, range: last - first + 1n };
  }
  if (isComplex(dtype)) throw new DTypeError("random_from_to_impl handles only integral, floating-point and boolean types");
  const last = INTEGER_MAX[dtype as RealDType]!;
  checkInRange(dtype, from, last);
  return { from, range: last - from + 1n };
}

function checkInRange(dtype: DType, first: bigint, last: bigint): void {
  if (isComplex(dtype)) throw new DTypeError("check_random_bounds handles only integral, floating-point and boolean types");
  let [low, high]: [bigint, bigint] = [0n, 0n];
  if (isFloatingPoint(dtype)) {
    high = BigInt(floatMax[dtype]!);
    low = -high;
  } else {
    high = INTEGER_MAX[dtype as RealDType]!;
    low = dtype === "bool" || dtype === "uint8" ? 0n : -high - 1n;
  }
  if (first < low || first > high) throw new TensorError(`from is out of bounds for ${cTypes[dtype]}`);
  if (last < low || last > high) throw new TensorError(`to - 1 is out of bounds for ${cTypes[dtype]}`);
}

const C_LIMITS: Partial<Record<DType, readonly [name: string, max: number]>> = {
  uint8: ["uint8_t", 255],
  int8: ["int8_t", 127],
  int16: ["int16_t", 32767],
  int32: ["int", 2147483647],
};

/** @throws {TensorError} when `dtype` cannot count up to `n` */
export function checkPermutationSize(dtype: DType, n: number): void {
  const limit = C_LIMITS[dtype];
  if (limit !== undefined && n > 0 && n - 1 > limit[1])
    throw new TensorError(`value cannot be converted to type ${limit[0]} without overflow`);
  const floatLimits: Partial<Record<DType, readonly [number, string, string]>> = {
    float16: [2049, "2049", "Half"],
    float32: [2 ** 24 + 1, "2^24+1", "Float"],
    float64: [2 ** 53 + 1, "2^53+1", "Double"],
  };
  const float = floatLimits[dtype];
  if (float !== undefined && n > float[0]) throw new TensorError(`n cannot be greater than ${float[1]} for ${float[2]} type.`);
}
