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

/** Calls `visit` with the scores of every query. */
function forEachQuery(
  [query, key, value, mask]: readonly [Tensor, Tensor, Tensor, Tensor | null],
  params: AttentionParams,
  visit: (b: number, h: number, l: number, scores: Float64Array) => void,
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
        visit(b, h, l, scores);
      }
    }
  }
}

registerReferenceKernels([
  kernel(attentionOp, ([query, key, value, mask], outputs, params) => {
    const { H, L, S, V } = attentionSizes(query, key, value, params);
    const v = rows(numbersOf(value), params);
    const [out, sums] = outputs.map(writable) as [ReturnType<typeof writable>, ReturnType<typeof writable>];
    const to = rows(out, params);
    forEachQuery([query, key, value, mask], params, (b, h, l, scores) => {
      const top = scores.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
      const sum = scores.reduce((x, y) => x + Math.exp(y - top), 0);
      sums.data[sums.offset + (b * H + h) * L + l] = top + Math.log(sum);
      const row = new Float64Array(V);
      for (let s = 0; s < S; s++) addRow(row, 0, v, v.of(b, h, s), Math.exp(scores[s]! - top) / sum, V);
      for (let e = 0; e < V; e++) out.data[to.of(b, h, l) + e * to.step] = row[e]!;
    });
    out.commit();
    sums.commit();
  }),
  kernel(attentionBackwardOp, ([grad, query, key, value, mask, output, logs], outputs, params) => {
    const { B, H, L, S, E, V } = attentionSizes(query, key, value, params);
    const [g, q, k, v, o] = [grad, query, key, value, output].map((t) => rows(numbersOf(t), params)) as [Rows, Rows, Rows, Rows, Rows];
    const n = numbersOf(logs);
    const results = outputs.map(writable);
    const sums = [L * E, S * E, S * V].map((size) => new Float64Array(B * H * size)) as [Float64Array, Float64Array, Float64Array];
    forEachQuery([query, key, value, mask], params, (b, h, l, scores) => {
      const head = b * H + h;
      const log = n.data[n.offset + b * n.strides[0]! + h * n.strides[1]! + l * n.strides[2]!] as number;
      const mean = dot(g, g.of(b, h, l), o, o.of(b, h, l), V);
      for (let s = 0; s < S; s++) {
        const weight = Math.exp(scores[s]! - log);
        const slope = weight * (dot(g, g.of(b, h, l), v, v.of(b, h, s), V) - mean) * params.scale;
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
