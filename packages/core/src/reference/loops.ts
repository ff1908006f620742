import { type DType, isComplex, type TypedArray } from "../tensor/dtype.ts";
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";
import { contiguousStrides, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { doublesOfInt64, writeInt64Words } from "./int64-words.ts";

/** Numbers to read or write by index, with the layout of a tensor over them. */
export interface Numbers {
  data: Exclude<TypedArray, BigInt64Array> | Float64Array;
  strides: readonly number[];
  offset: number;
}

/** Called with the position of each operand at the start of a row of `n` elements, and its step within the row. */
export type Row = (positions: readonly number[], steps: readonly number[], n: number) => void;

/**
 * Walks operands of one shape row by row, in row-major order, merging dimensions that all operands lay out as one.
 * `strides[k]` belong to operand `k`, which starts at `offsets[k]`.
 */
export function forEachRow(shape: Shape, strides: readonly (readonly number[])[], offsets: readonly number[], row: Row): void {
  const sizes: number[] = [];
  const steps: number[][] = strides.map(() => []);
  for (let d = 0; d < shape.length; d++) {
    const n = shape[d]!;
    if (n === 0) return;
    if (n === 1) continue;
    const last = sizes.length - 1;
    if (last >= 0 && strides.every((s, k) => steps[k]![last] === s[d]! * n)) {
      sizes[last]! *= n;
      strides.forEach((s, k) => {
        steps[k]![last] = s[d]!;
      });
    } else {
      sizes.push(n);
      strides.forEach((s, k) => steps[k]!.push(s[d]!));
    }
  }
  const inner = sizes.pop() ?? 1;
  const innerSteps = steps.map((s) => s.pop() ?? 0);
  const positions = [...offsets];
  const counter = new Array<number>(sizes.length).fill(0);
  for (;;) {
    row(positions, innerSteps, inner);
    let d = sizes.length - 1;
    for (; d >= 0; d--) {
      counter[d]!++;
      for (let k = 0; k < positions.length; k++) positions[k]! += steps[k]![d]!;
      if (counter[d]! < sizes[d]!) break;
      for (let k = 0; k < positions.length; k++) positions[k]! -= steps[k]![d]! * sizes[d]!;
      counter[d] = 0;
    }
    if (d < 0) return;
  }
}

/** Dtypes whose typed array holds the numbers themselves. */
export const isPlain = (dtype: DType): boolean => dtype !== "float16" && dtype !== "bfloat16" && dtype !== "int64" && !isComplex(dtype);

/** How the bits in the storage become a number. */
export const decoder = (dtype: DType): ((bits: never) => number) =>
  (dtype === "float16" ? float16ToNumber : dtype === "bfloat16" ? bfloat16ToNumber : Number) as (bits: never) => number;

/** The elements as numbers: in place where the typed array has them, else a contiguous float64 copy (int64 is rounded beyond 2^53). */
export function numbersOf(t: Tensor): Numbers {
  const elements = t.elements;
  if (isPlain(t.dtype)) return { data: elements as Float64Array, strides: t.strides, offset: t.offset };
  if (t.dtype === "int64" && t.contiguousLayout) {
    const data = doublesOfInt64((elements as BigInt64Array).subarray(t.offset, t.offset + t.count));
    return { data, strides: contiguousStrides(t.shape), offset: 0 };
  }
  const decode = decoder(t.dtype);
  const data = new Float64Array(t.count);
  let i = 0;
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0; j < n; j++) data[i++] = decode(elements[p! + j * s!] as never);
  });
  return { data, strides: contiguousStrides(t.shape), offset: 0 };
}

/** The elements of a tensor of any real dtype in row-major order, in a new array of doubles. */
export function toDoubles(t: Tensor): Float64Array {
  const { data, strides, offset } = numbersOf(t);
  if (!isPlain(t.dtype)) return data as Float64Array;
  const out = new Float64Array(t.count);
  let i = 0;
  forEachRow(t.shape, [strides], [offset], ([p], [s], n) => {
    for (let j = 0, at = p!; j < n; j++, at += s!) out[i++] = data[at]!;
  });
  return out;
}

