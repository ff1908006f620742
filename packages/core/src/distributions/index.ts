// The namespace `torch.distributions`. Importing it also registers the divergences.
import "./kl-cross.ts";
import "./kl-same.ts";

export { Bernoulli } from "./bernoulli.ts";
export { Binomial } from "./binomial.ts";
export { Categorical, OneHotCategorical, OneHotCategoricalStraightThrough } from "./categorical.ts";
export { bijectTo, ConstraintRegistry, registerBijection, registerTransform, transformTo } from "./constraint-registry.ts";
export * as constraints from "./constraints.ts";
export { ContinuousBernoulli } from "./continuous-bernoulli.ts";
export { CorrCholeskyTransform } from "./corr-cholesky-transform.ts";
export { Geometric, NegativeBinomial, Poisson } from "./counts.ts";
export { Beta, Dirichlet } from "./dirichlet.ts";
export { Distribution, type DistributionOptions } from "./distribution.ts";
export { Exponential } from "./exponential.ts";
export { Chi2, Gamma } from "./gamma.ts";
export { Independent } from "./independent.ts";
export { klDivergence, registerKl } from "./kl.ts";
export { LKJCholesky } from "./lkj-cholesky.ts";
export { Cauchy, Laplace, Normal } from "./location-scale.ts";
export { LowRankMultivariateNormal } from "./lowrank-multivariate-normal.ts";
export { MixtureSameFamily } from "./mixture-same-family.ts";
export { Multinomial } from "./multinomial.ts";
export { MultivariateNormal } from "./multivariate-normal.ts";
export { ExpRelaxedCategorical, LogitRelaxedBernoulli, RelaxedBernoulli, RelaxedOneHotCategorical } from "./relaxed.ts";
export { FisherSnedecor, StudentT } from "./student-t.ts";
export { ComposeTransform, IndependentTransform, identityTransform, Transform } from "./transform.ts";
export { TransformedDistribution } from "./transformed-distribution.ts";
export {
  Gumbel,
  HalfCauchy,
  HalfNormal,
  Kumaraswamy,
  LogisticNormal,
  LogNormal,
  Pareto,
  Weibull,
} from "./transformed-families.ts";
export {
  AbsTransform,
  AffineTransform,
  CatTransform,
  CumulativeDistributionTransform,
  ExpTransform,
  LowerCholeskyTransform,
  PowerTransform,
  ReshapeTransform,
  SigmoidTransform,
  SoftmaxTransform,
  SoftplusTransform,
  StackTransform,
  StickBreakingTransform,
  TanhTransform,
} from "./transforms.ts";
export { Uniform } from "./uniform.ts";
export { VonMises } from "./von-mises.ts";
