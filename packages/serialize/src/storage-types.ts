import type { DType } from "@bluedot/core";

/** PyTorch's storage classes, one an element type. */
const storageNames: Readonly<Record<DType, string>> = {
  float64: "DoubleStorage",
  float32: "FloatStorage",
  float16: "HalfStorage",
  bfloat16: "BFloat16Storage",
  int64: "LongStorage",
  int32: "IntStorage",
  int16: "ShortStorage",
  int8: "CharStorage",
  uint8: "ByteStorage",
  bool: "BoolStorage",
  complex64: "ComplexFloatStorage",
  complex128: "ComplexDoubleStorage",
};

const dtypeOfName = new Map(Object.entries(storageNames).map(([dtype, name]) => [name, dtype as DType]));

/** The storage class of `dtype`: `"FloatStorage"` for float32. */
export const storageName = (dtype: DType): string => storageNames[dtype];

/** The element type of a storage class, `undefined` when the name is none. `UntypedStorage` counts bytes. */
export const dtypeOfStorage = (name: string): DType | undefined => (name === "UntypedStorage" ? "uint8" : dtypeOfName.get(name));
