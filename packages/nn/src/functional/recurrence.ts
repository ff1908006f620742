import type { Tensor } from "@bluedot/core";
import * as torch from "@bluedot/core";
import { castInputs, gruCellOp, lstmCellOp, lstmLayer, runMany } from "@bluedot/core/extend";
import { linear } from "./linear.ts";

/** What a recurrent layer carries from step to step: `[h]`, or `[h, c]` for LSTM. */
export type State = readonly Tensor[];

/** The weights of one layer in one direction. */
export interface CellWeights {
  readonly inputWeight: Tensor;
  readonly hiddenWeight: Tensor;
  readonly inputBias: Tensor | null;
  readonly hiddenBias: Tensor | null;
  /** Projection of the hidden state, for LSTM. */
  readonly projection: Tensor | null;
}

/** One step: `gates` is the input's share `x W_ih^T + b_ih`, computed for all steps at once. */
export type Cell = (gates: Tensor, state: State, weights: CellWeights) => State;

const tanhCell: Cell = (gates, [h], { hiddenWeight, hiddenBias }) => [gates.add(linear(h!, hiddenWeight, hiddenBias)).tanh()];
const reluCell: Cell = (gates, [h], { hiddenWeight, hiddenBias }) => [gates.add(linear(h!, hiddenWeight, hiddenBias)).relu()];

const lstmCell: Cell = (gates, [h, c], { hiddenWeight, hiddenBias, projection }) => {
  const [hidden, cell] = runMany(lstmCellOp, [gates, linear(h!, hiddenWeight, hiddenBias), c!], undefined, 2) as [Tensor, Tensor];
  return [projection === null ? hidden : linear(hidden, projection), cell];
};

const gruCell: Cell = (gates, [h], { hiddenWeight, hiddenBias }) => [
  runMany(gruCellOp, [gates, linear(h!, hiddenWeight, hiddenBias), h!], undefined, 1)[0]!,
];

export type RecurrentMode = "RNN_TANH" | "RNN_RELU" | "LSTM" | "GRU";
/** The step of each kind of recurrent layer. */
export const cells: Readonly<Record<RecurrentMode, Cell>> = { RNN_TANH: tanhCell, RNN_RELU: reluCell, LSTM: lstmCell, GRU: gruCell };

/**
 * One layer in one direction over packed steps: `data [sum of batch sizes, I]`, `batchSizes` from the first step, not increasing.
 * Gives the hidden states of all steps and the last state of every sequence.
 */
export function runDirection(
  cell: Cell,
  data: Tensor,
  batchSizes: readonly number[],
  initial: State,
  weights: CellWeights,
  reverse: boolean,
): [output: Tensor, last: State] {
  const gates = linear(data, weights.inputWeight, weights.inputBias);
  const [T, N] = [batchSizes.length, batchSizes[0]!];
  const plain = (gates.dtype === "float32" || gates.dtype === "float64") && initial.every((s) => s.dtype === gates.dtype);
  if (cell === lstmCell && plain && weights.projection === null && castInputs === null && batchSizes.every((n) => n === N)) {
    // One operator for all steps.
    const [h, c] = initial as [Tensor, Tensor];
    const [hidden, lastCell] = lstmLayer([gates.view([T, N, -1]), weights.hiddenWeight, weights.hiddenBias, h, c], { reverse });
    return [hidden.view([T * N, -1]), [hidden.select(0, reverse ? 0 : T - 1), lastCell]];
  }
  // One node of the graph for all steps: their gradients are joined once.
  const steps = batchSizes.length === 1 ? [gates] : gates.split(batchSizes, 0);
  const rows = (t: Tensor, n: number): Tensor => (n === t.shape[0] ? t : t.narrow(0, 0, n));
  const outputs = new Array<Tensor>(T);
  let live = reverse ? batchSizes[T - 1]! : batchSizes[0]!;
  let state: State = initial.map((s) => rows(s, live));
  // Last states of sequences that ended, shortest first.
  const ended: State[] = [];
  for (let i = 0; i < T; i++) {
    const t = reverse ? T - 1 - i : i;
    const size = batchSizes[t]!;
    if (size < live) {
      ended.push(state.map((s) => s.narrow(0, size, live - size)));
      state = state.map((s) => s.narrow(0, 0, size));
    } else if (size > live) {
      const begun = live;
      state = state.map((s, k) => torch.cat([s, initial[k]!.narrow(0, begun, size - begun)], 0));
    }
    live = size;
    state = cell(steps[t]!, state, weights);
    outputs[t] = state[0]!;
  }
  const last = ended.length === 0 ? state : state.map((s, k) => torch.cat([s, ...ended.reverse().map((part) => part[k]!)], 0));
  return [torch.cat(outputs, 0), last];
}
