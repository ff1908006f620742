import type { Tensor } from "@bluedot/core";
import { AutogradError } from "@bluedot/core";
import { type DType, dtypeInfo, formatShape, type Shape, type TensorSpec } from "@bluedot/core/extend";
import { isAnomalyEnabled } from "./anomaly.ts";
import type { Node } from "./node.ts";
import type { Packed } from "./saved-tensor-hooks.ts";

/**
 * One input of an operation that was recorded: where its gradient goes, what it looked like, and the tensor itself where the
 * derivative reads it. One object for all three keeps recording cheap.
 */
export class Edge implements TensorSpec {
  /** The node that made the input, the accumulator of a leaf, or null where no gradient is wanted. */
  node: Node | null;
  /** Which output of that node the input is. */
  readonly nr: number;
  readonly shape: Shape;
  readonly dtype: DType;
  saved: Tensor | Packed | null = null;
  /** Version of the saved tensor when it was saved. */
  version = 0;
  /** The saved tensor is a copy that nothing else refers to. */
  owned = false;

  constructor(node: Node | null, nr: number, shape: Shape, dtype: DType) {
    this.node = node;
    this.nr = nr;
    this.shape = shape;
    this.dtype = dtype;
  }
}

/** An output that the derivative reads. */
export class SavedOutput implements TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
  saved: Tensor | Packed | null;
  readonly version: number;
  /** Nothing but the node refers to it. */
  owned: boolean;

  constructor(tensor: Tensor, saved: Tensor | Packed | null, owned: boolean) {
    this.owned = owned;
    this.shape = tensor.shape;
    this.dtype = tensor.dtype;
    this.saved = saved;
    this.version = tensor.counter.version;
  }
}

/** The error for a saved tensor that was written to since. `origin` is where the tensor came from, where that is known. */
export function overwritten(tensor: Tensor, expected: number, origin: { node: Node; nr: number } | null): AutogradError {
  const type = `torch.${dtypeInfo[tensor.dtype].scalarType}Tensor`;
  const from = origin === null ? "" : `, which is output ${origin.nr} of ${origin.node.name()},`;
  const hint = isAnomalyEnabled()
    ? "Hint: the backtrace further above shows the operation that failed to compute its gradient. The variable in question was changed in there or anywhere later. Good luck!"
    : "Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).";
  return new AutogradError(
    `one of the variables needed for gradient computation has been modified by an inplace operation: [${type} ${formatShape(tensor.shape)}]${from} is at version ${tensor.counter.version}; expected version ${expected} instead. ${hint}`,
  );
}

/** The error for a saved tensor that an earlier backward pass has freed. */
export const freed = (): AutogradError =>
  new AutogradError(
    "Trying to backward through the graph a second time (or directly access saved tensors after they have already been freed). Saved intermediate values of the graph are freed when you call .backward() or autograd.grad(). Specify retain_graph=True if you need to backward through the graph a second time or if you need to access saved tensors after calling backward.",
  );
