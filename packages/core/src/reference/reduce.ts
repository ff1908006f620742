import type { Shape } from "../tensor/shape.ts";

/** How a row-major array falls into groups by reduced dimensions: element `j` of group `i` is `base[i] + step[j]`. */
export interface Groups {
  /** First element of each group, in row-major order of the kept dimensions. */
  readonly base: Float64Array;
  /** Distance from the first element to each element of a group, in row-major order of the reduced dimensions. */
  readonly step: Float64Array;
}

const positions = (shape: Shape, dims: readonly number[]): Float64Array => {
  let out = Float64Array.of(0);
  const strides = new Array<number>(shape.length);
  let n = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = n;
    n *= shape[i]!;
  }
  for (const d of dims) {
    const next = new Float64Array(out.length * shape[d]!);
    for (let i = 0, k = 0; i < out.length; i++) for (let j = 0; j < shape[d]!; j++) next[k++] = out[i]! + j * strides[d]!;
    out = next;
  }
  return out;
};

/** Groups of the elements that share the kept dimensions. */
export function groupsOf(shape: Shape, dims: readonly number[]): Groups {
  const kept = shape.map((_, i) => i).filter((i) => !dims.includes(i));
  return { base: positions(shape, kept), step: positions(shape, dims) };
}

/** Applies `reduce` to the elements of each group, copied to one array; writes one value a group. */
export function reduceGroups(
  shape: Shape,
  dims: readonly number[],
  values: Float64Array,
  reduce: (group: Float64Array) => number,
): Float64Array {
  const { base, step } = groupsOf(shape, dims);
  const group = new Float64Array(step.length);
  const out = new Float64Array(base.length);
  for (let i = 0; i < base.length; i++) {
    for (let j = 0; j < step.length; j++) group[j] = values[base[i]! + step[j]!]!;
    out[i] = reduce(group);
  }
  return out;
}

/** Sums over `dims` of row-major values, each of `width` parts. Doubles, or exact 64-bit integers. */
export function sumRows<A extends Float64Array | BigInt64Array>(shape: Shape, dims: readonly number[], values: A, width: 1 | 2): A {
  const { base, step } = groupsOf(shape, dims);
  const out = new (values.constructor as new (n: number) => A)(base.length * width);
  for (let i = 0; i < base.length; i++) {
    for (let part = 0; part < width; part++) {
      let total: number | bigint = values instanceof BigInt64Array ? 0n : 0;
      for (let j = 0; j < step.length; j++) (total as number) += values[(base[i]! + step[j]!) * width + part] as number;
      out[i * width + part] = total as never;
    }
  }
  return out;
}
