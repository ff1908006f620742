import { registerCpuBackend } from "@bluedot/cpu";
import { functional, Parameter } from "@bluedot/nn";
import { registerParameterType } from "@bluedot/serialize";

registerParameterType({
  isParameter: (value) => value instanceof Parameter,
  create: (data, requiresGrad) => new Parameter(data, requiresGrad),
});

// Automatic differentiation is installed by the import below; the fastest kernels that this machine has, here.
registerCpuBackend();

export * as autograd from "@bluedot/autograd";
export {
  autocast,
  enableGrad,
  func,
  getAutocastDtype,
  inferenceMode,
  isAutocastEnabled,
  isGradEnabled,
  isInferenceModeEnabled,
  noGrad,
  setGradEnabled,
  vmap,
} from "@bluedot/autograd";
export * from "@bluedot/core";
export { cpuInfo as backends, getNumThreads, setNumThreads } from "@bluedot/cpu";
export * as profiler from "@bluedot/monitor";
export * as nn from "@bluedot/nn";
export { summary } from "@bluedot/nn";
export * as optim from "@bluedot/optim";
export * as plot from "@bluedot/plot";
export { load, loadBytes, save, saveBytes } from "@bluedot/serialize";
export * as vision from "@bluedot/vision";
/** What PyTorch has both here and in `nn.functional`. */
export const { bilinear, convTbc, cosineSimilarity, pairwiseDistance, pdist, pixelShuffle, pixelUnshuffle } = functional;
export * as amp from "./amp.ts";
export * as io from "./io.ts";
export * as utils from "./utils.ts";
