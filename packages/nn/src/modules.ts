export * from "./modules/activation.ts";
export * from "./modules/adaptive-pooling.ts";
export * from "./modules/adaptive-softmax.ts";
export * from "./modules/batch-norm.ts";
export * from "./modules/container.ts";
export * from "./modules/conv.ts";
export * from "./modules/data-parallel.ts";
export * from "./modules/distance.ts";
export * from "./modules/dropout.ts";
export * from "./modules/embedding.ts";
export * from "./modules/flatten.ts";
export * from "./modules/image.ts";
export {
  LazyConv1d,
  LazyConv2d,
  LazyConv3d,
  LazyConvTranspose1d,
  LazyConvTranspose2d,
  LazyConvTranspose3d,
  LazyLinear,
} from "./modules/lazy.ts";
export * from "./modules/lazy-norm.ts";
export * from "./modules/linear.ts";
export * from "./modules/loss.ts";
export * from "./modules/margin-loss.ts";
export * from "./modules/multihead-attention.ts";
export * from "./modules/normalization.ts";
export * from "./modules/padding.ts";
export * from "./modules/parameter-containers.ts";
export * from "./modules/pooling.ts";
export * from "./modules/rnn.ts";
export * from "./modules/rnn-cell.ts";
export * from "./modules/shrink-activation.ts";
export * from "./modules/transformer.ts";
export * from "./modules/transformer-layer.ts";
