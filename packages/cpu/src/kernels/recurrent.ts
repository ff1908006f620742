import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

/** One step of LSTM and GRU, forward and backward. Inputs are contiguous. */
export function recurrentKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  /** `state` is the position of an input `[N, H]`. */
  const step =
    (name: string, state: number): Factory =>
    (reference) => {
      const native = addon.kernels[name];
      if (native === undefined) return reference;
      return (inputs, outputs, params) => {
        const { shape, dtype } = inputs[state]!;
        const { code } = dtypeInfo[dtype];
        const tensors: (Tensor | null)[] = [...outputs, ...inputs];
        const served = tensors.every((t) => t === null || (t.dtype === dtype && t.storage.address !== 0 && t.contiguousLayout));
        if (!served || (code !== FLOAT32 && code !== FLOAT64)) return reference(inputs, outputs, params);
        D[TYPE] = code;
        D[2] = shape[0]!;
        D[3] = shape[1]!;
        for (let i = 0; i < tensors.length; i++) D[POINTERS + i] = tensors[i] === null ? 0 : pointer(tensors[i]!);
        native();
      };
    };
  return {
    lstmCell: step("lstmCell", 2),
    lstmCellBackward: step("lstmCellBackward", 2),
    gruCell: step("gruCell", 2),
    gruCellBackward: step("gruCellBackward", 1),
  };
}
