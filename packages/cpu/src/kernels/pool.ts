import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { POINTERS, pointer, SHAPE, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";
import { product, served } from "./served.ts";

type Factory = (reference: Kernel) => Kernel;

interface Window {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly countIncludePad?: boolean;
  readonly divisorOverride?: number | null;
  readonly shape?: readonly number[];
}

/** Pooling. Inputs are contiguous `[N, C, ...]`. */
export function poolKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { maxPool, maxPoolBackward, avgPool, avgPoolBackward } = addon.kernels as Record<string, NativeFunction>;
  const three = (at: number, values: readonly number[], from: number, missing: number): void => {
    const lead = 3 - (values.length - from);
    for (let i = 0; i < lead; i++) D[SHAPE + at + i] = missing;
    for (let i = lead; i < 3; i++) D[SHAPE + at + i] = values[from + i - lead]!;
  };
  /** Describes windows (or even parts, for null) from planes of `wide` to planes of `narrow`. */
  const describe = (wide: readonly number[], narrow: readonly number[], window: Window | null): void => {
    D[2] = wide[0]! * wide[1]!;
    D[3] = window === null ? 1 : 0;
    D[4] = window?.divisorOverride ?? 0;
    D[5] = window?.countIncludePad ? 1 : 0;
    three(0, wide, 2, 1);
    three(15, narrow, 2, 1);
    if (window === null) return;
    three(3, window.kernelSize, 0, 1);
    three(6, window.stride, 0, 1);
    three(9, window.padding, 0, 0);
    three(12, window.dilation, 0, 1);
  };
  const max =
    (parts: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const x = inputs[0]!;
      const y = outputs[0]!;
      if (!served(x) || !served(y) || y.count === 0) return reference(inputs, outputs, params);
      describe(x.shape, y.shape, parts ? null : (params as Window));
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(outputs[1]!);
      D[POINTERS + 2] = pointer(x);
      maxPool!();
    };
  const average =
    (native: NativeFunction, parts: boolean, backward: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const x = inputs[0]!;
      const y = outputs[0]!;
      if (!served(x) || !served(y) || y.count === 0 || x.count === 0) return reference(inputs, outputs, params);
      const window = parts ? null : (params as Window);
      if (backward) describe(y.shape, x.shape, window);
      else describe(x.shape, y.shape, window);
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      native();
    };
  return {
    maxPool: max(false),
    adaptiveMaxPool: max(true),
    maxPoolBackward: (reference) => (inputs, outputs, params) => {
      const g = inputs[0]!;
      const y = outputs[0]!;
      if (!served(g) || !served(y) || g.count === 0) return reference(inputs, outputs, params);
      D[TYPE] = dtypeInfo[g.dtype].code;
      D[2] = g.shape[0]! * g.shape[1]!;
      D[3] = product(y.shape, 2, y.shape.length);
      D[4] = product(g.shape, 2, g.shape.length);
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(g);
      D[POINTERS + 2] = pointer(inputs[1]!);
      maxPoolBackward!();
    },
    avgPool: average(avgPool!, false, false),
    avgPoolBackward: average(avgPoolBackward!, false, true),
    adaptiveAvgPool: average(avgPool!, true, false),
    adaptiveAvgPoolBackward: average(avgPoolBackward!, true, true),
  };
}
