import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, SHAPE, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";

const served = (t: Tensor): boolean => {
  const { code } = dtypeInfo[t.dtype];
  return (code === FLOAT32 || code === FLOAT64) && t.storage.address !== 0;
};

/** Kernels of `mm`, `bmm`, `mv`, `dot` and `linear`, all one batched product with an optional addend. */
export function matmulKernels(addon: Addon): Record<string, (reference: Kernel) => Kernel> {
  const D = addon.descriptor;
  const matmul = addon.kernels["matmul"]!;

  /** Strides of an operand: batch, row, column. */
  const strides = (at: number, batch: number, row: number, column: number): void => {
    D[SHAPE + at] = batch;
    D[SHAPE + at + 1] = row;
    D[SHAPE + at + 2] = column;
  };
  const call = (batch: number, M: number, N: number, K: number, c: Tensor, a: Tensor, b: Tensor, addend: Tensor | null): void => {
    D[TYPE] = dtypeInfo[c.dtype].code;
    D[2] = batch;
    D[3] = M;
    D[4] = N;
    D[5] = K;
    D[POINTERS] = pointer(c);
    D[POINTERS + 1] = pointer(a);
    D[POINTERS + 2] = pointer(b);
    D[POINTERS + 3] = addend === null ? 0 : pointer(addend);
    matmul();
  };

  return {
    mm: (reference) => (inputs, outputs, params) => {
      const a = inputs[0]!;
      const b = inputs[1]!;
      const c = outputs[0]!;
      if (!served(c) || !served(a) || !served(b)) return reference(inputs, outputs, params);
      strides(0, 0, a.strides[0]!, a.strides[1]!);
      strides(3, 0, b.strides[0]!, b.strides[1]!);
      strides(6, 0, c.strides[0]!, c.strides[1]!);
      call(1, a.shape[0]!, b.shape[1]!, a.shape[1]!, c, a, b, null);
    },
    linear: (reference) => (inputs, outputs, params) => {
      const x = inputs[0]!;
      const w = inputs[1]!;
      const bias = inputs[2] ?? null;
      const y = outputs[0]!;
      if (!served(y) || !served(x) || !served(w) || (bias !== null && !served(bias))) return reference(inputs, outputs, params);
      const [N, K] = x.shape as [number, number];
      const O = w.shape[0]!;
      strides(0, 0, x.strides[0]!, x.strides[1]!);
      strides(3, 0, w.strides[1]!, w.strides[0]!);
      strides(6, 0, y.strides[0]!, y.strides[1]!);
      if (bias !== null) {
        const rows = bias.ndim;
        const column = rows === 0 || bias.shape[rows - 1] === 1 ? 0 : bias.strides[rows - 1]!;
        strides(9, 0, rows === 2 && bias.shape[0] !== 1 ? bias.strides[0]! : 0, column);
      }
      call(1, N, O, K, y, x, w, bias);
    },
    bmm: (reference) => (inputs, outputs, params) => {
      const a = inputs[0]!;
      const b = inputs[1]!;
      const c = outputs[0]!;
      if (!served(c) || !served(a) || !served(b)) return reference(inputs, outputs, params);
      strides(0, a.strides[0]!, a.strides[1]!, a.strides[2]!);
      strides(3, b.strides[0]!, b.strides[1]!, b.strides[2]!);
      strides(6, c.strides[0]!, c.strides[1]!, c.strides[2]!);
      call(a.shape[0]!, a.shape[1]!, b.shape[2]!, a.shape[2]!, c, a, b, null);
    },
    mv: (reference) => (inputs, outputs, params) => {
      const a = inputs[0]!;
      const v = inputs[1]!;
      const c = outputs[0]!;
      if (!served(c) || !served(a) || !served(v)) return reference(inputs, outputs, params);
      strides(0, 0, a.strides[0]!, a.strides[1]!);
      strides(3, 0, v.strides[0]!, 1);
      strides(6, 0, c.strides[0]!, 1);
      call(1, a.shape[0]!, 1, a.shape[1]!, c, a, v, null);
    },
    dot: (reference) => (inputs, outputs, params) => {
      const a = inputs[0]!;
      const b = inputs[1]!;
      const c = outputs[0]!;
      if (!served(c) || !served(a) || !served(b)) return reference(inputs, outputs, params);
      if (a.strides[0] === 1 && b.strides[0] === 1 && addon.kernels["dot"] !== undefined) {
        D[TYPE] = dtypeInfo[c.dtype].code;
        D[2] = a.count;
        D[POINTERS] = pointer(c);
        D[POINTERS + 1] = pointer(a);
        D[POINTERS + 2] = pointer(b);
        addon.kernels["dot"]();
        return;
      }
      strides(0, 0, 1, a.strides[0]!);
      strides(3, 0, b.strides[0]!, 1);
      strides(6, 0, 1, 1);
      call(1, 1, 1, a.count, c, a, b, null);
    },
  };
}
