import { DTypeError } from "../errors.ts";

/** Element types, by PyTorch's names. `torch.float32` is the string `"float32"`. */
export type DType =
  | "float32"
  | "float64"
  | "float16"
  | "bfloat16"
  | "int8"
  | "uint8"
  | "int16"
  | "int32"
  | "int64"
  | "bool"
  | "complex64"
  | "complex128";

/** Arrays that hold elements: bool as bytes, float16 and bfloat16 as their bits, complex as interleaved re, im. */
export type TypedArray = Float32Array | Float64Array | Int8Array | Uint8Array | Int16Array | Uint16Array | Int32Array | BigInt64Array;

/** Order of categories in type promotion: a higher one wins. */
export enum Category {
  bool = 0,
  integer = 1,
  float = 2,
  complex = 3,
}

interface DTypeInfo {
  /** Bytes of an element. */
  readonly itemSize: number;
  readonly category: Category;
  /** Position in PyTorch's `ScalarType`; used where native code wants a number. */
  readonly code: number;
  /** PyTorch's name of the scalar type in error messages. */
  readonly scalarType: string;
  readonly array: new (buffer: ArrayBuffer, byteOffset: number, length: number) => TypedArray;
}

/** Everything that depends on the element type alone. */
export const dtypeInfo: Readonly<Record<DType, DTypeInfo>> = {
  uint8: { itemSize: 1, category: 1, code: 0, scalarType: "Byte", array: Uint8Array },
  int8: { itemSize: 1, category: 1, code: 1, scalarType: "Char", array: Int8Array },
  int16: { itemSize: 2, category: 1, code: 2, scalarType: "Short", array: Int16Array },
  int32: { itemSize: 4, category: 1, code: 3, scalarType: "Int", array: Int32Array },
  int64: { itemSize: 8, category: 1, code: 4, scalarType: "Long", array: BigInt64Array },
  float16: { itemSize: 2, category: 2, code: 5, scalarType: "Half", array: Uint16Array },
  float32: { itemSize: 4, category: 2, code: 6, scalarType: "Float", array: Float32Array },
  float64: { itemSize: 8, category: 2, code: 7, scalarType: "Double", array: Float64Array },
  complex64: { itemSize: 8, category: 3, code: 9, scalarType: "ComplexFloat", array: Float32Array },
  complex128: { itemSize: 16, category: 3, code: 10, scalarType: "ComplexDouble", array: Float64Array },
  bool: { itemSize: 1, category: 0, code: 11, scalarType: "Bool", array: Uint8Array },
  bfloat16: { itemSize: 2, category: 2, code: 15, scalarType: "BFloat16", array: Uint16Array },
};

export const dtypes: readonly DType[] = Object.keys(dtypeInfo) as DType[];

export const isDType = (value: unknown): value is DType => typeof value === "string" && Object.hasOwn(dtypeInfo, value);
export const isFloatingPoint = (dtype: DType): boolean => dtypeInfo[dtype].category === 2;
export const isComplex = (dtype: DType): boolean => dtypeInfo[dtype].category === 3;
/** Whether tensors of this dtype can require gradients: floating point or complex. */
export const isDifferentiable = (dtype: DType): boolean => dtypeInfo[dtype].category >= 2;
/** Integers, and bool when `includeBool`. */
export const isIntegral = (dtype: DType, includeBool = true): boolean =>
  dtypeInfo[dtype].category === 1 || (includeBool && dtype === "bool");
export const itemSize = (dtype: DType): number => dtypeInfo[dtype].itemSize;

/** The real dtype of a complex one (`complex64` -> `float32`); real ones are their own. */
export const toRealDType = (dtype: DType): DType => (dtype === "complex64" ? "float32" : dtype === "complex128" ? "float64" : dtype);
/** The complex dtype of a real one. */
export const toComplexDType = (dtype: DType): DType => (dtype === "float64" || dtype === "complex128" ? "complex128" : "complex64");

let defaultDType: DType = "float32";

/** The dtype of tensors made of JavaScript numbers. @see torch.get_default_dtype */
export const getDefaultDtype = (): DType => defaultDType;

/** Sets the dtype of tensors made of JavaScript numbers. @throws {DTypeError} unless floating point. @see torch.set_default_dtype */
export function setDefaultDtype(dtype: DType): void {
  if (!isDType(dtype) || !isFloatingPoint(dtype)) throw new DTypeError("only floating-point types are supported as the default type");
  defaultDType = dtype;
}

export const float32 = "float32" satisfies DType;
export const float = "float32" satisfies DType;
export const float64 = "float64" satisfies DType;
export const double = "float64" satisfies DType;
export const float16 = "float16" satisfies DType;
export const half = "float16" satisfies DType;
export const bfloat16 = "bfloat16" satisfies DType;
export const int8 = "int8" satisfies DType;
export const uint8 = "uint8" satisfies DType;
export const int16 = "int16" satisfies DType;
export const short = "int16" satisfies DType;
export const int32 = "int32" satisfies DType;
export const int = "int32" satisfies DType;
export const int64 = "int64" satisfies DType;
export const long = "int64" satisfies DType;
export const bool = "bool" satisfies DType;
export const complex64 = "complex64" satisfies DType;
export const complex128 = "complex128" satisfies DType;
