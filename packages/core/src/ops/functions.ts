// The operators that are functions only: factories, and what takes no single receiver.

export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./conv/conv.ts";
export * from "./elementwise/functions.ts";
export { embedding } from "./embedding/embedding.ts";
export * from "./factory/functions.ts";
export * from "./indexing/functions.ts";
export { cdist } from "./linalg/cdist.ts";
export { einsum } from "./linalg/einsum.ts";
export { linear } from "./linalg/linear.ts";
export { luUnpack } from "./linalg/lu.ts";
export { chainMatmul, tensordot } from "./linalg/tensor-products.ts";
export { crossEntropy } from "./loss/cross-entropy.ts";
export { nllLoss } from "./loss/nll-loss.ts";
export { batchNorm } from "./norm/batch-norm.ts";
export { groupNorm } from "./norm/group-norm.ts";
export { layerNorm } from "./norm/layer-norm.ts";
export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveAvgPool3d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  adaptiveMaxPool3d,
} from "./pool/adaptive-pool.ts";
export { avgPool1d, avgPool2d, avgPool3d } from "./pool/avg-pool.ts";
export { maxPool1d, maxPool2d, maxPool3d } from "./pool/max-pool.ts";
export {
  alphaDropout,
  alphaDropout_,
  dropout,
  dropout_,
  featureAlphaDropout,
  featureAlphaDropout_,
  featureDropout,
  featureDropout_,
} from "./random/dropout.ts";
export { rand, randint, randintLike, randLike, randn, randnLike, randperm } from "./random/factories.ts";
export { normal } from "./random/normal.ts";
export { forkRng, getRngState, initialSeed, manualSeed, seed, setRngState } from "./random/rng-state.ts";
export { rrelu, rrelu_ } from "./random/rrelu.ts";
export { binomial, poisson } from "./random/sampling.ts";
export * from "./reduce/functions.ts";
export * from "./sort/functions.ts";
export * from "./view/functions.ts";
