import { noGrad } from "@bluedot/autograd";
import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, parameter, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonFloat } from "../module/printing.ts";
import { Parameter } from "../parameter.ts";

export interface EmbeddingOptions extends FactoryOptions {
  /** A row that stays zero and gets no gradient. */
  paddingIdx?: number | null;
  /** Scale rows that are looked up down to at most this norm, in place. */
  maxNorm?: number | null;
  /** Degree of that norm. Default 2. */
  normType?: number;
  /** Divide a row's gradient by how often it was looked up. Default false. */
  scaleGradByFreq?: boolean;
  sparse?: boolean;
}
const bindEmbedding = signature("Embedding", {
  numEmbeddings: required,
  embeddingDim: required,
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
  _weight: null,
  device: null,
  dtype: null,
});

/** The row meant by an index that may count from the end. @throws {ShapeError} */
function paddingRow(paddingIdx: number | null, rows: number): number | null {
  if (paddingIdx === null) return null;
  if (paddingIdx >= rows || paddingIdx < -rows) throw new ShapeError("Padding_idx must be within num_embeddings");
  return paddingIdx < 0 ? rows + paddingIdx : paddingIdx;
}

/** The weight given, or a new one, normally distributed with row `paddingIdx` zero. @throws {ShapeError} */
function tableOf(given: Tensor | null, rows: number, columns: number, paddingIdx: number | null, options: FactoryOptions): Parameter {
  if (given === null) {
    const table = parameter([rows, columns], options);
    resetTable(table, paddingIdx);
    return table;
  }
  if (given.shape[0] !== rows || given.shape[1] !== columns) {
    throw new ShapeError("Shape of weight does not match num_embeddings and embedding_dim");
  }
  return given instanceof Parameter ? given : new Parameter(given);
}

function resetTable(table: Parameter, paddingIdx: number | null): void {
  init.normal_(table);
  if (paddingIdx !== null) noGrad(() => void table.select(0, paddingIdx).fill_(0));
}

/** Rows of a learnt table by index: int64 `[...] -> [..., embeddingDim]`. @throws {ShapeError} for a padding index out of range @see torch.nn.Embedding */
export class Embedding extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  paddingIdx: number | null;
  maxNorm: number | null;
  normType: number;
  scaleGradByFreq: boolean;
  sparse: boolean;
  /** `[numEmbeddings, embeddingDim]` */
  weight: Parameter;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    ...rest: Rest<
      [
        paddingIdx: number | null,
        maxNorm: number | null,
        normType: number,
        scaleGradByFreq: boolean,
        sparse: boolean,
        weight: Tensor | null,
      ],
      EmbeddingOptions & { _weight?: Tensor | null }
    >
  );
  constructor(options: EmbeddingOptions & { numEmbeddings: number; embeddingDim: number; _weight?: Tensor | null });
  constructor(...args: unknown[]) {
    super();
    const bound = bindEmbedding(args);
    this.numEmbeddings = bound.numEmbeddings;
    this.embeddingDim = bound.embeddingDim;
    this.paddingIdx = paddingRow(bound.paddingIdx, bound.numEmbeddings);
    this.maxNorm = bound.maxNorm;
    this.normType = bound.normType;
    this.scaleGradByFreq = bound.scaleGradByFreq;
    this.sparse = bound.sparse;
    this.weight = tableOf(bound._weight, this.numEmbeddings, this.embeddingDim, this.paddingIdx, bound);
  }

  /** Draws new initial values. */
  resetParameters(): void {
    resetTable(this.weight, this.paddingIdx);
  }

  override forward(input: Tensor): Tensor {
    const { weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse } = this;
    return F.embedding(input, weight, paddingIdx, maxNorm, normType, scaleGradByFreq, sparse);
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    if (this.maxNorm !== null) text += `, max_norm=${pythonFloat(this.maxNorm)}`;
    if (this.normType !== 2) text += `, norm_type=${pythonFloat(this.normType)}`;
    if (this.scaleGradByFreq) text += ", scale_grad_by_freq=True";
    if (this.sparse) text += ", sparse=True";
    return text;
  }

  /** A layer over a given table, `freeze`d by default. @throws {ShapeError} unless 2-dimensional @see torch.nn.Embedding.from_pretrained */
  static fromPretrained(
    embeddings: Tensor,
    freeze: boolean | (EmbeddingOptions & { freeze?: boolean }) = true,
    options: EmbeddingOptions = {},
  ): Embedding {
    if (embeddings.ndim !== 2) throw new ShapeError("Embeddings parameter is expected to be 2-dimensional");
    const { freeze: frozen = true, ...rest } = typeof freeze === "boolean" ? { freeze, ...options } : freeze;
    const [numEmbeddings, embeddingDim] = embeddings.shape as [number, number];
    const layer = new Embedding({ numEmbeddings, embeddingDim, _weight: embeddings, ...rest });
    layer.weight.requiresGrad = !frozen;
    return layer;
  }
}

