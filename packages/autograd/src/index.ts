import "./install.ts";

export type { TensorHook } from "@bluedot/core/extend";
export { detectAnomaly, isAnomalyCheckNaNEnabled, isAnomalyEnabled, setDetectAnomaly } from "./anomaly.ts";
export { type AutocastOptions, autocast, getAutocastDtype, isAutocastEnabled } from "./autocast.ts";
export { backward, type GradOptions, type GradResult, grad } from "./backward.ts";
export { type CheckpointOptions, checkpoint, checkpointSequential } from "./checkpoint.ts";
export { CustomFunction as Function, FunctionContext } from "./custom-function.ts";
export * as forwardAd from "./forward-ad.ts";
export * as func from "./func.ts";
export { vmap } from "./func.ts";
export * as functional from "./functional.ts";
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, setGradEnabled } from "./grad-mode.ts";
export { GradcheckError, type GradcheckOptions, gradcheck, gradgradcheck } from "./gradcheck.ts";
export * as graph from "./graph-namespace.ts";
export { Node, type NodeHook, type NodePreHook } from "./node.ts";
export { savedTensorsHooks } from "./saved-tensor-hooks.ts";
