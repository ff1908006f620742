import { type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { FactoryOptions, Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { Dropout } from "./dropout.ts";
import { Linear } from "./linear.ts";
import { MultiheadAttention } from "./multihead-attention.ts";
import { LayerNorm } from "./normalization.ts";

/** A function of one tensor, or the name of one. */
export type Activation = "relu" | "gelu" | ((x: Tensor) => Tensor);

export interface LayerOptions extends FactoryOptions {
  /** Size between the two linear maps. Default 2048. */
  dimFeedforward?: number;
  /** Default 0.1. */
  dropout?: number;
  /** Default "relu". */
  activation?: Activation;
  layerNormEps?: number;
  /** `[N, L, E]` rather than `[L, N, E]`. Default false. */
  batchFirst?: boolean;
  /** Normalise before attention and feed-forward rather than after. Default false. */
  normFirst?: boolean;
}
type LayerRest = Rest<
  [dimFeedforward: number, dropout: number, activation: Activation, layerNormEps: number, batchFirst: boolean, normFirst: boolean],
  LayerOptions
>;
const parameters = {
  dModel: required,
  nhead: required,
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: "relu",
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  device: null,
  dtype: null,
};
type ByName = LayerOptions & { dModel: number; nhead: number };
const bindEncoderLayer = signature("TransformerEncoderLayer", parameters);
const bindDecoderLayer = signature("TransformerDecoderLayer", parameters);
const bindEncoderForward = signature("TransformerEncoderLayer", { srcMask: null, srcKeyPaddingMask: null, isCausal: false });
const bindDecoderForward = signature("TransformerDecoderLayer", {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
});

/** @throws {TensorError} for an unknown name */
function activationOf(activation: Activation): (x: Tensor) => Tensor {
  if (typeof activation === "function") return activation;
  if (activation === "relu") return reluOf;
  if (activation === "gelu") return geluOf;
  throw new TensorError(`activation should be relu/gelu, not ${String(activation)}`);
}
const reluOf = (x: Tensor): Tensor => F.relu(x);
const geluOf = (x: Tensor): Tensor => F.gelu(x);

/** Self-attention and a feed-forward network. Children have PyTorch's names. @throws {TensorError} @see torch.nn.TransformerEncoderLayer */
export class TransformerEncoderLayer extends Module {
  self_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  normFirst: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, ...rest: LayerRest);
  constructor(options: ByName);
  constructor(...args: unknown[]) {
    super();
    const { dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, device, dtype } =
      bindEncoderLayer(args);
    const made = { device, dtype };
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...made });
    this.linear1 = new Linear(dModel, dimFeedforward, made);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, made);
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, ...made });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, ...made });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.activation = activationOf(activation);
  }

  get selfAttn(): MultiheadAttention {
    return this.self_attn;
  }

  private attend(x: Tensor, attnMask: Tensor | null, keyPaddingMask: Tensor | null): Tensor {
    return this.dropout1(this.self_attn(x, x, x, { attnMask, keyPaddingMask, needWeights: false })[0]);
  }
  private feedForward(x: Tensor): Tensor {
    return this.dropout2(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }

  override forward(
    src: Tensor,
    ...rest: Rest<
      [srcMask: Tensor | null, srcKeyPaddingMask: Tensor | null, isCausal: boolean],
      { srcMask?: Tensor | null; srcKeyPaddingMask?: Tensor | null; isCausal?: boolean }
    >
  ): Tensor {
    const { srcMask, srcKeyPaddingMask } = bindEncoderForward(rest);
    if (this.normFirst) {
      const x = src.add(this.attend(this.norm1(src), srcMask, srcKeyPaddingMask));
      return x.add(this.feedForward(this.norm2(x)));
    }
    const x = this.norm1(src.add(this.attend(src, srcMask, srcKeyPaddingMask)));
    return this.norm2(x.add(this.feedForward(x)));
  }
}

/** Self-attention, attention to `memory` and a feed-forward network. @throws {TensorError} @see torch.nn.TransformerDecoderLayer */
export class TransformerDecoderLayer extends Module {
  self_attn: MultiheadAttention;
  multihead_attn: MultiheadAttention;
  linear1: Linear;
  dropout: Dropout;
  linear2: Linear;
  normFirst: boolean;
  norm1: LayerNorm;
  norm2: LayerNorm;
  norm3: LayerNorm;
  dropout1: Dropout;
  dropout2: Dropout;
  dropout3: Dropout;
  activation: (x: Tensor) => Tensor;

  constructor(dModel: number, nhead: number, ...rest: LayerRest);
  constructor(options: ByName);
  constructor(...args: unknown[]) {
    super();
    const { dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, device, dtype } =
      bindDecoderLayer(args);
    const made = { device, dtype };
    this.self_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...made });
    this.multihead_attn = new MultiheadAttention(dModel, nhead, { dropout, batchFirst, ...made });
    this.linear1 = new Linear(dModel, dimFeedforward, made);
    this.dropout = new Dropout(dropout);
    this.linear2 = new Linear(dimFeedforward, dModel, made);
    this.normFirst = normFirst;
    this.norm1 = new LayerNorm(dModel, { eps: layerNormEps, ...made });
    this.norm2 = new LayerNorm(dModel, { eps: layerNormEps, ...made });
    this.norm3 = new LayerNorm(dModel, { eps: layerNormEps, ...made });
    this.dropout1 = new Dropout(dropout);
    this.dropout2 = new Dropout(dropout);
    this.dropout3 = new Dropout(dropout);
    this.activation = activationOf(activation);
  }

  get selfAttn(): MultiheadAttention {
    return this.self_attn;
  }
  get multiheadAttn(): MultiheadAttention {
    return this.multihead_attn;
  }

  private attend(x: Tensor, attnMask: Tensor | null, keyPaddingMask: Tensor | null): Tensor {
    return this.dropout1(this.self_attn(x, x, x, { attnMask, keyPaddingMask, needWeights: false })[0]);
  }
  private attendTo(x: Tensor, memory: Tensor, attnMask: Tensor | null, keyPaddingMask: Tensor | null): Tensor {
    return this.dropout2(this.multihead_attn(x, memory, memory, { attnMask, keyPaddingMask, needWeights: false })[0]);
  }
  private feedForward(x: Tensor): Tensor {
    return this.dropout3(this.linear2(this.dropout(this.activation(this.linear1(x)))));
  }

  override forward(
    tgt: Tensor,
    memory: Tensor,
    ...rest: Rest<
      [tgtMask: Tensor | null, memoryMask: Tensor | null, tgtKeyPaddingMask: Tensor | null, memoryKeyPaddingMask: Tensor | null],
      {
        tgtMask?: Tensor | null;
        memoryMask?: Tensor | null;
        tgtKeyPaddingMask?: Tensor | null;
        memoryKeyPaddingMask?: Tensor | null;
      }
    >
  ): Tensor {
    const { tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask } = bindDecoderForward(rest);
    if (this.normFirst) {
      let x = tgt.add(this.attend(this.norm1(tgt), tgtMask, tgtKeyPaddingMask));
      x = x.add(this.attendTo(this.norm2(x), memory, memoryMask, memoryKeyPaddingMask));
      return x.add(this.feedForward(this.norm3(x)));
    }
    let x = this.norm1(tgt.add(this.attend(tgt, tgtMask, tgtKeyPaddingMask)));
    x = this.norm2(x.add(this.attendTo(x, memory, memoryMask, memoryKeyPaddingMask)));
    return this.norm3(x.add(this.feedForward(x)));
  }
}
