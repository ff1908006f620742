import * as torch from "@bluedot/core";
import { DTypeError, ShapeError, type Tensor } from "@bluedot/core";
import { type AttentionParams, attention, castInputs, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { softmax } from "./activation.ts";
import { dropout } from "./dropout.ts";
import { linear } from "./linear.ts";
import { pad } from "./pad.ts";

export interface AttentionOptions {
  /** Bool (false: don't look there) or added to the scores; broadcasts to `[..., L, S]`. */
  attnMask?: Tensor | null;
  /** Probability of a weight to be dropped. Default 0. */
  dropoutP?: number;
  /** Let no position look at later ones. Default false. */
  isCausal?: boolean;
  /** Factor of the scores. Default 1 / sqrt(E). */
  scale?: number | null;
}
const bindAttention = signature("scaledDotProductAttention", {
  key: required,
  value: required,
  attnMask: null,
  dropoutP: 0,
  isCausal: false,
  scale: null,
});

/**
 * `softmax(query key^T / sqrt(E) + mask) value`: `query [..., L, E]`, `key [..., S, E]`, `value [..., S, Ev]` -> `[..., L, Ev]`
 * (Vaswani et al., 2017). @throws {ShapeError} @see torch.nn.functional.scaled_dot_product_attention
 */
export function scaledDotProductAttention(
  query: Tensor,
  key: Tensor | (AttentionOptions & { key: Tensor; value: Tensor }),
  ...rest: Rest<
    [value: Tensor, attnMask: Tensor | null, dropoutP: number, isCausal: boolean, scale: number | null],
    AttentionOptions & { value?: Tensor }
  >
): Tensor {
  const { key: k, value, attnMask, dropoutP, isCausal, scale } = bindAttention([key, ...rest]);
  if (isCausal && attnMask !== null) {
    throw new ShapeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True");
  }
  const [L, E] = query.shape.slice(-2) as [number, number];
  const S = (k as Tensor).shape.at(-2)!;
  if (dropoutP === 0 && computesWhole(query, k, value, attnMask)) {
    const result = whole(query, k, value, attnMask === null ? null : additive(attnMask, query.dtype), {
      scale: scale ?? 1 / Math.sqrt(E),
      causal: isCausal,
      sequenceFirst: false,
    });
    if (result !== null) return result;
  }
  // Both factors take the root of the scale, which keeps half precision in range.
  const root = scale === null ? 1 / Math.sqrt(Math.sqrt(E)) : Math.sqrt(scale);
  let scores = torch.matmul(query.mul(root), k.transpose(-2, -1).mul(root));
  const mask: Tensor | null = isCausal ? torch.ones(L, S, { dtype: "bool" }).tril() : attnMask;
  if (mask !== null) scores = scores.add(additive(mask, query.dtype));
  return torch.matmul(dropout(softmax(scores, -1), dropoutP, dropoutP > 0), value);
}

/** Whether one operator serves these operands, whose weights nobody sees: plain precision, a mask that is not learnt. */
const computesWhole = (query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null): boolean =>
  castInputs === null &&
  (query.dtype === "float32" || query.dtype === "float64") &&
  key.dtype === query.dtype &&
  value.dtype === query.dtype &&
  (mask === null || (!mask.requiresGrad && (mask.dtype === "bool" || mask.dtype === query.dtype)));

/** Attention as one operator on `[..., L, E]` of up to two leading dimensions; null where shapes do not simply fit. */
function whole(query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null, params: AttentionParams): Tensor | null {
  const { ndim } = query;
  if (ndim < 2 || ndim > 4 || key.ndim !== ndim || value.ndim !== ndim || (mask !== null && mask.ndim > ndim)) return null;
  const lead = query.shape.slice(0, -2);
  const [S, E] = key.shape.slice(-2) as [number, number];
  const fits = lead.every((n, i) => n === key.shape[i] && n === value.shape[i]) && E === query.shape.at(-1) && S === value.shape.at(-2);
  if (!fits) return null;
  const lift = (t: Tensor): Tensor => (ndim === 4 ? t : ndim === 3 ? t.unsqueeze(1) : t.unsqueeze(0).unsqueeze(0));
  let full: Tensor | null = null;
  if (mask !== null) {
    const scores = [...lead, query.shape.at(-2)!, S];
    if (mask.shape.some((n, i) => n !== 1 && n !== scores[i + ndim - mask.ndim])) return null;
    full = lift(mask.expand(scores));
  }
  const out = attention([lift(query), lift(key), lift(value), full], params);
  return ndim === 4 ? out : ndim === 3 ? out.squeeze(1) : out.squeeze(0).squeeze(0);
}

/** A bool mask (true: look there) as numbers to add: 0 and -infinity. */
function additive(mask: Tensor, dtype: torch.DType): Tensor {
  if (mask.dtype !== "bool") return mask;
  return torch.zeros(mask.shape, { dtype }).maskedFill(mask.logicalNot(), Number.NEGATIVE_INFINITY);
}

export interface MultiHeadAttentionOptions {
  training?: boolean;
  /** `[N, S]` or `[S]`: keys to leave out. */
  keyPaddingMask?: Tensor | null;
  /** Give the weights as well. Default true. */
  needWeights?: boolean;
  /** `[L, S]` or `[N heads, L, S]`: bool (true: don't look there) or added to the scores. */
  attnMask?: Tensor | null;
  /** Queries, keys and values have projections of their own sizes. */
  useSeparateProjWeight?: boolean;
  qProjWeight?: Tensor | null;
  kProjWeight?: Tensor | null;
  vProjWeight?: Tensor | null;
  staticK?: Tensor | null;
  staticV?: Tensor | null;
  /** Give the mean of the weights over the heads. Default true. */
  averageAttnWeights?: boolean;
  isCausal?: boolean;
}
const bindMultiHead = signature("multiHeadAttentionForward", {
  query: required,
  key: required,
  value: required,
  embedDimToCheck: required,
  numHeads: required,
  inProjWeight: null,
  inProjBias: null,
  biasK: null,
  biasV: null,
  addZeroAttn: false,
  dropoutP: 0,
  outProjWeight: required,
  outProjBias: null,
  training: true,
  keyPaddingMask: null,
  needWeights: true,
  attnMask: null,
  useSeparateProjWeight: false,
  qProjWeight: null,
  kProjWeight: null,
  vProjWeight: null,
  staticK: null,
  staticV: null,
  averageAttnWeights: true,
  isCausal: false,
});

const tuple = (shape: readonly number[]): string => (shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(", ")})`);

/** Checks shapes; tells whether there is a batch dimension. @throws {ShapeError} */
function checkShapes(
  query: Tensor,
  key: Tensor,
  value: Tensor,
  keyPaddingMask: Tensor | null,
  attnMask: Tensor | null,
  numHeads: number,
): boolean {
  if (query.ndim !== 2 && query.ndim !== 3) {
    throw new ShapeError(`query should be unbatched 2D or batched 3D tensor but received ${query.ndim}-D query tensor`);
  }
  const batched = query.ndim === 3;
  const what = batched ? "batched (3-D)" : "unbatched (2-D)";
  if (key.ndim !== query.ndim || value.ndim !== query.ndim) {
    throw new ShapeError(
      `For ${what} \`query\`, expected \`key\` and \`value\` to be ${query.ndim}-D but found ${key.ndim}-D and ${value.ndim}-D tensors respectively`,
    );
  }
  if (keyPaddingMask !== null && keyPaddingMask.ndim !== query.ndim - 1) {
    throw new ShapeError(
      `For ${what} \`query\`, expected \`key_padding_mask\` to be \`None\` or ${query.ndim - 1}-D but found ${keyPaddingMask.ndim}-D tensor instead`,
    );
  }
  if (attnMask !== null) {
    if (attnMask.ndim !== 2 && attnMask.ndim !== 3) {
      throw new ShapeError(
        `For ${what} \`query\`, expected \`attn_mask\` to be \`None\`, 2-D or 3-D but found ${attnMask.ndim}-D tensor instead`,
      );
    }
    const expected = [numHeads, query.shape[0]!, key.shape[0]!];
    if (!batched && attnMask.ndim === 3 && attnMask.shape.some((n, i) => n !== expected[i])) {
      throw new ShapeError(`Expected \`attn_mask\` shape to be ${tuple(expected)} but got ${tuple(attnMask.shape)}`);
    }
  }
  return batched;
}

