import { where } from "../ops/functions.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { Bernoulli } from "./bernoulli.ts";
import { Binomial } from "./binomial.ts";
import { ContinuousBernoulli } from "./continuous-bernoulli.ts";
import { Poisson } from "./counts.ts";
import { Beta } from "./dirichlet.ts";
import type { Distribution } from "./distribution.ts";
import { Exponential } from "./exponential.ts";
import { Gamma } from "./gamma.ts";
import { registerKl } from "./kl.ts";
import { Laplace, Normal } from "./location-scale.ts";
import { filledLike } from "./parameters.ts";
import { Gumbel, Pareto } from "./transformed-families.ts";
import { Uniform } from "./uniform.ts";

// Divergences between distributions of different families. They are infinite where `p` reaches beyond the support of `q`.

const EULER = 0.5772156649015329;
const INFINITY = Number.POSITIVE_INFINITY;
const xLogX = (x: Tensor): Tensor => x.mul(x.log());

type Families = readonly (abstract new (...args: never[]) => Distribution)[];
function infinite<P extends Distribution>(p: abstract new (...args: never[]) => P, parameter: (p: P) => Tensor, families: Families): void {
  for (const q of families) registerKl(p, q, (given) => filledLike(parameter(given), INFINITY));
}

infinite(Beta, (p) => p.concentration1, [Pareto]);
infinite(ContinuousBernoulli, (p) => p.probs, [Pareto]);
infinite(Exponential, (p) => p.rate, [Beta, ContinuousBernoulli, Pareto, Uniform]);
infinite(Gamma, (p) => p.concentration, [Beta, ContinuousBernoulli, Pareto, Uniform]);
infinite(Gumbel, (p) => p.loc, [Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform]);
infinite(Laplace, (p) => p.loc, [Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform]);
infinite(Normal, (p) => p.loc, [Beta, ContinuousBernoulli, Exponential, Gamma, Pareto, Uniform]);
infinite(Pareto, (p) => p.scale, [Beta, ContinuousBernoulli, Uniform]);
infinite(Poisson, (p) => p.rate, [Bernoulli, Binomial]);

registerKl(Bernoulli, Poisson, (p, q) => p.entropy().neg().sub(p.probs.mul(q.rate.log()).sub(q.rate)));

registerKl(Beta, Exponential, (p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean)));
registerKl(Beta, Gamma, (p, q) => {
  const total = p.concentration1.add(p.concentration0);
  const t2 = q.concentration.lgamma().sub(q.concentration.mul(q.rate.log()));
  const t3 = q.concentration.sub(1).mul(p.concentration1.digamma().sub(total.digamma()));
  return p.entropy().neg().add(t2).sub(t3).add(q.rate.mul(p.mean));
});
registerKl(Beta, Normal, (p, q) => {
  const { mean } = p;
  const variance = q.scale.pow(2);
  const t2 = variance
    .mul(2 * Math.PI)
    .log()
    .mul(0.5);
  const total = p.concentration1.add(p.concentration0);
  const t3 = mean.mul(mean.rsub(1)).div(total.add(1)).add(mean.pow(2)).mul(0.5);
  const t5 = q.loc.pow(2).mul(0.5);
  return p
    .entropy()
    .neg()
    .add(t2)
    .add(t3.sub(q.loc.mul(mean)).add(t5).div(variance));
});
registerKl(Beta, Uniform, (p, q) => {
  const result = p.entropy().neg().add(q.high.sub(q.low).log());
  return where(q.low.gt(0).logicalOr(q.high.lt(1)), INFINITY, result);
});

registerKl(Exponential, Gamma, (p, q) => {
  const ratio = q.rate.div(p.rate);
  const t1 = q.concentration.neg().mul(ratio.log());
  return t1
    .add(ratio)
    .add(q.concentration.lgamma())
    .add(q.concentration.mul(EULER))
    .sub(1 + EULER);
});
registerKl(Exponential, Gumbel, (p, q) => {
  const product = p.rate.mul(q.scale);
  const ratio = q.loc.div(q.scale);
  const t2 = ratio.exp().mul(product).div(product.add(1));
  return product.log().sub(1).sub(ratio).add(t2).add(product.reciprocal());
});
registerKl(Exponential, Normal, (p, q) => {
  const variance = q.scale.pow(2);
  const square = p.rate.pow(2);
  const t1 = square
    .mul(variance)
    .mul(2 * Math.PI)
    .log()
    .mul(0.5);
  const moments = square.reciprocal().sub(q.loc.div(p.rate)).add(q.loc.pow(2).mul(0.5));
  return t1.sub(1).add(moments.div(variance));
});

