export {
  type BoxFormat,
  batchedNms,
  boxArea,
  boxConvert,
  boxIou,
  clipBoxesToImage,
  completeBoxIou,
  distanceBoxIou,
  generalizedBoxIou,
  masksToBoxes,
  nms,
  removeSmallBoxes,
} from "./boxes.ts";
export { Conv2dNormActivation, type ConvNormActivationOptions, SqueezeExcitation } from "./conv-norm-activation.ts";
export { type BoxLossOptions, type FocalLossOptions, generalizedBoxIouLoss, type Reduction, sigmoidFocalLoss } from "./losses.ts";
export { type RoiAlignOptions, roiAlign, roiPool } from "./regions.ts";
export { StochasticDepth, stochasticDepth } from "./stochastic-depth.ts";
