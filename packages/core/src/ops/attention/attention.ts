import { isRecording } from "../../dispatch/autograd-hook.ts";
import { type Backward, defineOp, type Op } from "../../dispatch/op.ts";
import { run, runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { filled } from "../factory/filled.ts";
import { matmul } from "../linalg/matmul.ts";
import { softmax } from "../reduce/softmax.ts";

export interface AttentionParams {
  /** Factor of the scores. */
  readonly scale: number;
  /** No position looks at later ones. */
  readonly causal: boolean;
  /** Tensors are `[length, batch, heads, size]` instead of `[batch, heads, length, size]`. */
  readonly sequenceFirst: boolean;
}

export type AttentionInputs = readonly [query: Tensor, key: Tensor, value: Tensor, mask: Tensor | null];

/** Sizes of an attention: batch, heads, queries, keys, and of one query and one value. */
export interface AttentionSizes {
  readonly B: number;
  readonly H: number;
  readonly L: number;
  readonly S: number;
  readonly E: number;
  readonly V: number;
}

/** The positions of batch, heads and length among the dimensions. */
export const attentionAxes = ({ sequenceFirst }: AttentionParams): readonly [batch: number, heads: number, length: number] =>
  sequenceFirst ? [1, 2, 0] : [0, 1, 2];

/** Sizes that operands of an attention have. */
export function attentionSizes(query: Tensor, key: Tensor, value: Tensor, params: AttentionParams): AttentionSizes {
  const [b, h, l] = attentionAxes(params);
  const { shape } = query;
  return { B: shape[b]!, H: shape[h]!, L: shape[l]!, S: key.shape[l]!, E: shape[3]!, V: value.shape[3]! };
}

/** With batch and heads first, and back. */
const headsFirst = (t: Tensor, { sequenceFirst }: AttentionParams): Tensor => (sequenceFirst ? t.permute(1, 2, 0, 3) : t);
const asGiven = (t: Tensor, { sequenceFirst }: AttentionParams): Tensor => (sequenceFirst ? t.permute(2, 0, 1, 3) : t);

/** The derivative made of differentiable operators. */
function composed(grad: Tensor, [query, key, value, mask]: AttentionInputs, params: AttentionParams): readonly (Tensor | null)[] {
  const [q, k, v, g] = [query, key, value, grad].map((t) => headsFirst(t, params)) as [Tensor, Tensor, Tensor, Tensor];
  let scores = matmul(q, k.transpose(-2, -1)).mul(params.scale);
  if (mask !== null) scores = scores.add(mask);
  if (params.causal) {
    const later = filled([q.shape[2]!, k.shape[2]!], 1, "bool", q.device).triu(1);
    scores = scores.maskedFill(later, Number.NEGATIVE_INFINITY);
  }
  const weights = softmax(scores, -1);
  const gradWeights = matmul(g, v.transpose(-2, -1));
  const gradScores = weights.mul(gradWeights.sub(weights.mul(gradWeights).sum(-1, true))).mul(params.scale);
  return [
    asGiven(matmul(gradScores, k), params),
    asGiven(matmul(gradScores.transpose(-2, -1), q), params),
    asGiven(matmul(weights.transpose(-2, -1), g), params),
    null,
  ];
}

const backward: Backward<AttentionInputs, AttentionParams> = ({ grad, inputs, params }) => {
  if (isRecording()) return composed(grad, inputs, params);
  return [...runMany(attentionBackwardOp, [grad, ...inputs], params), null];
};

/**
 * `softmax(scale query key' + mask) value` for several heads. The mask `[B, H, L, S]` is added to the scores and has no derivative. The
 * weights are never kept: the derivative computes them again.
 */
export const attentionOp: Op<AttentionInputs, AttentionParams> = defineOp<AttentionInputs, AttentionParams>({
  name: "scaledDotProductAttention",
  infer: ([query, key, value, mask], params) => {
    const { B, H, L, S, E, V } = attentionSizes(query, key, value, params);
    const expected: Shape = params.sequenceFirst ? [S, B, H, E] : [B, H, S, E];
    if (!sameShape(key.shape, expected) || !sameShape(value.shape, expected.with(3, V))) {
      throw new ShapeError(
        `attention: query ${formatShape(query.shape)}, key ${formatShape(key.shape)} and value ${formatShape(value.shape)} don't fit`,
      );
    }
    if (mask !== null && !sameShape(mask.shape, [B, H, L, S])) {
      throw new ShapeError(`attention: a mask ${formatShape(mask.shape)} doesn't fit scores ${formatShape([B, H, L, S])}`);
    }
    return { shape: params.sequenceFirst ? [L, B, H, V] : [B, H, L, V], dtype: query.dtype };
  },
  saves: { inputs: "all" },
  backward,
});

/** `[grad, query, key, value, mask] -> [dQuery, dKey, dValue]`. */
export const attentionBackwardOp: Op<readonly [Tensor, ...AttentionInputs], AttentionParams> = defineOp<
  readonly [Tensor, ...AttentionInputs],
  AttentionParams
>({
  name: "scaledDotProductAttentionBackward",
  infer: ([, query, key, value]) => [query, key, value].map(({ shape, dtype }) => ({ shape, dtype })),
});

/** See {@link attentionOp}. */
export const attention = (inputs: AttentionInputs, params: AttentionParams): Tensor => run(attentionOp, inputs, params);
