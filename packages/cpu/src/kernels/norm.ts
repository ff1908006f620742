import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { POINTERS, pointer, SCALARS, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";
import { allServed, product, served } from "./served.ts";

type Factory = (reference: Kernel) => Kernel;

interface Norm {
  readonly eps: number;
  readonly ndim?: number;
  readonly groups?: number;
  readonly momentum?: number;
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
}

/** Batch, layer and group normalisation. */
export function normKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { rowNorm, rowNormBackward, batchNorm, batchNormBackward } = addon.kernels as Record<string, NativeFunction>;
  const optional = (t: Tensor | null | undefined): number => (t == null ? 0 : pointer(t));

  /** Rows, channels of a row, places of a channel, channels in all. */
  type Describe = (x: Tensor, params: Norm) => void;
  const layer: Describe = (x, { ndim }) => {
    const split = x.shape.length - ndim!;
    D[2] = product(x.shape, 0, split);
    D[3] = product(x.shape, split, x.shape.length);
    D[4] = 1;
    D[5] = D[3];
  };
  const group: Describe = (x, { groups }) => {
    const C = x.shape[1]!;
    D[2] = x.shape[0]! * groups!;
    D[3] = C / groups!;
    D[4] = product(x.shape, 2, x.shape.length);
    D[5] = C;
  };
  const batch: Describe = (x) => {
    D[2] = x.shape[0]!;
    D[3] = x.shape[1]!;
    D[4] = product(x.shape, 2, x.shape.length);
  };
  const forward =
    (native: NativeFunction, describe: Describe): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const p = params as Norm;
      const x = inputs[0]!;
      if (!allServed(inputs) || !allServed(outputs) || !served(p.runningMean) || !served(p.runningVar) || x.count === 0) {
        return reference(inputs, outputs, params);
      }
      if ((p.runningMean != null && p.runningMean.dtype !== x.dtype) || (p.runningVar != null && p.runningVar.dtype !== x.dtype)) {
        return reference(inputs, outputs, params);
      }
      describe(x, p);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[SCALARS] = p.eps;
      D[SCALARS + 1] = p.momentum ?? 0;
      for (let i = 0; i < 3; i++) D[POINTERS + i] = pointer(outputs[i]!);
      for (let i = 0; i < 3; i++) D[POINTERS + 3 + i] = optional(inputs[i]);
      D[POINTERS + 6] = optional(p.runningMean);
      D[POINTERS + 7] = optional(p.runningVar);
      native();
    };
  const backward =
    (native: NativeFunction, describe: Describe): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const x = inputs[1]!;
      if (!allServed(inputs) || !allServed(outputs) || x.count === 0) return reference(inputs, outputs, params);
      describe(x, params as Norm);
      D[TYPE] = dtypeInfo[x.dtype].code;
      for (let i = 0; i < 3; i++) D[POINTERS + i] = pointer(outputs[i]!);
      for (let i = 0; i < 5; i++) D[POINTERS + 3 + i] = optional(inputs[i]);
      native();
    };
  return {
    layerNorm: forward(rowNorm!, layer),
    layerNormBackward: backward(rowNormBackward!, layer),
    groupNorm: forward(rowNorm!, group),
    groupNormBackward: backward(rowNormBackward!, group),
    batchNorm: forward(batchNorm!, batch),
    batchNormBackward: backward(batchNormBackward!, batch),
  };
}
