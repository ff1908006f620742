import { type DType, fromTypedArray, type Tensor } from "@bluedot/core";
import type { TypedArray } from "@bluedot/core/extend";
import { plainBytes } from "./byte-reader.ts";
import { UnpicklingError } from "./errors.ts";
import { readNpyHeader, writeNpyHeader } from "./npy-header.ts";
import { ZipReader } from "./zip-reader.ts";
import { zipStored } from "./zip-writer.ts";

/** Element types of NumPy arrays; the unsigned ones beyond eight bits have no tensor dtype. */
export type NpyDType = Exclude<DType, "bfloat16"> | "uint16" | "uint32" | "uint64";

/** Arrays of the elements: bool as bytes, float16 as its bits, complex as interleaved pairs. */
export type NpyData = TypedArray | Uint32Array | BigUint64Array;

/** An array as an `.npy` file holds it. */
export interface NpyArray {
  dtype: NpyDType;
  shape: number[];
  /** Elements in the file's order: column-major when `fortranOrder`. */
  data: NpyData;
  fortranOrder: boolean;
}

interface Format {
  dtype: NpyDType;
  /** Bytes of an element. */
  size: number;
  /** Bytes that are swapped as one on big-endian data. */
  word: number;
  array: new (buffer: ArrayBuffer) => NpyData;
}

const formats = new Map<string, Format>(
  (
    [
      ["b1", "bool", 1, 1, Uint8Array],
      ["u1", "uint8", 1, 1, Uint8Array],
      ["i1", "int8", 1, 1, Int8Array],
      ["i2", "int16", 2, 2, Int16Array],
      ["u2", "uint16", 2, 2, Uint16Array],
      ["f2", "float16", 2, 2, Uint16Array],
      ["i4", "int32", 4, 4, Int32Array],
      ["u4", "uint32", 4, 4, Uint32Array],
      ["f4", "float32", 4, 4, Float32Array],
      ["i8", "int64", 8, 8, BigInt64Array],
      ["u8", "uint64", 8, 8, BigUint64Array],
      ["f8", "float64", 8, 8, Float64Array],
      ["c8", "complex64", 8, 4, Float32Array],
      ["c16", "complex128", 16, 8, Float64Array],
    ] as const
  ).map(([code, dtype, size, word, array]) => [code, { dtype, size, word, array }]),
);

function swapWords(bytes: Uint8Array, word: number): void {
  for (let at = 0; at < bytes.length; at += word) bytes.subarray(at, at + word).reverse();
}

/** Reads the bytes of an `.npy` file. @throws {UnpicklingError} when they are damaged, or hold objects (a pickle). @see numpy.load */
export function parseNpy(bytes: Uint8Array): NpyArray {
  const { descr, fortranOrder, shape, dataOffset } = readNpyHeader(bytes);
  return npyArrayOf(bytes.subarray(dataOffset), descr, shape, fortranOrder);
}

/** The array whose elements `bytes` begin with, of a NumPy type string such as `<f4`. Copies them. @throws {UnpicklingError} */
export function npyArrayOf(bytes: Uint8Array, descr: string, shape: number[], fortranOrder: boolean): NpyArray {
  const [order, code] = [descr[0], descr.slice(1)];
  if (code.startsWith("O")) throw new UnpicklingError("npy: Object arrays cannot be loaded, they hold a pickle");
  const format = formats.get(code);
  if (format === undefined || order === undefined || !"<>|=".includes(order))
    throw new UnpicklingError(`npy: dtype ${JSON.stringify(descr)} is not supported`);
  if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0)) throw new UnpicklingError("npy: shape is not valid");
  const nbytes = shape.reduce((a, b) => a * b, format.size);
  if (!(nbytes <= bytes.length)) {
    throw new UnpicklingError(`npy: shape (${shape.join(", ")}) of ${format.dtype} needs ${nbytes} bytes, the file has ${bytes.length}`);
  }
  const content = plainBytes(bytes).slice(0, nbytes);
  if (order === ">") swapWords(content, format.word);
  return { dtype: format.dtype, shape, fortranOrder, data: new format.array(content.buffer as ArrayBuffer) };
}

/** Reads the bytes of an `.npy` file as a tensor. @throws {UnpicklingError} {@link parseNpy}; also for the unsigned types that tensors lack */
export function tensorFromNpy(bytes: Uint8Array): Tensor {
  const { dtype, shape, data, fortranOrder } = parseNpy(bytes);
  if (dtype === "uint16" || dtype === "uint32" || dtype === "uint64") {
    throw new UnpicklingError(
      `can't convert np.ndarray of type numpy.${dtype}. The only supported types are: float64, float32, float16, complex64, complex128, int64, int32, int16, int8, uint8, and bool.`,
    );
  }
  if (!fortranOrder || shape.length < 2) return fromTypedArray(data as TypedArray, shape, { dtype });
  const reversed = fromTypedArray(data as TypedArray, shape.toReversed(), { dtype });
  return reversed.permute(shape.map((_, d) => shape.length - 1 - d));
}

/** The bytes of an `.npy` file with the tensor's elements, row-major. @throws {TypeError} for bfloat16, which NumPy lacks */
export function npyFromTensor(tensor: Tensor): Uint8Array {
  const code = [...formats].find(([, format]) => format.dtype === tensor.dtype)?.[0];
  if (code === undefined) throw new TypeError(`Got unsupported ScalarType ${tensor.dtype === "bfloat16" ? "BFloat16" : tensor.dtype}`);
  const elements = tensor.detach().contiguous().typedArray();
  const head = writeNpyHeader(`${code.endsWith("1") && code !== "c16" ? "|" : "<"}${code}`, tensor.shape);
  const bytes = new Uint8Array(head.length + elements.byteLength);
  bytes.set(head);
  bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), head.length);
  return bytes;
}

/** The arrays of an `.npz` archive by name. @throws {UnpicklingError} @see numpy.load */
export function parseNpz(bytes: Uint8Array): Map<string, NpyArray> {
  return readNpz(bytes, parseNpy);
}

/** The arrays of an `.npz` archive as tensors. @throws {UnpicklingError} */
export function tensorsFromNpz(bytes: Uint8Array): Map<string, Tensor> {
  return readNpz(bytes, tensorFromNpy);
}

function readNpz<T>(bytes: Uint8Array, read: (content: Uint8Array) => T): Map<string, T> {
  const arrays = new Map<string, T>();
  try {
    const archive = new ZipReader(bytes);
    for (const name of archive.records.keys()) arrays.set(name.replace(/\.npy$/, ""), read(archive.read(name)));
  } catch (error) {
    if (error instanceof UnpicklingError) throw error;
    throw new UnpicklingError(`npz: ${(error as Error).message}`, { cause: error });
  }
  return arrays;
}

/** The bytes of an `.npz` archive. @see numpy.savez */
export function npzFromTensors(tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>): Uint8Array {
  const entries = tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, Tensor>);
  return zipStored(new Map(entries.map(([name, tensor]) => [`${name}.npy`, npyFromTensor(tensor)])));
}
