import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as init from "../init.ts";
import { deepcopy } from "../module/deepcopy.ts";
import { Module } from "../module/module.ts";
import { ModuleList } from "./container.ts";
import { LayerNorm } from "./normalization.ts";
import { type Activation, type LayerOptions, TransformerDecoderLayer, TransformerEncoderLayer } from "./transformer-layer.ts";

const copies = (layer: Module, n: number): ModuleList => new ModuleList(Array.from({ length: n }, () => deepcopy(layer)));

export interface EncoderForwardOptions {
  /** `[S, S]` */
  mask?: Tensor | null;
  /** `[N, S]`: elements to leave out. */
  srcKeyPaddingMask?: Tensor | null;
}
const bindEncoder = signature("TransformerEncoder", {
  encoderLayer: required,
  numLayers: required,
  norm: null,
  enableNestedTensor: true,
  maskCheck: true,
});
const bindEncoderForward = signature("TransformerEncoder", { mask: null, srcKeyPaddingMask: null });

/** `numLayers` copies of a layer, one after the other. @see torch.nn.TransformerEncoder */
export class TransformerEncoder extends Module {
  layers: ModuleList;
  numLayers: number;
  norm: Module | null;
  enableNestedTensor: boolean;

  constructor(
    encoderLayer: Module,
    numLayers: number,
    ...rest: Rest<[norm: Module | null, enableNestedTensor: boolean], { norm?: Module | null; enableNestedTensor?: boolean }>
  );
  constructor(options: { encoderLayer: Module; numLayers: number; norm?: Module | null; enableNestedTensor?: boolean });
  constructor(...args: unknown[]) {
    super();
    const { encoderLayer, numLayers, norm, enableNestedTensor } = bindEncoder(args);
    this.layers = copies(encoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
    this.enableNestedTensor = enableNestedTensor;
  }

  override forward(src: Tensor, ...rest: Rest<[mask: Tensor | null, srcKeyPaddingMask: Tensor | null], EncoderForwardOptions>): Tensor {
    const { mask: srcMask, srcKeyPaddingMask } = bindEncoderForward(rest);
    let x = src;
    for (const layer of this.layers) x = layer(x, { srcMask, srcKeyPaddingMask });
    return this.norm === null ? x : this.norm(x);
  }
}

export interface DecoderForwardOptions {
  tgtMask?: Tensor | null;
  memoryMask?: Tensor | null;
  tgtKeyPaddingMask?: Tensor | null;
  memoryKeyPaddingMask?: Tensor | null;
}
const bindDecoder = signature("TransformerDecoder", { decoderLayer: required, numLayers: required, norm: null });
const bindDecoderForward = signature("TransformerDecoder", {
  tgtMask: null,
  memoryMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
});

/** `numLayers` copies of a layer, one after the other, all attending to `memory`. @see torch.nn.TransformerDecoder */
export class TransformerDecoder extends Module {
  layers: ModuleList;
  numLayers: number;
  norm: Module | null;

  constructor(decoderLayer: Module, numLayers: number, ...rest: Rest<[norm: Module | null], { norm?: Module | null }>);
  constructor(options: { decoderLayer: Module; numLayers: number; norm?: Module | null });
  constructor(...args: unknown[]) {
    super();
    const { decoderLayer, numLayers, norm } = bindDecoder(args);
    this.layers = copies(decoderLayer, numLayers);
    this.numLayers = numLayers;
    this.norm = norm;
  }