/** Real and imaginary parts of a tensor of any dtype in row-major order, interleaved. */
export function toComplexDoubles(t: Tensor): Float64Array {
  const out = new Float64Array(t.count * 2);
  if (!isComplex(t.dtype)) {
    const re = toDoubles(t);
    for (let i = 0; i < re.length; i++) out[2 * i] = re[i]!;
    return out;
  }
  const data = t.elements as Float64Array;
  let i = 0;
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0, at = p!; j < n; j++, at += s!) {
      out[i++] = data[2 * at]!;
      out[i++] = data[2 * at + 1]!;
    }
  });
  return out;
}

/** The elements as 64-bit integers in row-major order, in a new array; floats are truncated. */
export function toBigInts(t: Tensor): BigInt64Array {
  const out = new BigInt64Array(t.count);
  const elements = t.elements;
  const exact = t.dtype === "int64";
  const decode = decoder(t.dtype);
  let i = 0;
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0, at = p!; j < n; j++, at += s!) out[i++] = exact ? (elements[at] as bigint) : toInt64(decode(elements[at] as never));
  });
  return out;
}

/** A double as int64: truncated; NaN and what is out of range become the smallest one, as on x86-64. */
export function toInt64(value: number): bigint {
  if (!(value >= -9223372036854775808 && value < 9223372036854775808)) return -9223372036854775808n;
  return BigInt(Math.trunc(value));
}

/** How a number becomes the bits in the storage of `dtype`. Bool takes anything but zero as true. */
export function encoder(dtype: DType): (value: number) => number | bigint {
  switch (dtype) {
    case "float16":
      return numberToFloat16;
    case "bfloat16":
      return numberToBfloat16;
    case "int64":
      return toInt64;
    case "bool":
      return (value) => (value !== 0 ? 1 : 0);
    default:
      return (value) => value;
  }
}

/** Writes row-major doubles (interleaved for complex dtypes) over a tensor of any layout, cast to its dtype. */
export function writeDoubles(t: Tensor, values: ArrayLike<number>): void {
  const elements = t.elements as { [i: number]: number | bigint };
  let i = 0;
  if (isComplex(t.dtype)) {
    forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
      for (let j = 0, at = p!; j < n; j++, at += s!) {
        elements[2 * at] = values[i++]!;
        elements[2 * at + 1] = values[i++]!;
      }
    });
    return;
  }
  if (t.dtype === "int64" && t.contiguousLayout) {
    if (writeInt64Words((t.elements as BigInt64Array).subarray(t.offset, t.offset + t.count), values)) return;
  }
  const encode = encoder(t.dtype);
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0, at = p!; j < n; j++, at += s!) elements[at] = encode(values[i++]!);
  });
}

/** Writes row-major 64-bit integers over an integer tensor of any layout. */
export function writeBigInts(t: Tensor, values: BigInt64Array): void {
  if (t.dtype !== "int64") {
    writeDoubles(t, Float64Array.from(values, Number));
    return;
  }
  const elements = t.elements as BigInt64Array;
  let i = 0;
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0, at = p!; j < n; j++, at += s!) elements[at] = values[i++]!;
  });
}

/** A place for numbers that become `t`: its own memory where the typed array holds them, else doubles that `commit` writes. */
export function writable(t: Tensor): Numbers & { commit(): void } {
  if (isPlain(t.dtype) && t.dtype !== "bool") {
    return { data: t.elements as Float64Array, strides: t.strides, offset: t.offset, commit: () => {} };
  }
  const data = new Float64Array(t.count);
  return { data, strides: contiguousStrides(t.shape), offset: 0, commit: () => writeDoubles(t, data) };
}
