import { AutogradError, type Tensor } from "@bluedot/core";
import { forbidSavedTensorHooks, savedTensorsHooks } from "./saved-tensor-hooks.ts";

export { Node } from "./node.ts";
export { savedTensorsHooks } from "./saved-tensor-hooks.ts";

/** Keeps tensors saved for derivatives on the CPU while `fn` runs, or until the returned scope is disposed of; they go back for the backward pass. @see torch.autograd.graph.save_on_cpu */
export function saveOnCpu<T>(fn: () => T): T;
export function saveOnCpu(): Disposable;
export function saveOnCpu<T>(fn?: () => T): T | Disposable {
  const pack = (tensor: Tensor): { device: string; kept: Tensor } => ({
    device: tensor.device,
    kept: tensor.device === "cpu" ? tensor : tensor.to("cpu"),
  });
  const unpack = ({ device, kept }: { device: string; kept: Tensor }): Tensor => (kept.device === device ? kept : kept.to(device));
  return fn === undefined ? savedTensorsHooks(pack, unpack) : savedTensorsHooks(pack, unpack, fn);
}

/** Makes {@link savedTensorsHooks} throw `message` while `fn` runs, or until the returned scope is disposed of. @see torch.autograd.graph.disable_saved_tensors_hooks */
export function disableSavedTensorsHooks<T>(message: string, fn: () => T): T;
export function disableSavedTensorsHooks(message: string): Disposable;
export function disableSavedTensorsHooks<T>(message: string, fn?: () => T): T | Disposable {
  const restore = forbidSavedTensorHooks(new AutogradError(message));
  if (fn === undefined) return { [Symbol.dispose]: restore };
  try {
    return fn();
  } finally {
    restore();
  }
}
