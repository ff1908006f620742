import { addressOfBuffer } from "../../dispatch/allocator.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, dtypeInfo, getDefaultDtype, isComplex, isIntegral, type TypedArray } from "../../tensor/dtype.ts";
import { ComplexScalar, FloatScalar, type Scalar, scalarDType } from "../../tensor/scalar.ts";
import { contiguousStrides, formatShape, numelOf, type Shape } from "../../tensor/shape.ts";
import { Storage } from "../../tensor/storage.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { clone } from "../elementwise/clone.ts";
import { to } from "../elementwise/conversion.ts";
import { checkFactoryOptions, type FactoryOptions, finish } from "./filled.ts";
import { checkFits } from "./fits.ts";

/** What `tensor` takes: a scalar, nested arrays of scalars or tensors, a typed array, or a tensor. */
export type TensorData = Scalar | Tensor | TypedArray | readonly TensorData[];

const arrayDTypes = new Map<unknown, DType>([
  [Float32Array, "float32"],
  [Float64Array, "float64"],
  [Int8Array, "int8"],
  [Uint8Array, "uint8"],
  [Uint8ClampedArray, "uint8"],
  [Int16Array, "int16"],
  [Int32Array, "int32"],
  [BigInt64Array, "int64"],
]);

const isTypedArray = (value: unknown): value is TypedArray => ArrayBuffer.isView(value) && !(value instanceof DataView);

/** The dtype of a typed array's elements. @throws {DTypeError} for unsigned types that PyTorch lacks */
export function typedArrayDType(data: TypedArray): DType {
  for (const [Class, dtype] of arrayDTypes) if (data instanceof (Class as typeof Float32Array)) return dtype;
  throw new DTypeError(
    `can't convert ${data.constructor.name} to a tensor. The only supported types are: Float64Array, Float32Array, BigInt64Array, Int32Array, Int16Array, Int8Array, and Uint8Array.`,
  );
}

/** Data seen as a sequence: arrays, typed arrays and tensors with dimensions. */
type Sequence = readonly TensorData[] | TypedArray;
const isSequence = (data: unknown): data is Sequence => Array.isArray(data) || isTypedArray(data);

/** Collects scalars in row-major order and the shape; @throws {ShapeError} on ragged data, naming the path */
class Reader {
  readonly values: Scalar[] = [];
  readonly shape: number[] = [];

  read(data: TensorData, depth: number, path: string): void {
    if (data instanceof Tensor) return this.readTensor(data, depth, path);
    if (!isSequence(data)) {
      if (depth < this.shape.length) throw this.ragged(depth, path, data);
      if (!isScalarLike(data)) throw new TypeError(`not a number, boolean or tensor: ${path} is ${describe(data)}`);
      this.values.push(data);
      return;
    }
    if (this.values.length === 0 && depth === this.shape.length) this.shape.push(data.length);
    else if (depth >= this.shape.length || this.shape[depth] !== data.length) throw this.ragged(depth, path, data);
    for (let i = 0; i < data.length; i++) this.read(data[i] as TensorData, depth + 1, `${path}[${i}]`);
  }

  private readTensor(data: Tensor, depth: number, path: string): void {
    const nested = data.tolist() as TensorData;
    this.read(nested, depth, path);
  }

  private ragged(depth: number, path: string, data: unknown): ShapeError {
    const expected =
      depth < this.shape.length ? `expected sequence of length ${this.shape[depth]} at dim ${depth}` : `expected a number at ${path}`;
    const got = isSequence(data) ? `got ${data.length}` : `got ${describe(data)}`;
    return new ShapeError(`${expected} (${got}) in ${path}`);
  }
}

const isScalarLike = (value: unknown): value is Scalar =>
  typeof value === "number" ||
  typeof value === "bigint" ||
  typeof value === "boolean" ||
  value instanceof FloatScalar ||
  value instanceof ComplexScalar;

const describe = (value: unknown): string =>
  value === null
    ? "null"
    : typeof value === "object"
      ? (value.constructor?.name ?? "object")
      : typeof value === "string"
        ? JSON.stringify(value)
        : typeof value;

/** The dtype of scalars together: one complex makes complex; numbers make the default dtype; bigints int64; booleans bool. */
function commonDType(values: readonly Scalar[]): DType {
  if (values.length === 0) return getDefaultDtype();
  let sawNumber = false;
  let sawBigint = false;
  for (const value of values) {
    if (value instanceof ComplexScalar) return scalarDType(value);
    if (typeof value === "number" || value instanceof FloatScalar) sawNumber = true;
    else if (typeof value === "bigint") sawBigint = true;
  }
  return sawNumber ? getDefaultDtype() : sawBigint ? "int64" : "bool";
}

