import { TensorError } from "../errors.ts";
import { where } from "../ops/functions.ts";
import { sameShape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Bernoulli } from "./bernoulli.ts";
import { Binomial } from "./binomial.ts";
import { Categorical, OneHotCategorical } from "./categorical.ts";
import { Geometric, logSigmoid, Poisson } from "./counts.ts";
import { Beta, Dirichlet } from "./dirichlet.ts";
import { Exponential } from "./exponential.ts";
import { Gamma } from "./gamma.ts";
import { Independent } from "./independent.ts";
import { klDivergence, registerKl } from "./kl.ts";
import { Cauchy, Laplace, Normal } from "./location-scale.ts";
import { LowRankMultivariateNormal } from "./lowrank-multivariate-normal.ts";
import { halfLogDet, MultivariateNormal, mahalanobis } from "./multivariate-normal.ts";
import { holdsEverywhere, sumRightmost } from "./parameters.ts";
import { sameTransforms } from "./transform.ts";
import { TransformedDistribution } from "./transformed-distribution.ts";
import { Gumbel, HalfNormal, Pareto } from "./transformed-families.ts";
import { solveLower } from "./triangular.ts";
import { Uniform } from "./uniform.ts";

// Divergences between distributions of one family.

const EULER = 0.5772156649015329;
const INFINITY = Number.POSITIVE_INFINITY;
const softplus = (x: Tensor): Tensor => logSigmoid(x.neg()).neg();

registerKl(Bernoulli, Bernoulli, (p, q) => {
  const success = p.probs.mul(softplus(q.logits.neg()).sub(softplus(p.logits.neg())));
  const failure = p.probs.rsub(1).mul(softplus(q.logits).sub(softplus(p.logits)));
  return where(p.probs.eq(0), 0, where(q.probs.eq(0), INFINITY, success)).add(
    where(p.probs.eq(1), 0, where(q.probs.eq(1), INFINITY, failure)),
  );
});

registerKl(Beta, Beta, (p, q) => {
  const sumP = p.concentration1.add(p.concentration0);
  const sumQ = q.concentration1.add(q.concentration0);
  const t1 = q.concentration1.lgamma().add(q.concentration0.lgamma()).add(sumP.lgamma());
  const t2 = p.concentration1.lgamma().add(p.concentration0.lgamma()).add(sumQ.lgamma());
  const t3 = p.concentration1.sub(q.concentration1).mul(p.concentration1.digamma());
  const t4 = p.concentration0.sub(q.concentration0).mul(p.concentration0.digamma());
  const t5 = sumQ.sub(sumP).mul(sumP.digamma());
  return t1.sub(t2).add(t3).add(t4).add(t5);
});

registerKl(Binomial, Binomial, (p, q) => {
  if (!holdsEverywhere(p.totalCount.ge(q.totalCount))) {
    throw new TensorError("KL between Binomials where q.total_count > p.total_count is not implemented");
  }
  const each = p.probs.mul(p.logits.sub(q.logits)).add(p.probs.neg().log1p()).sub(q.probs.neg().log1p());
  return where(p.totalCount.gt(q.totalCount), INFINITY, p.totalCount.mul(each));
});

registerKl(Categorical, Categorical, categorical);
registerKl(OneHotCategorical, OneHotCategorical, categorical);

function categorical(p: { probs: Tensor; logits: Tensor }, q: { probs: Tensor; logits: Tensor }): Tensor {
  const t = p.probs.mul(p.logits.sub(q.logits));
  return where(p.probs.eq(0), 0, where(q.probs.eq(0), INFINITY, t)).sum(-1);
}

registerKl(Dirichlet, Dirichlet, (p, q) => {
  const sumP = p.concentration.sum(-1);
  const t1 = sumP.lgamma().sub(q.concentration.sum(-1).lgamma());
  const t2 = p.concentration.lgamma().sub(q.concentration.lgamma()).sum(-1);
  const t3 = p.concentration.sub(q.concentration);
  const t4 = p.concentration.digamma().sub(sumP.digamma().unsqueeze(-1));
  return t1.sub(t2).add(t3.mul(t4).sum(-1));
});

registerKl(Exponential, Exponential, (p, q) => {
  const ratio = q.rate.div(p.rate);
  return ratio.log().neg().add(ratio).sub(1);
});

registerKl(Gamma, Gamma, (p, q) => {
  const t1 = q.concentration.mul(p.rate.div(q.rate).log());
  const t2 = q.concentration.lgamma().sub(p.concentration.lgamma());
  const t3 = p.concentration.sub(q.concentration).mul(p.concentration.digamma());
  const t4 = q.rate.sub(p.rate).mul(p.concentration.div(p.rate));
  return t1.add(t2).add(t3).add(t4);
});