/** Queries, keys and values through one stacked weight `[3 E, E]`. */
function projectPacked(q: Tensor, k: Tensor, v: Tensor, weight: Tensor, bias: Tensor | null): [Tensor, Tensor, Tensor] {
  const E = q.shape.at(-1)!;
  if (k === v && q === k) {
    const [a, b, c] = linear(q, weight, bias).chunk(3, -1) as [Tensor, Tensor, Tensor];
    return [a, b, c];
  }
  const part = (t: Tensor | null, i: number): Tensor | null => (t === null ? null : t.narrow(0, i * E, E));
  return [
    linear(q, part(weight, 0)!, part(bias, 0)),
    linear(k, part(weight, 1)!, part(bias, 1)),
    linear(v, part(weight, 2)!, part(bias, 2)),
  ];
}

/** The mask as numbers to add to the scores. @throws {DTypeError} */
function floatMask(mask: Tensor, name: string, dtype: torch.DType): Tensor {
  if (mask.dtype === "bool" || mask.dtype === "uint8") {
    return torch.zeros(mask.shape, { dtype }).maskedFill(mask.to("bool"), Number.NEGATIVE_INFINITY);
  }
  if (!mask.isFloatingPoint()) throw new DTypeError(`only bool and floating types of ${name} are supported`);
  return mask;
}

