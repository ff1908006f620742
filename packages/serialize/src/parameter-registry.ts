import type { Tensor } from "@bluedot/core";

/** How `nn` tells `save` and `load` about its `Parameter`, which this package must not depend on. */
export interface ParameterType {
  isParameter(value: Tensor): boolean;
  /** A parameter over the memory of `data`. */
  create(data: Tensor, requiresGrad: boolean): Tensor;
}

let parameterType: ParameterType | undefined;

/** Registers the class whose instances are saved, and come back, as `torch.nn.Parameter`. Without one they come back as tensors with `requiresGrad`. */
export function registerParameterType(type: ParameterType): void {
  parameterType = type;
}

/** The registered type, if any. */
export function registeredParameterType(): ParameterType | undefined {
  return parameterType;
}
