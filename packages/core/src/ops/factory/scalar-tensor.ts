import { keepStorage } from "../../dispatch/allocator.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, isComplex } from "../../tensor/dtype.ts";
import { ComplexScalar, type Scalar, scalarNumber, scalarValue } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { checkFits } from "./fits.ts";

const REMEMBERED = 512;
const known = new Map<DType, Map<number, Tensor>>();

/** A new 0-d tensor that holds `value`. */
export function newScalarTensor(value: Scalar, dtype: DType): Tensor {
  const out = emptyTensor([], dtype);
  const plain = scalarValue(value);
  if (isComplex(dtype)) writeDoubles(out, [scalarNumber(value), value instanceof ComplexScalar ? value.im : 0]);
  else if (typeof plain === "bigint" && dtype === "int64") writeBigInts(out, BigInt64Array.of(plain));
  else writeDoubles(out, [Number(plain)]);
  return out;
}

/**
 * A 0-d tensor for a scalar operand. Those of plain numbers are remembered: programs use few, again and again.
 * Never hand one to a user, who could write to it.
 */
export function scalarTensor(value: Scalar, dtype: DType): Tensor {
  if (typeof value !== "number") return newScalarTensor(value, dtype);
  let ofDType = known.get(dtype);
  if (ofDType === undefined) {
    ofDType = new Map();
    known.set(dtype, ofDType);
  }
  let found = ofDType.get(value);
  if (found === undefined || Object.is(value, -0)) {
    found = newScalarTensor(value, dtype);
    keepStorage(found.storage);
    if (ofDType.size >= REMEMBERED) ofDType.clear();
    if (!Object.is(value, -0)) ofDType.set(value, found);
  }
  return found;
}

/** A new 0-d tensor that holds a number given by a user. @throws {DTypeError} when it does not fit in `dtype` */
export function scalarOf(value: Scalar, dtype: DType): Tensor {
  checkFits(value, dtype);
  return newScalarTensor(value, dtype);
}
