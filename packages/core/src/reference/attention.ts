import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { type AttentionParams, attentionAxes, attentionBackwardOp, attentionOp, attentionSizes } from "../ops/attention/attention.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Numbers, numbersOf, writable } from "./loops.ts";

/** Reads a row's elements of one head. */
interface Rows {
  readonly of: (b: number, h: number, row: number) => number;
  readonly step: number;
  readonly data: Numbers["data"];
}

function rows({ data, strides, offset }: Numbers, params: AttentionParams): Rows {
  const [b, h, l] = attentionAxes(params).map((axis) => strides[axis]!) as [number, number, number];
  return { of: (i, j, k) => offset + i * b + j * h + k * l, step: strides[3]!, data };
}

/** Product of rows `i` and `j` of n elements. */
function dot(a: Rows, i: number, b: Rows, j: number, n: number): number {
  let sum = 0;
  for (let e = 0; e < n; e++) sum += (a.data[i + e * a.step] as number) * (b.data[j + e * b.step] as number);
  return sum;
}

/** Adds `factor` times row `j` to `sums`. */
function addRow(sums: Float64Array, at: number, b: Rows, j: number, factor: number, n: number): void {
  for (let e = 0; e < n; e++) sums[at + e]! += factor * (b.data[j + e * b.step] as number);
}

/** Calls `visit` with the weights of every query. */
function forEachQuery(
  [query, key, value, mask]: readonly [Tensor, Tensor, Tensor, Tensor | null],
  params: AttentionParams,
  visit: (b: number, h: number, l: number, weights: Float64Array) => void,
): void {
  const { B, H, L, S, E } = attentionSizes(query, key, value, params);
  const [q, k] = [rows(numbersOf(query), params), rows(numbersOf(key), params)];
  const m = mask === null ? null : numbersOf(mask);
  const scores = new Float64Array(S);
  for (let b = 0; b < B; b++) {
    for (let h = 0; h < H; h++) {
      for (let l = 0; l < L; l++) {
        for (let s = 0; s < S; s++) {
          scores[s] = dot(q, q.of(b, h, l), k, k.of(b, h, s), E) * params.scale;
          if (m !== null) scores[s]! += m.data[m.offset + b * m.strides[0]! + h * m.strides[1]! + l * m.strides[2]! + s * m.strides[3]!]!;
          if (params.causal && s > l) scores[s] = Number.NEGATIVE_INFINITY;
        }
        const top = scores.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
        const sum = scores.reduce((x, y) => x + Math.exp(y - top), 0);
        visit(
          b,
          h,
          l,
          scores.map((score) => Math.exp(score - top) / sum),
        );
      }
    }
  }
}

registerReferenceKernels([
  kernel(attentionOp, ([query, key, value, mask], outputs, params) => {
    const { S, V } = attentionSizes(query, key, value, params);
    const v = rows(numbersOf(value), params);
    const out = writable(outputs[0]!);
    const to = rows(out, params);
    forEachQuery([query, key, value, mask], params, (b, h, l, weights) => {
      const row = new Float64Array(V);
      for (let s = 0; s < S; s++) addRow(row, 0, v, v.of(b, h, s), weights[s]!, V);
      for (let e = 0; e < V; e++) out.data[to.of(b, h, l) + e * to.step] = row[e]!;
    });
    out.commit();
  }),
  kernel(attentionBackwardOp, ([grad, query, key, value, mask], outputs, params) => {
    const { B, H, L, S, E, V } = attentionSizes(query, key, value, params);
    const [g, q, k, v] = [grad, query, key, value].map((t) => rows(numbersOf(t), params)) as [Rows, Rows, Rows, Rows];
    const results = outputs.map(writable);
    const sums = [L * E, S * E, S * V].map((size) => new Float64Array(B * H * size)) as [Float64Array, Float64Array, Float64Array];
    forEachQuery([query, key, value, mask], params, (b, h, l, weights) => {
      const head = b * H + h;
      const slopes = weights.map((_, s) => dot(g, g.of(b, h, l), v, v.of(b, h, s), V));
      const mean = slopes.reduce((sum, slope, s) => sum + slope * weights[s]!, 0);
      for (let s = 0; s < S; s++) {
        const weight = weights[s]!;
        const slope = weight * (slopes[s]! - mean) * params.scale;
        addRow(sums[0], (head * L + l) * E, k, k.of(b, h, s), slope, E);
        addRow(sums[1], (head * S + s) * E, q, q.of(b, h, l), slope, E);
        addRow(sums[2], (head * S + s) * V, g, g.of(b, h, l), weight, V);
      }
    });
    results.forEach((result, i) => {
      const [length, size] = [i === 0 ? L : S, i === 2 ? V : E];
      const to = rows(result, params);
      for (let b = 0; b < B; b++) {
        for (let h = 0; h < H; h++) {
          for (let l = 0; l < length; l++) {
            for (let e = 0; e < size; e++) result.data[to.of(b, h, l) + e * to.step] = sums[i]![((b * H + h) * length + l) * size + e]!;
          }
        }
      }
      result.commit();
    });
  }),
]);
