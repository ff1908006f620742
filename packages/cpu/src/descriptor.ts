import type { Tensor } from "@bluedot/core";
import { dtypeInfo } from "@bluedot/core/extend";

/** Version of this layout and of the addon's exports; `kAbi` in native/descriptor.h is the same. Raised when an addon built before would misread a call. */
export const ABI = 1;

/** Slots of the descriptor; see native/descriptor.h. */
export const TYPE = 1;
export const NDIM = 2;
export const SCALARS = 8;
export const POINTERS = 16;
export const TYPES = 24;
export const SHAPE = 32;
export const STRIDES = 48;
export const MAX_DIMS = 16;

/** NDIM of operands that are all contiguous and of one size. */
export const FLAT = -1;
/** NDIM that asks a pointwise kernel for the types it serves. */
export const QUERY = -2;

/** Codes of element types with special treatment. */
export const FLOAT16 = 5;
export const FLOAT32 = 6;
export const FLOAT64 = 7;
export const BFLOAT16 = 15;

/**
 * The absolute address of the first element of `t`; 0 where there is none (memory that was released or that native code has not seen).
 * Valid while the storage lives. Taken last, just before the call: nothing may be allocated in between.
 */
export const pointer = (t: Tensor): number => (t.storage.address === 0 ? 0 : t.storage.address + t.offset * dtypeInfo[t.dtype].itemSize);

/** Writes the strides with which `t` walks `shape`, 0 where it is repeated. */
export function writeStrides(D: Float64Array, operand: number, t: Tensor, shape: readonly number[]): void {
  const base = STRIDES + operand * MAX_DIMS;
  const own = t.shape;
  const strides = t.strides;
  const lead = shape.length - own.length;
  for (let i = 0; i < lead; i++) D[base + i] = 0;
  for (let i = 0; i < own.length; i++) D[base + lead + i] = own[i] === 1 ? 0 : strides[i]!;
}
