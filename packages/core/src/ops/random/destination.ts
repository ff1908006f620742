import { DTypeError, ShapeError } from "../../errors.ts";
import { type DType, dtypeInfo } from "../../tensor/dtype.ts";
import { contiguousStrides, formatShape, numelOf, type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export interface DestinationOptions {
  /** A tensor that receives the result and is returned. Where its shape differs it takes the result's, if its memory suffices. */
  out?: Tensor | null | undefined;
}

/** The tensor that a factory fills for `out`: laid out as `shape`. @throws {DTypeError} when a dtype is asked for that it does not have */
export function destination(out: Tensor, shape: Shape, dtype: DType | null | undefined): Tensor {
  if (dtype != null && dtype !== out.dtype) {
    throw new DTypeError(`dtype ${dtypeInfo[dtype].scalarType} does not match dtype of out parameter (${dtypeInfo[out.dtype].scalarType})`);
  }
  if (sameShape(out.shape, shape)) return out;
  if (numelOf(shape) * out.itemsize > out.storage.nbytes - out.offset * out.itemsize) {
    throw new ShapeError(`out has shape ${formatShape(out.shape)}, whose memory does not hold ${formatShape(shape)}`);
  }
  out.relayout(shape, contiguousStrides(shape), out.offset);
  return out;
}

/** `result`, or `out` with the result written over it where one is given. */
export function writeResult(name: string, out: Tensor | null | undefined, result: Tensor, sameDType = true): Tensor {
  if (out === null || out === undefined) return result;
  if (sameDType && out.dtype !== result.dtype) {
    throw new DTypeError(`Expected out tensor to have dtype ${result.dtype}, but got ${out.dtype} instead (${name})`);
  }
  return destination(out, result.shape, null).copy_(result);
}