registerKl(Gamma, Exponential, (p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.concentration).div(p.rate)));
registerKl(Gamma, Gumbel, (p, q) => {
  const product = p.rate.mul(q.scale);
  const ratio = q.loc.div(q.scale);
  const t1 = p.concentration.sub(1).mul(p.concentration.digamma()).sub(p.concentration.lgamma()).sub(p.concentration);
  const t2 = product.log().add(p.concentration.div(product));
  const t3 = ratio.exp().mul(product.reciprocal().add(1).pow(p.concentration.neg())).sub(ratio);
  return t1.add(t2).add(t3);
});
registerKl(Gamma, Normal, (p, q) => {
  const variance = q.scale.pow(2);
  const square = p.rate.pow(2);
  const { concentration } = p;
  const t1 = square
    .mul(variance)
    .mul(2 * Math.PI)
    .log()
    .mul(0.5)
    .sub(concentration)
    .sub(concentration.lgamma());
  const t2 = concentration.pow(2).add(concentration).mul(0.5).div(square);
  const moments = t2.sub(q.loc.mul(concentration).div(p.rate)).add(q.loc.pow(2).mul(0.5));
  return t1.add(concentration.sub(1).mul(concentration.digamma())).add(moments.div(variance));
});

registerKl(Gumbel, Normal, (p, q) => {
  const ratio = p.scale.div(q.scale);
  const t1 = ratio.div(Math.sqrt(2 * Math.PI)).log();
  const t2 = ratio
    .mul(Math.PI * 0.5)
    .pow(2)
    .div(3);
  const t3 = p.loc.add(p.scale.mul(EULER)).sub(q.loc).div(q.scale).pow(2).mul(0.5);
  return t1
    .neg()
    .add(t2)
    .add(t3)
    .sub(EULER + 1);
});

registerKl(Laplace, Normal, (p, q) => {
  const variance = q.scale.pow(2);
  const ratio = p.scale.pow(2).div(variance);
  const t1 = ratio
    .mul(2 / Math.PI)
    .log()
    .mul(0.5);
  const moments = p.loc.pow(2).mul(0.5).sub(p.loc.mul(q.loc)).add(q.loc.pow(2).mul(0.5));
  return t1.neg().add(ratio).add(moments.div(variance)).sub(1);
});

registerKl(Normal, Gumbel, (p, q) => {
  const mean = p.loc.div(q.scale);
  const ratio = p.scale.div(q.scale).pow(2);
  const location = q.loc.div(q.scale);
  const t3 = mean.neg().add(ratio.mul(0.5)).add(location).exp();
  return ratio
    .log()
    .mul(-0.5)
    .add(mean.sub(location))
    .add(t3)
    .sub(0.5 * (1 + Math.log(2 * Math.PI)));
});
registerKl(Normal, Laplace, (p, q) => {
  const apart = p.loc.sub(q.loc);
  const inScales = apart.div(p.scale);
  const t2 = p.scale.mul(Math.sqrt(2 / Math.PI)).mul(inScales.pow(2).mul(-0.5).exp());
  const t3 = apart.mul(inScales.mul(Math.SQRT1_2).erf());
  return p.scale
    .div(q.scale)
    .log()
    .neg()
    .add(t2.add(t3).div(q.scale))
    .sub(0.5 * (1 + Math.log(0.5 * Math.PI)));
});

registerKl(Pareto, Exponential, (p, q) => {
  const product = p.scale.mul(q.rate);
  const t1 = p.alpha.div(product).log();
  const t3 = p.alpha.mul(product).div(p.alpha.sub(1));
  return where(p.alpha.le(1), INFINITY, t1.sub(p.alpha.reciprocal()).add(t3).sub(1));
});
registerKl(Pareto, Gamma, (p, q) => {
  const common = p.scale.log().add(p.alpha.reciprocal());
  const t1 = p.alpha.log().sub(common);
  const t2 = q.concentration.lgamma().sub(q.concentration.mul(q.rate.log()));
  const t3 = q.concentration.rsub(1).mul(common);
  const t4 = q.rate.mul(p.alpha).mul(p.scale).div(p.alpha.sub(1));
  return where(p.alpha.le(1), INFINITY, t1.add(t2).add(t3).add(t4).sub(1));
});
registerKl(Pareto, Normal, (p, q) => {
  const variance = q.scale.pow(2).mul(2);
  const common = p.scale.div(p.alpha.sub(1));
  const t1 = q.scale
    .mul(Math.sqrt(2 * Math.PI))
    .mul(p.alpha)
    .div(p.scale)
    .log();
  const t3 = p.alpha.mul(common.pow(2)).div(p.alpha.sub(2));
  const t4 = p.alpha.mul(common).sub(q.loc).pow(2);
  return where(p.alpha.le(2), INFINITY, t1.sub(p.alpha.reciprocal()).add(t3.add(t4).div(variance)).sub(1));
});

