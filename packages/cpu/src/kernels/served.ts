import type { Tensor } from "@bluedot/core";
import { dtypeInfo } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64 } from "../descriptor.ts";

/** Whether a tensor is float32 or float64. */
export const isFloat = (t: Tensor): boolean => {
  const { code } = dtypeInfo[t.dtype];
  return code === FLOAT32 || code === FLOAT64;
};
/** A contiguous float32 or float64 tensor with memory that native code knows. */
export const served = (t: Tensor | null | undefined): boolean => t == null || (isFloat(t) && t.storage.address !== 0 && t.contiguousLayout);
/** Whether native code serves all of them. */
export const allServed = (tensors: readonly (Tensor | null)[]): boolean => {
  for (let i = 0; i < tensors.length; i++) if (!served(tensors[i])) return false;
  return true;
};
/** A contiguous int64 tensor with memory that native code knows. */
export const isInt64 = (t: Tensor): boolean => t.dtype === "int64" && t.storage.address !== 0 && t.contiguousLayout;
/** The product of sizes `from` to `to`. */
export const product = (sizes: readonly number[], from: number, to: number): number => {
  let n = 1;
  for (let i = from; i < to; i++) n *= sizes[i]!;
  return n;
};
