import type { Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";

const bindPairwise = signature("PairwiseDistance", { p: 2, eps: 1e-6, keepdim: false });
/** `|x1 - x2 + eps|_p` along the last dimension. @see torch.nn.PairwiseDistance */
export class PairwiseDistance extends Module {
  norm: number;
  eps: number;
  keepdim: boolean;
  constructor(...args: Rest<[p: number, eps: number, keepdim: boolean], F.PairwiseDistanceOptions>) {
    super();
    const { p, eps, keepdim } = bindPairwise(args);
    this.norm = p;
    this.eps = eps;
    this.keepdim = keepdim;
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.pairwiseDistance(x1, x2, this.norm, this.eps, this.keepdim);
  }
}

const bindCosine = signature("CosineSimilarity", { dim: 1, eps: 1e-8 });
/** Cosine of the angle between `x1` and `x2` along a dimension. @see torch.nn.CosineSimilarity */
export class CosineSimilarity extends Module {
  dim: number;
  eps: number;
  constructor(...args: Rest<[dim: number, eps: number], F.CosineSimilarityOptions>) {
    super();
    const { dim, eps } = bindCosine(args);
    this.dim = dim;
    this.eps = eps;
  }
  override forward(x1: Tensor, x2: Tensor): Tensor {
    return F.cosineSimilarity(x1, x2, this.dim, this.eps);
  }
}