export interface EmbeddingBagOptions extends FactoryOptions {
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  /** Default "mean". */
  mode?: "sum" | "mean" | "max";
  sparse?: boolean;
  /** `offsets` has a last element: the end of the last bag. */
  includeLastOffset?: boolean;
  /** A row that is left out and gets no gradient. */
  paddingIdx?: number | null;
}
const bindBag = signature("EmbeddingBag", {
  numEmbeddings: required,
  embeddingDim: required,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  mode: "mean",
  sparse: false,
  _weight: null,
  includeLastOffset: false,
  paddingIdx: null,
  device: null,
  dtype: null,
});

/** Sums, means or maxima of bags of rows of a learnt table. @throws {ShapeError} @see torch.nn.EmbeddingBag */
export class EmbeddingBag extends Module {
  numEmbeddings: number;
  embeddingDim: number;
  maxNorm: number | null;
  normType: number;
  scaleGradByFreq: boolean;
  mode: "sum" | "mean" | "max";
  sparse: boolean;
  includeLastOffset: boolean;
  paddingIdx: number | null;
  /** `[numEmbeddings, embeddingDim]` */
  weight: Parameter;

  constructor(
    numEmbeddings: number,
    embeddingDim: number,
    ...rest: Rest<
      [maxNorm: number | null, normType: number, scaleGradByFreq: boolean, mode: "sum" | "mean" | "max", sparse: boolean],
      EmbeddingBagOptions & { _weight?: Tensor | null }
    >
  );
  constructor(options: EmbeddingBagOptions & { numEmbeddings: number; embeddingDim: number; _weight?: Tensor | null });
  constructor(...args: unknown[]) {
    super();
    const bound = bindBag(args);
    this.numEmbeddings = bound.numEmbeddings;
    this.embeddingDim = bound.embeddingDim;
    this.maxNorm = bound.maxNorm;
    this.normType = bound.normType;
    this.scaleGradByFreq = bound.scaleGradByFreq;
    this.mode = bound.mode;
    this.sparse = bound.sparse;
    this.includeLastOffset = bound.includeLastOffset;
    this.paddingIdx = paddingRow(bound.paddingIdx, bound.numEmbeddings);
    this.weight = tableOf(bound._weight, this.numEmbeddings, this.embeddingDim, this.paddingIdx, bound);
  }

  /** Draws new initial values. */
  resetParameters(): void {
    resetTable(this.weight, this.paddingIdx);
  }

  override forward(
    input: Tensor,
    offsets: Tensor | null | { offsets?: Tensor | null; perSampleWeights?: Tensor | null } = null,
    perSampleWeights: Tensor | null | { perSampleWeights?: Tensor | null } = null,
  ): Tensor {
    const bound = bindBagInput([offsets, ...(perSampleWeights === null ? [] : [perSampleWeights])]);
    const { weight, maxNorm, normType, scaleGradByFreq, mode, sparse, includeLastOffset, paddingIdx } = this;
    return F.embeddingBag(input, weight, {
      ...bound,
      maxNorm,
      normType,
      scaleGradByFreq,
      mode,
      sparse,
      includeLastOffset,
      paddingIdx,
    });
  }

  override extraRepr(): string {
    let text = `${this.numEmbeddings}, ${this.embeddingDim}`;
    if (this.maxNorm !== null) text += `, max_norm=${pythonFloat(this.maxNorm)}`;
    if (this.normType !== 2) text += `, norm_type=${pythonFloat(this.normType)}`;
    if (this.scaleGradByFreq) text += ", scale_grad_by_freq=True";
    text += `, mode='${this.mode}'`;
    if (this.paddingIdx !== null) text += `, padding_idx=${this.paddingIdx}`;
    return text;
  }

  /** A layer over a given table, `freeze`d by default. @throws {ShapeError} unless 2-dimensional @see torch.nn.EmbeddingBag.from_pretrained */
  static fromPretrained(
    embeddings: Tensor,
    freeze: boolean | (EmbeddingBagOptions & { freeze?: boolean }) = true,
    options: EmbeddingBagOptions = {},
  ): EmbeddingBag {
    if (embeddings.ndim !== 2) throw new ShapeError("Embeddings parameter is expected to be 2-dimensional");
    const { freeze: frozen = true, ...rest } = typeof freeze === "boolean" ? { freeze, ...options } : freeze;
    const [numEmbeddings, embeddingDim] = embeddings.shape as [number, number];
    const layer = new EmbeddingBag({ numEmbeddings, embeddingDim, _weight: embeddings, ...rest });
    layer.weight.requiresGrad = !frozen;
    return layer;
  }
}
const bindBagInput = signature("EmbeddingBag", { offsets: null, perSampleWeights: null });
