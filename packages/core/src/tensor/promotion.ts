import { Category, type DType, dtypeInfo, getDefaultDtype, isComplex, isFloatingPoint, itemSize, toComplexDType } from "./dtype.ts";
import { isScalar, type Scalar, scalarDType } from "./scalar.ts";
import type { Tensor } from "./tensor.ts";

/** The smallest dtype that holds both, by PyTorch's lattice. @see torch.promote_types */
export function promoteTypes(a: DType, b: DType): DType {
  if (a === b) return a;
  const x = dtypeInfo[a];
  const y = dtypeInfo[b];
  if (x.category === Category.complex || y.category === Category.complex) {
    const wide = a === "complex128" || b === "complex128" || a === "float64" || b === "float64";
    return wide ? "complex128" : "complex64";
  }
  if (x.category !== y.category) return x.category > y.category ? a : b;
  if (x.category === Category.float) return x.itemSize === y.itemSize ? "float32" : x.itemSize > y.itemSize ? a : b;
  if (a === "uint8" || b === "uint8") {
    const other = a === "uint8" ? b : a;
    return other === "int8" ? "int16" : other;
  }
  return x.itemSize > y.itemSize ? a : b;
}

const combine = (higher: DType | null, lower: DType | null): DType | null => {
  if (higher === null || lower === null) return higher ?? lower;
  if (isComplex(higher)) return higher;
  if (isFloatingPoint(higher)) return isComplex(lower) ? toComplexDType(higher) : higher;
  if (higher === "bool" || isFloatingPoint(lower) || isComplex(lower)) return promoteTypes(higher, lower);
  return higher;
};

const promoteMaybe = (a: DType | null, b: DType): DType => (a === null ? b : promoteTypes(a, b));

/** The dtype of an operation on these operands: tensors with dimensions outrank 0-d tensors, which outrank scalars, within a kind. */
export function resultTypeOf(operands: readonly (Tensor | Scalar)[]): DType {
  let dimensioned: DType | null = null;
  let zeroDim: DType | null = null;
  let wrapped: DType | null = null;
  for (const operand of operands) {
    if (isScalar(operand)) wrapped = promoteMaybe(wrapped, scalarDType(operand));
    else if (operand.shape.length > 0) dimensioned = promoteMaybe(dimensioned, operand.dtype);
    else zeroDim = promoteMaybe(zeroDim, operand.dtype);
  }
  return combine(dimensioned, combine(zeroDim, wrapped)) ?? getDefaultDtype();
}

/** {@link resultTypeOf} for two tensors, without allocation. */
export function promoteTensors(a: Tensor, b: Tensor): DType {
  if (a.dtype === b.dtype) return a.dtype;
  if (a.shape.length > 0 === b.shape.length > 0) return promoteTypes(a.dtype, b.dtype);
  return (a.shape.length > 0 ? combine(a.dtype, b.dtype) : combine(b.dtype, a.dtype)) as DType;
}

/** The dtype PyTorch gives an operation on two operands. @see torch.result_type */
export const resultType = (a: Tensor | Scalar, b: Tensor | Scalar): DType => resultTypeOf([a, b]);

/** Whether a value of dtype `from` may be written into `to` in place. @see torch.can_cast */
export function canCast(from: DType, to: DType): boolean {
  if (isComplex(from) && !isComplex(to)) return false;
  if (isFloatingPoint(from) && dtypeInfo[to].category < Category.float) return false;
  return !(from !== "bool" && to === "bool");
}

/** The dtype in which a function to the reals computes: integers and bool become the default dtype. */
export const floatType = (dtype: DType): DType => (dtypeInfo[dtype].category < Category.float ? getDefaultDtype() : dtype);

/** Whether elements of `dtype` take more than the 8 bytes that any JavaScript number does. */
export const isWide = (dtype: DType): boolean => itemSize(dtype) > 8;
