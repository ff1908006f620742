import "./install.ts";

export { detectAnomaly, isAnomalyCheckNaNEnabled, isAnomalyEnabled, setDetectAnomaly } from "./anomaly.ts";
export { backward, type GradOptions, grad } from "./backward.ts";
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, setGradEnabled } from "./grad-mode.ts";
export { Node, type NodeHook, type NodePreHook, type TensorHook } from "./node.ts";
export { savedTensorsHooks } from "./saved-tensor-hooks.ts";
