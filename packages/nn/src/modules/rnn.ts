import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import { type CellWeights, cells, type RecurrentMode, runDirection, type State } from "../functional/recurrence.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonFloat } from "../module/printing.ts";
import { PackedSequence } from "../utils/rnn.ts";

export interface RnnOptions extends FactoryOptions {
  /** Layers stacked on each other. Default 1. */
  numLayers?: number;
  bias?: boolean;
  /** `[N, L, I]` rather than `[L, N, I]`. Default false. */
  batchFirst?: boolean;
  /** Dropout between the layers. Default 0. */
  dropout?: number;
  bidirectional?: boolean;
}
export interface LstmOptions extends RnnOptions {
  /** Size to which hidden states are projected; 0 for none. Default 0. */
  projSize?: number;
}

interface Settings extends Required<Omit<LstmOptions, "device" | "dtype">>, FactoryOptions {
  inputSize: number;
  hiddenSize: number;
}

const gatesOf: Readonly<Record<RecurrentMode, number>> = { RNN_TANH: 1, RNN_RELU: 1, GRU: 3, LSTM: 4 };
const tuple = (shape: readonly number[]): string => `(${shape.join(", ")})`;
const list = (shape: readonly number[]): string => `[${shape.join(", ")}]`;

/** What the recurrent layers share. Parameters have PyTorch's names: `weight_ih_l0`, `bias_hh_l1_reverse` ... */
export abstract class RNNBase extends Module {
  mode: RecurrentMode;
  inputSize: number;
  hiddenSize: number;
  numLayers: number;
  bias: boolean;
  batchFirst: boolean;
  dropout: number;
  bidirectional: boolean;
  projSize: number;

  constructor(mode: RecurrentMode, settings: Settings) {
    super();
    const { inputSize, hiddenSize, numLayers, bias, dropout, bidirectional, projSize } = settings;
    if (typeof dropout !== "number" || !(dropout >= 0 && dropout <= 1)) {
      throw new ShapeError("dropout should be a number in range [0, 1] representing the probability of an element being zeroed");
    }
    if (projSize < 0) throw new ShapeError("proj_size should be a positive integer or zero to disable projections");
    if (projSize > 0 && projSize >= hiddenSize) throw new ShapeError("proj_size has to be smaller than hidden_size");
    if (dropout > 0 && numLayers === 1) {
      console.warn(
        `dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects num_layers greater than 1, but got dropout=${dropout} and num_layers=${numLayers}`,
      );
    }
    this.mode = mode;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.numLayers = numLayers;
    this.bias = bias;
    this.batchFirst = settings.batchFirst;
    this.dropout = dropout;
    this.bidirectional = bidirectional;
    this.projSize = projSize;
    const rows = gatesOf[mode] * hiddenSize;
    const real = projSize > 0 ? projSize : hiddenSize;
    for (let layer = 0; layer < numLayers; layer++) {
      for (const suffix of this.suffixes()) {
        const columns = layer === 0 ? inputSize : real * this.directions;
        const add = (name: string, shape: readonly number[]): void =>
          this.registerParameter(`${name}_l${layer}${suffix}`, parameter(shape, settings));
        add("weight_ih", [rows, columns]);
        add("weight_hh", [rows, real]);
        if (bias) {
          add("bias_ih", [rows]);
          add("bias_hh", [rows]);
        }
        if (projSize > 0) add("weight_hr", [projSize, hiddenSize]);
      }
    }
    this.resetParameters();
  }

  private get directions(): number {
    return this.bidirectional ? 2 : 1;
  }
  private suffixes(): readonly string[] {
    return this.bidirectional ? ["", "_reverse"] : [""];
  }

