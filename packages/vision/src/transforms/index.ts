export * from "./color-transforms.ts";
export { Compose, Lambda, RandomApply, RandomChoice, RandomOrder } from "./compose.ts";
export { ConvertImageDtype, Normalize, PILToTensor, ToPILImage, ToTensor } from "./convert-transforms.ts";
export * as functional from "./functional.ts";
export {
  CenterCrop,
  FiveCrop,
  ImageTransform,
  Pad,
  RandomCrop,
  type RandomCropOptions,
  RandomErasing,
  type RandomErasingOptions,
  RandomHorizontalFlip,
  RandomResizedCrop,
  type RandomResizedCropOptions,
  RandomVerticalFlip,
  Resize,
  TenCrop,
} from "./geometry-transforms.ts";
export { Transform, type TransformFunction } from "./transform.ts";
