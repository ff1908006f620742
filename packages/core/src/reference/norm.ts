import { type KernelEntry, kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { batchNormalization } from "../ops/norm/batch-norm.ts";
import { groupNormalization } from "../ops/norm/group-norm.ts";
import { layerNormalization } from "../ops/norm/layer-norm.ts";
import type { Norm, NormParams } from "../ops/norm/normalization.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

/** Which group, and which channel's weight, an element belongs to. */
interface Membership {
  readonly groups: number;
  readonly groupOf: (element: number) => number;
  readonly channelOf: (element: number) => number;
}

type MembershipOf<P> = (shape: Shape, params: P) => Membership;

const batch: MembershipOf<unknown> = (shape) => {
  const C = shape[1]!;
  const inner = numelOf(shape.slice(2));
  const channelOf = (i: number): number => Math.floor(i / inner) % C;
  return { groups: C, groupOf: channelOf, channelOf };
};

const layer: MembershipOf<{ ndim: number }> = (shape, { ndim }) => {
  const inner = numelOf(shape.slice(shape.length - ndim));
  return { groups: numelOf(shape.slice(0, shape.length - ndim)), groupOf: (i) => Math.floor(i / inner), channelOf: (i) => i % inner };
};

const group: MembershipOf<{ groups: number }> = (shape, { groups }) => {
  const [N, C] = shape as [number, number];
  const inner = numelOf(shape.slice(2));
  return {
    groups: N * groups,
    groupOf: (i) => Math.floor(i / ((inner * C) / groups)),
    channelOf: (i) => Math.floor(i / inner) % C,
  };
};

/** Mean and biased variance of every group, in two passes. */
function statistics(x: Float64Array, { groups, groupOf }: Membership): { mean: Float64Array; variance: Float64Array; size: number } {
  const mean = new Float64Array(groups);
  const variance = new Float64Array(groups);
  const size = x.length / groups;
  for (let i = 0; i < x.length; i++) mean[groupOf(i)]! += x[i]!;
  for (let k = 0; k < groups; k++) mean[k]! /= size;
  for (let i = 0; i < x.length; i++) {
    const k = groupOf(i);
    variance[k]! += (x[i]! - mean[k]!) ** 2;
  }
  for (let k = 0; k < groups; k++) variance[k]! /= size;
  return { mean, variance, size };
}

/** `running = (1 - momentum) * running + momentum * value`. */
function track(running: Tensor | null, values: Float64Array, momentum: number): void {
  if (running === null) return;
  writeDoubles(
    running,
    toDoubles(running).map((old, i) => (1 - momentum) * old + momentum * values[i]!),
  );
}

interface Tracking {
  readonly momentum?: number;
  readonly runningMean?: Tensor | null;
  readonly runningVar?: Tensor | null;
}

function kernels<P extends NormParams>({ forward, backward }: Norm<P>, membershipOf: MembershipOf<P>): KernelEntry[] {
  return [
    kernel(forward, ([input, weight, bias], [out, means, rstds], params) => {
      const x = toDoubles(input);
      const members = membershipOf(input.shape, params);
      const { mean, variance, size } = statistics(x, members);
      const rstd = variance.map((v) => 1 / Math.sqrt(v + params.eps));
      const w = weight === null ? null : toDoubles(weight);
      const b = bias === null ? null : toDoubles(bias);
      const y = new Float64Array(x.length);
      for (let i = 0; i < x.length; i++) {
        const k = members.groupOf(i);
        const c = members.channelOf(i);
        y[i] = (x[i]! - mean[k]!) * rstd[k]! * (w === null ? 1 : w[c]!) + (b === null ? 0 : b[c]!);
      }
      writeDoubles(out!, y);
      writeDoubles(means!, mean);
      writeDoubles(rstds!, rstd);
      const { momentum = 0, runningMean = null, runningVar = null } = params as Tracking;
      track(runningMean, mean, momentum);
      track(
        runningVar,
        variance.map((v) => (v * size) / (size - 1)),
        momentum,
      );
    }),
    kernel(backward, ([grad, input, weight, means, rstds], [dInput, dWeight, dBias], params) => {
      const dy = toDoubles(grad);
      const x = toDoubles(input);
      const mean = toDoubles(means);
      const rstd = toDoubles(rstds);
      const w = weight === null ? null : toDoubles(weight);
      const { groups, groupOf, channelOf } = membershipOf(input.shape, params);
      const size = x.length / groups;
      const sum = new Float64Array(groups);
      const dot = new Float64Array(groups);
      const dw = new Float64Array(dWeight!.count);
      const db = new Float64Array(dWeight!.count);
      for (let i = 0; i < x.length; i++) {
        const k = groupOf(i);
        const c = channelOf(i);
        const normalized = (x[i]! - mean[k]!) * rstd[k]!;
        const scaled = dy[i]! * (w === null ? 1 : w[c]!);
        sum[k]! += scaled;
        dot[k]! += scaled * normalized;
        if (w !== null) {
          dw[c]! += dy[i]! * normalized;
          db[c]! += dy[i]!;
        }
      }
      const dx = new Float64Array(x.length);
      for (let i = 0; i < x.length; i++) {
        const k = groupOf(i);
        const normalized = (x[i]! - mean[k]!) * rstd[k]!;
        const scaled = dy[i]! * (w === null ? 1 : w[channelOf(i)]!);
        dx[i] = (scaled - (sum[k]! + normalized * dot[k]!) / size) * rstd[k]!;
      }
      writeDoubles(dInput!, dx);
      writeDoubles(dWeight!, dw);
      writeDoubles(dBias!, db);
    }),
  ];
}

registerReferenceKernels([
  ...kernels(batchNormalization, batch),
  ...kernels(layerNormalization, layer),
  ...kernels(groupNormalization, group),
]);
