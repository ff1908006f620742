import { Category, type DType, getDefaultDtype, isComplex, isFloatingPoint, toComplexDType } from "./dtype.ts";

/** A number of the float kind even when it is integral: Python's `2.0` where JavaScript has only `2`. */
export class FloatScalar {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }

  /** The number itself, so that it also serves where only its value counts. */
  valueOf(): number {
    return this.value;
  }
}

/** A complex number given as a scalar operand. */
export class ComplexScalar {
  readonly re: number;
  readonly im: number;
  constructor(re: number, im: number) {
    this.re = re;
    this.im = im;
  }
}

/** What is accepted where PyTorch takes a Python number. */
export type Scalar = number | bigint | boolean | FloatScalar | ComplexScalar;

/** Marks `value` as floating point in type promotion. */
export const floatScalar = (value: number): FloatScalar => new FloatScalar(value);
/** A complex scalar operand `re + im i`. */
export const complexScalar = (re: number, im: number): ComplexScalar => new ComplexScalar(re, im);

export const isScalar = (value: unknown): value is Scalar =>
  typeof value === "number" ||
  typeof value === "bigint" ||
  typeof value === "boolean" ||
  value instanceof FloatScalar ||
  value instanceof ComplexScalar;

/** The kind of a scalar: bigint and integral numbers are integers, other numbers are floats. */
export function scalarCategory(value: Scalar): Category {
  if (typeof value === "number") return Number.isInteger(value) ? Category.integer : Category.float;
  if (typeof value === "bigint") return Category.integer;
  if (typeof value === "boolean") return Category.bool;
  return value instanceof FloatScalar ? Category.float : Category.complex;
}

/** The dtype that a scalar has by itself: bool, int64, the default dtype or its complex companion. */
export function scalarDType(value: Scalar): DType {
  switch (scalarCategory(value)) {
    case Category.bool:
      return "bool";
    case Category.integer:
      return "int64";
    case Category.float:
      return getDefaultDtype();
    default:
      return toComplexDType(getDefaultDtype());
  }
}

/** The result dtype of a tensor of `dtype` with a scalar: the tensor's, unless the scalar is of a higher kind. */
export function promoteScalar(dtype: DType, value: Scalar): DType {
  if (typeof value === "number" && (dtype === "float32" || dtype === "float64")) return dtype;
  const kind = scalarCategory(value);
  if (isComplex(dtype)) return dtype;
  if (kind === Category.complex) return isFloatingPoint(dtype) ? toComplexDType(dtype) : toComplexDType(getDefaultDtype());
  if (isFloatingPoint(dtype)) return dtype;
  if (kind === Category.float) return getDefaultDtype();
  return dtype === "bool" && kind === Category.integer ? "int64" : dtype;
}

/** The plain JavaScript value of a real scalar. */
export function scalarValue(value: Scalar): number | bigint | boolean {
  if (value instanceof FloatScalar) return value.value;
  if (value instanceof ComplexScalar) return value.re;
  return value;
}

/** A real scalar as a number (a bigint beyond 2^53 is rounded). */
export const scalarNumber = (value: Scalar): number => (typeof value === "number" ? value : Number(scalarValue(value)));
