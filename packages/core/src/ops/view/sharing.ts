import { moveToSharedMemory } from "../../dispatch/allocator.ts";
import { nothingElse } from "../../dispatch/arguments.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/**
 * Moves the tensor's memory to where worker threads can share it, and returns the tensor. Views of it move along.
 * @see torch.Tensor.share_memory_
 */
export function shareMemory_(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("shareMemory_", extra);
  moveToSharedMemory(self.storage);
  return self;
}

/** Whether worker threads can share the tensor's memory. @see torch.Tensor.is_shared */
export function isShared(self: Tensor, ...extra: never[]): boolean {
  nothingElse("isShared", extra);
  return self.device !== "cpu" || self.storage.isShared;
}
