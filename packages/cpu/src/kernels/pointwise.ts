import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import {
  BFLOAT16,
  FLAT,
  FLOAT16,
  FLOAT32,
  MAX_DIMS,
  NDIM,
  POINTERS,
  QUERY,
  SCALARS,
  SHAPE,
  STRIDES,
  TYPE,
  TYPES,
  writeStrides,
} from "../descriptor.ts";
import type { Addon } from "../native.ts";

/** Writes an operator's parameters to the scalars of the descriptor, from `at`. */
export type WriteScalars = (D: Float64Array, at: number, params: never) => void;

/** Operand whose type the kernel computes in: 1, or 2 after a condition. */
const enumOperand = (arity: number, condition: boolean): number => (condition ? 2 : arity > 0 ? 1 : 0);

/**
 * A pointwise kernel: `native` where it serves the operands' type, else `reference`. Half precision is computed in single.
 * `condition` says that the first input is a condition of bytes.
 */
export function pointwiseKernel(
  addon: Addon,
  name: string,
  reference: Kernel,
  scalars: WriteScalars | null = null,
  condition = false,
): Kernel {
  const native = addon.kernels[name]!;
  const D = addon.descriptor;
  D[NDIM] = QUERY;
  native();
  const mask = D[0]!;
  const serves: boolean[] = Array.from({ length: 16 }, (_, code) => ((mask >> code) & 1) === 1);
  serves[FLOAT16] = serves[BFLOAT16] = serves[FLOAT32]!;
  const at = enumOperand(1, condition);

  return (inputs, outputs, params) => {
    const y = outputs[0]!;
    const arity = inputs.length;
    const main = inputs[at - 1]!;
    const code = dtypeInfo[main.dtype].code;
    const half = code === FLOAT16 || code === BFLOAT16;
    if (!serves[code] || y.shape.length > MAX_DIMS || y.storage.address === 0) return reference(inputs, outputs, params);
    const count = y.count;
    D[TYPES] = dtypeInfo[y.dtype].code;
    let flat = !half && y.contiguousLayout;
    let simple = flat;
    for (let k = 0; k < arity; k++) {
      const x = inputs[k]!;
      if (x.storage.address === 0) return reference(inputs, outputs, params);
      D[TYPES + 1 + k] = dtypeInfo[x.dtype].code;
      if (!simple) continue;
      if (x.count !== count) {
        flat = false;
        // A single element, repeated.
        if (x.count !== 1) simple = false;
      } else if (!x.contiguousLayout) simple = flat = false;
    }
    D[TYPE] = half ? FLOAT32 : code;
    if (flat) {
      D[NDIM] = FLAT;
      D[SHAPE] = count;
    } else if (simple) {
      D[NDIM] = 1;
      D[SHAPE] = count;
      D[STRIDES] = 1;
      for (let k = 0; k < arity; k++) D[STRIDES + (k + 1) * MAX_DIMS] = inputs[k]!.count === count ? 1 : 0;
    } else {
      const shape = y.shape;
      D[NDIM] = shape.length;
      for (let i = 0; i < shape.length; i++) D[SHAPE + i] = shape[i]!;
      writeStrides(D, 0, y, shape);
      for (let k = 0; k < arity; k++) writeStrides(D, k + 1, inputs[k]!, shape);
    }
    if (scalars !== null) scalars(D, SCALARS, params as never);
    D[POINTERS] = y.storage.address + y.offset * dtypeInfo[y.dtype].itemSize;
    for (let k = 0; k < arity; k++) {
      const x = inputs[k] as Tensor;
      D[POINTERS + 1 + k] = x.storage.address + x.offset * dtypeInfo[x.dtype].itemSize;
    }
    native();
  };
}
