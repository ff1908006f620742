import { noGrad } from "@bluedot/autograd";
import { broadcastTensors, fromTypedArray, ShapeError, type Tensor } from "@bluedot/core";
import { floatType, required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

export interface CosineSimilarityOptions {
  /** Default 1. */
  dim?: number;
  /** Least norm. Default 1e-8. */
  eps?: number;
}
const bindCosine = signature("cosineSimilarity", { x2: required, dim: 1, eps: 1e-8 });
/** `x1 · x2 / (max(|x1|, eps) max(|x2|, eps))` along a dimension; shapes broadcast. @throws {ShapeError} @see torch.nn.functional.cosine_similarity */
export function cosineSimilarity(
  x1: Tensor,
  x2: Tensor | (CosineSimilarityOptions & { x2: Tensor }),
  ...rest: Rest<[dim: number, eps: number], CosineSimilarityOptions>
): Tensor {
  const { x2: other, dim, eps } = bindCosine([x2, ...rest]);
  const [a, b] = broadcastTensors(x1.to(floatType(x1.dtype)), other.to(floatType(other.dtype))) as [Tensor, Tensor];
  const unit = (x: Tensor): Tensor => {
    // The bound holds for the value alone: derivatives are those of the norm.
    const square = x.pow(2).sum(dim, true);
    noGrad(() => square.clampMin_(eps * eps));
    return x.div(square.sqrt());
  };
  return unit(a).mul(unit(b)).sum(dim);
}

export interface PairwiseDistanceOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Added to the difference, so that it isn't zero. Default 1e-6. */
  eps?: number;
  keepdim?: boolean;
}
const bindPairwise = signature("pairwiseDistance", { x2: required, p: 2, eps: 1e-6, keepdim: false });
/** `|x1 - x2 + eps|_p` along the last dimension. @see torch.nn.functional.pairwise_distance */
export function pairwiseDistance(
  x1: Tensor,
  x2: Tensor | (PairwiseDistanceOptions & { x2: Tensor }),
  ...rest: Rest<[p: number, eps: number, keepdim: boolean], PairwiseDistanceOptions>
): Tensor {
  const { x2: other, p, eps, keepdim } = bindPairwise([x2, ...rest]);
  const difference = x1.sub(other).add(eps);
  return difference.to(floatType(difference.dtype)).norm(p, -1, keepdim);
}

const bindPdist = signature("pdist", { p: 2 });
/** Distances of every two rows of `[N, M]`, as `[N (N - 1) / 2]`. @throws {ShapeError} unless 2-dimensional @see torch.nn.functional.pdist */
export function pdist(input: Tensor, ...args: [p?: number | { p?: number }]): Tensor {
  const { p: degree } = bindPdist(args);
  if (input.ndim !== 2) throw new ShapeError(`pdist only supports 2D tensors, got: ${input.ndim}D`);
  if (degree < 0) throw new ShapeError("pdist only supports non-negative p values");
  const N = input.shape[0]!;
  const first: bigint[] = [];
  const second: bigint[] = [];
  for (let i = 0; i < N; i++) {
    for (let j = i + 1; j < N; j++) {
      first.push(BigInt(i));
      second.push(BigInt(j));
    }
  }
  if (first.length === 0) return input.narrow(0, 0, 0).sum(1);
  const differences = input.indexSelect(0, indexTensor(first)).sub(input.indexSelect(0, indexTensor(second)));
  const distances = differences.norm(degree, -1);
  // Counting has derivative zero, rather than none.
  return degree === 0 ? distances.add(differences.mul(0).sum(-1)) : distances;
}

const indexTensor = (places: bigint[]): Tensor => fromTypedArray(BigInt64Array.from(places), [places.length]);

export interface NormalizeOptions {
  /** Degree of the norm. Default 2. */
  p?: number;
  /** Default 1. */
  dim?: number | readonly number[];
  /** Least norm. Default 1e-12. */
  eps?: number;
  out?: Tensor | null;
}
const bindNormalize = signature("normalize", { p: 2, dim: 1, eps: 1e-12, out: null });
/** `x / max(|x|_p, eps)` along a dimension. @see torch.nn.functional.normalize */
export function normalize(
  input: Tensor,
  ...rest: Rest<[p: number, dim: number | readonly number[], eps: number, out: Tensor | null], NormalizeOptions>
): Tensor {
  const { p, dim, eps, out } = bindNormalize(rest);
  const unit = input.div(input.norm(p, dim, true).clampMin(eps).expandAs(input));
  return out === null ? unit : out.copy_(unit);
}
