import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel, type LstmLayerParams } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

/** One step of LSTM and GRU and whole layers of LSTM, forward and backward. Inputs are contiguous. */
export function recurrentKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  /** `state` is the position of an input `[N, H]`; `all` that of what has a row for each step, among outputs and inputs. */
  const kernelOf =
    (name: string, state: number, all: number | null = null): Factory =>
    (reference) => {
      const native = addon.kernels[name]!;
      return (inputs, outputs, params) => {
        const { shape, dtype, count } = inputs[state]!;
        const { code } = dtypeInfo[dtype];
        const tensors: (Tensor | null)[] = [...outputs, ...inputs];
        const served = tensors.every((t) => t === null || (t.dtype === dtype && t.storage.address !== 0 && t.contiguousLayout));
        if (!served || count === 0 || (code !== FLOAT32 && code !== FLOAT64)) return reference(inputs, outputs, params);
        D[TYPE] = code;
        D[2] = shape[0]!;
        D[3] = shape[1]!;
        if (all !== null) {
          D[4] = tensors[all]!.shape[0]!;
          D[5] = (params as LstmLayerParams).reverse ? 1 : 0;
        }
        for (let i = 0; i < tensors.length; i++) D[POINTERS + i] = tensors[i] === null ? 0 : pointer(tensors[i]!);
        native();
      };
    };
  return {
    lstmCell: kernelOf("lstmCell", 2),
    lstmCellBackward: kernelOf("lstmCellBackward", 2),
    gruCell: kernelOf("gruCell", 2),
    gruCellBackward: kernelOf("gruCellBackward", 1),
    lstmLayer: kernelOf("lstmLayer", 3, 0),
    lstmLayerBackward: kernelOf("lstmLayerBackward", 3, 0),
  };
}
