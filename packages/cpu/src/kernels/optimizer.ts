import { dtypeInfo, type Kernel } from "@bluedot/core/extend";
import { pointer, SCALARS, TYPE } from "../descriptor.ts";
import type { Addon, NativeFunction } from "../native.ts";
import { served } from "./served.ts";

type Factory = (reference: Kernel) => Kernel;

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
