// The factories that are functions only, a line a file.
export { arange, range } from "./arange.ts";
export { eye } from "./eye.ts";
export { empty, emptyLike, type FactoryOptions, fill, full, fullLike, ones, onesLike, zeros, zerosLike } from "./filled.ts";
export { cartesianProd, combinations, meshgrid, oneHot, vander } from "./grids.ts";
export { emptyStrided } from "./like.ts";
export { linspace, logspace } from "./linspace.ts";
export { asTensor, fromTypedArray, scalarTensorOf as scalarTensor, type TensorData, tensor } from "./tensor.ts";
export { bartlettWindow, blackmanWindow, hammingWindow, hannWindow } from "./windows.ts";
