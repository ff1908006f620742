import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";
import type { Generator } from "./generator.ts";
import { fillWith, type RealDType, type Stretch } from "./sink.ts";

const TWO_32 = 4294967296;
const TWO_32_BIG = 4294967296n;

/** Dtypes that take 64 random bits when the range asks for more than 32; the others draw 32 and wrap. */
const WIDE: ReadonlySet<RealDType> = new Set(["int64", "float64", "float32", "bfloat16"]);

/** Bits of the significand of the floating dtypes. */
export const SIGNIFICAND_BITS: Partial<Record<RealDType, number>> = { float64: 53, float32: 24, float16: 11, bfloat16: 8 };

/** Largest values of the integer dtypes. */
export const INTEGER_MAX: Partial<Record<RealDType, bigint>> = {
  bool: 1n,
  uint8: 255n,
  int8: 127n,
  int16: 32767n,
  int32: 2147483647n,
  int64: 9223372036854775807n,
};

/** `value` as the dtype would store it, as an integer again. */
function stored(value: bigint, dtype: RealDType): bigint {
  if (dtype === "float64") return BigInt(Number(value));
  const single = roundToFloat32(value);
  if (dtype === "float32") return BigInt(single);
  const half = dtype === "float16" ? float16ToNumber(numberToFloat16(single)) : bfloat16ToNumber(numberToBfloat16(single));
  return Number.isFinite(half) ? BigInt(half) : value;
}

/** The gap between neighbouring numbers of the dtype at the size of `value`. */
function gap(value: bigint, dtype: RealDType): bigint {
  const magnitude = value < 0n ? -value : value;
  const exponent = magnitude.toString(2).length - 1 - SIGNIFICAND_BITS[dtype]! + 1;
  return exponent > 0 ? 1n << BigInt(exponent) : 0n;
}

/**
 * Bounds [from, to) moved inwards to integers that a floating dtype holds, so that no drawn integer is rounded out of the range.
 * Integer dtypes keep theirs.
 */
export function representableBounds(dtype: RealDType, from: bigint, to: bigint): { from: bigint; to: bigint } {
  if (SIGNIFICAND_BITS[dtype] === undefined) return { from, to };
  const first = stored(from + 1n, dtype);
  const last = stored(to - 1n, dtype);
  return {
    from: first < from ? first + gap(from + 1n, dtype) : from,
    to: last >= to ? last - gap(to - 1n, dtype) : to,
  };
}

/**
 * Fills with integers uniform on [from, from + range): a random word modulo `range`, 64 bits wide from a range of 2^32 on. A range of 2^64
 * takes the 64 bits as they are.
 * @see torch.randint
 */
export function fillIntegers(stretch: Stretch, from: bigint, range: bigint, generator: Generator): void {
  if (WIDE.has(stretch.dtype) && range >= TWO_32_BIG) {
    if (range >= 1n << 64n) fillBig(stretch, () => generator.random64());
    else fillBig(stretch, () => (generator.random64() % range) + from);
    return;
  }
  const span = Number(range);
  const base = Number(from);
  if (!Number.isSafeInteger(base) || !Number.isSafeInteger(base + span)) {
    fillBig(stretch, () => BigInt(generator.random() % span) + from);
  } else if (stretch.dtype === "int64") {
    fillInt64(stretch, () => (generator.random() % span) + base);
  } else {
    fillWith(stretch, () => (generator.random() % span) + base);
  }
}

/**
 * Fills with integers uniform on what the dtype can count: [0, max] for integers, [0, 2^significand bits] for floats.
 * @see torch.Tensor.random_
 */
export function fillFullRange(stretch: Stretch, generator: Generator): void {
  const { dtype } = stretch;
  if (dtype === "int64") fillBig(stretch, () => generator.random64() & 0x7fffffffffffffffn);
  else if (dtype === "float64") fillBig(stretch, () => generator.random64() % ((1n << 53n) + 1n));
  else {
    const bits = SIGNIFICAND_BITS[dtype];
    const span = bits === undefined ? Number(INTEGER_MAX[dtype]) + 1 : 2 ** bits + 1;
    fillWith(stretch, () => generator.random() % span);
  }
}

/**
 * Writes a random permutation of 0 ... size - 1, shuffled from the front (Fisher and Yates) with one 32-bit draw a step.
 * @see torch.randperm
 */
export function fillPermutation({ data, dtype, offset, size }: Stretch, generator: Generator): void {
  // Shuffled in int32, in which the swap is cheapest; the order does not depend on the dtype.
  const order = new Int32Array(size);
  for (let i = 0; i < size; i++) order[i] = i;
  for (let i = 0; i < size - 1; i++) {
    const j = i + (generator.random() % (size - i));
    const kept = order[i]!;
    order[i] = order[j]!;
    order[j] = kept;
  }
  let at = 0;
  const next = (): number => order[at++]!;
  if (dtype === "int64") fillInt64({ data, dtype, offset, size }, next);
  else fillWith({ data, dtype, offset, size }, next);
}

/** Safe integers into an int64 tensor as two 32-bit halves, which spares a BigInt an element. */
export function fillInt64({ data, offset, size }: Stretch, draw: () => number): void {
  const halves = new Int32Array(data.buffer, data.byteOffset + 8 * offset, 2 * size);
  for (let i = 0; i < 2 * size; i += 2) {
    const value = draw();
    halves[i] = value | 0;
    halves[i + 1] = Math.floor(value / TWO_32);
  }
}

/** Integers of 64 bits, cast to the dtype as C casts an int64. */
function fillBig(stretch: Stretch, draw: () => bigint): void {
  const { data, dtype, offset, size } = stretch;
  const end = offset + size;
  if (dtype === "int64") {
    const integers = data as BigInt64Array;
    for (let i = offset; i < end; i++) integers[i] = draw();
  } else if (dtype === "float32") {
    for (let i = offset; i < end; i++) data[i] = roundToFloat32(BigInt.asIntN(64, draw()));
  } else if (dtype === "float16" || dtype === "bfloat16") {
    // PyTorch goes through float32.
    const bits = dtype === "float16" ? numberToFloat16 : numberToBfloat16;
    for (let i = offset; i < end; i++) data[i] = bits(roundToFloat32(BigInt.asIntN(64, draw())));
  } else {
    fillWith(stretch, () => Number(BigInt.asIntN(64, draw())));
  }
}

/** An integer of 64 bits rounded once to float32; by way of a double it could be rounded twice. */
function roundToFloat32(value: bigint): number {
  const magnitude = value < 0n ? -value : value;
  const excess = magnitude.toString(2).length - 40;
  if (excess <= 0) return Math.fround(Number(value));
  // Forty bits with the rest gathered in the last one ("sticky") round like the whole number.
  const shift = BigInt(excess);
  const kept = (magnitude >> shift) | (magnitude & ((1n << shift) - 1n) ? 1n : 0n);
  const rounded = Math.fround(Number(kept)) * 2 ** excess;
  return value < 0n ? -rounded : rounded;
}
