import { ShapeError } from "../../errors.ts";
import { contiguousStrides, formatShape, numelOf, type Shape } from "../../tensor/shape.ts";

/**
 * Strides with which `shape` can be read from the memory of (`from`, `strides`) without a copy, or null.
 * Runs of dimensions that are laid out as one are split and merged freely; others only by sizes of 1.
 */
export function viewStrides(from: Shape, strides: readonly number[], shape: Shape): number[] | null {
  if (numelOf(from) === 0) return contiguousStrides(shape);
  const out = new Array<number>(shape.length).fill(1);
  let target = shape.length - 1;
  let runNumel = 1;
  let viewNumel = 1;
  let runStride = strides[strides.length - 1] ?? 1;
  for (let i = from.length - 1; i >= 0; i--) {
    runNumel *= from[i]!;
    const runEnds = i === 0 || (from[i - 1] !== 1 && strides[i - 1] !== runNumel * runStride);
    if (!runEnds) continue;
    while (target >= 0 && (viewNumel < runNumel || shape[target] === 1)) {
      out[target] = viewNumel * runStride;
      viewNumel *= shape[target]!;
      target--;
    }
    if (viewNumel !== runNumel) return null;
    if (i > 0) {
      runStride = strides[i - 1]!;
      runNumel = 1;
      viewNumel = 1;
    }
  }
  while (target >= 0) out[target--] = viewNumel * runStride;
  return out;
}

/** A size list with its -1 filled in. @throws {ShapeError} in PyTorch's words */
export function inferSize(shape: Shape, numel: number): Shape {
  let unknown = -1;
  let known = 1;
  for (let i = 0; i < shape.length; i++) {
    const n = shape[i]!;
    if (n === -1) {
      if (unknown >= 0) throw new ShapeError("only one dimension can be inferred");
      unknown = i;
    } else if (n < 0) throw new ShapeError(`invalid shape dimension ${n}`);
    else known *= n;
  }
  const fits = unknown < 0 ? known === numel : known === 0 ? numel === 0 : numel % known === 0;
  if (!fits) throw new ShapeError(`shape '${formatShape(shape)}' is invalid for input of size ${numel}`);
  if (unknown < 0) return shape;
  if (known === 0) {
    throw new ShapeError(
      `cannot reshape tensor of 0 elements into shape ${formatShape(shape)} because the unspecified dimension size -1 can be any value and is ambiguous`,
    );
  }
  const out = [...shape];
  out[unknown] = numel / known;
  return out;
}
