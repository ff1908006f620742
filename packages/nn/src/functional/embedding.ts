import * as torch from "@bluedot/core";
import { DTypeError, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { addWeightedRowsOp, bagArgmaxOp, dtypeInfo, required, run, signature } from "@bluedot/core/extend";

export { embedding } from "@bluedot/core";

export interface EmbeddingBagOptions {
  weight?: Tensor;
  /** Where each bag starts in a 1-d `input`. */
  offsets?: Tensor | null;
  /** Scale rows down to at most this norm, in place. */
  maxNorm?: number | null;
  normType?: number;
  scaleGradByFreq?: boolean;
  /** Default "mean". */
  mode?: "sum" | "mean" | "max";
  sparse?: boolean;
  /** A factor for each index, for mode "sum". */
  perSampleWeights?: Tensor | null;
  /** `offsets` has a last element: the end of the last bag. */
  includeLastOffset?: boolean;
  /** An index whose row is left out. */
  paddingIdx?: number | null;
}
const bind = signature("embeddingBag", {
  input: required,
  weight: required,
  offsets: null,
  maxNorm: null,
  normType: 2,
  scaleGradByFreq: false,
  mode: "mean",
  sparse: false,
  perSampleWeights: null,
  includeLastOffset: false,
  paddingIdx: null,
});

/** First place of each bag and the end of the last. @throws {ShapeError} */
function bounds(input: Tensor, offsets: Tensor | null, includeLast: boolean): number[] {
  if (input.ndim === 2) {
    if (offsets !== null) {
      throw new ShapeError(
        "if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed length sequences. However, found offsets of type <class 'torch.Tensor'>",
      );
    }
    const [B, L] = input.shape as [number, number];
    // As in PyTorch, where the start of the last row is then taken for its end.
    return Array.from({ length: includeLast ? B : B + 1 }, (_, b) => b * L);
  }
  if (offsets === null) throw new ShapeError("offsets has to be a 1D Tensor but got None");
  if (offsets.ndim !== 1) throw new ShapeError("offsets has to be a 1D Tensor");
  const starts = (offsets.tolist() as (number | bigint)[]).map(Number);
  if (starts.length > 0 && starts[0] !== 0) {
    throw new ShapeError(
      `offsets[0] has to be 0, i.e., the first sequence in the mini-batch has to start from position 0. However, got ${starts[0]}`,
    );
  }
  if (starts.length > 0 && starts.at(-1)! > input.count) {
    throw new ShapeError(
      `offsets[-1] can not be greater than input's length, but got offsets[-1] of ${starts.at(-1)} and input's length of ${input.count}`,
    );
  }
  return includeLast ? starts : [...starts, input.count];
}

/**
 * What the gradient of each index is divided by when frequencies count. PyTorch takes the frequency not of the index itself but, for the
 * i-th smallest of those that occur, of the i-th element of the sorted list.
 */
function gradientFactors(indices: readonly number[]): number[] {
  const sorted = [...indices].sort((a, b) => a - b);
  const counts = new Map<number, number>();
  for (const i of sorted) counts.set(i, (counts.get(i) ?? 0) + 1);
  const factors = new Map([...counts.keys()].map((index, rank) => [index, 1 / counts.get(sorted[rank]!)!]));
  return indices.map((index) => factors.get(index)!);
}

/**
 * Sums, means or maxima of bags of rows of a table: `input [B, L]`, or `[M]` with `offsets [B]`; `weight [V, D]` -> `[B, D]`.
 * @throws {ShapeError} @throws {DTypeError} @see torch.nn.functional.embedding_bag
 */
export function embeddingBag(input: Tensor, ...rest: readonly unknown[]): Tensor {
  const bound = bind([input, ...rest]);
  const { maxNorm, normType, scaleGradByFreq, mode, includeLastOffset } = bound;
  let { weight, perSampleWeights, paddingIdx } = bound as { weight: Tensor; perSampleWeights: Tensor | null; paddingIdx: number | null };
  let places: Tensor = bound.input;
  if (weight.dtype === "int64" && places.isFloatingPoint()) [places, weight] = [weight, places];
  if (places.ndim !== 1 && places.ndim !== 2)
    throw new ShapeError(`input has to be 1D or 2D Tensor, but got Tensor of dimension ${places.ndim}`);
  if (places.dtype !== "int64" && places.dtype !== "int32") {
    throw new DTypeError(
      `Expected tensor for argument #1 'indices' to have one of the following scalar types: Long, Int; but got torch.${dtypeInfo[places.dtype].scalarType}Tensor instead (while checking arguments for embedding_bag)`,
    );
  }
  if (!["sum", "mean", "max"].includes(mode)) throw new TensorError("mode has to be one of sum, mean or max");
  if (mode === "max" && scaleGradByFreq) throw new TensorError("max mode does not support scaling the gradient by the frequency");
  if (perSampleWeights !== null) {
    if (mode !== "sum") {
      throw new TensorError(
        `embedding_bag: per_sample_weights was not None. per_sample_weights is only supported for mode='sum' (got mode='${mode}'). Please open a feature request on GitHub.`,
      );
    }
    if (perSampleWeights.shape.join() !== places.shape.join()) {
      throw new ShapeError(
        `embedding_bag: If per_sample_weights ([${perSampleWeights.shape.join(", ")}]) is not None, then it must have the same shape as the input ([${places.shape.join(", ")}])`,
      );
    }
    perSampleWeights = perSampleWeights.reshape([-1]);
  }
  const starts = bounds(places, bound.offsets, includeLastOffset);
  const V = weight.shape[0]!;
  if (paddingIdx !== null) {
    if (paddingIdx >= V || paddingIdx < -V) throw new TensorError("padding_idx must be within the number of embeddings");
    if (paddingIdx < 0) paddingIdx += V;
  }
  const flat = places.reshape([-1]).long();
  const bags = starts.length - 1;
  const D = weight.shape[1]!;
  let indices: readonly number[] | null = null;
  let rows = weight;
  if (maxNorm !== null || scaleGradByFreq) {
    // Looked up first: rows are renormalised in place, or gradients scaled by place. Then each place has a row of its own.
    rows = torch.embedding(flat, weight, { maxNorm, normType });
  }
  const apart = rows !== weight;
  if (paddingIdx !== null || scaleGradByFreq) indices = (flat.tolist() as (number | bigint)[]).map(Number);
  if (scaleGradByFreq && rows.requiresGrad) {
    const scales = torch.tensor(gradientFactors(indices!), { dtype: weight.dtype, device: weight.device }).unsqueeze(1);
    rows.registerHook((grad) => grad.mul(scales));
  }
  // Places that count, and which bag each belongs to.
  const kept: number[] = [];
  const owners: number[] = [];
  const ends = [0];
  for (let b = 0; b < bags; b++) {
    for (let i = starts[b]!; i < starts[b + 1]!; i++) {
      if (paddingIdx !== null && indices![i] === paddingIdx) continue;
      kept.push(i);
      owners.push(b);
    }
    ends.push(kept.length);
  }
  const from = apart ? index(kept) : kept.length === flat.count ? flat : flat.indexSelect(0, index(kept));
  const sizes = ends.slice(1).map((end, b) => end - ends[b]!);
  if (mode === "max") {
    // Zeros that the table still has a gradient of.
    if (kept.length === 0) return rows.indexSelect(0, index([])).sum(0).expand([bags, D]).clone();
    const largest = rows.gather(0, run(bagArgmaxOp, [rows, from, index(ends)], undefined));
    if (!sizes.includes(0)) return largest;
    return largest.maskedFill(torch.tensor(sizes.map((n) => n === 0)).unsqueeze(1), 0);
  }
  const factors =
    perSampleWeights === null
      ? torch.ones([kept.length], { dtype: weight.dtype, device: weight.device })
      : kept.length === flat.count
        ? perSampleWeights
        : perSampleWeights.indexSelect(0, index(kept));
  const sums = run(addWeightedRowsOp, [rows, from, index(owners), factors], { rows: bags });
  if (mode === "sum") return sums;
  const divisors = sizes.map((n) => Math.max(n, 1));
  return sums.div(torch.tensor(divisors, { dtype: weight.dtype }).unsqueeze(1));
}

const index = (places: readonly number[]): Tensor => torch.fromTypedArray(BigInt64Array.from(places, BigInt), [places.length]);
