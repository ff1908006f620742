import { nothingElse } from "../../dispatch/arguments.ts";
import { currentAutogradHook } from "../../dispatch/autograd-hook.ts";
import { AutogradError } from "../../errors.ts";
import { Tensor } from "../../tensor/tensor.ts";

/** The same elements, outside the graph; shares storage, so that writes are noticed. @see torch.Tensor.detach */
export function detach(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("detach", extra);
  const out = new Tensor(self.storage, self.shape, self.strides, self.offset, self.dtype);
  out.dimNames = self.dimNames;
  out.counter = self.counter;
  return out;
}

/** Takes `self` itself out of its graph: it becomes a leaf. @throws {AutogradError} for views @see torch.Tensor.detach_ */
export function detach_(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("detach_", extra);
  if (self.base !== null) {
    throw new AutogradError(
      "Can't detach views in-place. Use detach() instead. If you are using DistributedDataParallel (DDP) for training, and gradient_as_bucket_view is set as True, gradients are views of DDP buckets, and hence detach_() cannot be called on these gradients. To fix this error, please refer to the Optimizer.zero_grad() function in torch/optim/optimizer.py as the solution.",
    );
  }
  currentAutogradHook()?.detach(self);
  return self;
}
