import { isRecording } from "../../dispatch/autograd-hook.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { matmul } from "../linalg/matmul.ts";
import { cat, stack } from "../view/cat.ts";

/** Whether steps are taken from the last to the first. */
export interface LstmLayerParams {
  readonly reverse: boolean;
}

type Inputs = readonly [gates: Tensor, weight: Tensor, bias: Tensor | null, hidden: Tensor, cell: Tensor];
type Gradients = readonly [gradHidden: Tensor | null, gradCell: Tensor | null];

/** The steps in the order in which they are taken. */
const order = (T: number, { reverse }: LstmLayerParams): number[] => Array.from({ length: T }, (_, i) => (reverse ? T - 1 - i : i));

/** The derivative made of differentiable operators: all steps again, then back through them. */
function composed([gradHidden, gradCell]: Gradients, inputs: Inputs, params: LstmLayerParams): readonly (Tensor | null)[] {
  const [gates, weight, bias, hidden, cell] = inputs;
  const times = order(gates.shape[0]!, params);
  let [h, c] = [hidden, cell];
  const steps = times.map((t) => {
    const before = { h, c };
    const product = matmul(h, weight.t());
    const sum = gates.select(0, t).add(bias === null ? product : product.add(bias));
    const [i, f, g, o] = sum.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
    const [input, forget, fresh, output] = [i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()];
    c = forget.mul(c).add(input.mul(fresh));
    const squashed = c.tanh();
    h = output.mul(squashed);
    return { before, input, forget, fresh, output, squashed };
  });
  const slope = (gate: Tensor): Tensor => gate.mul(gate.neg().add(1));
  const slopes = new Array<Tensor>(times.length);
  let ofHidden: Tensor | null = null;
  let ofCell = gradCell ?? cell.mul(0);
  let ofWeight: Tensor | null = null;
  for (let k = times.length - 1; k >= 0; k--) {
    const { before, input, forget, fresh, output, squashed } = steps[k]!;
    const own = gradHidden?.select(0, times[k]!) ?? hidden.mul(0);
    const d: Tensor = ofHidden === null ? own : own.add(ofHidden);
    const through = ofCell.add(d.mul(output).mul(squashed.square().neg().add(1)));
    const parts = [
      through.mul(fresh).mul(slope(input)),
      through.mul(before.c).mul(slope(forget)),
      through.mul(input).mul(fresh.square().neg().add(1)),
      d.mul(squashed).mul(slope(output)),
    ];
    const all = cat(parts, 1);
    slopes[times[k]!] = all;
    ofHidden = matmul(all, weight);
    ofCell = through.mul(forget);
    const share = matmul(all.t(), before.h);
    ofWeight = ofWeight === null ? share : ofWeight.add(share);
  }
  const ofGates = stack(slopes, 0);
  return [ofGates, ofWeight, bias === null ? null : ofGates.sum([0, 1]), ofHidden, ofCell];
}

const backward: Backward<Inputs, LstmLayerParams> = ({ grads, inputs, outputs, params }) => {
  const given: Gradients = [grads[0] ?? null, grads[1] ?? null];
  if (isRecording()) return composed(given, inputs, params);
  const [, weight, bias, hidden, cell] = inputs;
  const kept = [outputs[0]!, outputs[2]!, outputs[3]!] as const;
  const results = runMany(lstmLayerBackwardOp, [...given, weight, hidden, cell, ...kept], params);
  return bias === null ? [results[0]!, results[1]!, null, results[3]!, results[4]!] : results;
};

/**
 * All steps of one layer of an LSTM in one direction: the input's share of the gates `[T, N, 4 H]` (input, forget, cell, output), weight
 * `[4 H, H]` and bias `[4 H]` of the hidden state, first hidden state and cell `[N, H]`. Gives hidden states `[T, N, H]`, the last cell and,
 * for the derivative, activated gates and cells of all steps.
 */
export const lstmLayerOp: Op<Inputs, LstmLayerParams> = defineOp<Inputs, LstmLayerParams>({
  name: "lstmLayer",
  infer: ([gates, weight, bias, hidden, cell]) => {
    const [T, N, G] = gates.shape as [number, number, number];
    const H = G / 4;
    const fits = (t: Tensor | null, ...shape: number[]): boolean => t === null || formatShape(t.shape) === formatShape(shape);
    if (!fits(weight, G, H) || !fits(bias, G) || !fits(hidden, N, H) || !fits(cell, N, H)) {
      throw new ShapeError(`lstm layer: gates ${formatShape(gates.shape)} don't fit a hidden state ${formatShape(hidden.shape)}`);
    }
    const { dtype } = gates;
    return [
      { shape: [T, N, H], dtype },
      { shape: [N, H], dtype },
      { shape: [T, N, G], dtype },
      { shape: [T, N, H], dtype },
    ];
  },
  // The derivative computes what it needs of the gates from the kept ones, unless it is itself recorded.
  saves: { inputs: "all", outputs: [0, 2, 3] },
  contiguous: true,
  backward,
});

type BackwardInputs = readonly [
  ...Gradients,
  weight: Tensor,
  hidden: Tensor,
  cell: Tensor,
  output: Tensor,
  activated: Tensor,
  cells: Tensor,
];

