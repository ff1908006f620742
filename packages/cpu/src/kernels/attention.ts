import type { Tensor } from "@bluedot/core";
import { type AttentionParams, attentionAxes, dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, SCALARS, SHAPE, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";

type Factory = (reference: Kernel) => Kernel;

/** Attention of several heads and its derivative, on operands of any strides. */
export function attentionKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  /** `first` is the position of the query among outputs and inputs. */
  const kernelOf =
    (name: string, first: number): Factory =>
    (reference) => {
      const native = addon.kernels[name]!;
      return (inputs, outputs, params) => {
        const p = params as AttentionParams;
        const tensors: (Tensor | null)[] = [...outputs, ...inputs];
        const [query, key, value] = [tensors[first]!, tensors[first + 1]!, tensors[first + 2]!];
        const { code } = dtypeInfo[query.dtype];
        const served = tensors.every((t) => t === null || (t.dtype === query.dtype && t.storage.address !== 0 && t.count > 0));
        if (!served || (code !== FLOAT32 && code !== FLOAT64)) return reference(inputs, outputs, params);
        const [b, h, l] = attentionAxes(p);
        D[TYPE] = code;
        D[2] = query.shape[b]!;
        D[3] = query.shape[h]!;
        D[4] = query.shape[l]!;
        D[5] = key.shape[l]!;
        D[6] = query.shape[3]!;
        D[7] = value.shape[3]!;
        D[SCALARS] = p.scale;
        D[SCALARS + 1] = p.causal ? 1 : 0;
        for (let i = 0; i < tensors.length; i++) {
          const t = tensors[i]!;
          D[POINTERS + i] = t === null ? 0 : pointer(t);
          if (t === null) continue;
          // A mask has its batch and heads first.
          const mask = i === first + 3;
          const at = SHAPE + 4 * i;
          D[at] = t.strides[mask ? 0 : b]!;
          D[at + 1] = t.strides[mask ? 1 : h]!;
          D[at + 2] = t.strides[mask ? 2 : l]!;
          D[at + 3] = t.strides[3]!;
        }
        native();
      };
    };
  return {
    scaledDotProductAttention: kernelOf("attention", 1),
    scaledDotProductAttentionBackward: kernelOf("attentionBackward", 4),
  };
}
