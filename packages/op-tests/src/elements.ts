import type { Json, JsonObject } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** An element of a tensor as JavaScript holds it; complex tensors have two numbers an element. */
export type Element = number | bigint | boolean;

/** A recorded tensor. */
export interface RecordedTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Absent when contiguous. */
  readonly stride: readonly number[] | undefined;
  readonly storageOffset: number;
  readonly requiresGrad: boolean;
  readonly names: readonly (string | null)[] | undefined;
  /** Logical row-major order, rounded to the dtype. */
  readonly data: readonly Element[];
}

/** Whether a JSON value is a recorded tensor. */
export function isRecordedTensor(value: Json | undefined): value is { $tensor: JsonObject } {
  return isJsonObject(value) && isJsonObject(value["$tensor"]);
}

/** Reads `{ "$tensor": ... }`. */
export function readTensor(value: { $tensor: JsonObject }): RecordedTensor {
  const { dtype, shape, stride, storage_offset, requires_grad, names, data } = value.$tensor;
  const type = dtype as string;
  return {
    dtype: type,
    shape: shape as number[],
    stride: stride as number[] | undefined,
    storageOffset: typeof storage_offset === "number" ? storage_offset : 0,
    requiresGrad: requires_grad === true,
    names: names as (string | null)[] | undefined,
    data: (data as Json[]).map((element) => readElement(element, type)),
  };
}

/** An element of `data`, rounded to what `dtype` can hold. */
export function readElement(element: Json, dtype: string): Element {
  if (typeof element === "boolean") {
    return element;
  }
  if (dtype === "bool") {
    return element !== 0;
  }
  if (/^u?int/.test(dtype)) {
    return typeof element === "string" ? BigInt(element) : (element as number);
  }
  return roundTo(dtype, Number(element));
}

/** `value` rounded to the nearest number that `dtype` holds. */
export function roundTo(dtype: string, value: number): number {
  switch (dtype) {
    case "float32":
    case "complex64":
      return Math.fround(value);
    case "float16":
      return roundToBits(value, 11, -14, 65504);
    case "bfloat16":
      return roundToBits(value, 8, -126, 3.3895313892515355e38);
    default:
      return value;
  }
}

/** Rounds to a binary floating-point format with `bits` of significand (the leading one included), half to even. */
function roundToBits(value: number, bits: number, minExponent: number, largest: number): number {
  if (value === 0 || !Number.isFinite(value)) {
    return value;
  }
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), minExponent);
  const unit = 2 ** (exponent - bits + 1);
  const scaled = value / unit;
  const down = Math.floor(scaled);
  const rest = scaled - down;
  const rounded = (rest > 0.5 || (rest === 0.5 && down % 2 !== 0) ? down + 1 : down) * unit;
  return Math.abs(rounded) > largest ? Math.sign(rounded) * Number.POSITIVE_INFINITY : rounded;
}

/** Number of elements of a shape. */
export function countOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Row-major strides, as PyTorch gives them: a dimension of size 0 counts as 1. */
export function contiguousStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let dim = shape.length - 1; dim >= 0; dim--) {
    strides[dim] = step;
    step *= Math.max(shape[dim] as number, 1);
  }
  return strides;
}

/** Calls `visit(flat, offset)` for each element in row-major order with its offset under `strides`. */
export function forEachOffset(shape: readonly number[], strides: readonly number[], visit: (flat: number, offset: number) => void): void {
  const count = countOf(shape);
  const index = new Array<number>(shape.length).fill(0);
  let offset = 0;
  for (let flat = 0; flat < count; flat++) {
    visit(flat, offset);
    for (let dim = shape.length - 1; dim >= 0; dim--) {
      const next = (index[dim] as number) + 1;
      offset += strides[dim] as number;
      if (next < (shape[dim] as number)) {
        index[dim] = next;
        break;
      }
      offset -= next * (strides[dim] as number);
      index[dim] = 0;
    }
  }
}
