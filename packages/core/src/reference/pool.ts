import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { adaptiveAvgPoolBackwardOp, adaptiveAvgPoolOp, adaptiveMaxPoolOp, partOf } from "../ops/pool/adaptive-pool.ts";
import { type AverageWindow, avgPoolBackwardOp, avgPoolOp } from "../ops/pool/avg-pool.ts";
import { maxPoolBackwardOp, maxPoolOp } from "../ops/pool/max-pool.ts";
import { type Window, window3 } from "../ops/pool/window.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

/** First, last (excluded) and step of the places that a window covers in one dimension. */
type Span = readonly [from: number, to: number, step: number];
/** The spans of window `i` in dimension `d`. */
type SpanOf = (d: number, i: number) => Span;

const threeSizes = (shape: Shape): readonly number[] => [...new Array<number>(5 - shape.length).fill(1), ...shape.slice(2)];

/** Visits the windows of one plane: index of the window, and its spans. */
function forEachWindow(output: readonly number[], spanOf: SpanOf, visit: (index: number, d: Span, h: Span, w: Span) => void): void {
  let index = 0;
  for (let i = 0; i < output[0]!; i++) {
    const d = spanOf(0, i);
    for (let j = 0; j < output[1]!; j++) {
      const h = spanOf(1, j);
      for (let k = 0; k < output[2]!; k++) visit(index++, d, h, spanOf(2, k));
    }
  }
}

/** Visits the places of one window as flat indices of its plane. */
function forEachPlace([, H, W]: readonly number[], d: Span, h: Span, w: Span, visit: (place: number) => void): void {
  for (let i = d[0]; i < d[1]; i += d[2]) {
    for (let j = h[0]; j < h[1]; j += h[2]) for (let k = w[0]; k < w[1]; k += w[2]) visit((i * H! + j) * W! + k);
  }
}

/** The places of a moving window that lie inside the input. */
function movingSpans(input: Shape, output: Shape, window: Window): SpanOf {
  const w = window3(input.slice(2), output.slice(2), window);
  return (d, i) => {
    const step = w.dilation[d]!;
    const start = i * w.stride[d]! - w.padding[d]!;
    const end = Math.min(start + (w.kernelSize[d]! - 1) * step + 1, w.input[d]!);
    return [start < 0 ? start + Math.ceil(-start / step) * step : start, end, step];
  };
}

const partSpans =
  (input: readonly number[], output: readonly number[]): SpanOf =>
  (d, i) => {
    const [from, to] = partOf(i, output[d]!, input[d]!);
    return [from, to, 1];
  };

function maxOverWindows(self: Tensor, [out, indices]: readonly Tensor[], spanOf: SpanOf): void {
  const x = toDoubles(self);
  const input = threeSizes(self.shape);
  const output = threeSizes(out!.shape);
  const values = new Float64Array(out!.count);
  const places = new Float64Array(out!.count);
  const planes = self.shape[0]! * self.shape[1]!;
  for (let plane = 0; plane < planes; plane++) {
    const from = plane * numelOf(input);
    const to = plane * numelOf(output);
    forEachWindow(output, spanOf, (index, d, h, w) => {
      let best = Number.NEGATIVE_INFINITY;
      let at = (d[0] * input[1]! + h[0]) * input[2]! + w[0];
      forEachPlace(input, d, h, w, (place) => {
        const value = x[from + place]!;
        if (value > best || Number.isNaN(value)) {
          best = value;
          at = place;
        }
      });
      values[to + index] = best;
      places[to + index] = at;
    });
  }
  writeDoubles(out!, values);
  writeDoubles(indices!, places);
}

