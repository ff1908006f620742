import { AutogradError, Tensor } from "@bluedot/core";
import {
  type AutogradHook,
  type BackwardOptions,
  type GradNode,
  isDifferentiable,
  isRecording,
  keepStorage,
  type MultiViewOp,
  type Op,
  release,
  sameShape,
  setAutogradHook,
  type TensorHook,
  type ViewOp,
} from "@bluedot/core/extend";
import { run } from "./backward.ts";
import { onRetain } from "./engine.ts";
import { gradModeNow, withGradMode } from "./grad-mode.ts";
import {
  accumulatorOf,
  attach,
  attachInPlace,
  beforeWrite,
  gradFnOf,
  isLeaf,
  metaOf,
  prepare,
  retainGrad,
  setHistory,
  type TensorMeta,
} from "./graph.ts";
import type { Removable } from "./node.ts";
import type { OpNode } from "./op-node.ts";

/** What core asks of automatic differentiation. */
class Autograd implements AutogradHook {
  isEnabled(): boolean {
    return gradModeNow();
  }

  unrecorded<T>(fn: () => T): T {
    return withGradMode(false, fn);
  }

  prepare(op: Op | ViewOp | MultiViewOp, inputs: readonly (Tensor | null)[], params: unknown, target: Tensor | null): GradNode {
    return prepare(op, inputs, params, target);
  }

  attach(node: GradNode, outputs: readonly Tensor[], visible: number): void {
    attach(node as OpNode, outputs, visible);
  }

  attachInPlace(node: GradNode, target: Tensor): void {
    attachInPlace(node as OpNode, target);
  }

  attachRelayout(node: GradNode, target: Tensor): void {
    setHistory(target, node as OpNode, 0);
  }

  beforeWrite(target: Tensor): void {
    beforeWrite(target);
  }

  backward(root: Tensor, gradient: Tensor | null, options: BackwardOptions): void {
    run([root], gradient, options);
  }

  gradOf(tensor: Tensor): Tensor | null {
    const meta = tensor.autograd as TensorMeta | null;
    if (meta === null) return null;
    meta.ownsGrad = false;
    return meta.grad;
  }

  borrowGrad(tensor: Tensor): Tensor | null {
    return (tensor.autograd as TensorMeta | null)?.grad ?? null;
  }

  setGrad(tensor: Tensor, grad: Tensor | null): void {
    if (grad !== null) checkGrad(tensor, grad);
    const meta = metaOf(tensor);
    if (meta.ownsGrad && meta.grad !== null) release(meta.grad.storage);
    meta.ownsGrad = false;
    meta.grad = grad;
  }

  gradFnOf(tensor: Tensor): GradNode | null {
    return gradFnOf(tensor);
  }

  setRequiresGrad(tensor: Tensor, requiresGrad: boolean): void {
    if (requiresGrad) {
      if (!isDifferentiable(tensor.dtype)) {
        throw new AutogradError("only Tensors of floating point dtype can require gradients");
      }
      if (tensor.isInference()) {
        throw new AutogradError("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
      }
      if (!isLeaf(tensor)) return;
    } else {
      if (!tensor.requiresGrad) return;
      if (!isLeaf(tensor)) {
        throw new AutogradError(
          "you can only change requires_grad flags of leaf variables. If you want to use a computed variable in a subgraph that doesn't require differentiation use var_no_grad = var.detach().",
        );
      }
    }
    metaOf(tensor).requiresGrad = requiresGrad;
    tensor.tracked = requiresGrad;
  }

  detach(tensor: Tensor): void {
    tensor.tracked = false;
    const meta = tensor.autograd as TensorMeta | null;
    if (meta === null) return;
    meta.requiresGrad = false;
    meta.node = null;
    meta.nr = 0;
    meta.accumulator = null;
  }

  isLeaf(tensor: Tensor): boolean {
    return isLeaf(tensor);
  }

  retainGrad(tensor: Tensor): void {
    retainGrad(tensor);
  }

  registerHook(tensor: Tensor, hook: TensorHook): Removable {
    if (!tensor.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
    const node = gradFnOf(tensor);
    return node === null ? accumulatorOf(tensor).registerTensorHook(0, hook) : node.registerTensorHook(metaOf(tensor).nr, hook);
  }

  registerPostAccumulateGradHook(tensor: Tensor, hook: (tensor: Tensor) => void): Removable {
    if (!tensor.requiresGrad) throw new AutogradError("cannot register a hook on a tensor that doesn't require gradient");
    if (!isLeaf(tensor)) throw new AutogradError("post accumulate grad hooks cannot be registered on non-leaf tensors");
    return accumulatorOf(tensor).registerPostHook(hook);
  }
}

function checkGrad(tensor: Tensor, grad: unknown): void {
  if (!(grad instanceof Tensor)) {
    throw new TypeError(`assigned grad expected to be a Tensor or None but got grad of type${typeof grad}`);
  }
  if (grad === tensor) throw new AutogradError("can't assign Variable as its own grad");
  if (grad.dtype !== tensor.dtype) throw new AutogradError("assigned grad has data of a different type");
  if (grad.device !== tensor.device) throw new AutogradError("assigned grad has data located on a different device");
  if (!sameShape(grad.shape, tensor.shape)) throw new AutogradError("assigned grad has data of a different size");
}

onRetain((tensor, grad) => {
  const meta = metaOf(tensor);
  const copy = isRecording() ? grad.clone() : grad.detach().clone();
  keepStorage(copy.storage);
  meta.grad = meta.grad === null ? copy : meta.grad.add(grad);
  meta.ownsGrad = false;
  keepStorage(meta.grad.storage);
});

setAutogradHook(new Autograd());
