import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { IndexError } from "../errors.ts";
import { embeddingBackwardOp, embeddingOp } from "../ops/embedding/embedding.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

registerReferenceKernels([
  kernel(embeddingOp, ([weight, indices], [out]) => {
    const [rows, D] = weight.shape as [number, number];
    const at = toDoubles(indices);
    for (const row of at) if (row < 0 || row >= rows) throw new IndexError("index out of range in self");
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
]);
