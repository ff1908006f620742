import { AutogradError, type Tensor } from "@bluedot/core";
import {
  type AutogradMeta,
  copyElements,
  emptyTensor,
  isDifferentiable,
  type MultiViewOp,
  type Op,
  release,
  type ViewOp,
  ViewOrigin,
} from "@bluedot/core/extend";
import { AccumulateGrad } from "./accumulate-grad.ts";
import { isAnomalyEnabled, rememberTrace } from "./anomaly.ts";
import { CopySlices } from "./copy-slices.ts";
import { Edge, SavedOutput } from "./edge.ts";
import type { Node } from "./node.ts";
import { OpNode } from "./op-node.ts";
import { hasSavedTensorHooks, pack } from "./saved-tensor-hooks.ts";
import { asStridedNodeOp, windowOf } from "./window.ts";

/** A tensor's part in the graph: a leaf's gradient, or the node that made it. */
export class TensorMeta implements AutogradMeta {
  /** For leaves; what a node made requires a gradient anyway. */
  requiresGrad = false;
  node: Node | null;
  /** Which output of the node the tensor is. */
  nr: number;
  grad: Tensor | null = null;
  /** Nothing outside the library has seen `grad` yet, so that its memory may serve again when it is cleared. */
  ownsGrad = false;
  accumulator: AccumulateGrad | null = null;
  retainsGrad = false;

  constructor(node: Node | null, nr: number) {
    this.node = node;
    this.nr = nr;
  }
}

export function metaOf(tensor: Tensor): TensorMeta {
  tensor.autograd ??= new TensorMeta(null, 0);
  return tensor.autograd as TensorMeta;
}

/** The node that made `tensor`; null for leaves. That of a view is made anew when its base was written to since. @throws {AutogradError} where such a view allows no writes */
export function gradFnOf(tensor: Tensor): Node | null {
  const meta = tensor.autograd as TensorMeta | null;
  const { base } = tensor;
  if (base === null || tensor.counter.version === tensor.viewVersion) return meta === null ? null : meta.node;
  if ((meta === null || meta.node === null) && !base.tracked) return null;
  checkViewWrite(tensor, true);
  const node = new OpNode(asStridedNodeOp as unknown as ViewOp, windowOf(base, tensor), [edgeOf(base)]);
  setHistory(tensor, node, 0);
  return node;
}

/** The output of a node that `tensor` is, for error texts. */
export function originOf(tensor: Tensor): { node: Node; nr: number } | null {
  const node = gradFnOf(tensor);
  return node === null ? null : { node, nr: (tensor.autograd as TensorMeta).nr };
}

export const isLeaf = (tensor: Tensor): boolean => gradFnOf(tensor) === null;

export function accumulatorOf(tensor: Tensor): AccumulateGrad {
  const meta = metaOf(tensor);
  meta.accumulator ??= new AccumulateGrad(tensor);
  return meta.accumulator;
}

/** Where the gradient of `tensor` goes. */
export function edgeOf(tensor: Tensor): Edge {
  if (!tensor.requiresGrad) return new Edge(null, 0, tensor.shape, tensor.dtype);
  const node = gradFnOf(tensor);
  if (node !== null) return new Edge(node, (tensor.autograd as TensorMeta).nr, tensor.shape, tensor.dtype);
  return new Edge(accumulatorOf(tensor), 0, tensor.shape, tensor.dtype);
}

/** Makes `tensor` output `nr` of `node`. */
export function setHistory(tensor: Tensor, node: Node, nr: number): void {
  const meta = tensor.autograd as TensorMeta | null;
  if (meta === null) tensor.autograd = new TensorMeta(node, nr);
  else {
    if (meta.retainsGrad) meta.node?.forgetRetained(tensor);
    meta.node = node;
    meta.nr = nr;
    meta.requiresGrad = false;
    meta.accumulator = null;
    if (meta.retainsGrad) node.retain(nr, tensor);
  }
  tensor.tracked = true;
  tensor.viewVersion = tensor.counter.version;
}