  /** Draws new initial values: uniform within 1/sqrt(hidden size). */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const weight of this.parameters()) init.uniform_(weight, -bound, bound);
  }

  /** Does nothing: there is no other layout of the parameters to prefer. */
  flattenParameters(): void {}

  /** The weights of a layer in one direction. */
  private weightsOf(layer: number, suffix: string): CellWeights {
    const fields = this as unknown as Record<string, Tensor | undefined>;
    const at = (name: string): Tensor | null => fields[`${name}_l${layer}${suffix}`] ?? null;
    return {
      inputWeight: at("weight_ih")!,
      hiddenWeight: at("weight_hh")!,
      inputBias: at("bias_ih"),
      hiddenBias: at("bias_hh"),
      projection: at("weight_hr"),
    };
  }

  /** Number of tensors in a state, and their sizes. */
  private stateSizes(): readonly number[] {
    const real = this.projSize > 0 ? this.projSize : this.hiddenSize;
    return this.mode === "LSTM" ? [real, this.hiddenSize] : [real];
  }

  /** Runs all layers; `given` is the initial state, null for zeros. */
  protected run(input: Tensor | PackedSequence, given: State | null): [Tensor | PackedSequence, State] {
    const packed = input instanceof PackedSequence ? input : null;
    let x = packed === null ? (input as Tensor) : packed.data;
    const batched = packed !== null || x.ndim === 3;
    if (packed === null) {
      if (x.ndim !== 2 && x.ndim !== 3) {
        const name = this.mode === "GRU" || this.mode === "LSTM" ? this.mode : "RNN";
        throw new ShapeError(`${name}: Expected input to be 2-D or 3-D but received ${x.ndim}-D tensor`);
      }
      if (!batched) x = x.unsqueeze(1);
      else if (this.batchFirst) x = x.transpose(0, 1);
    }
    if (x.shape.at(-1) !== this.inputSize) {
      throw new ShapeError(`input.size(-1) must be equal to input_size. Expected ${this.inputSize}, got ${x.shape.at(-1)}`);
    }
    let batchSizes: number[];
    if (packed === null) batchSizes = new Array<number>(x.shape[0]!).fill(x.shape[1]!);
    else batchSizes = (packed.batchSizes.tolist() as (number | bigint)[]).map(Number);
    const [output, last] = this.runLayers(
      x.flatten(0, packed === null ? 1 : 0),
      batchSizes,
      this.initialState(given, batched, batchSizes[0] ?? 0, x, packed),
    );
    if (packed !== null) {
      const restored = packed.unsortedIndices === null ? last : last.map((s) => s.indexSelect(1, packed.unsortedIndices!));
      return [packed.map(() => output), restored];
    }
    const steps = output.reshape([batchSizes.length, x.shape[1]!, output.shape[1]!]);
    if (!batched) return [steps.squeeze(1), last.map((s) => s.squeeze(1))];
    return [this.batchFirst ? steps.transpose(0, 1) : steps, last];
  }

  /** The initial state as `[layers directions, B, size]`, sorted as the packed sequences are. @throws {ShapeError} */
  private initialState(given: State | null, batched: boolean, B: number, x: Tensor, packed: PackedSequence | null): State {
    const sizes = this.stateSizes();
    const count = this.numLayers * this.directions;
    if (given === null) return sizes.map((size) => torch.zeros([count, B, size], { dtype: x.dtype, device: x.device }));
    const wanted = batched ? 3 : 2;
    if (given.some((s) => s.ndim !== wanted)) {
      const kind = batched ? "batched 3-D" : "unbatched 2-D";
      if (this.mode === "LSTM") {
        throw new ShapeError(
          `For ${kind} input, hx and cx should also be ${wanted}-D but got (${given.map((s) => `${s.ndim}-D`).join(", ")}) tensors`,
        );
      }
      throw new ShapeError(`For ${kind} input, hx should also be ${wanted}-D but got ${given[0]!.ndim}-D tensor`);
    }
    return given.map((s, i) => {
      const state = batched ? s : s.unsqueeze(1);
      const expected = [count, B, sizes[i]!];
      if (state.shape.some((n, d) => n !== expected[d])) {
        const what = this.mode === "LSTM" ? `hidden[${i}]` : "hidden";
        throw new ShapeError(`Expected ${what} size ${tuple(expected)}, got ${list(state.shape)}`);
      }
      return packed?.sortedIndices == null ? state : state.indexSelect(1, packed.sortedIndices);
    });
  }

  private runLayers(data: Tensor, batchSizes: readonly number[], initial: State): [Tensor, State] {
    const cell = cells[this.mode];
    const last: State[] = [];
    let x = data;
    for (let layer = 0; layer < this.numLayers; layer++) {
      const outputs: Tensor[] = [];
      this.suffixes().forEach((suffix, d) => {
        const state = initial.map((s) => s.select(0, layer * this.directions + d));
        const [output, end] = runDirection(cell, x, batchSizes, state, this.weightsOf(layer, suffix), d === 1);
        outputs.push(output);
        last.push(end);
      });
      x = outputs.length === 1 ? outputs[0]! : torch.cat(outputs, 1);
      if (this.dropout > 0 && layer < this.numLayers - 1) x = F.dropout(x, this.dropout, this.training);
    }
    return [x, initial.map((_, k) => torch.stack(last.map((state) => state[k]!)))];
  }

  override extraRepr(): string {
    let text = `${this.inputSize}, ${this.hiddenSize}`;
    if (this.projSize !== 0) text += `, proj_size=${this.projSize}`;
    if (this.numLayers !== 1) text += `, num_layers=${this.numLayers}`;
    if (!this.bias) text += ", bias=False";
    if (this.batchFirst) text += ", batch_first=True";
    if (this.dropout !== 0) text += `, dropout=${pythonFloat(this.dropout)}`;
    if (this.bidirectional) text += ", bidirectional=True";
    return text;
  }
}

