import type { Tensor } from "@bluedot/core";
import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { POINTERS, pointer, SCALARS, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";
import { allServed, isInt64, product, served } from "./served.ts";

type Factory = (reference: Kernel) => Kernel;

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