registerKl(Gumbel, Gumbel, (p, q) => {
  const scale = p.scale.div(q.scale);
  const toQ = q.loc.div(q.scale);
  const toP = p.loc.div(q.scale);
  const t1 = scale.log().neg().sub(toQ).add(toP);
  const t3 = toQ.add(scale.add(1).lgamma()).sub(toP).exp();
  return t1
    .add(scale.mul(EULER))
    .add(t3)
    .sub(1 + EULER);
});

registerKl(Geometric, Geometric, (p, q) => p.entropy().neg().sub(q.probs.neg().log1p().div(p.probs)).sub(q.logits));

registerKl(Normal, Normal, (p, q) => {
  const ratio = p.scale.div(q.scale).pow(2);
  const shift = p.loc.sub(q.loc).div(q.scale).pow(2);
  return ratio.add(shift).sub(1).sub(ratio.log()).mul(0.5);
});
registerKl(HalfNormal, HalfNormal, (p, q) => klDivergence(p.baseDist, q.baseDist));

registerKl(Laplace, Laplace, (p, q) => {
  const ratio = p.scale.div(q.scale);
  const apart = p.loc.sub(q.loc).abs();
  return ratio
    .log()
    .neg()
    .add(apart.div(q.scale))
    .add(ratio.mul(apart.neg().div(p.scale).exp()))
    .sub(1);
});

registerKl(Cauchy, Cauchy, (p, q) => {
  const t1 = p.scale.add(q.scale).pow(2).add(p.loc.sub(q.loc).pow(2)).log();
  return t1.sub(p.scale.mul(4).mul(q.scale).log());
});

registerKl(MultivariateNormal, MultivariateNormal, (p, q) => {
  if (!sameShape(p.eventShape, q.eventShape)) {
    throw new TensorError("KL-divergence between two Multivariate Normals with different event shapes cannot be computed");
  }
  const logDets = halfLogDet(q.factor).sub(halfLogDet(p.factor));
  const trace = solveLower(q.factor, p.factor).pow(2).sum([-2, -1]);
  return logDets.add(
    trace
      .add(mahalanobis(q.factor, q.loc.sub(p.loc)))
      .sub(p.eventShape[0]!)
      .mul(0.5),
  );
});

registerKl(LowRankMultivariateNormal, LowRankMultivariateNormal, normalVectors);
registerKl(MultivariateNormal, LowRankMultivariateNormal, normalVectors);
registerKl(LowRankMultivariateNormal, MultivariateNormal, normalVectors);

/** Between normal vectors of any form, by the triangular factors of their covariances. */
function normalVectors(p: NormalVectors, q: NormalVectors): Tensor {
  return klDivergence(
    new MultivariateNormal(p.loc, { scaleTril: p.scaleTril, validateArgs: false }),
    new MultivariateNormal(q.loc, { scaleTril: q.scaleTril, validateArgs: false }),
  );
}
interface NormalVectors {
  readonly loc: Tensor;
  readonly scaleTril: Tensor;
}

registerKl(Pareto, Pareto, (p, q) => {
  const power = q.alpha.div(p.alpha);
  const result = q.alpha.mul(p.scale.div(q.scale).log()).sub(power.log()).add(power).sub(1);
  return where(p.scale.lt(q.scale), INFINITY, result);
});

registerKl(Poisson, Poisson, (p, q) => p.rate.mul(p.rate.log().sub(q.rate.log())).sub(p.rate.sub(q.rate)));

registerKl(Uniform, Uniform, (p, q) => {
  const result = q.high.sub(q.low).div(p.high.sub(p.low)).log();
  return where(q.low.gt(p.low).logicalOr(q.high.lt(p.high)), INFINITY, result);
});

registerKl(Independent, Independent, (p, q) => {
  if (p.reinterpretedBatchNdims !== q.reinterpretedBatchNdims) {
    throw new TensorError("KL between Independent distributions of different reinterpreted_batch_ndims is not implemented");
  }
  return sumRightmost(klDivergence(p.baseDist, q.baseDist), p.reinterpretedBatchNdims);
});

registerKl(TransformedDistribution, TransformedDistribution, (p, q) => {
  if (!sameTransforms(p.transforms, q.transforms)) {
    throw new TensorError("KL between distributions of different transforms is not implemented");
  }
  if (!sameShape(p.eventShape, q.eventShape))
    throw new TensorError("KL between distributions of different event shapes is not implemented");
  return klDivergence(p.baseDist, q.baseDist);
});
