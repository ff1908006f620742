import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel, type Scalar } from "@bluedot/core/extend";
import { BFLOAT16, FLAT, FLOAT16, MAX_DIMS, NDIM, POINTERS, pointer, QUERY, SCALARS, SHAPE, TYPE, TYPES, writeStrides } from "../descriptor.ts";
import type { Addon } from "../native.ts";

const isComplexCode = (code: number): boolean => code === 9 || code === 10;

/** Kernels that copy, cast and fill. */
export function copyKernels(addon: Addon): Record<string, (reference: Kernel) => Kernel> {
  const D = addon.descriptor;
  const copy = addon.kernels["copy"]!;
  const fill = addon.kernels["fill"]!;

  /** Copies `source` over `target`, to whose shape it broadcasts; false where that is not served. */
  const copyTo = (source: Tensor, target: Tensor): boolean => {
    const to = dtypeInfo[target.dtype].code;
    const from = dtypeInfo[source.dtype].code;
    if (isComplexCode(to) || isComplexCode(from) || target.shape.length > MAX_DIMS) return false;
    if (source.storage.address === 0 || target.storage.address === 0) return false;
    D[TYPES] = to;
    D[TYPES + 1] = from;
    if (source.count === target.count && source.contiguousLayout && target.contiguousLayout) {
      D[NDIM] = FLAT;
      D[SHAPE] = target.count;
    } else {
      const { shape } = target;
      D[NDIM] = shape.length;
      for (let i = 0; i < shape.length; i++) D[SHAPE + i] = shape[i]!;
      writeStrides(D, 0, target, shape);
      writeStrides(D, 1, source, shape);
    }
    D[POINTERS] = pointer(target);
    D[POINTERS + 1] = pointer(source);
    copy();
    return true;
  };

  const first =
    (reference: Kernel): Kernel =>
    (inputs, outputs, params) => {
      if (!copyTo(inputs[0]!, outputs[0]!)) reference(inputs, outputs, params);
    };

  D[NDIM] = QUERY;
  fill();
  const mask = D[0]!;

  return {
    copy: first,
    clone: first,
    to: first,
    copy_: (reference) => (inputs, outputs, params) => {
      if (!copyTo(inputs[1]!, outputs[0]!)) reference(inputs, outputs, params);
    },
    fill: (reference) => (inputs, outputs, params) => {
      const target = outputs[0]!;
      const { code } = dtypeInfo[target.dtype];
      const value = params as Scalar;
      const number = typeof value === "number" ? value : typeof value === "boolean" ? (value ? 1 : 0) : Number.NaN;
      // Bigints, wrapped scalars and integers out of range keep their exact treatment in TypeScript.
      const exact = number === number && ((code !== FLOAT16 && code !== BFLOAT16 && dtypeInfo[target.dtype].category === 2) || code === 11 || Math.abs(number) <= 127);
      if (!exact || ((mask >> code) & 1) === 0 || target.storage.address === 0 || target.shape.length > MAX_DIMS) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = code;
      D[TYPES] = code;
      D[SCALARS] = number;
      if (target.contiguousLayout) {
        D[NDIM] = FLAT;
        D[SHAPE] = target.count;
      } else {
        const { shape } = target;
        D[NDIM] = shape.length;
        for (let i = 0; i < shape.length; i++) D[SHAPE + i] = shape[i]!;
        writeStrides(D, 0, target, shape);
      }
      D[POINTERS] = pointer(target);
      fill();
    },
  };
}
