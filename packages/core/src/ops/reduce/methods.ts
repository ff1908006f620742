// The reductions that are methods, a line a file.
export { argmax, argmin } from "./argmax.ts";
export { cummax, cummin, cumprod, cumprod_, cumsum, cumsum_, logcumsumexp } from "./cumulative.ts";
export { amax, amin, aminmax, max, min } from "./extremes.ts";
export { logsumexp } from "./logsumexp.ts";
export { mean } from "./mean.ts";
export { norm } from "./norm.ts";
export { prod } from "./prod.ts";
export { logSoftmax, softmax } from "./softmax.ts";
export { sum } from "./sum.ts";
export { all, any } from "./truth.ts";
export { std, stdMean, var, varMean } from "./variance.ts";
