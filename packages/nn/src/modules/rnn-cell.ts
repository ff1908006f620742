import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import { linear } from "../functional/linear.ts";
import { cells, type RecurrentMode, type State } from "../functional/recurrence.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import type { Parameter } from "../parameter.ts";

export interface RnnCellOptions extends FactoryOptions {
  bias?: boolean;
}
interface Settings extends FactoryOptions {
  inputSize: number;
  hiddenSize: number;
  bias: boolean;
}

/** What the cells, one step of a recurrent layer each, share. Parameters have PyTorch's names. */
export abstract class RNNCellBase extends Module {
  inputSize: number;
  hiddenSize: number;
  bias: boolean;
  /** `[gates hidden, input]` */
  weight_ih: Parameter;
  /** `[gates hidden, hidden]` */
  weight_hh: Parameter;
  bias_ih: Parameter | null;
  bias_hh: Parameter | null;

  constructor(gates: number, settings: Settings) {
    super();
    const { inputSize, hiddenSize, bias } = settings;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.bias = bias;
    const rows = gates * hiddenSize;
    this.weight_ih = parameter([rows, inputSize], settings);
    this.weight_hh = parameter([rows, hiddenSize], settings);
    this.bias_ih = bias ? parameter([rows], settings) : null;
    this.bias_hh = bias ? parameter([rows], settings) : null;
    this.resetParameters();
  }

  get weightIh(): Parameter {
    return this.weight_ih;
  }
  get weightHh(): Parameter {
    return this.weight_hh;
  }
  get biasIh(): Parameter | null {
    return this.bias_ih;
  }
  get biasHh(): Parameter | null {
    return this.bias_hh;
  }

  /** Draws new initial values: uniform within 1/sqrt(hidden size). */
  resetParameters(): void {
    const bound = this.hiddenSize > 0 ? 1 / Math.sqrt(this.hiddenSize) : 0;
    for (const weight of this.parameters()) init.uniform_(weight, -bound, bound);
  }

  /** One step from `given`, null for zeros. @throws {ShapeError} */
  protected step(mode: RecurrentMode, input: Tensor, given: State | null, states: number): Tensor[] {
    const name = this.typeName();
    if (input.ndim !== 1 && input.ndim !== 2) {
      throw new ShapeError(`${name}: Expected input to be 1-D or 2-D but received ${input.ndim}-D tensor`);
    }
    const batched = input.ndim === 2;
    const x = batched ? input : input.unsqueeze(0);
    if (x.shape[1] !== this.inputSize) {
      throw new ShapeError(`input has inconsistent input_size: got ${x.shape[1]} expected ${this.inputSize}`);
    }
    const zeros = (): Tensor => torch.zeros([x.shape[0]!, this.hiddenSize], { dtype: x.dtype, device: x.device });
    const state = Array.from({ length: states }, (_, i) => {
      if (given === null) return zeros();
      const s = batched ? given[i]! : given[i]!.unsqueeze(0);
      if (s.shape[0] !== x.shape[0]) {
        throw new ShapeError(`Input batch size ${x.shape[0]} doesn't match hidden${i} batch size ${s.shape[0]}`);
      }
      if (s.shape[1] !== this.hiddenSize) {
        throw new ShapeError(`hidden${i} has inconsistent hidden_size: got ${s.shape[1]}, expected ${this.hiddenSize}`);
      }
      return s;
    });
    const next = cells[mode](linear(x, this.weight_ih, this.bias_ih), state, {
      inputWeight: this.weight_ih,
      hiddenWeight: this.weight_hh,
      inputBias: this.bias_ih,
      hiddenBias: this.bias_hh,
      projection: null,
    });
    return next.map((s) => (batched ? s : s.squeeze(0)));
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : ", bias=False"}`;
  }
}

const base = { inputSize: required, hiddenSize: required, bias: true };
const factory = { device: null, dtype: null };
const bindRnn = signature("RNNCell", { ...base, nonlinearity: "tanh", ...factory });
const bindLstm = signature("LSTMCell", { ...base, ...factory });
const bindGru = signature("GRUCell", { ...base, ...factory });
const bindHidden = signature("RNNCell", { hx: null });
type Sizes = { inputSize: number; hiddenSize: number };
type Hidden = Tensor | null | { hx?: Tensor | null };

/** One step of an Elman network: `x [N, I], h [N, H] -> h' [N, H]`. @throws {ShapeError} @see torch.nn.RNNCell */
export class RNNCell extends RNNCellBase {
  nonlinearity: "tanh" | "relu";
  constructor(
    inputSize: number,
    hiddenSize: number,
    ...rest: Rest<[bias: boolean, nonlinearity: "tanh" | "relu"], RnnCellOptions & { nonlinearity?: "tanh" | "relu" }>
  );
  constructor(options: RnnCellOptions & Sizes & { nonlinearity?: "tanh" | "relu" });
  constructor(...args: unknown[]) {
    const bound = bindRnn(args);
    super(1, bound);
    this.nonlinearity = bound.nonlinearity;
  }
  override forward(input: Tensor, hx: Hidden = null): Tensor {
    const { hx: given } = bindHidden([hx]);
    if (this.nonlinearity !== "tanh" && this.nonlinearity !== "relu") {
      throw new ShapeError(`Unknown nonlinearity: ${String(this.nonlinearity)}`);
    }
    return this.step(this.nonlinearity === "tanh" ? "RNN_TANH" : "RNN_RELU", input, given === null ? null : [given], 1)[0]!;
  }
  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`);
  }
}

/** One step of a GRU: `x [N, I], h [N, H] -> h' [N, H]`. @throws {ShapeError} @see torch.nn.GRUCell */
export class GRUCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, ...rest: Rest<[bias: boolean], RnnCellOptions>);
  constructor(options: RnnCellOptions & Sizes);
  constructor(...args: unknown[]) {
    super(3, bindGru(args));
  }
  override forward(input: Tensor, hx: Hidden = null): Tensor {
    const { hx: given } = bindHidden([hx]);
    return this.step("GRU", input, given === null ? null : [given], 1)[0]!;
  }
}

type LstmHidden = readonly [Tensor, Tensor] | null | { hx?: readonly [Tensor, Tensor] | null };

/** One step of an LSTM: `x [N, I], [h, c] -> [h', c']`. @throws {ShapeError} @see torch.nn.LSTMCell */
export class LSTMCell extends RNNCellBase {
  constructor(inputSize: number, hiddenSize: number, ...rest: Rest<[bias: boolean], RnnCellOptions>);
  constructor(options: RnnCellOptions & Sizes);
  constructor(...args: unknown[]) {
    super(4, bindLstm(args));
  }
  override forward(input: Tensor, hx: LstmHidden = null): [Tensor, Tensor] {
    const { hx: given } = bindHidden([hx]);
    const [h, c] = this.step("LSTM", input, given, 2);
    return [h!, c!];
  }
}
