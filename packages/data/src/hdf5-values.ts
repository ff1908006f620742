import { type DType, fromTypedArray, Tensor } from "@bluedot/core";
import type { Metadata } from "h5wasm";
import type { H5Module } from "./hdf5-handle.ts";

/** Element types of numeric HDF5 data; the unsigned ones beyond eight bits have no tensor dtype. */
export type Hdf5DType = Exclude<DType, "bfloat16" | "complex64" | "complex128"> | "uint16" | "uint32" | "uint64";

type Elements =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** Numbers of a dataset or attribute: float16 as its bits, bool as bytes. */
export interface Hdf5Array {
  dtype: Hdf5DType;
  shape: number[];
  data: Elements;
}

/** What an attribute or dataset may hold here. */
export type Hdf5Value = Hdf5Array | string | string[];

const INTEGER = 0;
const FLOAT = 1;
const STRING = 3;
const ENUM = 8;
const integerNames = new Map([1, 2, 4, 8].map((size) => [size, 8 * size]));
const arrays: Readonly<Record<Hdf5DType, new (buffer: ArrayBuffer) => Elements>> = {
  bool: Uint8Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  float16: Uint16Array,
  float32: Float32Array,
  float64: Float64Array,
};

/** `h5wasm`'s letter for a dtype that can be written. */
const typeCodes = new Map<DType, string>([
  ["float64", "<d"],
  ["float32", "<f"],
  ["int64", "<q"],
  ["int32", "<i"],
  ["int16", "<h"],
  ["int8", "<b"],
  ["uint8", "<B"],
  ["bool", "<B"],
]);

/** What a dataset or attribute can be made of: a tensor, a number (float64), text. Booleans are written as uint8. */
export type Hdf5Input = Tensor | number | string | readonly string[];

/** A value in the form in which `h5wasm` takes it. @throws {TypeError} for dtypes that cannot be written */
export function prepareInput(value: Hdf5Input): { data: Elements | string | string[]; shape: number[]; dtype: string } {
  if (typeof value === "string") return { data: value, shape: [], dtype: "S" };
  if (typeof value === "number") return { data: Float64Array.of(value), shape: [], dtype: "<d" };
  if (value instanceof Tensor) {
    const dtype = typeCodes.get(value.dtype);
    if (dtype === undefined)
      throw new TypeError(
        `hdf5: ${value.dtype} cannot be written, convert the tensor to ${value.dtype.startsWith("complex") ? "real and imaginary parts" : "float32"} first`,
      );
    return { data: value.detach().contiguous().typedArray() as Elements, shape: [...value.shape], dtype };
  }
  if (Array.isArray(value) && value.every((text) => typeof text === "string"))
    return { data: value as string[], shape: [value.length], dtype: "S" };
  throw new TypeError("hdf5: a tensor, a number, a string or an array of strings can be written");
}

/** The element type that HDF5 metadata describes; `null` = text. @throws {TypeError} for compound and other types */
export function dtypeOf(metadata: Metadata, path: string): Hdf5DType | null {
  const { type, size, signed, enum_type: enumeration } = metadata;
  if (type === STRING) return null;
  if (type === INTEGER && integerNames.has(size)) return `${signed ? "" : "u"}int${integerNames.get(size)}` as Hdf5DType;
  if (type === FLOAT && (size === 2 || size === 4 || size === 8)) return `float${8 * size}` as Hdf5DType;
  if (type === ENUM && size === 1 && enumeration?.members["FALSE"] === 0 && enumeration.members["TRUE"] === 1) return "bool";
  throw new TypeError(`hdf5: ${path} has a type that is neither numbers nor text`);
}

/** Wraps raw bytes, which must start their own buffer, as numbers of `dtype`. */
export function toArray(bytes: Uint8Array, dtype: Hdf5DType, shape: number[]): Hdf5Array {
  return { dtype, shape, data: new arrays[dtype](bytes.buffer as ArrayBuffer) };
}

/** Numbers as a tensor. @throws {TypeError} for the unsigned types that tensors lack */
export function toTensor(array: Hdf5Array): Tensor {
  const { dtype, shape, data } = array;
  if (dtype === "uint16" || dtype === "uint32" || dtype === "uint64") {
    throw new TypeError(
      `can't convert np.ndarray of type numpy.${dtype}. The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, and bool.`,
    );
  }
  return fromTypedArray(data as Parameters<typeof fromTypedArray>[0], shape, { dtype });
}

/** Runs `use` with memory inside the WebAssembly module. @throws {RangeError} when there is none left */
export function withMemory<T>(module: H5Module, nbytes: number, use: (pointer: number) => T): T {
  if (nbytes > module.MAXIMUM_MEMORY)
    throw new RangeError(`hdf5: ${nbytes} bytes are more than HDF5 can hold in memory at once; read the dataset in slices`);
  const pointer = module._malloc(Math.max(nbytes, 1));
  if (pointer === 0) throw new RangeError(`hdf5: no memory for ${nbytes} bytes; read the dataset in slices`);
  try {
    return use(pointer);
  } finally {
    module._free(pointer);
  }
}

/** One part of an index: from, to (exclusive), step; `keep` false when an integer selected it. */
export interface Selection {
  start: number;
  stop: number;
  step: number;
  keep: boolean;
}

/** Resolves an index like those of tensors: integers, `":"`, `"1:3"`, `"::2"`, `"..."`. @throws {RangeError} */
export function resolveSelection(shape: readonly number[], indices: readonly (number | string)[]): Selection[] {
  const dots = indices.indexOf("...");
  const given =
    dots < 0
      ? [...indices]
      : [
          ...indices.slice(0, dots),
          ...new Array<string>(Math.max(0, shape.length - indices.length + 1)).fill(":"),
          ...indices.slice(dots + 1),
        ];
  if (given.length > shape.length) throw new RangeError(`too many indices for dataset of dimension ${shape.length}`);
  return shape.map((size, d) => {
    const index = given[d] ?? ":";
    if (typeof index === "number") {
      if (!Number.isInteger(index) || index < -size || index >= size)
        throw new RangeError(`index ${index} is out of bounds for dimension ${d} with size ${size}`);
      const start = index < 0 ? index + size : index;
      return { start, stop: start + 1, step: 1, keep: false };
    }
    const match = /^(-?\d*):(-?\d*)(?::(\d*))?$/.exec(index);
    if (match === null) throw new RangeError(`hdf5: index ${JSON.stringify(index)} is no slice such as "1:3"`);
    const bound = (text: string | undefined, fallback: number): number => {
      if (text === undefined || text === "" || text === "-") return fallback;
      const value = Number(text);
      return Math.min(size, Math.max(0, value < 0 ? value + size : value));
    };
    const step = match[3] === undefined || match[3] === "" ? 1 : Number(match[3]);
    if (step < 1) throw new RangeError("slice step must be positive");
    const start = bound(match[1], 0);
    return { start, stop: Math.max(start, bound(match[2], size)), step, keep: true };
  });
}
