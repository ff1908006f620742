import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { IndexError } from "../errors.ts";
import { crossEntropyBackwardOp, crossEntropyOp } from "../ops/loss/cross-entropy.ts";
import { nllLossBackwardOp, nllLossOp } from "../ops/loss/nll-loss.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

/** Visits each target of `[N, C, ...]` that is not ignored: its place among targets, and the place of its class in the input. @throws {IndexError} */
function forEachTarget(shape: Shape, target: Tensor, ignoreIndex: number, visit: (place: number, at: number, label: number) => void): void {
  const labels = toDoubles(target);
  const [C, inner] = shape.length === 1 ? [shape[0]!, 1] : [shape[1]!, numelOf(shape.slice(2))];
  for (const label of labels)
    if (label !== ignoreIndex && (label < 0 || label >= C)) throw new IndexError(`Target ${label} is out of bounds.`);
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (label === ignoreIndex) continue;
    visit(i, (Math.floor(i / inner) * C + label) * inner + (i % inner), label);
  }
}

registerReferenceKernels([
  kernel(nllLossOp, ([input, target, weight], [out, total], { reduction, ignoreIndex }) => {
    const x = toDoubles(input);
    const w = weight === null ? null : toDoubles(weight);
    const each = new Float64Array(target.count);
    let sum = 0;
    let totalWeight = 0;
    forEachTarget(input.shape, target, ignoreIndex, (i, at, label) => {
      const factor = w === null ? 1 : w[label]!;
      each[i] = -x[at]! * factor;
      sum += each[i]!;
      totalWeight += factor;
    });
    writeDoubles(out!, reduction === "none" ? each : [reduction === "sum" ? sum : sum / totalWeight]);
    writeDoubles(total!, [totalWeight]);
  }),
  kernel(nllLossBackwardOp, ([grad, target, weight, total], [out], { reduction, ignoreIndex, shape }) => {
    const g = toDoubles(grad);
    const w = weight === null ? null : toDoubles(weight);
    const divisor = reduction === "mean" ? toDoubles(total)[0]! : 1;
    const dx = new Float64Array(out!.count);
    forEachTarget(shape, target, ignoreIndex, (i, at, label) => {
      dx[at] = (-g[reduction === "none" ? i : 0]! * (w === null ? 1 : w[label]!)) / divisor;
    });
    writeDoubles(out!, dx);
  }),
  kernel(crossEntropyOp, ([input, target], [out, logProbabilities, count], { reduction, ignoreIndex }) => {
    const x = toDoubles(input);
    const [N, C] = input.shape as [number, number];
    for (let n = 0; n < N; n++) {
      const row = x.subarray(n * C, (n + 1) * C);
      let top = Number.NEGATIVE_INFINITY;
      for (const value of row) top = Math.max(top, value);
      let total = 0;
      for (const value of row) total += Math.exp(value - top);
      const shift = top + Math.log(total);
      for (let c = 0; c < C; c++) row[c]! -= shift;
    }
    const each = new Float64Array(N);
    let sum = 0;
    let counted = 0;
    forEachTarget(input.shape, target, ignoreIndex, (i, at) => {
      each[i] = -x[at]!;
      sum += each[i]!;
      counted++;
    });
    writeDoubles(out!, reduction === "none" ? each : [reduction === "sum" ? sum : sum / counted]);
    writeDoubles(logProbabilities!, x);
    writeDoubles(count!, [counted]);
  }),
  kernel(crossEntropyBackwardOp, ([grad, logProbabilities, target, count], [out], { reduction, ignoreIndex }) => {
    const g = toDoubles(grad);
    const logs = toDoubles(logProbabilities);
    const C = logProbabilities.shape[1]!;
    const divisor = reduction === "mean" ? toDoubles(count)[0]! : 1;
    const dx = new Float64Array(out!.count);
    forEachTarget(logProbabilities.shape, target, ignoreIndex, (i, at) => {
      const factor = g[reduction === "none" ? i : 0]! / divisor;
      for (let c = i * C; c < (i + 1) * C; c++) dx[c] = Math.exp(logs[c]!) * factor;
      dx[at]! -= factor;
    });
    writeDoubles(out!, dx);
  }),
]);
