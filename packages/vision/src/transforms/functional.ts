export { type AffineOptions, affine, type Fill, type PerspectiveOptions, perspective, type RotateOptions, rotate } from "./affine.ts";
export { adjustSharpness, gaussianBlur } from "./blur.ts";
export {
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  autocontrast,
  equalize,
  invert,
  posterize,
  rgbToGrayscale,
  solarize,
} from "./color.ts";
export { convertImageDtype, normalize, pilToTensor, toPilImage, toTensor } from "./conversion.ts";
export {
  centerCrop,
  crop,
  erase,
  fiveCrop,
  hflip,
  type Padding,
  type PaddingMode,
  type PadOptions,
  pad,
  type ResizeOptions,
  resize,
  resizedCrop,
  type Size,
  tenCrop,
  vflip,
} from "./geometry.ts";
export type { Interpolation } from "./interpolate.ts";
export { getDimensions, getImageSize, type ImageLike } from "./planes.ts";
