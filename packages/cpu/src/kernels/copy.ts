import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel, type Scalar } from "@bluedot/core/extend";
import {
  BFLOAT16,
  FLAT,
  FLOAT16,
  MAX_DIMS,
  NDIM,
  POINTERS,
  pointer,
  QUERY,
  SCALARS,
  SHAPE,
  STRIDES,
  TYPE,
  TYPES,
  writeStrides,
} from "../descriptor.ts";
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

  /** Pieces side by side along a dimension of the result; each is contiguous. */
  const pieces =
    (reference: Kernel): Kernel =>
    (inputs, outputs, params) => {
      const out = outputs[0]!;
      const code = dtypeInfo[out.dtype].code;
      if (
        isComplexCode(code) ||
        out.storage.address === 0 ||
        !out.contiguousLayout ||
        inputs.some((t) => t!.storage.address === 0 || !t!.contiguousLayout)
      ) {
        return reference(inputs, outputs, params);
      }
      let outer = 1;
      for (let i = 0; i < (params as number); i++) outer *= out.shape[i]!;
      if (outer === 0) return;
      const row = out.count / outer;
      let start = 0;
      D[TYPES] = D[TYPES + 1] = code;
      for (let i = 0; i < inputs.length; i++) {
        const piece = inputs[i]!;
        if (piece.count === 0) continue;
        const n = piece.count / outer;
        D[NDIM] = 2;
        D[SHAPE] = outer;
        D[SHAPE + 1] = n;
        D[STRIDES] = row;
        D[STRIDES + 1] = 1;
        D[STRIDES + MAX_DIMS] = n;
        D[STRIDES + MAX_DIMS + 1] = 1;
        D[POINTERS] = pointer(out) + start * dtypeInfo[out.dtype].itemSize;
        D[POINTERS + 1] = pointer(piece);
        copy();
        start += n;
      }
    };

  return {
    cat: pieces,
    stack: pieces,
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
      const exact =
        number === number &&
        ((code !== FLOAT16 && code !== BFLOAT16 && dtypeInfo[target.dtype].category === 2) || code === 11 || Math.abs(number) <= 127);
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
