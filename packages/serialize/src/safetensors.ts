import { type DType, Tensor } from "@bluedot/core";
import { dtypeInfo } from "@bluedot/core/extend";
import { UnpicklingError } from "./errors.ts";
import { storageOf } from "./tensor-codec.ts";

const names: Readonly<Record<string, DType>> = {
  F64: "float64",
  F32: "float32",
  F16: "float16",
  BF16: "bfloat16",
  I64: "int64",
  I32: "int32",
  I16: "int16",
  I8: "int8",
  U8: "uint8",
  BOOL: "bool",
  C64: "complex64",
};
/** Headers beyond this are refused, as the reference implementation does. */
const MAX_HEADER = 100_000_000;

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** Tensors by name, in the file's order. */
  tensors: Map<string, Tensor>;
  /** The free text entries of `__metadata__`. */
  metadata: Map<string, string>;
}

function refuse(detail: string): never {
  throw new UnpicklingError(`safetensors: ${detail}`);
}

/**
 * Reads the bytes of a safetensors file.
 *
 * @throws {UnpicklingError} when the header is damaged, or tensors overlap, leave gaps or reach past the end.
 * @see https://github.com/huggingface/safetensors#format
 */
export function tensorsFromSafetensors(bytes: Uint8Array): SafetensorsFile {
  if (bytes.length < 8) refuse("header too small");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER) refuse("header too large");
  if (8 + length > bytes.length) refuse("invalid header length");
  const header = parseHeader(bytes.subarray(8, 8 + length));
  const data = bytes.subarray(8 + length);

  const metadata = new Map<string, string>();
  const entries: { name: string; dtype: DType; shape: number[]; start: number; end: number }[] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      for (const [key, value] of Object.entries(entry as object))
        metadata.set(key, typeof value === "string" ? value : refuse("__metadata__ may hold strings only"));
    } else entries.push({ name, ...checkEntry(name, entry) });
  }
  let end = 0;
  for (const entry of entries.toSorted((a, b) => a.start - b.start || a.end - b.end)) {
    if (entry.start !== end)
      refuse(`invalid offset for tensor ${JSON.stringify(entry.name)}: it begins at ${entry.start}, expected ${end}`);
    end = entry.end;
  }
  if (end !== data.length) refuse(`metadata incomplete buffer: tensors cover ${end} of ${data.length} bytes`);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, start, end: stop } of entries) {
    tensors.set(name, new Tensor(storageOf(data.subarray(start, stop), dtype), shape, rowMajorStrides(shape), 0, dtype));
  }
  return { tensors, metadata };
}

function parseHeader(bytes: Uint8Array): object {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    throw new UnpicklingError("safetensors: invalid header, it is not JSON", { cause: error });
  }
  if (typeof header !== "object" || header === null || Array.isArray(header)) refuse("invalid header, it is not an object");
  return header;
}

function checkEntry(name: string, entry: unknown): { dtype: DType; shape: number[]; start: number; end: number } {
  const { dtype: code, shape, data_offsets: offsets } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown };
  const dtype = typeof code === "string" && Object.hasOwn(names, code) ? names[code] : undefined;
  const quoted = JSON.stringify(name);
  if (dtype === undefined) refuse(`tensor ${quoted} has dtype ${String(code)}, expected one of ${Object.keys(names).join(", ")}`);
  const isSize = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
  if (!Array.isArray(shape) || !shape.every(isSize)) refuse(`tensor ${quoted} has an invalid shape`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isSize)) refuse(`tensor ${quoted} has invalid data_offsets`);
  const [start, end] = offsets as [number, number];
  const nbytes = shape.reduce((a, b) => a * b, dtypeInfo[dtype].itemSize);
  if (end - start !== nbytes) refuse(`tensor ${quoted} needs ${nbytes} bytes, its data_offsets give ${end - start}`);
  return { dtype, shape, start, end };
}

function rowMajorStrides(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

/** The bytes of a safetensors file: elements row-major, tensors that share memory written out each. @throws {TypeError} for complex128 */
export function safetensorsFromTensors(
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  metadata?: ReadonlyMap<string, string> | Readonly<Record<string, string>>,
): Uint8Array {
  const entries = (tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, Tensor>)).map(([name, tensor]) => {
    const code = Object.keys(names).find((key) => names[key] === tensor.dtype);
    if (code === undefined) throw new TypeError(`safetensors: tensor ${JSON.stringify(name)} is ${tensor.dtype}, which the format lacks`);
    return { name, tensor, code };
  });
  // Wide elements first, so that every tensor is aligned in the file.
  entries.sort((a, b) => b.tensor.itemsize - a.tensor.itemsize || (a.name < b.name ? -1 : 1));
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (metadata !== undefined) header["__metadata__"] = Object.fromEntries(metadata instanceof Map ? metadata : Object.entries(metadata));
  let end = 0;
  for (const { name, tensor, code } of entries) {
    if (name === "__metadata__") throw new TypeError("safetensors: __metadata__ is no name for a tensor");
    header[name] = { dtype: code, shape: tensor.shape, data_offsets: [end, (end += tensor.nbytes)] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerLength + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, 8, 8 + headerLength);
  bytes.set(json, 8);
  let at = 8 + headerLength;
  for (const { tensor } of entries) {
    const elements = tensor.detach().contiguous().typedArray();
    bytes.set(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), at);
    at += elements.byteLength;
  }
  return bytes;
}
