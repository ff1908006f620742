import { add, ShapeError, type Tensor } from "@bluedot/core";
import { allOps, emptyTensor, isComplex, isDense, isRecording, launch, type Op, type Shape, sameShape } from "@bluedot/core/extend";
import type { Edge } from "./edge.ts";

const addOp = (): Op => allOps().get("add")!;

/** `a + b`, differentiable while the backward pass is recorded. */
export const addTensors = (a: Tensor, b: Tensor): Tensor => add(a, b);

/** Adds `b` to `a` where it lies. Of one shape and dtype. */
export function addTo(a: Tensor, b: Tensor): void {
  launch(addOp(), [a, b], [a], undefined);
  a.counter.version++;
}

/** Whether a tensor of `from` broadcasts to `to`. */
function broadcastsTo(from: Shape, to: Shape): boolean {
  const lead = to.length - from.length;
  if (lead < 0) return false;
  for (let i = 0; i < from.length; i++) if (from[i] !== 1 && from[i] !== to[lead + i]) return false;
  return true;
}

/** `grad` summed over the dimensions along which a tensor of `shape` was broadcast. */
function sumTo(grad: Tensor, shape: Shape): Tensor {
  const lead = grad.ndim - shape.length;
  const dims: number[] = [];
  for (let i = 0; i < grad.ndim; i++) if (i < lead || (shape[i - lead] === 1 && grad.shape[i] !== 1)) dims.push(i);
  const sum = dims.length === 0 ? grad : grad.sum(dims, true);
  return lead === 0 ? sum : sum.reshape(shape);
}

/** A derivative's result as a gradient of the input that `edge` describes: of its shape and dtype. @throws {ShapeError} when it does not fit */
export function fitGradient(grad: Tensor, edge: Edge, name: string, index: number): Tensor {
  let fitted = grad;
  if (!sameShape(grad.shape, edge.shape)) {
    if (!broadcastsTo(edge.shape, grad.shape)) {
      throw new ShapeError(
        `Function ${name} returned an invalid gradient at index ${index} - got [${grad.shape.join(", ")}] but expected shape compatible with [${edge.shape.join(", ")}]`,
      );
    }
    fitted = sumTo(grad, edge.shape);
  }
  if (fitted.dtype === edge.dtype) return fitted;
  return (isComplex(fitted.dtype) && !isComplex(edge.dtype) ? fitted.real : fitted).to(edge.dtype);
}

/** Whether `grad` lies in memory that it and nothing else refers to, so that it may be written over. */
const isOwn = (grad: Tensor): boolean => grad.storage.holders === 1 && grad.storage.nbytes === grad.nbytes && isDense(grad);

/** The sum of two gradients of one shape and dtype, in the memory of one of them where nothing else refers to it. Each is held once. */
export function accumulate(first: Tensor, second: Tensor): Tensor {
  if (isRecording()) return addTensors(first, second);
  if (isOwn(first)) {
    addTo(first, second);
    return first;
  }
  if (isOwn(second)) {
    addTo(second, first);
    return second;
  }
  const sum = emptyTensor(first.shape, first.dtype, first.device);
  launch(addOp(), [first, second], [sum], undefined);
  sum.storage.holders = 0;
  return sum;
}
