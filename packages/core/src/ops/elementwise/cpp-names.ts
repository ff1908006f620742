import type { DType } from "../../tensor/dtype.ts";

/** The names that C++ gives the dtypes, which some of PyTorch's messages show. */
const names: Readonly<Record<DType, string>> = {
  float32: "float",
  float64: "double",
  float16: "c10::Half",
  bfloat16: "c10::BFloat16",
  int8: "signed char",
  uint8: "unsigned char",
  int16: "short int",
  int32: "int",
  int64: "long int",
  bool: "bool",
  complex64: "c10::complex<float>",
  complex128: "c10::complex<double>",
};

/** The dtype as C++ names it. */
export const cppName = (dtype: DType): string => names[dtype];

/** What Python would call the type of a value, for complaints about arguments. */
export function pythonType(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (typeof value === "bigint") return "int";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (Array.isArray(value)) return "list";
  return value.constructor?.name === "ComplexScalar" ? "complex" : value.constructor?.name === "FloatScalar" ? "float" : typeof value;
}
