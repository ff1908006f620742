// The reductions that are methods, a line a file.
export { argmax, argmin } from "./argmax.ts";
export { countNonzero } from "./count-nonzero.ts";
export { corrcoef, cov } from "./covariance.ts";
export { cummax, cummin, cumprod, cumprod_, cumsum, cumsum_, logcumsumexp } from "./cumulative.ts";
export { diff } from "./differences.ts";
export { dist, renorm, renorm_ } from "./distance.ts";
export { amax, amin, aminmax, max, min } from "./extremes.ts";
export { logsumexp } from "./logsumexp.ts";
export { mean } from "./mean.ts";
export { median, mode, nanmedian } from "./median.ts";
export { nanmean, nansum } from "./nan-aware.ts";
export { norm } from "./norm.ts";
export { prod } from "./prod.ts";
export { nanquantile, quantile } from "./quantile.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { sum } from "./sum.ts";
export { all, any } from "./truth.ts";
export { std, stdMean, var, varMean } from "./variance.ts";