const base = {
  inputSize: required,
  hiddenSize: required,
  numLayers: 1,
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
};
const factory = { device: null, dtype: null };
const bindRnn = signature("RNN", {
  inputSize: required,
  hiddenSize: required,
  numLayers: 1,
  nonlinearity: "tanh",
  bias: true,
  batchFirst: false,
  dropout: 0,
  bidirectional: false,
  ...factory,
});
const bindLstm = signature("LSTM", { ...base, projSize: 0, ...factory });
const bindGru = signature("GRU", { ...base, ...factory });
const bindHidden = signature("RNN", { hx: null });

type Sizes = { inputSize: number; hiddenSize: number };
type Hidden = Tensor | null | { hx?: Tensor | null };
type LstmHidden = readonly [Tensor, Tensor] | null | { hx?: readonly [Tensor, Tensor] | null };

/** A call with packed sequences gives packed sequences. */
export interface RNN {
  (input: PackedSequence, hx?: Hidden): [PackedSequence, Tensor];
  (input: Tensor, hx?: Hidden): [Tensor, Tensor];
}
/**
 * Elman network: `h' = tanh(W_ih x + b_ih + W_hh h + b_hh)` over `[L, N, I]` (or `[L, I]`): `[output [L, N, H], last state [layers, N, H]]`.
 * @throws {ShapeError} @see torch.nn.RNN
 */
export class RNN extends RNNBase {
  nonlinearity: "tanh" | "relu";

  constructor(
    inputSize: number,
    hiddenSize: number,
    ...rest: Rest<
      [numLayers: number, nonlinearity: "tanh" | "relu", bias: boolean, batchFirst: boolean, dropout: number, bidirectional: boolean],
      RnnOptions & { nonlinearity?: "tanh" | "relu" }
    >
  );
  constructor(options: RnnOptions & Sizes & { nonlinearity?: "tanh" | "relu" });
  constructor(...args: unknown[]) {
    const bound = bindRnn(args);
    if (bound.nonlinearity !== "tanh" && bound.nonlinearity !== "relu") {
      throw new ShapeError(`Unknown nonlinearity '${bound.nonlinearity}'`);
    }
    super(bound.nonlinearity === "tanh" ? "RNN_TANH" : "RNN_RELU", { ...bound, projSize: 0 });
    this.nonlinearity = bound.nonlinearity;
  }

  override forward(input: Tensor, hx: Hidden = null): [Tensor, Tensor] {
    const { hx: given } = bindHidden([hx]);
    const [output, [h]] = this.run(input, given === null ? null : [given]);
    return [output as Tensor, h!];
  }
}

/** A call with packed sequences gives packed sequences. */
export interface GRU {
  (input: PackedSequence, hx?: Hidden): [PackedSequence, Tensor];
  (input: Tensor, hx?: Hidden): [Tensor, Tensor];
}
/** Gated recurrent units (Cho et al., 2014) over `[L, N, I]`: `[output, last state]`. @throws {ShapeError} @see torch.nn.GRU */
export class GRU extends RNNBase {
  constructor(
    inputSize: number,
    hiddenSize: number,
    ...rest: Rest<[numLayers: number, bias: boolean, batchFirst: boolean, dropout: number, bidirectional: boolean], RnnOptions>
  );
  constructor(options: RnnOptions & Sizes);
  constructor(...args: unknown[]) {
    super("GRU", { ...bindGru(args), projSize: 0 });
  }

  override forward(input: Tensor, hx: Hidden = null): [Tensor, Tensor] {
    const { hx: given } = bindHidden([hx]);
    const [output, [h]] = this.run(input, given === null ? null : [given]);
    return [output as Tensor, h!];
  }
}

/** A call with packed sequences gives packed sequences. */
export interface LSTM {
  (input: PackedSequence, hx?: LstmHidden): [PackedSequence, [Tensor, Tensor]];
  (input: Tensor, hx?: LstmHidden): [Tensor, [Tensor, Tensor]];
}
/**
 * Long short-term memory (Hochreiter and Schmidhuber, 1997) over `[L, N, I]`: `[output, [last hidden, last cell]]`.
 * @throws {ShapeError} @see torch.nn.LSTM
 */
export class LSTM extends RNNBase {
  constructor(
    inputSize: number,
    hiddenSize: number,
    ...rest: Rest<
      [numLayers: number, bias: boolean, batchFirst: boolean, dropout: number, bidirectional: boolean, projSize: number],
      LstmOptions
    >
  );
  constructor(options: LstmOptions & Sizes);
  constructor(...args: unknown[]) {
    super("LSTM", bindLstm(args));
  }

  override forward(input: Tensor, hx: LstmHidden = null): [Tensor, [Tensor, Tensor]] {
    const { hx: given } = bindHidden([hx]);
    const [output, [h, c]] = this.run(input, given);
    return [output as Tensor, [h!, c!]];
  }
}
