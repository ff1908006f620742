import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, SHAPE, TYPE } from "../descriptor.ts";
import type { Addon } from "../native.ts";

interface ConvolutionParams {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly transposed: boolean;
  readonly groups: number;
}

/** Kernels of `convolution` (both directions) and `convolutionWeightGrad`. Their inputs are contiguous. */
export function convKernels(addon: Addon): Record<string, (reference: Kernel) => Kernel> {
  const D = addon.descriptor;
  const { convForward, convBackwardInput, convBackwardWeight } = addon.kernels;

  const three = (at: number, values: readonly number[], from: number, missing: number): void => {
    const lead = 3 - (values.length - from);
    for (let i = 0; i < lead; i++) D[SHAPE + at + i] = missing;
    for (let i = lead; i < 3; i++) D[SHAPE + at + i] = values[from + i - lead]!;
  };
  /** The geometry of a convolution from `wide` `[N, C, ...]` to `narrow` `[N, O, ...]`; its adjoint goes back. */
  const describe = (wide: readonly number[], narrow: readonly number[], weight: readonly number[], p: ConvolutionParams): void => {
    D[2] = wide[0]!;
    D[3] = wide[1]!;
    D[4] = narrow[1]!;
    D[5] = p.groups;
    three(0, wide, 2, 1);
    three(3, weight, 2, 1);
    three(6, p.stride, 0, 1);
    three(9, p.padding, 0, 0);
    three(12, p.dilation, 0, 1);
    three(15, narrow, 2, 1);
  };
  const served = (t: Tensor): boolean => {
    const { code } = dtypeInfo[t.dtype];
    return (code === FLOAT32 || code === FLOAT64) && t.storage.address !== 0 && t.contiguousLayout && t.ndim <= 5;
  };

  return {
    convolution: (reference) => (inputs, outputs, params) => {
      const p = params as ConvolutionParams;
      const x = inputs[0]!;
      const w = inputs[1]!;
      const bias = inputs[2] ?? null;
      const y = outputs[0]!;
      if (!served(x) || !served(w) || !served(y) || (bias !== null && !served(bias)) || y.count === 0 || x.count === 0) {
        return reference(inputs, outputs, params);
      }
      if (p.transposed) describe(y.shape, x.shape, w.shape, p);
      else describe(x.shape, y.shape, w.shape, p);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      D[POINTERS + 2] = pointer(w);
      D[POINTERS + 3] = bias === null ? 0 : pointer(bias);
      if (p.transposed) convBackwardInput!();
      else convForward!();
    },
    convolutionWeightGrad: (reference) => (inputs, outputs, params) => {
      const x = inputs[0]!;
      const grad = inputs[1]!;
      const out = outputs[0]!;
      if (!served(x) || !served(grad) || !served(out) || x.count === 0 || out.count === 0) return reference(inputs, outputs, params);
      describe(x.shape, grad.shape, out.shape, params as ConvolutionParams);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(x);
      D[POINTERS + 2] = pointer(grad);
      convBackwardWeight!();
    },
  };
}