  override forward(
    tgt: Tensor,
    memory: Tensor,
    ...rest: Rest<
      [tgtMask: Tensor | null, memoryMask: Tensor | null, tgtKeyPaddingMask: Tensor | null, memoryKeyPaddingMask: Tensor | null],
      DecoderForwardOptions
    >
  ): Tensor {
    const masks = bindDecoderForward(rest);
    let x = tgt;
    for (const layer of this.layers) x = layer(x, memory, masks);
    return this.norm === null ? x : this.norm(x);
  }
}

export interface TransformerOptions extends LayerOptions {
  /** Size of the elements. Default 512. */
  dModel?: number;
  /** Number of heads. Default 8. */
  nhead?: number;
  numEncoderLayers?: number;
  numDecoderLayers?: number;
  customEncoder?: Module | null;
  customDecoder?: Module | null;
}
const bindTransformer = signature("Transformer", {
  dModel: 512,
  nhead: 8,
  numEncoderLayers: 6,
  numDecoderLayers: 6,
  dimFeedforward: 2048,
  dropout: 0.1,
  activation: "relu",
  customEncoder: null,
  customDecoder: null,
  layerNormEps: 1e-5,
  batchFirst: false,
  normFirst: false,
  device: null,
  dtype: null,
});

export interface TransformerForwardOptions extends DecoderForwardOptions {
  srcMask?: Tensor | null;
  srcKeyPaddingMask?: Tensor | null;
}
const bindTransformerForward = signature("Transformer", {
  srcMask: null,
  tgtMask: null,
  memoryMask: null,
  srcKeyPaddingMask: null,
  tgtKeyPaddingMask: null,
  memoryKeyPaddingMask: null,
});

/** Encoder and decoder (Vaswani et al., 2017): `src [S, N, E]`, `tgt [T, N, E]` -> `[T, N, E]`. @throws {TensorError} @see torch.nn.Transformer */
export class Transformer extends Module {
  encoder: Module;
  decoder: Module;
  dModel: number;
  nhead: number;
  batchFirst: boolean;

  constructor(
    ...args: Rest<
      [
        dModel: number,
        nhead: number,
        numEncoderLayers: number,
        numDecoderLayers: number,
        dimFeedforward: number,
        dropout: number,
        activation: Activation,
        customEncoder: Module | null,
        customDecoder: Module | null,
      ],
      TransformerOptions
    >
  ) {
    super();
    const bound = bindTransformer(args);
    const { dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, device, dtype } = bound;
    const layer = { dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, device, dtype };
    const norm = (): LayerNorm => new LayerNorm(dModel, { eps: layerNormEps, device, dtype });
    this.encoder =
      bound.customEncoder ?? new TransformerEncoder(new TransformerEncoderLayer(dModel, nhead, layer), bound.numEncoderLayers, norm());
    this.decoder =
      bound.customDecoder ?? new TransformerDecoder(new TransformerDecoderLayer(dModel, nhead, layer), bound.numDecoderLayers, norm());
    this.dModel = dModel;
    this.nhead = nhead;
    this.batchFirst = batchFirst;
    for (const p of this.parameters()) if (p.ndim > 1) init.xavierUniform_(p);
  }

  override forward(
    src: Tensor,
    tgt: Tensor,
    ...rest: Rest<
      [
        srcMask: Tensor | null,
        tgtMask: Tensor | null,
        memoryMask: Tensor | null,
        srcKeyPaddingMask: Tensor | null,
        tgtKeyPaddingMask: Tensor | null,
        memoryKeyPaddingMask: Tensor | null,
      ],
      TransformerForwardOptions
    >
  ): Tensor {
    const { srcMask, srcKeyPaddingMask, ...masks } = bindTransformerForward(rest);
    const batchDim = this.batchFirst ? 0 : 1;
    if (src.ndim === 3 && src.shape[batchDim] !== tgt.shape[batchDim]) {
      throw new ShapeError("the batch number of src and tgt must be equal");
    }
    if (src.shape.at(-1) !== this.dModel || tgt.shape.at(-1) !== this.dModel) {
      throw new TensorError("the feature number of src and tgt must be equal to d_model");
    }
    const memory = this.encoder(src, { mask: srcMask, srcKeyPaddingMask });
    return this.decoder(tgt, memory, masks);
  }

  /** `[size, size]`: 0 on and below the diagonal, -infinity above: no element sees later ones. @see torch.nn.Transformer.generate_square_subsequent_mask */
  static generateSquareSubsequentMask(size: number): Tensor {
    return torch.full([size, size], Number.NEGATIVE_INFINITY).triu(1);
  }
}
