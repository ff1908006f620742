import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { IndexError } from "../errors.ts";
import { addWeightedRowsOp, bagArgmaxOp } from "../ops/embedding/bags.ts";
import { embeddingBackwardOp, embeddingOp } from "../ops/embedding/embedding.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

/** @throws {IndexError} */
function checkRows(indices: Float64Array, rows: number): void {
  for (const row of indices) if (row < 0 || row >= rows) throw new IndexError("index out of range in self");
}

registerReferenceKernels([
  kernel(embeddingOp, ([weight, indices], [out]) => {
    const [rows, D] = weight.shape as [number, number];
    const at = toDoubles(indices);
    checkRows(at, rows);
    const table = toDoubles(weight);
    const y = new Float64Array(out!.count);
    at.forEach((row, i) => {
      y.set(table.subarray(row * D, (row + 1) * D), i * D);
    });
    writeDoubles(out!, y);
  }),
  kernel(embeddingBackwardOp, ([grad, indices], [out], { paddingIdx, scaleGradByFreq }) => {
    const D = out!.shape[1]!;
    const g = toDoubles(grad);
    const at = toDoubles(indices);
    const times = new Map<number, number>();
    for (const row of at) times.set(row, (times.get(row) ?? 0) + 1);
    const dw = new Float64Array(out!.count);
    at.forEach((row, i) => {
      if (row === paddingIdx) return;
      const share = scaleGradByFreq ? 1 / times.get(row)! : 1;
      for (let d = 0; d < D; d++) dw[row * D + d]! += g[i * D + d]! * share;
    });
    writeDoubles(out!, dw);
  }),
  kernel(addWeightedRowsOp, ([table, from, to, factors], [out], { rows }) => {
    const [R, D] = table.shape as [number, number];
    const [x, near, far, f] = [table, from, to, factors].map(toDoubles) as [Float64Array, Float64Array, Float64Array, Float64Array];
    checkRows(near, R);
    checkRows(far, rows);
    const y = new Float64Array(out!.count);
    near.forEach((row, i) => {
      for (let d = 0; d < D; d++) y[far[i]! * D + d]! += f[i]! * x[row * D + d]!;
    });
    writeDoubles(out!, y);
  }),
  kernel(bagArgmaxOp, ([table, indices, starts], [out]) => {
    const [R, D] = table.shape as [number, number];
    const [x, at, bounds] = [table, indices, starts].map(toDoubles) as [Float64Array, Float64Array, Float64Array];
    checkRows(at, R);
    const y = new Float64Array(out!.count);
    for (let b = 0; b + 1 < bounds.length; b++) {
      for (let d = 0; d < D; d++) {
        let best = -1;
        for (let i = bounds[b]!; i < bounds[b + 1]!; i++) if (best < 0 || x[at[i]! * D + d]! > x[best * D + d]!) best = at[i]!;
        y[b * D + d] = Math.max(best, 0);
      }
    }
    writeDoubles(out!, y);
  }),
]);
