import { isComplex } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { forEachRow } from "./loops.ts";

/** Elements as the bits they are, for kernels that move them without looking: `width` places an element (complex: 2). */
export interface Flat {
  /** Typed as numbers, whatever they are: bits are only copied. */
  readonly data: Float64Array;
  readonly width: 1 | 2;
}

const widthOf = (t: Tensor): 1 | 2 => (isComplex(t.dtype) ? 2 : 1);

/** The elements in row-major order: the tensor's own memory where it is contiguous, else a copy. */
export function flat(t: Tensor): Flat {
  const width = widthOf(t);
  const elements = t.elements as Float64Array;
  if (t.contiguousLayout) return { data: elements.subarray(t.offset * width, (t.offset + t.count) * width), width };
  const data = new (elements.constructor as new (n: number) => Float64Array)(t.count * width);
  let i = 0;
  forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
    for (let j = 0, at = p! * width; j < n; j++, at += s! * width) for (let w = 0; w < width; w++) data[i++] = elements[at + w]!;
  });
  return { data, width };
}

/** A row-major place for the elements of `t`, holding what `t` holds; `commit` writes it back where it is not the tensor's own memory. */
export function flatTarget(t: Tensor): Flat & { commit(): void } {
  const { data, width } = flat(t);
  if (t.contiguousLayout) return { data, width, commit: () => {} };
  const elements = t.elements as Float64Array;
  const commit = (): void => {
    let i = 0;
    forEachRow(t.shape, [t.strides], [t.offset], ([p], [s], n) => {
      for (let j = 0, at = p! * width; j < n; j++, at += s! * width) for (let w = 0; w < width; w++) elements[at + w] = data[i++]!;
    });
  };
  return { data, width, commit };
}

/** The distance of each element from the first along `dims` of a tensor with these strides, in row-major order of `dims`. */
export function offsetsAlong(shape: Shape, strides: readonly number[], dims: readonly number[]): Float64Array {
  let out: Float64Array = Float64Array.of(0);
  for (const d of dims) {
    const n = shape[d]!;
    const next = new Float64Array(out.length * n);
    for (let i = 0, k = 0; i < out.length; i++) for (let j = 0; j < n; j++) next[k++] = out[i]! + j * strides[d]!;
    out = next;
  }
  return out;
}

/** Row-major sizes around a dimension: elements before it, along it, after it. A 0-d shape counts as one element along it. */
export function around(shape: Shape, dim: number): { outer: number; size: number; inner: number } {
  let outer = 1;
  let inner = 1;
  for (let i = 0; i < dim; i++) outer *= shape[i]!;
  for (let i = dim + 1; i < shape.length; i++) inner *= shape[i]!;
  return { outer, size: shape[dim] ?? 1, inner };
}

/** Whether both tensors show the same elements of the same storage, so that one already holds what the other does. */
export const sameElements = (a: Tensor, b: Tensor): boolean =>
  a.storage === b.storage && a.offset === b.offset && a.strides.every((s, i) => s === b.strides[i] || a.shape[i]! <= 1);
