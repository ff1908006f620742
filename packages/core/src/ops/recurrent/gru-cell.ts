import { isRecording } from "../../dispatch/autograd-hook.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { numbersOf, writable } from "../../reference/loops.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { cat } from "../view/cat.ts";

type Inputs = readonly [inputGates: Tensor, hiddenGates: Tensor, hidden: Tensor];

const backward: Backward<Inputs, undefined> = ({ grads, inputs: [, , hidden], outputs: [, kept] }) => {
  const [gradNext, gradKept] = grads as (Tensor | null)[];
  if (gradKept == null && !isRecording()) {
    return runMany(gruCellBackwardOp, [gradNext!, hidden, kept!], undefined);
  }
  // The same as tensor expressions, for derivatives of derivatives.
  const [reset, update, fresh, share] = kept!.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor];
  const extra = gradKept == null ? null : (gradKept.chunk(4, 1) as [Tensor, Tensor, Tensor, Tensor]);
  const plus = (t: Tensor, k: number): Tensor => (extra === null ? t : t.add(extra[k]!));
  const grad = gradNext ?? hidden.mul(0);
  const ofFresh = plus(grad.mul(update.neg().add(1)), 2).mul(fresh.square().neg().add(1));
  const ofUpdate = plus(grad.mul(hidden.sub(fresh)), 1).mul(update.mul(update.neg().add(1)));
  const ofReset = plus(ofFresh.mul(share), 0).mul(reset.mul(reset.neg().add(1)));
  const ofShare = plus(ofFresh.mul(reset), 3);
  return [cat([ofReset, ofUpdate, ofFresh], 1), cat([ofReset, ofUpdate, ofShare], 1), grad.mul(update)];
};

/**
 * One step of a GRU after its two products: gates `[N, 3 H]` (reset, update, new) of input and hidden state, hidden state `[N, H]`; gives the
 * next hidden state and, for the derivative, reset, update, new and the hidden state's share of new.
 */
export const gruCellOp: Op<Inputs, undefined> = defineOp<Inputs>({
  name: "gruCell",
  gradName: "GruCellBackward0",
  infer: ([inputGates, hiddenGates, hidden]) => {
    const [N, H] = hidden.shape as [number, number];
    if (inputGates.shape[1] !== 3 * H || hiddenGates.shape[1] !== 3 * H || inputGates.shape[0] !== N) {
      throw new ShapeError(`gru cell: gates [${inputGates.shape.join(", ")}] don't fit a hidden state [${N}, ${H}]`);
    }
    return [
      { shape: [N, H], dtype: hidden.dtype },
      { shape: [N, 4 * H], dtype: hidden.dtype },
    ];
  },
  saves: { inputs: [2], outputs: [1] },
  contiguous: true,
  backward,
});

/** Gradients of both gates and of the hidden state. */
export const gruCellBackwardOp: Op<readonly [grad: Tensor, hidden: Tensor, kept: Tensor], undefined> = defineOp({
  name: "gruCellBackward",
  infer: ([, hidden]) => {
    const [N, H] = hidden.shape as [number, number];
    const gates = { shape: [N, 3 * H], dtype: hidden.dtype };
    return [gates, gates, { shape: [N, H], dtype: hidden.dtype }];
  },
  contiguous: true,
});

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

registerReferenceKernels([
  kernel(gruCellOp, ([inputGates, hiddenGates, hidden], outputs) => {
    const [N, H] = hidden.shape as [number, number];
    const [a, b, h] = [numbersOf(inputGates), numbersOf(hiddenGates), numbersOf(hidden)];
    const [next, kept] = outputs.map(writable) as [ReturnType<typeof writable>, ReturnType<typeof writable>];
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const at = n * 3 * H + j;
        const ofInput = (k: number): number => a.data[a.offset + at + k * H] as number;
        const ofHidden = (k: number): number => b.data[b.offset + at + k * H] as number;
        const reset = sigmoid(ofInput(0) + ofHidden(0));
        const update = sigmoid(ofInput(1) + ofHidden(1));
        const share = ofHidden(2);
        const fresh = Math.tanh(ofInput(2) + reset * share);
        const before = h.data[h.offset + n * H + j] as number;
        next.data[next.offset + n * H + j] = (before - fresh) * update + fresh;
        [reset, update, fresh, share].forEach((value, k) => {
          kept.data[kept.offset + n * 4 * H + j + k * H] = value;
        });
      }
    }
    next.commit();
    kept.commit();
  }),
  kernel(gruCellBackwardOp, ([grad, hidden, kept], outputs) => {
    const [N, H] = hidden.shape as [number, number];
    const [g, h, s] = [numbersOf(grad), numbersOf(hidden), numbersOf(kept)];
    const [ofInput, ofHidden, before] = outputs.map(writable) as [
      ReturnType<typeof writable>,
      ReturnType<typeof writable>,
      ReturnType<typeof writable>,
    ];
    for (let n = 0; n < N; n++) {
      for (let j = 0; j < H; j++) {
        const gate = (k: number): number => s.data[s.offset + n * 4 * H + j + k * H] as number;
        const [reset, update, fresh, share] = [gate(0), gate(1), gate(2), gate(3)];
        const d = g.data[g.offset + n * H + j] as number;
        const dFresh = d * (1 - update) * (1 - fresh * fresh);
        const dUpdate = d * ((h.data[h.offset + n * H + j] as number) - fresh) * update * (1 - update);
        const dReset = dFresh * share * reset * (1 - reset);
        const at = n * 3 * H + j;
        [dReset, dUpdate, dFresh].forEach((value, k) => {
          ofInput.data[ofInput.offset + at + k * H] = value;
        });
        [dReset, dUpdate, dFresh * reset].forEach((value, k) => {
          ofHidden.data[ofHidden.offset + at + k * H] = value;
        });
        before.data[before.offset + n * H + j] = d * update;
      }
    }
    for (const output of [ofInput, ofHidden, before]) output.commit();
  }),
]);
