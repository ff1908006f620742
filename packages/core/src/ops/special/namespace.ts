// `torch.special`: functions of mathematical physics and statistics, under SciPy's names.
export { erf, erfc, erfinv } from "../elementwise/error-function.ts";
export { exp2, expm1, log1p } from "../elementwise/exponential.ts";
export {
  digamma,
  digamma as psi,
  igamma as gammainc,
  igammac as gammaincc,
  lgamma as gammaln,
  mvlgamma as multigammaln,
  polygamma,
} from "../elementwise/gamma.ts";
export { xlogy } from "../elementwise/log-space.ts";
export { logit } from "../elementwise/logit.ts";
export { specialRound as round } from "../elementwise/rounding.ts";
export { sigmoid as expit } from "../elementwise/sigmoid.ts";
export { sinc } from "../elementwise/sinc.ts";
export { logsumexp } from "../reduce/logsumexp.ts";
export { logSoftmax, softmax } from "../reduce/softmax.ts";
export { i0, i0e, i1, i1e } from "./bessel.ts";
export * from "./bessel-second.ts";
export { entr, xlog1py, zeta } from "./entropy.ts";
export { erfcx, logNdtr, ndtr, ndtri } from "./normal.ts";
export * from "./polynomials.ts";
