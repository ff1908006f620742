import { IndexError, ShapeError } from "../errors.ts";
import { contiguousStrides, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { forEachRow, toDoubles } from "./loops.ts";

/** Calls `visit` for each element of `index`: where it points in a row-major tensor of `shape`, and where its counterpart in a row-major tensor of `other` lies. */
export function forEachIndex(
  index: Tensor,
  dim: number,
  shape: Shape,
  other: Shape,
  visit: (at: number, counterpart: number) => void,
): void {
  if (index.count === 0) return;
  const values = toDoubles(index);
  const size = shape[dim] ?? 1;
  for (const value of values) {
    if (value < 0 || value >= size) throw new ShapeError(`index ${value} is out of bounds for dimension ${dim} with size ${size}`);
  }
  const strides = contiguousStrides(shape);
  const along = strides[dim] ?? 1;
  const walk = strides.map((s, d) => (d === dim ? 0 : s));
  let i = 0;
  forEachRow(index.shape, [walk, contiguousStrides(other)], [0, 0], ([p, q], [u, v], n) => {
    for (let j = 0, at = p!, from = q!; j < n; j++, at += u!, from += v!) visit(at + values[i++]! * along, from);
  });
}

/** Row-major positions of `index` (integers, negative from the end) within `size`. @throws {IndexError} in PyTorch's words */
export function wrappedIndices(index: Tensor, size: number, dim: number): Float64Array {
  const values = toDoubles(index);
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if (value < -size || value >= size) throw new IndexError(`index ${value} is out of bounds for dimension ${dim} with size ${size}`);
    if (value < 0) values[i] = value + size;
  }
  return values;
}