function commonTensorDType(data: TensorData): DType | null {
  let first: unknown = data;
  while (Array.isArray(first) && first.length > 0) first = first[0];
  return first instanceof Tensor ? first.dtype : isTypedArray(first) && Array.isArray(data) ? typedArrayDType(first) : null;
}

function store(values: readonly Scalar[], shape: Shape, dtype: DType): Tensor {
  if (isIntegral(dtype, false) && dtype !== "int64") for (const value of values) checkFits(value, dtype, dtype);
  const out = emptyTensor(shape, dtype);
  if (isComplex(dtype)) {
    writeDoubles(
      out,
      values.flatMap((v) => (v instanceof ComplexScalar ? [v.re, v.im] : [plainNumber(v), 0])),
    );
  } else if (dtype === "int64" && values.some((v) => typeof v === "bigint")) {
    writeBigInts(
      out,
      BigInt64Array.from(values, (v) => (typeof v === "bigint" ? v : BigInt(Math.trunc(plainNumber(v))))),
    );
  } else writeDoubles(out, Float64Array.from(values, plainNumber));
  return out;
}

const plainNumber = (v: Scalar): number =>
  typeof v === "number" ? v : v instanceof FloatScalar ? v.value : v instanceof ComplexScalar ? v.re : Number(v);

/**
 * A tensor holding a copy of `data`: numbers are of the default dtype, bigints int64, booleans bool, a typed array keeps its type.
 * @throws {ShapeError} on ragged data, with the path @throws {AutogradError} when integers should require grad @see torch.tensor
 */
export function tensor(data: TensorData, options: FactoryOptions = {}): Tensor {
  checkFactoryOptions("tensor", options);
  if (data instanceof Tensor) {
    const copy = clone(data.detach());
    return finish(to(copy, { dtype: options.dtype ?? null, device: options.device ?? null }), options);
  }
  let out: Tensor;
  if (isTypedArray(data)) {
    out = to(clone(fromTypedArray(data, [data.length])), options.dtype ?? typedArrayDType(data));
  } else {
    const reader = new Reader();
    reader.read(data, 0, "data");
    out = store(reader.values, reader.shape, options.dtype ?? commonTensorDType(data) ?? commonDType(reader.values));
  }
  if (options.device != null) out = to(out, options.device);
  return finish(out, options);
}

export interface FromTypedArrayOptions {
  /** Meaning of the elements where the array's type leaves a choice: `bool` over bytes, `float16` or `bfloat16` over Uint16Array, complex over pairs. */
  dtype?: DType;
}

/** A tensor over the memory of `data`, which both then share. @throws {ShapeError} when sizes do not fit @see torch.from_numpy */
export function fromTypedArray(data: TypedArray, shape: Shape = [data.length], options: FromTypedArrayOptions = {}): Tensor {
  const dtype = options.dtype ?? typedArrayDType(data);
  const { itemSize } = dtypeInfo[dtype];
  if (numelOf(shape) * itemSize !== data.byteLength) {
    throw new ShapeError(`shape '${formatShape(shape)}' is invalid for input of size ${data.byteLength / itemSize}`);
  }
  const buffer = data.buffer as ArrayBuffer;
  const start = addressOfBuffer(buffer);
  const storage = Storage.fromBuffer(buffer, data.byteOffset, data.byteLength, start === 0 ? 0 : start + data.byteOffset);
  return new Tensor(storage, shape, contiguousStrides(shape), 0, dtype, 1);
}

/** `data` as a tensor without a copy where it is one, or a typed array, already of that dtype. @see torch.as_tensor */
export function asTensor(data: TensorData, options: FactoryOptions = {}): Tensor {
  checkFactoryOptions("asTensor", options);
  if (data instanceof Tensor) return to(data, { dtype: options.dtype ?? null, device: options.device ?? null });
  if (isTypedArray(data)) return to(fromTypedArray(data), { dtype: options.dtype ?? null, device: options.device ?? null });
  return tensor(data, options);
}

/** A 0-d tensor of the default dtype, or of `dtype`. @see torch.scalar_tensor */
export const scalarTensorOf = (value: Scalar, options: FactoryOptions = {}): Tensor =>
  tensor(value, { ...options, dtype: options.dtype ?? getDefaultDtype() });