registerKl(Uniform, Beta, (p, q) => {
  const width = p.high.sub(p.low);
  const t2 = q.concentration1
    .sub(1)
    .mul(xLogX(p.high).sub(xLogX(p.low)).sub(width))
    .div(width);
  const t3 = q.concentration0
    .sub(1)
    .mul(
      xLogX(p.high.rsub(1))
        .sub(xLogX(p.low.rsub(1)))
        .add(width),
    )
    .div(width);
  const t4 = q.concentration1.lgamma().add(q.concentration0.lgamma()).sub(q.concentration1.add(q.concentration0).lgamma());
  return where(p.high.gt(1).logicalOr(p.low.lt(0)), INFINITY, t3.add(t4).sub(width.log()).sub(t2));
});
registerKl(Uniform, Exponential, (p, q) => {
  const result = q.rate.mul(p.high.add(p.low)).div(2).sub(p.high.sub(p.low).mul(q.rate).log());
  return where(p.low.lt(0), INFINITY, result);
});
registerKl(Uniform, Gamma, (p, q) => {
  const width = p.high.sub(p.low);
  const t2 = q.concentration.lgamma().sub(q.concentration.mul(q.rate.log()));
  const t3 = q.concentration
    .rsub(1)
    .mul(xLogX(p.high).sub(xLogX(p.low)).sub(width))
    .div(width);
  const t4 = q.rate.mul(p.high.add(p.low)).div(2);
  return where(p.low.lt(0), INFINITY, width.log().neg().add(t2).add(t3).add(t4));
});
registerKl(Uniform, Gumbel, (p, q) => {
  const common = q.scale.div(p.high.sub(p.low));
  const high = p.high.sub(q.loc).div(q.scale);
  const low = p.low.sub(q.loc).div(q.scale);
  const t1 = common.log().add(high.add(low).mul(0.5));
  return t1.sub(common.mul(high.neg().exp().sub(low.neg().exp())));
});
registerKl(Uniform, Normal, (p, q) => {
  const width = p.high.sub(p.low);
  const t1 = q.scale
    .mul(Math.sqrt(2 * Math.PI))
    .div(width)
    .log();
  const t3 = p.high.add(p.low).sub(q.loc.mul(2)).div(2).pow(2);
  return t1.add(width.pow(2).div(12).add(t3).mul(0.5).div(q.scale.pow(2)));
});
registerKl(Uniform, Pareto, (p, q) => {
  const width = p.high.sub(p.low);
  const t1 = q.alpha.mul(q.scale.pow(q.alpha)).mul(width).log();
  const t2 = xLogX(p.high).sub(xLogX(p.low)).sub(width).div(width);
  return where(p.low.lt(q.scale), INFINITY, t2.mul(q.alpha.add(1)).sub(t1));
});

/** The mean of the log density of a continuous Bernoulli distribution over numbers of the given mean. */
const meanLogDensity = (mean: Tensor, q: ContinuousBernoulli): Tensor => mean.mul(q.logits).add(q.probs.neg().log1p()).add(q.logNormalizer);

registerKl(Beta, ContinuousBernoulli, (p, q) => p.entropy().neg().sub(meanLogDensity(p.mean, q)));
registerKl(ContinuousBernoulli, ContinuousBernoulli, (p, q) => meanLogDensity(p.mean, p).sub(meanLogDensity(p.mean, q)));
registerKl(ContinuousBernoulli, Exponential, (p, q) => p.entropy().neg().sub(q.rate.log()).add(q.rate.mul(p.mean)));
registerKl(ContinuousBernoulli, Normal, (p, q) => {
  const t2 = q.loc
    .div(q.scale)
    .pow(2)
    .add(Math.log(2 * Math.PI))
    .mul(0.5)
    .add(q.scale.log());
  const t3 = p.variance.add(p.mean.pow(2)).sub(q.loc.mul(p.mean).mul(2)).div(q.scale.pow(2).mul(2));
  return p.entropy().neg().add(t2).add(t3);
});
registerKl(ContinuousBernoulli, Uniform, (p, q) => {
  const result = p.entropy().neg().add(q.high.sub(q.low).log());
  return where(q.low.ge(0).logicalOr(q.high.le(1)), INFINITY, result);
});
registerKl(Uniform, ContinuousBernoulli, (p, q) => {
  const result = p.entropy().neg().sub(meanLogDensity(p.mean, q));
  return where(p.high.ge(1).logicalOr(p.low.le(0)), INFINITY, result);
});