/** Sums over windows (each divided by `divisor`), or the adjoint of that when `spread`. */
function average(
  from: Tensor,
  to: Tensor,
  inputShape: Shape,
  outputShape: Shape,
  spanOf: SpanOf,
  divisor: (d: Span, h: Span, w: Span, index: number) => number,
  spread: boolean,
): void {
  const x = toDoubles(from);
  const y = new Float64Array(to.count);
  const input = threeSizes(inputShape);
  const output = threeSizes(outputShape);
  const planes = inputShape[0]! * inputShape[1]!;
  for (let plane = 0; plane < planes; plane++) {
    const wide = plane * numelOf(input);
    const narrow = plane * numelOf(output);
    forEachWindow(output, spanOf, (index, d, h, w) => {
      const by = divisor(d, h, w, index);
      if (spread) {
        const share = x[narrow + index]! / by;
        forEachPlace(input, d, h, w, (place) => {
          y[wide + place]! += share;
        });
      } else {
        let total = 0;
        forEachPlace(input, d, h, w, (place) => {
          total += x[wide + place]!;
        });
        y[narrow + index] = total / by;
      }
    });
  }
  writeDoubles(to, y);
}

/** The divisor of each window: the override, or its size with or without the padding inside `n + padding`. */
function windowDivisor(input: Shape, output: Shape, window: AverageWindow): (d: Span, h: Span, w: Span, index: number) => number {
  const { divisorOverride, countIncludePad } = window;
  if (divisorOverride !== null) return () => divisorOverride;
  const size = ([from, to]: Span): number => to - from;
  if (!countIncludePad) return (d, h, w) => size(d) * size(h) * size(w);
  const g = window3(input.slice(2), output.slice(2), window);
  const padded = (d: number, i: number): number => {
    const start = i * g.stride[d]! - g.padding[d]!;
    return Math.min(start + g.kernelSize[d]!, g.input[d]! + g.padding[d]!) - start;
  };
  return (_d, _h, _w, index) => {
    const k = index % g.output[2]!;
    const j = Math.floor(index / g.output[2]!) % g.output[1]!;
    return padded(0, Math.floor(index / (g.output[1]! * g.output[2]!))) * padded(1, j) * padded(2, k);
  };
}

const partSize = (d: Span, h: Span, w: Span): number => (d[1] - d[0]) * (h[1] - h[0]) * (w[1] - w[0]);

registerReferenceKernels([
  kernel(maxPoolOp, ([self], outputs, window) => maxOverWindows(self, outputs, movingSpans(self.shape, outputs[0]!.shape, window))),
  kernel(adaptiveMaxPoolOp, ([self], outputs) =>
    maxOverWindows(self, outputs, partSpans(threeSizes(self.shape), threeSizes(outputs[0]!.shape))),
  ),
  kernel(maxPoolBackwardOp, ([grad, indices], [out]) => {
    const g = toDoubles(grad);
    const at = toDoubles(indices);
    const y = new Float64Array(out!.count);
    const planes = grad.shape[0]! * grad.shape[1]!;
    const narrow = planes === 0 ? 0 : g.length / planes;
    const wide = planes === 0 ? 0 : y.length / planes;
    for (let i = 0; i < g.length; i++) y[Math.floor(i / narrow) * wide + at[i]!]! += g[i]!;
    writeDoubles(out!, y);
  }),
  kernel(avgPoolOp, ([self], [out], window) => {
    const spans = movingSpans(self.shape, out!.shape, window);
    average(self, out!, self.shape, out!.shape, spans, windowDivisor(self.shape, out!.shape, window), false);
  }),
  kernel(avgPoolBackwardOp, ([grad], [out], window) => {
    const spans = movingSpans(window.shape, grad.shape, window);
    average(grad, out!, window.shape, grad.shape, spans, windowDivisor(window.shape, grad.shape, window), true);
  }),
  kernel(adaptiveAvgPoolOp, ([self], [out]) => {
    average(self, out!, self.shape, out!.shape, partSpans(threeSizes(self.shape), threeSizes(out!.shape)), partSize, false);
  }),
  kernel(adaptiveAvgPoolBackwardOp, ([grad], [out]) => {
    average(grad, out!, out!.shape, grad.shape, partSpans(threeSizes(out!.shape), threeSizes(grad.shape)), partSize, true);
  }),
]);
