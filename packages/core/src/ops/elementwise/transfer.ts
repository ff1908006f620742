import { backendOf, device as deviceNamed } from "../../dispatch/backend.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A contiguous copy of a contiguous tensor on another device. Not differentiable by itself. @throws {DeviceError} where the device is absent */
export function transfer(self: Tensor, to: string): Tensor {
  const target = deviceNamed(to);
  const out = emptyTensor(self.shape, self.dtype, target);
  const start = self.offset * self.itemsize;
  if (self.device === "cpu") backendOf(target).copyFromHost(self.storage.bytes().subarray(start, start + self.nbytes), out.storage);
  else {
    const backend = backendOf(self.device);
    const bytes = new Uint8Array(self.storage.nbytes);
    backend.copyToHost(self.storage, bytes);
    if (target === "cpu") out.storage.bytes().set(bytes.subarray(start, start + self.nbytes));
    else backendOf(target).copyFromHost(bytes.subarray(start, start + self.nbytes), out.storage);
  }
  return out;
}
