import { isComplex } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Accumulator, accumulable, writeAccumulated } from "./accumulate.ts";
import { around } from "./flat.ts";

/** Calls `line` for each line along `dim` of a row-major shape: where it begins, and the step between its `n` elements. */
export function forEachLine(shape: readonly number[], dim: number, line: (start: number, step: number, n: number) => void): void {
  const { outer, size, inner } = around(shape, dim);
  if (size === 0) return;
  for (let i = 0; i < outer; i++) for (let j = 0; j < inner; j++) line(i * size * inner + j, inner, size);
}

/** Combines one running value with the next element, both in `[re, im]` when complex. */
export interface Scan {
  readonly real: (total: number, value: number) => number;
  readonly complex?: (total: readonly [number, number], re: number, im: number) => [number, number];
}

/** Running combinations along `dim`, each of everything up to its element; 64-bit integers stay exact. */
export function scan(self: Tensor, out: Tensor, dim: number, { real, complex }: Scan): void {
  const values: Accumulator = accumulable(self);
  const { data } = values;
  forEachLine(self.shape, dim, (start, step, n) => {
    if (isComplex(self.dtype) && complex !== undefined) {
      let total: [number, number] = [data[2 * start]!, data[2 * start + 1]!];
      for (let k = 1, at = start + step; k < n; k++, at += step) {
        total = complex(total, data[2 * at]!, data[2 * at + 1]!);
        data[2 * at] = total[0];
        data[2 * at + 1] = total[1];
      }
      return;
    }
    let total = data[start]!;
    for (let k = 1, at = start + step; k < n; k++, at += step) {
      total = real(total, data[at]!);
      data[at] = total;
    }
  });
  writeAccumulated(out, values);
}
