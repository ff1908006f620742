export { isTuple, tuple } from "./containers.ts";
export { PicklingError, UnpicklingError } from "./errors.ts";
export { loadBytes } from "./load-bytes.ts";
export {
  type NpyArray,
  type NpyData,
  type NpyDType,
  npyFromTensor,
  npzFromTensors,
  parseNpy,
  parseNpz,
  tensorFromNpy,
  tensorsFromNpz,
} from "./npy.ts";
export { loadNumpyPickle } from "./numpy-pickle.ts";
export { type ParameterType, registerParameterType } from "./parameter-registry.ts";
export { type SafetensorsFile, safetensorsFromTensors, tensorsFromSafetensors } from "./safetensors.ts";
export { saveBytes } from "./save-bytes.ts";
