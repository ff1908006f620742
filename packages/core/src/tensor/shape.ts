import { IndexError, ShapeError } from "../errors.ts";

/** Sizes of the dimensions, outermost first. Never changed after it is made. */
export type Shape = readonly number[];

/** Number of elements of a shape. */
export function numelOf(shape: Shape): number {
  let n = 1;
  for (let i = 0; i < shape.length; i++) n *= shape[i]!;
  return n;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = step;
    step *= Math.max(shape[i]!, 1);
  }
  return strides;
}

export function sameShape(a: Shape, b: Shape): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Whether elements lie in row-major order without gaps (size-1 dimensions may have any stride). */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    const n = shape[i]!;
    if (n === 0) return true;
    if (n === 1) continue;
    if (strides[i] !== step) return numelOf(shape) === 0;
    step *= n;
  }
  return true;
}

/** Whether a number of the list is below `least`. */
export function anyBelow(list: readonly number[], least: number): boolean {
  for (let i = 0; i < list.length; i++) if (list[i]! < least) return true;
  return false;
}

/** `[2, 3]`, as PyTorch writes sizes in messages. */
export const formatShape = (shape: Shape): string => `[${shape.join(", ")}]`;

/** The shape to which both broadcast. @throws {ShapeError} naming the first dimension that differs, in PyTorch's words. */
export function broadcastShapes(a: Shape, b: Shape): Shape {
  if (sameShape(a, b)) return a;
  const ndim = Math.max(a.length, b.length);
  const out = new Array<number>(ndim);
  for (let i = ndim - 1; i >= 0; i--) {
    const x = a[i - ndim + a.length] ?? 1;
    const y = b[i - ndim + b.length] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`The size of tensor a (${x}) must match the size of tensor b (${y}) at non-singleton dimension ${i}`);
    }
    out[i] = x === 1 ? y : x;
  }
  return out;
}

/** Strides that walk a tensor as if it had shape `to` (0 where it is repeated). `shape` must broadcast to `to`. */
export function broadcastStrides(shape: Shape, strides: readonly number[], to: Shape): readonly number[] {
  if (shape.length === to.length && sameShape(shape, to)) return strides;
  const lead = to.length - shape.length;
  const out = new Array<number>(to.length);
  for (let i = 0; i < to.length; i++) {
    out[i] = i < lead || (shape[i - lead] === 1 && to[i] !== 1) ? 0 : strides[i - lead]!;
  }
  return out;
}

/** A dimension counted from the end when negative. A 0-d tensor counts as having one dimension. @throws {IndexError} */
export function wrapDim(dim: number, ndim: number): number {
  const range = Math.max(ndim, 1);
  if (!Number.isInteger(dim) || dim < -range || dim >= range) {
    throw new IndexError(`Dimension out of range (expected to be in range of [${-range}, ${range - 1}], but got ${dim})`);
  }
  return dim < 0 ? dim + range : dim;
}

/** Dimensions of a reduction: wrapped, sorted, distinct; none given (or an empty list) means all. @throws {IndexError} @throws {ShapeError} on a repeated one */
export function wrapDims(dims: number | readonly number[] | null | undefined, ndim: number, emptyMeansAll = true): number[] {
  if (dims === null || dims === undefined) return Array.from({ length: ndim }, (_, i) => i);
  if (typeof dims === "number") {
    const wrapped = wrapDim(dims, ndim);
    return ndim === 0 ? [] : [wrapped];
  }
  if (dims.length === 0) return emptyMeansAll ? Array.from({ length: ndim }, (_, i) => i) : [];
  const seen = new Set<number>();
  for (const dim of dims) {
    const wrapped = wrapDim(dim, ndim);
    if (seen.has(wrapped)) throw new ShapeError(`dim ${wrapped} appears multiple times in the list of dims`);
    seen.add(wrapped);
  }
  return ndim === 0 ? [] : [...seen].sort((a, b) => a - b);
}

/** The shape left after reducing `dims` (wrapped and sorted). */
export function reducedShape(shape: Shape, dims: readonly number[], keepdim: boolean): Shape {
  const out: number[] = [];
  for (let i = 0; i < shape.length; i++) {
    if (!dims.includes(i)) out.push(shape[i]!);
    else if (keepdim) out.push(1);
  }
  return out;
}

/** Sizes given as separate arguments or as one array. @throws {ShapeError} on a negative or fractional size */
export function sizesOf(args: readonly (number | Shape)[]): Shape {
  const sizes = (args.length === 1 && Array.isArray(args[0]) ? args[0] : args) as Shape;
  for (const size of sizes) {
    if (typeof size !== "number" || !Number.isInteger(size)) throw new TypeError(`sizes must be integers, but got ${String(size)}`);
  }
  return sizes;
}

/** Checks sizes for a new tensor. @throws {ShapeError} on a negative one */
export function checkSizes(sizes: Shape): Shape {
  for (const size of sizes) {
    if (size < 0) throw new ShapeError(`Trying to create tensor with negative dimension ${size}: ${formatShape(sizes)}`);
  }
  return sizes;
}
