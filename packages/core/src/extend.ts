// For backends and packages that extend core; programs use `index.ts`.
export * from "./dispatch/allocator.ts";
export * from "./dispatch/arguments.ts";
export * from "./dispatch/autocast-hook.ts";
export * from "./dispatch/autograd-hook.ts";
export * from "./dispatch/backend.ts";
export * from "./dispatch/observer-hook.ts";
export * from "./dispatch/op.ts";
export {
  announceWrite,
  checkWritable,
  copyElements,
  copyOp,
  emptyTensor,
  isDense,
  launch,
  run,
  runInto,
  runMany,
  runView,
  runViewInto,
  runViews,
} from "./dispatch/run.ts";
export { type AttentionParams, attention, attentionAxes } from "./ops/attention/attention.ts";
export { castOp } from "./ops/elementwise/to.ts";
export { addWeightedRowsOp, bagArgmaxOp } from "./ops/embedding/bags.ts";
export { filled } from "./ops/factory/filled.ts";
export { ctcLosses } from "./ops/loss/ctc-loss.ts";
export { type LossReduction, reductionOf } from "./ops/loss/nll-loss.ts";
// The parts of `nn.functional` that are operators of their own.
export {
  binaryCrossEntropyOp,
  binaryCrossEntropyWithLogitsOp,
  huberLossOp,
  mseLossOp,
  pointwiseLoss,
  smoothL1LossOp,
  softMarginLossOp,
} from "./ops/loss/pointwise-loss.ts";
export { type AdamStep, adamStepOp, type RmspropStep, rmspropStepOp, type SgdStep, sgdStepOp, takeStep } from "./ops/optimizer/steps.ts";
export { gruCellOp } from "./ops/recurrent/gru-cell.ts";
export { lstmCellOp } from "./ops/recurrent/lstm-cell.ts";
export { type LstmLayerParams, lstmLayer } from "./ops/recurrent/lstm-layer.ts";
export { constantPadNd } from "./ops/resample/constant-pad.ts";
export { type Resampling, resampleOp } from "./ops/resample/resample.ts";
export * from "./tensor/dtype.ts";
export * from "./tensor/promotion.ts";
export * from "./tensor/scalar.ts";
export * from "./tensor/shape.ts";
export { type Block, Storage } from "./tensor/storage.ts";
export { ViewOrigin } from "./tensor/tensor.ts";
export { type InferenceMode, inInferenceMode, setInferenceMode, type VersionCounter } from "./tensor/version.ts";
