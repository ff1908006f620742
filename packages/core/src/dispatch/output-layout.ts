import { broadcastStrides, type Shape } from "../tensor/shape.ts";
import type { Inputs } from "./op.ts";

/**
 * Strides for the result of an elementwise operator, or null for row-major ones. As in PyTorch, the result lies in memory in the order
 * of its operands: the sum of two transposed matrices is transposed.
 */
export function elementwiseStrides(inputs: Inputs, shape: Shape): number[] | null {
  const ndim = shape.length;
  if (ndim < 2) return null;
  let plain = true;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i];
    if (input != null && !input.contiguousLayout) plain = false;
  }
  if (plain) return null;
  const operands = inputs.flatMap((t) => (t === null || t.shape.length > ndim ? [] : [broadcastStrides(t.shape, t.strides, shape)]));
  const order = orderOf(operands, shape);
  const strides = new Array<number>(ndim);
  let step = 1;
  for (const d of order) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

/** Dimensions from the innermost in memory to the outermost, by an insertion sort that leaves alone what no operand decides. */
function orderOf(operands: readonly (readonly number[])[], shape: Shape): number[] {
  const order = Array.from(shape, (_, i) => shape.length - 1 - i);
  for (let i = 1; i < order.length; i++) {
    let at = i;
    for (let before = i - 1; before >= 0; before--) {
      const [a, b] = [order[before]!, order[at]!];
      const comparison = compare(operands, shape, a, b);
      if (comparison < 0) break;
      if (comparison === 0) continue;
      order[before] = b;
      order[at] = a;
      at = before;
    }
  }
  return order;
}

/** Whether dimension `a` steps further than `b` (1), less far (-1), or no operand says (0). */
function compare(operands: readonly (readonly number[])[], shape: Shape, a: number, b: number): number {
  for (const strides of operands) {
    const [x, y] = [strides[a]!, strides[b]!];
    if (x === 0 || y === 0) continue;
    if (x !== y) return x < y ? -1 : 1;
    if (shape[a]! > shape[b]!) return 1;
  }
  return 0;
}