/** `[dHidden of all steps, dLastCell, weight, first hidden, first cell, hidden states, gates, cells] -> [dGates, dWeight, dBias, dHidden, dCell]`. */
export const lstmLayerBackwardOp: Op<BackwardInputs, LstmLayerParams> = defineOp<BackwardInputs, LstmLayerParams>({
  name: "lstmLayerBackward",
  infer: ([, , weight, hidden, cell, , activated]) => {
    const spec = ({ shape, dtype }: Tensor): { shape: readonly number[]; dtype: Tensor["dtype"] } => ({ shape, dtype });
    return [spec(activated), spec(weight), { shape: [weight.shape[0]!], dtype: weight.dtype }, spec(hidden), spec(cell)];
  },
  contiguous: true,
});

/** Hidden states of all steps and the last cell; see {@link lstmLayerOp}. */
export const lstmLayer = (inputs: Inputs, params: LstmLayerParams): [hidden: Tensor, cell: Tensor] =>
  runMany(lstmLayerOp, inputs, params, 2).slice(0, 2) as [Tensor, Tensor];

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

registerReferenceKernels([
  kernel(lstmLayerOp, ([gates, weight, bias, hidden, cell], outputs, params) => {
    const [T, N, G] = gates.shape as [number, number, number];
    const H = G / 4;
    const [x, w, b] = [toDoubles(gates), toDoubles(weight), bias === null ? null : toDoubles(bias)];
    const [out, last, kept, cells] = outputs.map((t) => new Float64Array(t.count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    let h = toDoubles(hidden);
    let c = toDoubles(cell);
    for (const t of order(T, params)) {
      const [nextH, nextC] = [new Float64Array(N * H), new Float64Array(N * H)];
      for (let n = 0; n < N; n++) {
        for (let j = 0; j < H; j++) {
          const [i, f, g, o] = [0, 1, 2, 3].map((k) => {
            const row = k * H + j;
            let sum = b === null ? 0 : b[row]!;
            for (let m = 0; m < H; m++) sum += h[n * H + m]! * w[row * H + m]!;
            sum += x[(t * N + n) * G + row]!;
            const gate = k === 2 ? Math.tanh(sum) : sigmoid(sum);
            kept[(t * N + n) * G + row] = gate;
            return gate;
          }) as [number, number, number, number];
          nextC[n * H + j] = f * c[n * H + j]! + i * g;
          nextH[n * H + j] = o * Math.tanh(nextC[n * H + j]!);
        }
      }
      out.set(nextH, t * N * H);
      cells.set(nextC, t * N * H);
      [h, c] = [nextH, nextC];
    }
    last.set(c);
    [out, last, kept, cells].forEach((values, i) => {
      writeDoubles(outputs[i]!, values);
    });
  }),
  kernel(lstmLayerBackwardOp, (inputs, outputs, params) => {
    const [gradHidden, gradCell, weight, hidden, cell, output, activated, cells] = inputs;
    const [T, N, G] = activated.shape as [number, number, number];
    const H = G / 4;
    const given = gradHidden === null ? null : toDoubles(gradHidden);
    const [w, h0, c0, out, kept, all] = [weight, hidden, cell, output, activated, cells].map(toDoubles) as Float64Array[] &
      Record<0 | 1 | 2 | 3 | 4 | 5, Float64Array>;
    const [slopes, ofWeight, ofBias] = outputs.slice(0, 3).map((t) => new Float64Array(t.count)) as [
      Float64Array,
      Float64Array,
      Float64Array,
    ];
    let dh = new Float64Array(N * H);
    const dc = gradCell === null ? new Float64Array(N * H) : toDoubles(gradCell);
    const times = order(T, params);
    for (let step = T - 1; step >= 0; step--) {
      const t = times[step]!;
      const before = step === 0 ? null : times[step - 1]! * N * H;
      const next = new Float64Array(N * H);
      for (let n = 0; n < N; n++) {
        for (let j = 0; j < H; j++) {
          const at = n * H + j;
          const row = (t * N + n) * G + j;
          const [i, f, g, o] = [0, 1, 2, 3].map((k) => kept[row + k * H]!) as [number, number, number, number];
          const squashed = Math.tanh(all[t * N * H + at]!);
          const d = dh[at]! + (given === null ? 0 : given[t * N * H + at]!);
          const through = dc[at]! + d * o * (1 - squashed * squashed);
          slopes[row] = through * g * i * (1 - i);
          slopes[row + H] = through * (before === null ? c0[at]! : all[before + at]!) * f * (1 - f);
          slopes[row + 2 * H] = through * i * (1 - g * g);
          slopes[row + 3 * H] = d * squashed * o * (1 - o);
          dc[at] = through * f;
        }
        for (let k = 0; k < G; k++) {
          const slope = slopes[(t * N + n) * G + k]!;
          ofBias[k]! += slope;
          for (let j = 0; j < H; j++) {
            next[n * H + j]! += slope * w[k * H + j]!;
            ofWeight[k * H + j]! += slope * (before === null ? h0[n * H + j]! : out[before + n * H + j]!);
          }
        }
      }
      dh = next;
    }
    [slopes, ofWeight, ofBias, dh, dc].forEach((values, i) => {
      writeDoubles(outputs[i]!, values);
    });
  }),
]);