/** Records a call; its outputs are attached when the kernel has run. */
export function prepare(op: Op | ViewOp | MultiViewOp, inputs: readonly (Tensor | null)[], params: unknown, target: Tensor | null): OpNode {
  const count = inputs.length;
  const edges: (Edge | null)[] = new Array(count);
  const { backward } = op;
  const each = typeof backward === "function" ? null : backward;
  for (let i = 0; i < count; i++) {
    const input = inputs[i];
    const edge = input == null ? null : edgeOf(input);
    if (edge !== null && each !== null && each[i] === null) edge.node = null;
    edges[i] = edge;
  }
  const { inputs: which, readBy } = op.saves;
  if (which !== undefined) {
    const all = which === "all";
    const total = all ? count : which.length;
    for (let k = 0; k < total; k++) {
      const i = all ? k : which[k]!;
      const edge = edges[i];
      if (edge == null || (readBy !== undefined && !isRead(readBy, edges, i))) continue;
      // As in PyTorch, what is overwritten is copied only in its role as the first input.
      saveInput(edge, inputs[i]!, i === 0 ? target : null);
    }
  }
  const node = new OpNode(op, params, edges);
  if (target !== null) node.readsTarget = inputs[0] === target || isCastOf(inputs[0], target);
  if (isAnomalyEnabled()) rememberTrace(node);
  return node;
}

/** Whether `input` is the tensor about to be written, cast to the dtype that the operator computes in. */
function isCastOf(input: Tensor | null | undefined, target: Tensor): boolean {
  const node = (input?.autograd as TensorMeta | null | undefined)?.node;
  return node instanceof OpNode && node.op.name === "to" && node.edges[0]?.node === edgeOf(target).node;
}

/** Whether a derivative that is wanted reads input `i`. */
function isRead(readBy: readonly (readonly number[])[], edges: readonly (Edge | null)[], i: number): boolean {
  for (let d = 0; d < readBy.length; d++) if (edges[d]?.node != null && readBy[d]!.includes(i)) return true;
  return false;
}

function refuseInference(tensor: Tensor): void {
  if (tensor.isInference()) {
    throw new AutogradError(
      "Inference tensors cannot be saved for backward. To work around you can make a clone to get a normal tensor and use it in autograd.",
    );
  }
}

function saveInput(edge: Edge, input: Tensor, target: Tensor | null): void {
  refuseInference(input);
  if (hasSavedTensorHooks()) {
    edge.saved = pack(input === target ? copyOf(input, edge) : input);
  } else if (input === target) {
    // The write is about to destroy it.
    const copy = copyOf(input, edge);
    copy.storage.holders = 1;
    edge.saved = copy;
    edge.owned = true;
    edge.version = copy.counter.version;
  } else {
    edge.saved = input;
    edge.version = input.counter.version;
  }
}

/** A copy with the original's place in the graph. */
function copyOf(tensor: Tensor, edge: Edge): Tensor {
  const copy = emptyTensor(tensor.shape, tensor.dtype, tensor.device);
  copyElements(tensor, copy);
  if (edge.node !== null) setHistory(copy, edge.node, edge.nr);
  return copy;
}

/** Saves the outputs that the derivative reads. Those from `visible` on are the node's own: nothing else refers to their memory. */
function saveOutputs(node: OpNode, outputs: readonly Tensor[], visible: number): void {
  const which = node.op.saves.outputs;
  const saved: (SavedOutput | null)[] = new Array(outputs.length).fill(null);
  for (let i = 0; i < outputs.length; i++) {
    const output = outputs[i]!;
    if (which !== "all" && !which?.includes(i)) {
      if (i >= visible) release(output.storage);
      continue;
    }
    refuseInference(output);
    if (hasSavedTensorHooks()) saved[i] = new SavedOutput(output, pack(output), false);
    else {
      saved[i] = new SavedOutput(output, output, i >= visible);
      if (i >= visible) output.storage.holders = 1;
    }
  }
  node.savedOutputs = saved;
}

