import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import type { Parameter } from "../parameter.ts";
import { NonDynamicallyQuantizableLinear } from "./linear.ts";

export interface MultiheadAttentionOptions extends FactoryOptions {
  /** Probability of a weight to be dropped. Default 0. */
  dropout?: number;
  bias?: boolean;
  /** Add a learnt element to keys and values. Default false. */
  addBiasKv?: boolean;
  /** Add an element of zeros to keys and values. Default false. */
  addZeroAttn?: boolean;
  /** Size of keys. Default: that of queries. */
  kdim?: number | null;
  /** Size of values. Default: that of queries. */
  vdim?: number | null;
  /** `[N, L, E]` rather than `[L, N, E]`. Default false. */
  batchFirst?: boolean;
}
const bind = signature("MultiheadAttention", {
  embedDim: required,
  numHeads: required,
  dropout: 0,
  bias: true,
  addBiasKv: false,
  addZeroAttn: false,
  kdim: null,
  vdim: null,
  batchFirst: false,
  device: null,
  dtype: null,
});

export interface AttentionForwardOptions {
  /** `[N, S]` or `[S]`: keys to leave out. */
  keyPaddingMask?: Tensor | null;
  /** Give the weights as well. Default true. */
  needWeights?: boolean;
  /** `[L, S]` or `[N heads, L, S]`: bool (true: don't look there) or added to the scores. */
  attnMask?: Tensor | null;
  /** Give the mean of the weights over the heads. Default true. */
  averageAttnWeights?: boolean;
  isCausal?: boolean;
}
const bindForward = signature("MultiheadAttention", {
  keyPaddingMask: null,
  needWeights: true,
  attnMask: null,
  averageAttnWeights: true,
  isCausal: false,
});

/**
 * Attention of several heads (Vaswani et al., 2017): `query [L, N, E]`, `key [S, N, kdim]`, `value [S, N, vdim]` (or without N):
 * `[output [L, N, E], weights [N, L, S] | null]`. Parameters have PyTorch's names. @throws {ShapeError} @see torch.nn.MultiheadAttention
 */
export class MultiheadAttention extends Module {
  embedDim: number;
  kdim: number;
  vdim: number;
  numHeads: number;
  dropout: number;
  batchFirst: boolean;
  headDim: number;
  /** `[3 E, E]`, or null where keys or values have sizes of their own. */
  in_proj_weight: Parameter | null;
  q_proj_weight: Parameter | null;
  k_proj_weight: Parameter | null;
  v_proj_weight: Parameter | null;
  in_proj_bias: Parameter | null;
  bias_k: Parameter | null;
  bias_v: Parameter | null;
  out_proj: NonDynamicallyQuantizableLinear;
  addZeroAttn: boolean;

  constructor(
    embedDim: number,
    numHeads: number,
    ...rest: Rest<
      [
        dropout: number,
        bias: boolean,
        addBiasKv: boolean,
        addZeroAttn: boolean,
        kdim: number | null,
        vdim: number | null,
        batchFirst: boolean,
      ],
      MultiheadAttentionOptions
    >
  );
  constructor(options: MultiheadAttentionOptions & { embedDim: number; numHeads: number });
  constructor(...args: unknown[]) {
    super();
    const bound = bind(args);
    const { embedDim: E, numHeads, kdim, vdim, bias, device, dtype } = bound;
    if (E <= 0 || numHeads <= 0) {
      throw new ShapeError(`embed_dim and num_heads must be greater than 0, got embed_dim=${E} and num_heads=${numHeads} instead`);
    }
    this.embedDim = E;
    this.kdim = kdim ?? E;
    this.vdim = vdim ?? E;
    this.numHeads = numHeads;
    this.dropout = bound.dropout;
    this.batchFirst = bound.batchFirst;
    this.headDim = Math.floor(E / numHeads);
    if (this.headDim * numHeads !== E) throw new ShapeError("embed_dim must be divisible by num_heads");
    const packed = this.kdim === E && this.vdim === E;
    this.q_proj_weight = packed ? null : parameter([E, E], bound);
    this.k_proj_weight = packed ? null : parameter([E, this.kdim], bound);
    this.v_proj_weight = packed ? null : parameter([E, this.vdim], bound);
    this.in_proj_weight = packed ? parameter([3 * E, E], bound) : null;
    this.in_proj_bias = bias ? parameter([3 * E], bound) : null;
    this.out_proj = new NonDynamicallyQuantizableLinear(E, E, { bias, device, dtype });
    this.bias_k = bound.addBiasKv ? parameter([1, 1, E], bound) : null;
    this.bias_v = bound.addBiasKv ? parameter([1, 1, E], bound) : null;
    this.addZeroAttn = bound.addZeroAttn;
    this.resetParameters();
  }

  /** Draws new initial values. */
  resetParameters(): void {
    for (const weight of [this.in_proj_weight, this.q_proj_weight, this.k_proj_weight, this.v_proj_weight]) {
      if (weight !== null) init.xavierUniform_(weight);
    }
    if (this.in_proj_bias !== null) {
      init.constant_(this.in_proj_bias, 0);
      if (this.out_proj.bias !== null) init.constant_(this.out_proj.bias, 0);
    }
    if (this.bias_k !== null) init.xavierNormal_(this.bias_k);
    if (this.bias_v !== null) init.xavierNormal_(this.bias_v);
  }

  get inProjWeight(): Parameter | null {
    return this.in_proj_weight;
  }
  get inProjBias(): Parameter | null {
    return this.in_proj_bias;
  }
  get outProj(): NonDynamicallyQuantizableLinear {
    return this.out_proj;
  }
  get biasK(): Parameter | null {
    return this.bias_k;
  }
  get biasV(): Parameter | null {
    return this.bias_v;
  }

  override forward(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    ...rest: Rest<
      [keyPaddingMask: Tensor | null, needWeights: boolean, attnMask: Tensor | null, averageAttnWeights: boolean, isCausal: boolean],
      AttentionForwardOptions
    >
  ): [Tensor, Tensor | null] {
    const { keyPaddingMask, needWeights, attnMask, averageAttnWeights } = bindForward(rest);
    const swaps = this.batchFirst && query.ndim === 3;
    let [q, k, v] = [query, key, value];
    if (swaps) {
      // The same tensor stays the same one: then the three projections are one product.
      q = query.transpose(0, 1);
      k = key === query ? q : key.transpose(0, 1);
      v = value === key ? k : value.transpose(0, 1);
    }
    const [output, weights] = F.multiHeadAttentionForward(q, k, v, this.embedDim, this.numHeads, {
      inProjWeight: this.in_proj_weight,
      inProjBias: this.in_proj_bias,
      biasK: this.bias_k,
      biasV: this.bias_v,
      addZeroAttn: this.addZeroAttn,
      dropoutP: this.dropout,
      outProjWeight: this.out_proj.weight,
      outProjBias: this.out_proj.bias,
      training: this.training,
      keyPaddingMask,
      needWeights,
      attnMask,
      useSeparateProjWeight: this.in_proj_weight === null,
      qProjWeight: this.q_proj_weight,
      kProjWeight: this.k_proj_weight,
      vProjWeight: this.v_proj_weight,
      averageAttnWeights,
    });
    return [swaps ? output.transpose(0, 1) : output, weights];
  }
}
