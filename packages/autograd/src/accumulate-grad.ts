import type { Tensor } from "@bluedot/core";
import { copyElements, emptyTensor, isDense, isRecording, keepStorage, sameShape } from "@bluedot/core/extend";
import { metaOf } from "./graph.ts";
import { type Grads, listed, Node, type Removable } from "./node.ts";
import { addTensors, addTo } from "./sums.ts";

/** The end of a path: adds to the gradient of a leaf. */
export class AccumulateGrad extends Node {
  readonly variable: Tensor;
  readonly outputCount = 1;
  private postHooks: ((tensor: Tensor) => void)[] | null = null;

  constructor(variable: Tensor) {
    // As soon as a gradient is complete it is added, so that its memory serves again.
    super([], Number.POSITIVE_INFINITY);
    this.variable = variable;
  }

  name(): string {
    return "torch::autograd::AccumulateGrad";
  }

  apply(grads: Grads): readonly null[] {
    const grad = grads[0]!;
    const meta = metaOf(this.variable);
    const before = meta.grad;
    if (isRecording()) {
      meta.grad = before === null ? grad.clone() : addTensors(before, grad);
      meta.ownsGrad = false;
    } else if (before === null) {
      meta.grad = this.take(grad);
      meta.ownsGrad = true;
    } else addTo(before, grad);
    if (before === null || meta.grad !== before) {
      // The gradient outlives whatever scope the pass runs in.
      keepStorage(meta.grad!.storage);
    }
    if (this.postHooks !== null) for (const hook of [...this.postHooks]) hook(this.variable);
    return [];
  }

  /** The gradient itself where nothing else refers to its memory, else a copy, laid out as the leaf. */
  private take(grad: Tensor): Tensor {
    const { variable } = this;
    const { storage } = grad;
    const whole = storage.nbytes === grad.nbytes && grad.offset === 0;
    if (storage.holders === 1 && whole && sameShape(grad.strides, variable.strides) && !grad.tracked && grad.base === null) {
      storage.holders = -1;
      return grad;
    }
    if (storage.holders === 1 && whole && grad.contiguousLayout && variable.contiguousLayout) {
      storage.holders = -1;
      return grad.detach();
    }
    return copyInLayout(grad, variable);
  }

  free(): void {}

  registerPostHook(hook: (tensor: Tensor) => void): Removable {
    this.postHooks ??= [];
    return listed(this.postHooks, hook);
  }
}

function copyInLayout(grad: Tensor, like: Tensor): Tensor {
  const copy = emptyTensor(grad.shape, grad.dtype, grad.device);
  if (!like.contiguousLayout && isDense(like)) copy.relayout(like.shape, like.strides, 0);
  copyElements(grad, copy);
  return copy;
}