/** Makes fresh outputs those of `node`, the first `visible` of which others see as well. */
export function attach(node: OpNode, outputs: readonly Tensor[], visible: number): void {
  const count = outputs.length;
  for (let i = 0; i < count; i++) {
    const output = outputs[i]!;
    if (!isDifferentiable(output.dtype)) continue;
    output.tracked = true;
    output.autograd = new TensorMeta(node, i);
  }
  if (count > 1) {
    node.outputCount = count;
    node.outputSpecs = outputs.map(({ shape, dtype }) => ({ shape, dtype }));
  }
  if (node.op.saves.outputs !== undefined || visible < count) saveOutputs(node, outputs, visible);
}

/** Makes a tensor that was written in place the output of `node`; a write through a view becomes part of the base's history. */
export function attachInPlace(node: OpNode, target: Tensor): void {
  if (isDifferentiable(target.dtype)) writeInto(target, node, 0);
  if (node.op.saves.outputs !== undefined) saveOutputs(node, [target], 1);
}

/** Makes `target`, which was written to, output `nr` of `node`. */
export function writeInto(target: Tensor, node: Node, nr: number): void {
  const { base } = target;
  if (base === null) return setHistory(target, node, nr);
  setHistory(base, new CopySlices(node, nr, windowOf(base, target), edgeOf(base), !(node instanceof OpNode) || node.readsTarget), 0);
  // Its own node is made anew when somebody asks, as that of every other view of the base.
  target.tracked = true;
  const meta = target.autograd as TensorMeta | null;
  if (meta?.retainsGrad) gradFnOf(target);
}

const ofSeveral =
  " This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
const ambiguous = (mode: string): string =>
  ` Given that this use case is ambiguous and error-prone, it is forbidden. You can clarify your code by moving both the view and the inplace either both inside the ${mode} block (if you don't want the inplace to be tracked) or both outside (if you want the inplace to be tracked).`;
const ofCustomFunction =
  " This view was created inside a custom Function (or because an input was returned as-is) and the autograd logic to handle view+inplace would override the custom backward associated with the custom Function, leading to incorrect gradients. This behavior is forbidden. You can fix this by cloning the output of the custom Function.";

/** @throws {AutogradError} when a write to `view`, or to what it is a view of, cannot become part of the base's history */
function checkViewWrite(view: Tensor, indirect: boolean): void {
  const { origin } = view;
  if (origin === ViewOrigin.recorded) return;
  const object = indirect ? "its base or another view of its base has been" : "is being";
  const meta = view.autograd as TensorMeta | null;
  let text: string;
  if (meta?.node) text = `Output ${meta.nr} of ${meta.node.name()} is a view and ${object} modified inplace.`;
  else if (origin === ViewOrigin.inference) text = `A view was created in inference mode and ${object} modified inplace in normal mode.`;
  else text = `A view was created in no_grad mode and ${object} modified inplace with grad mode enabled.`;
  if (origin === ViewOrigin.several) text += ofSeveral;
  else if (origin === ViewOrigin.noGrad) text += ambiguous("no_grad");
  else if (origin === ViewOrigin.inference) text += ambiguous("inference_mode");
  else text += ofCustomFunction;
  throw new AutogradError(text);
}

/** @throws {AutogradError} where a recorded write to `target` is forbidden */
export function beforeWrite(target: Tensor): void {
  const { base } = target;
  if (base !== null) {
    checkViewWrite(target, false);
    if (target.requiresGrad && isLeaf(base)) {
      throw new AutogradError("a view of a leaf Variable that requires grad is being used in an in-place operation.");
    }
  }
  if (target.requiresGrad && isLeaf(target)) {
    throw new AutogradError("a leaf Variable that requires grad is being used in an in-place operation.");
  }
}

/** Keeps the gradient of a tensor that is no leaf. @throws {AutogradError} unless it requires grad */
export function retainGrad(tensor: Tensor): void {
  if (!tensor.requiresGrad) throw new AutogradError("can't retain_grad on Tensor that has requires_grad=False");
  const node = gradFnOf(tensor);
  const meta = metaOf(tensor);
  if (node === null || meta.retainsGrad) return;
  meta.retainsGrad = true;
  node.retain(meta.nr, tensor);
}
