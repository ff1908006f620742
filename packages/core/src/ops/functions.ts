// The operators that are functions only: factories, and what takes no single receiver.

export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "./conv/conv.ts";
export { empty, emptyLike, full, fullLike, ones, onesLike, zeros, zerosLike } from "./factory/filled.ts";
export { asTensor, fromTypedArray, tensor } from "./factory/tensor.ts";
export { linear } from "./linalg/linear.ts";
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
export { binomial, poisson } from "./random/sampling.ts";
