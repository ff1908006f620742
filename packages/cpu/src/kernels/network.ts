import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { FLOAT32, FLOAT64, POINTERS, pointer, SCALARS, SHAPE, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";

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

const isFloat = (t: Tensor): boolean => {
  const { code } = dtypeInfo[t.dtype];
  return code === FLOAT32 || code === FLOAT64;
};
/** A contiguous float32 or float64 tensor with memory that native code knows. */
const served = (t: Tensor | null | undefined): boolean => t == null || (isFloat(t) && t.storage.address !== 0 && t.contiguousLayout);
const allServed = (tensors: readonly (Tensor | null)[]): boolean => {
  for (let i = 0; i < tensors.length; i++) if (!served(tensors[i])) return false;
  return true;
};
const isInt64 = (t: Tensor): boolean => t.dtype === "int64" && t.storage.address !== 0 && t.contiguousLayout;
const product = (sizes: readonly number[], from: number, to: number): number => {
  let n = 1;
  for (let i = from; i < to; i++) n *= sizes[i]!;
  return n;
};

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

const reductionCode = (reduction: string): number => (reduction === "none" ? 0 : reduction === "sum" ? 1 : 2);

interface Loss {
  readonly reduction: "mean" | "sum" | "none";
  readonly ignoreIndex: number;
}

/** Softmax, its logarithm, and cross-entropy. */
export function softmaxKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  const { softmax, softmaxBackward, crossEntropy, crossEntropyBackward, nllLoss, nllLossBackward, pairLoss, pairLossBackward, logSumExp } =
    addon.kernels as Record<string, NativeFunction>;
  const describe = (x: Tensor, params: unknown, logarithmic: boolean): void => {
    const dim = params as number;
    const { shape } = x;
    D[TYPE] = dtypeInfo[x.dtype].code;
    D[2] = shape.length === 0 ? 1 : product(shape, 0, dim);
    D[3] = shape.length === 0 ? 1 : shape[dim]!;
    D[4] = shape.length === 0 ? 1 : product(shape, dim + 1, shape.length);
    D[5] = logarithmic ? 1 : 0;
  };
  const forward =
    (logarithmic: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const x = inputs[0]!;
      const y = outputs[0]!;
      if (!served(x) || !served(y) || x.dtype !== y.dtype) return reference(inputs, outputs, params);
      describe(x, params, logarithmic);
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      softmax!();
    };
  const backward =
    (logarithmic: boolean): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const g = inputs[0]!;
      const y = inputs[1]!;
      const dx = outputs[0]!;
      if (!served(g) || !served(y) || !served(dx) || g.dtype !== dx.dtype) return reference(inputs, outputs, params);
      describe(g, params, logarithmic);
      D[POINTERS] = pointer(dx);
      D[POINTERS + 1] = pointer(g);
      D[POINTERS + 2] = pointer(y);
      softmaxBackward!();
    };
  const loss = (logits: Tensor, { reduction, ignoreIndex }: Loss): void => {
    D[TYPE] = dtypeInfo[logits.dtype].code;
    D[2] = logits.shape[0]!;
    D[3] = logits.shape[1]!;
    D[4] = reductionCode(reduction);
    D[5] = ignoreIndex;
  };
  /** Describes a loss of pairs; false where it isn't served. */
  const pairs = (which: number, x: Tensor, t: Tensor, params: unknown): boolean => {
    if (!served(x) || !served(t) || x.dtype !== t.dtype || x.count !== t.count || x.count === 0) return false;
    const { reduction, knee } = params as { reduction: string; knee: number };
    D[TYPE] = dtypeInfo[x.dtype].code;
    D[2] = x.count;
    D[3] = which;
    D[4] = reductionCode(reduction);
    D[SCALARS] = knee;
    return true;
  };
  const pair =
    (which: number): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const x = inputs[0]!;
      const t = inputs[1]!;
      if (!allServed(outputs) || !pairs(which, x, t, params)) return reference(inputs, outputs, params);
      D[POINTERS] = pointer(outputs[0]!);
      D[POINTERS + 1] = pointer(x);
      D[POINTERS + 2] = pointer(t);
      pairLoss!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    };
  const pairBackward =
    (which: number): Factory =>
    (reference) =>
    (inputs, outputs, params) => {
      const g = inputs[0]!;
      const x = inputs[1]!;
      const t = inputs[2]!;
      if (!served(g) || g.dtype !== x.dtype || !allServed(outputs) || !pairs(which, x, t, params))
        return reference(inputs, outputs, params);
      D[POINTERS] = pointer(outputs[0]!);
      D[POINTERS + 1] = pointer(g);
      D[POINTERS + 2] = pointer(x);
      D[POINTERS + 3] = pointer(t);
      pairLossBackward!();
    };
  /** Describes class targets over `[N, C, ...]`; a vector of classes is one example. */
  const classes = (shape: readonly number[], { reduction, ignoreIndex }: Loss): void => {
    D[2] = shape.length === 1 ? 1 : shape[0]!;
    D[3] = shape.length === 1 ? shape[0]! : shape[1]!;
    D[4] = reductionCode(reduction);
    D[5] = ignoreIndex;
    D[6] = product(shape, Math.min(2, shape.length), shape.length);
  };
  return {
    mseLoss: pair(0),
    smoothL1Loss: pair(1),
    huberLoss: pair(2),
    softMarginLoss: pair(3),
    binaryCrossEntropyWithLogits: pair(4),
    binaryCrossEntropy: pair(5),
    mseLossBackward: pairBackward(0),
    smoothL1LossBackward: pairBackward(1),
    huberLossBackward: pairBackward(2),
    softMarginLossBackward: pairBackward(3),
    binaryCrossEntropyWithLogitsBackward: pairBackward(4),
    binaryCrossEntropyBackward: pairBackward(5),
    logsumexp: (reference) => (inputs, outputs, params) => {
      const { dims } = params as { dims: readonly number[] };
      const x = inputs[0]!;
      const y = outputs[0]!;
      const first = dims[0];
      const last = dims[dims.length - 1];
      // Dimensions side by side are one.
      if (first === undefined || last! - first !== dims.length - 1 || !served(x) || !served(y) || x.count === 0) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = dtypeInfo[x.dtype].code;
      D[2] = product(x.shape, 0, first);
      D[3] = product(x.shape, first, last! + 1);
      D[4] = product(x.shape, last! + 1, x.shape.length);
      D[POINTERS] = pointer(y);
      D[POINTERS + 1] = pointer(x);
      logSumExp!();
    },
    nllLoss: (reference) => (inputs, outputs, params) => {
      const x = inputs[0]!;
      const weight = inputs[2] ?? null;
      if (!served(x) || !isInt64(inputs[1]!) || !served(weight) || !allServed(outputs) || (weight !== null && weight.dtype !== x.dtype)) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = dtypeInfo[x.dtype].code;
      classes(x.shape, params as Loss);
      D[POINTERS] = pointer(outputs[0]!);
      D[POINTERS + 1] = pointer(outputs[1]!);
      D[POINTERS + 2] = pointer(x);
      D[POINTERS + 3] = pointer(inputs[1]!);
      D[POINTERS + 4] = weight === null ? 0 : pointer(weight);
      nllLoss!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    nllLossBackward: (reference) => (inputs, outputs, params) => {
      const out = outputs[0]!;
      const weight = inputs[2] ?? null;
      if (!served(inputs[0]) || !isInt64(inputs[1]!) || !served(weight) || !served(inputs[3]) || !served(out))
        return reference(inputs, outputs, params);
      if (inputs[0]!.dtype !== out.dtype || (weight !== null && weight.dtype !== out.dtype) || inputs[3]!.dtype !== out.dtype) {
        return reference(inputs, outputs, params);
      }
      D[TYPE] = dtypeInfo[out.dtype].code;
      classes(out.shape, params as Loss);
      D[POINTERS] = pointer(out);
      D[POINTERS + 1] = pointer(inputs[0]!);
      D[POINTERS + 2] = pointer(inputs[1]!);
      D[POINTERS + 3] = weight === null ? 0 : pointer(weight);
      D[POINTERS + 4] = pointer(inputs[3]!);
      nllLossBackward!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    softmax: forward(false),
    logSoftmax: forward(true),
    softmaxBackward: backward(false),
    logSoftmaxBackward: backward(true),
    crossEntropy: (reference) => (inputs, outputs, params) => {
      const x = inputs[0]!;
      if (!served(x) || !isInt64(inputs[1]!) || !allServed(outputs) || x.count === 0) return reference(inputs, outputs, params);
      loss(x, params as Loss);
      for (let i = 0; i < 3; i++) D[POINTERS + i] = pointer(outputs[i]!);
      D[POINTERS + 3] = pointer(x);
      D[POINTERS + 4] = pointer(inputs[1]!);
      crossEntropy!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
    crossEntropyBackward: (reference) => (inputs, outputs, params) => {
      const logs = inputs[1]!;
      const y = outputs[0]!;
      if (!served(inputs[0]) || !served(logs) || !isInt64(inputs[2]!) || !served(inputs[3]) || !served(y) || y.count === 0) {
        return reference(inputs, outputs, params);
      }
      loss(logs, params as Loss);
      D[POINTERS] = pointer(y);
      for (let i = 0; i < 4; i++) D[POINTERS + 1 + i] = pointer(inputs[i]!);
      crossEntropyBackward!();
      if (D[0] !== 1) reference(inputs, outputs, params);
    },
  };
}

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

/** Where the list of parameters begins, slots of each, and how many go in one call. */
const LIST = 64;
const ENTRY = 6;
const PER_CALL = 320;

/** Optimizer steps over all parameters at once. */
export function optimizerKernels(addon: Addon): Record<string, Factory> {
  const D = addon.descriptor;
  /** `scalars` writes the step's numbers; `states` says which lists of outputs are which states, -1 for none. */
  const step =
    (native: NativeFunction, scalars: (params: never) => void, states: (params: never) => readonly [number, number, number]): Factory =>
    (reference) =>
    (gradients, outputs, params) => {
      const n = gradients.length;
      const type = outputs[0]!.dtype;
      for (let i = 0; i < outputs.length; i++)
        if (!served(outputs[i]) || outputs[i]!.dtype !== type) return reference(gradients, outputs, params);
      for (let i = 0; i < n; i++) if (!served(gradients[i]) || gradients[i]!.dtype !== type) return reference(gradients, outputs, params);
      const lists = states(params as never);
      for (let from = 0; from < n; from += PER_CALL) {
        const to = Math.min(n, from + PER_CALL);
        D[TYPE] = dtypeInfo[type].code;
        D[2] = to - from;
        scalars(params as never);
        let at = LIST;
        for (let i = from; i < to; i++, at += ENTRY) {
          D[at] = outputs[i]!.count;
          D[at + 1] = pointer(gradients[i]!);
          D[at + 2] = pointer(outputs[i]!);
          for (let k = 0; k < 3; k++) {
            const list = lists[k]!;
            D[at + 3 + k] = list < 0 ? 0 : pointer(outputs[list * n + i]!);
          }
        }
        native();
      }
    };
  const flag = (value: boolean): number => (value ? 1 : 0);
  return {
    sgdStep: step(
      addon.kernels["sgdStep"]!,
      (p: {
        lr: number;
        momentum: number;
        dampening: number;
        weightDecay: number;
        nesterov: boolean;
        maximize: boolean;
        first: boolean;
      }) => {
        D[SCALARS] = p.lr;
        D[SCALARS + 1] = p.momentum;
        D[SCALARS + 2] = p.dampening;
        D[SCALARS + 3] = p.weightDecay;
        D[SCALARS + 4] = flag(p.nesterov);
        D[SCALARS + 5] = flag(p.maximize);
        D[SCALARS + 6] = flag(p.first);
      },
      (p: { momentum: number }) => [p.momentum !== 0 ? 1 : -1, -1, -1],
    ),
    adamStep: step(
      addon.kernels["adamStep"]!,
      (p: {
        lr: number;
        beta1: number;
        beta2: number;
        eps: number;
        weightDecay: number;
        decoupled: boolean;
        maximize: boolean;
        step: number;
      }) => {
        D[SCALARS] = p.lr / (1 - p.beta1 ** p.step);
        D[SCALARS + 1] = p.beta1;
        D[SCALARS + 2] = p.beta2;
        D[SCALARS + 3] = p.eps;
        D[SCALARS + 4] = p.decoupled ? 0 : p.weightDecay;
        D[SCALARS + 5] = p.decoupled ? 1 - p.lr * p.weightDecay : 1;
        D[SCALARS + 6] = flag(p.maximize);
        D[3] = Math.sqrt(1 - p.beta2 ** p.step);
      },
      (p: { amsgrad: boolean }) => [1, 2, p.amsgrad ? 3 : -1],
    ),
    rmspropStep: step(
      addon.kernels["rmspropStep"]!,
      (p: { lr: number; alpha: number; eps: number; weightDecay: number; momentum: number; maximize: boolean }) => {
        D[SCALARS] = p.lr;
        D[SCALARS + 1] = p.alpha;
        D[SCALARS + 2] = p.eps;
        D[SCALARS + 3] = p.weightDecay;
        D[SCALARS + 4] = p.momentum;
        D[SCALARS + 5] = flag(p.maximize);
      },
      (p: { centered: boolean; momentum: number }) => [1, p.centered ? 2 : -1, p.momentum > 0 ? (p.centered ? 3 : 2) : -1],
    ),
  };
}