/**
 * Attention of several heads on `query [L, N, E]`, `key [S, N, E]`, `value [S, N, E]` (or without N): `[output, weights | null]`.
 * The parameters come by position or name in PyTorch's order. @throws {ShapeError} @throws {DTypeError}
 * @see torch.nn.functional.multi_head_attention_forward
 */
export function multiHeadAttentionForward(query: Tensor, ...rest: readonly unknown[]): [Tensor, Tensor | null] {
  const bound = bindMultiHead([query, ...rest]);
  const { numHeads, embedDimToCheck, addZeroAttn, needWeights, averageAttnWeights, training } = bound;
  let {
    key: k,
    value: v,
    keyPaddingMask,
    attnMask,
  } = bound as Record<"key" | "value", Tensor> & Record<"keyPaddingMask" | "attnMask", Tensor | null>;
  let q: Tensor = bound.query;
  const batched = checkShapes(q, k, v, keyPaddingMask, attnMask, numHeads);
  if (!batched) {
    const same = k === q;
    const sameValue = v === k;
    q = q.unsqueeze(1);
    k = same ? q : k.unsqueeze(1);
    v = sameValue ? k : v.unsqueeze(1);
    keyPaddingMask = keyPaddingMask?.unsqueeze(0) ?? null;
  }
  const [L, N, E] = q.shape as [number, number, number];
  let S = k.shape[0]!;
  const d = Math.floor(E / numHeads);
  if (E !== embedDimToCheck) throw new ShapeError(`was expecting embedding dimension of ${embedDimToCheck}, but got ${E}`);
  if (d * numHeads !== E) throw new ShapeError(`embed_dim ${E} not divisible by num_heads ${numHeads}`);
  let heads: [Tensor, Tensor, Tensor];
  if (bound.useSeparateProjWeight) {
    if (k.shape[0] !== v.shape[0] || k.shape[1] !== v.shape[1]) {
      throw new ShapeError(
        `key's sequence and batch dims torch.Size([${k.shape.slice(0, 2).join(", ")}]) do not match value's torch.Size([${v.shape.slice(0, 2).join(", ")}])`,
      );
    }
    const bias = (i: number): Tensor | null => bound.inProjBias?.narrow(0, i * E, E) ?? null;
    heads = [linear(q, bound.qProjWeight, bias(0)), linear(k, bound.kProjWeight, bias(1)), linear(v, bound.vProjWeight, bias(2))];
  } else {
    if (k.shape.some((n, i) => n !== v.shape[i])) {
      throw new ShapeError(`key shape torch.Size([${k.shape.join(", ")}]) does not match value shape torch.Size([${v.shape.join(", ")}])`);
    }
    heads = projectPacked(q, k, v, bound.inProjWeight, bound.inProjBias);
  }
  [q, k, v] = heads;
  if (attnMask !== null) {
    attnMask = floatMask(attnMask, "attn_mask", q.dtype);
    const expected = attnMask.ndim === 2 ? [L, S] : [N * numHeads, L, S];
    if (attnMask.shape.some((n, i) => n !== expected[i])) {
      throw new ShapeError(
        `The shape of the ${attnMask.ndim}D attn_mask is torch.Size([${attnMask.shape.join(", ")}]), but should be ${tuple(expected)}.`,
      );
    }
    if (attnMask.ndim === 2) attnMask = attnMask.unsqueeze(0);
  }
  const widen = (): void => {
    if (attnMask !== null) attnMask = pad(attnMask, [0, 1]);
    if (keyPaddingMask !== null) keyPaddingMask = pad(keyPaddingMask, [0, 1]);
  };
  if (bound.biasK !== null && bound.biasV !== null) {
    k = torch.cat([k, bound.biasK.repeat(1, N, 1)], 0);
    v = torch.cat([v, bound.biasV.repeat(1, N, 1)], 0);
    widen();
  }
  const dropoutP = training ? bound.dropoutP : 0;
  // Nobody sees the weights: one operator serves queries, keys and values where they lie.
  const unseen = !needWeights && dropoutP === 0 && !addZeroAttn && bound.staticK === null && bound.staticV === null;
  const fused = unseen && (keyPaddingMask === null || !keyPaddingMask.requiresGrad) && computesWhole(q, k, v, attnMask);
  const apart = (t: Tensor): Tensor => t.view([t.shape[0]!, N, numHeads, d]);
  const split = (t: Tensor): Tensor =>
    t
      .contiguous()
      .view([t.shape[0]!, N * numHeads, d])
      .transpose(0, 1);
  if (fused) S = k.shape[0]!;
  else {
    q = split(q);
    k = bound.staticK ?? split(k);
    v = bound.staticV ?? split(v);
    if (addZeroAttn) {
      const zeros = torch.zeros([N * numHeads, 1, d], { dtype: k.dtype, device: k.device });
      k = torch.cat([k, zeros], 1);
      v = torch.cat([v, zeros], 1);
      widen();
    }
    S = k.shape[1]!;
  }
  if (keyPaddingMask !== null) {
    if (keyPaddingMask.shape[0] !== N || keyPaddingMask.shape[1] !== S) {
      throw new ShapeError(
        `expecting key_padding_mask shape of ${tuple([N, S])}, but got torch.Size([${keyPaddingMask.shape.join(", ")}])`,
      );
    }
    const columns: Tensor = floatMask(keyPaddingMask, "key_padding_mask", q.dtype)
      .view([N, 1, 1, S])
      .expand([N, numHeads, 1, S])
      .reshape([N * numHeads, 1, S]);
    attnMask = attnMask === null ? columns : attnMask.add(columns);
  }
  if (fused) {
    const perHead = attnMask === null || attnMask.shape[0] === 1 ? attnMask : attnMask.view([N, numHeads, attnMask.shape[1]!, S]);
    const params = { scale: 1 / Math.sqrt(d), causal: false, sequenceFirst: true };
    const mixed = attention([apart(q), apart(k), apart(v), perHead?.expand([N, numHeads, L, S]) ?? null], params).view([L * N, E]);
    const output = linear(mixed, bound.outProjWeight, bound.outProjBias).view([L, N, -1]);
    return [batched ? output : output.squeeze(1), null];
  }
  const scaled = q.div(Math.sqrt(d));
  const scores: Tensor = attnMask === null ? torch.bmm(scaled, k.transpose(-2, -1)) : torch.baddbmm(attnMask, scaled, k.transpose(-2, -1));
  const weights = dropout(softmax(scores, -1), dropoutP, dropoutP > 0);
  const mixed = torch
    .bmm(weights, v)
    .transpose(0, 1)
    .contiguous()
    .view([L * N, E]);
  const output = linear(mixed, bound.outProjWeight, bound.outProjBias).view([L, N, -1]);
  let shown: Tensor | null = null;
  if (needWeights) {
    shown = weights.view([N, numHeads, L, S]);
    if (averageAttnWeights) shown = shown.sum(1).div(numHeads);
    if (!batched) shown = shown.squeeze(0);
  }
  return [batched ? output : output.squeeze(1), shown];
}
