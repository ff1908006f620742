import { type Arguments, required, signature } from "../../dispatch/arguments.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";

export interface EmbeddingParams {
  /** A row that gets no gradient; -1 for none. */
  readonly paddingIdx: number;
  /** Divide a row's gradient by how often it was looked up. */
  readonly scaleGradByFreq: boolean;
}

/** Rows of `weight [V, D]` by `indices [...]`: `[..., D]`. */
export const embeddingOp: Op<readonly [Tensor, Tensor], EmbeddingParams> = defineOp<readonly [Tensor, Tensor], EmbeddingParams>({
  name: "embedding",
  infer: ([weight, indices]) => {
    if (weight.ndim !== 2) throw new ShapeError("'weight' must be 2-D");
    if (indices.dtype !== "int64" && indices.dtype !== "int32") {
      throw new DTypeError(
        `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${dtypeInfo[indices.dtype].scalarType}Tensor instead (while checking arguments for embedding)`,
      );
    }
    return { shape: [...indices.shape, weight.shape[1]!], dtype: weight.dtype };
  },
  saves: { inputs: [1] },
  contiguous: true,
  backward: [
    ({ grad, inputs: [, indices], specs: [weight], params }) =>
      run(embeddingBackwardOp, [grad, indices], { ...params, rows: weight.shape[0]! }),
    null,
  ],
});

/** Adds each gradient to the row it was looked up from. */
export const embeddingBackwardOp: Op<readonly [Tensor, Tensor], EmbeddingParams & { readonly rows: number }> = defineOp({
  name: "embeddingBackward",
  infer: ([grad], { rows }) => ({ shape: [rows, grad.shape[grad.ndim - 1]!], dtype: grad.dtype }),
  saves: { inputs: [1] },
  contiguous: true,
  backward: [
    ({ grad, inputs: [, indices], params: { paddingIdx } }) => {
      const rows = run(embeddingOp, [grad, indices], { paddingIdx: -1, scaleGradByFreq: false });
      return paddingIdx < 0 ? rows : rows.maskedFill(indices.eq(paddingIdx).unsqueeze(-1), 0);
    },
    null,
  ],
});

export interface EmbeddingOptions {
  /** A row that gets no gradient; negative counts from the end. */
  paddingIdx?: number | null;
  /** Rows looked up are first scaled down, in place, to at most this norm. */
  maxNorm?: number | null;
  /** The p of that norm. Default 2. */
  normType?: number;
  /** Divide a row's gradient by how often it was looked up. Default false. */
  scaleGradByFreq?: boolean;
  sparse?: boolean;
}

const bind = signature("embedding", {
  weight: required,
  paddingIdx: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  sparse: false,
});

/**
 * Rows of a table by index: `input [...]` (int64 or int32), `weight [V, D]` -> `[..., D]`.
 * @throws {IndexError} for an index out of range @see torch.nn.functional.embedding
 */
export function embedding(
  input: Tensor,
  weight: Tensor | (EmbeddingOptions & { weight: Tensor }),
  ...rest: Arguments<
    [],
    [paddingIdx: number | null, maxNorm: number | null, normType: number, scaleGradByFreq: boolean, sparse: boolean],
    EmbeddingOptions
  >
): Tensor {
  const {
    weight: table,
    paddingIdx,
    maxNorm,
    normType,
    scaleGradByFreq,
  } = bind([weight, ...rest]) as {
    weight: Tensor;
    paddingIdx: number | null;
    maxNorm: number | null;
    normType: number;
    scaleGradByFreq: boolean;
  };
  const rows = table.shape[0]!;
  let padding = paddingIdx ?? -1;
  if (paddingIdx !== null) {
    if (paddingIdx >= rows || paddingIdx < -rows) throw new IndexError("Padding_idx must be within num_embeddings");
    if (paddingIdx < 0) padding = rows + paddingIdx;
  }
  if (maxNorm !== null) renormRows(table.detach(), input, maxNorm, normType);
  return run(embeddingOp, [table, input], { paddingIdx: padding, scaleGradByFreq });
}

/** Scales the rows of `weight` that `indices` name down to at most `maxNorm`, in place. */
export function renormRows(weight: Tensor, indices: Tensor, maxNorm: number, normType: number): void {
  for (const row of new Set((indices.flatten().tolist() as number[]) ?? [])) {
    const vector = weight.select(0, row);
    const norm = vector.norm(normType).item();
    if (norm > maxNorm) vector.mul_(maxNorm / (norm + 1e-7));
  }
}
