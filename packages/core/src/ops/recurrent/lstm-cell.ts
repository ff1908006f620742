import { isRecording } from "../../dispatch/autograd-hook.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { numbersOf, writable } from "../../reference/loops.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { cat } from "../view/cat.ts";

type Inputs = readonly [inputGates: Tensor, hiddenGates: Tensor, cell: Tensor];

const backward: Backward<Inputs, undefined> = ({ grads, inputs: [, , cell], outputs: [, next, gates] }) => {
  const [gradHidden, gradNext, gradGates] = grads as (Tensor | null)[];
  if (gradGates == null && !isRecording()) {
    const [slopes, gradCell] = runMany(lstmCellBackwardOp, [gradHidden ?? null, gradNext ?? null, cell, next!, gates!], undefined);
    return [slopes!, slopes!, gradCell!];
  }
  // The same as tensor expressions, for derivatives of derivatives.
  const [i, f, g, o] = gates!.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const squashed = next!.tanh();
  const hidden = gradHidden ?? next!.mul(0);
  const throughHidden = hidden.mul(o).mul(squashed.square().neg().add(1));
  const through = gradNext == null ? throughHidden : gradNext.add(throughHidden);
  const activated = cat([through.mul(g), through.mul(cell), through.mul(i), hidden.mul(squashed)], 1);
  const slope = cat([i.mul(i.neg().add(1)), f.mul(f.neg().add(1)), g.square().neg().add(1), o.mul(o.neg().add(1))], 1);
  const all = (gradGates == null ? activated : activated.add(gradGates)).mul(slope);
  return [all, all, through.mul(f)];
};

/**
 * One step of an LSTM after its two products: gates `[N, 4 H]` (input, forget, cell, output) of input and hidden state, cell `[N, H]`;
 * gives hidden state, cell and the activated gates.
 */
export const lstmCellOp: Op<Inputs, undefined> = defineOp<Inputs>({
  name: "lstmCell",
  gradName: "LstmCellBackward0",
  infer: ([inputGates, hiddenGates, cell]) => {
    const [N, H] = cell.shape as [number, number];
    if (inputGates.shape[1] !== 4 * H || hiddenGates.shape[1] !== 4 * H || inputGates.shape[0] !== N) {
      throw new ShapeError(`lstm cell: gates [${inputGates.shape.join(", ")}] don't fit a cell [${N}, ${H}]`);
    }
    const state = { shape: [N, H], dtype: cell.dtype };
    return [state, state, { shape: [N, 4 * H], dtype: cell.dtype }];
  },
  saves: { inputs: [2], outputs: [1, 2] },
  contiguous: true,
  backward,
});

/** Gradients of the gates (before activation) and of the cell from those of hidden state and next cell. */
export const lstmCellBackwardOp: Op<
  readonly [gradHidden: Tensor | null, gradNext: Tensor | null, cell: Tensor, next: Tensor, gates: Tensor],
  undefined
> = defineOp({
  name: "lstmCellBackward",
  infer: ([, , cell, , gates]) => [
    { shape: gates.shape, dtype: gates.dtype },
    { shape: cell.shape, dtype: cell.dtype },
  ],
  contiguous: true,
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

registerReferenceKernels([
  kernel(lstmCellOp, ([inputGates, hiddenGates, cell], outputs) => {
    const [N, H] = cell.shape as [number, number];
    const [a, b, c] = [numbersOf(inputGates), numbersOf(hiddenGates), numbersOf(cell)];
    const [hidden, next, gates] = outputs.map(writable) as [
      ReturnType<typeof writable>,
      ReturnType<typeof writable>,
      ReturnType<typeof writable>,
    ];
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const at = n * 4 * H + j;
        const sum = (gate: number): number => (a.data[a.offset + at + gate * H] as number) + (b.data[b.offset + at + gate * H] as number);
        const [i, f, g, o] = [sigmoid(sum(0)), sigmoid(sum(1)), Math.tanh(sum(2)), sigmoid(sum(3))];
        const value = f * (c.data[c.offset + n * H + j] as number) + i * g;
        next.data[next.offset + n * H + j] = value;
        hidden.data[hidden.offset + n * H + j] = o * Math.tanh(value);
        [i, f, g, o].forEach((gate, k) => {
          gates.data[gates.offset + at + k * H] = gate;
        });
      }
    }
    for (const output of [hidden, next, gates]) output.commit();
  }),
  kernel(lstmCellBackwardOp, ([gradHidden, gradNext, cell, next, gates], outputs) => {
    const [N, H] = cell.shape as [number, number];
    const [c, c1, s] = [numbersOf(cell), numbersOf(next), numbersOf(gates)];
    const gh = gradHidden === null ? null : numbersOf(gradHidden);
    const gc = gradNext === null ? null : numbersOf(gradNext);
    const [slopes, gradCell] = outputs.map(writable) as [ReturnType<typeof writable>, ReturnType<typeof writable>];
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const at = n * 4 * H + j;
        const small = n * H + j;
        const gate = (k: number): number => s.data[s.offset + at + k * H] as number;
        const [i, f, g, o] = [gate(0), gate(1), gate(2), gate(3)];
        const squashed = Math.tanh(c1.data[c1.offset + small] as number);
        const dh = gh === null ? 0 : (gh.data[gh.offset + small] as number);
        const dc = (gc === null ? 0 : (gc.data[gc.offset + small] as number)) + dh * o * (1 - squashed * squashed);
        const to = slopes.offset + at;
        slopes.data[to] = dc * g * i * (1 - i);
        slopes.data[to + H] = dc * (c.data[c.offset + small] as number) * f * (1 - f);
        slopes.data[to + 2 * H] = dc * i * (1 - g * g);
        slopes.data[to + 3 * H] = dh * squashed * o * (1 - o);
        gradCell.data[gradCell.offset + small] = dc * f;
      }
    }
    slopes.commit();
    gradCell.commit();
  }),
]);
