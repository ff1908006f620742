import { type DType, isTensor, type Tensor } from "@bluedot/core";
import { emptyTensor, isComplex, isDType, isFloatingPoint } from "@bluedot/core/extend";
import { isLazy, replaceData } from "../parameter.ts";
import type { Module } from "./module.ts";
import { ownBuffers, ownParameters, walkModules } from "./walk.ts";

/** Where the tensors of a module shall go. */
export interface Cast {
  dtype?: DType | null;
  device?: string | null;
  /** Cast integer tensors too. */
  all?: boolean;
  /** Don't copy the elements. */
  empty?: boolean;
  nonBlocking?: boolean;
  memoryFormat?: unknown;
}

function castOf(target: readonly unknown[]): Cast {
  const cast: Cast = {};
  for (const part of target) {
    if (isTensor(part)) Object.assign(cast, { dtype: part.dtype, device: part.device });
    else if (isDType(part)) cast.dtype = part;
    else if (typeof part === "string") cast.device = part;
    else if (typeof part === "object" && part !== null) {
      for (const key of Object.keys(part)) {
        if (!["dtype", "device", "all", "empty", "nonBlocking", "memoryFormat"].includes(key)) {
          throw new TypeError(`to() got an unexpected keyword argument '${key}'; it takes dtype, device, nonBlocking, memoryFormat`);
        }
      }
      Object.assign(cast, part);
    }
  }
  return cast;
}

/** Casts and moves the parameters (with their gradients) and buffers of a module and all below it, keeping their identity. */
export function castMembers(module: Module, target: readonly unknown[]): void {
  const { dtype = null, device = null, all = false, empty = false } = castOf(target);
  if (dtype !== null && !all && !isFloatingPoint(dtype) && !isComplex(dtype)) {
    throw new TypeError(`nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.${dtype}`);
  }
  const convert = (tensor: Tensor): Tensor => {
    if (empty) return emptyTensor(tensor.shape, tensor.dtype, device ?? tensor.device);
    const cast = dtype !== null && (all || isFloatingPoint(tensor.dtype) || isComplex(tensor.dtype)) ? dtype : tensor.dtype;
    if (cast === tensor.dtype && (device === null || device === tensor.device)) return tensor;
    const moved = tensor.detach().to(cast);
    return device === null || device === moved.device ? moved : moved.to(device);
  };
  for (const [, owner] of walkModules(module)) {
    for (const [, parameter] of ownParameters(owner)) {
      if (isLazy(parameter)) continue;
      const { grad } = parameter;
      const moved = convert(parameter);
      if (moved === parameter) continue;
      replaceData(parameter, moved);
      if (grad !== null) {
        parameter.grad = null;
        parameter.grad = convert(grad);
      }
    }
    for (const [name, buffer] of ownBuffers(owner)) {
      if (!isLazy(buffer)) (owner as unknown as Record<string, unknown>)[name] = convert(buffer);
    }
  }
}
