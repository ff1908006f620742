import type { RealDType, Sink, Stretch } from "../../random/sink.ts";
import { forEachRow } from "../../reference/loops.ts";
import { dtypeInfo, isComplex, itemSize, toRealDType } from "../../tensor/dtype.ts";
import { contiguousStrides, isRowMajor, numelOf, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A tensor's elements as real numbers, dimensions ordered from the largest stride to the smallest. */
interface RealLayout {
  readonly dtype: RealDType;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
  readonly offset: number;
  /** Row-major without gaps, before any reordering. */
  readonly contiguous: boolean;
  /** Which dimension of the tensor each one is; without the pair of a complex number. */
  readonly order: readonly number[];
}

/** The layout by which PyTorch visits the elements of a tensor it writes: along memory, whatever the order of the dimensions. */
export function layoutInMemoryOrder(t: Tensor): RealLayout {
  // Reversed, then sorted stably: of equal strides the inner dimension stays inner, the smaller one first.
  const order = t.shape.map((_, i) => t.shape.length - 1 - i);
  order.sort((a, b) => t.strides[a]! - t.strides[b]! || t.shape[a]! - t.shape[b]!);
  order.reverse();
  const shape = order.map((d) => t.shape[d]!);
  const strides = order.map((d) => t.strides[d]!);
  const contiguous = t.contiguousLayout;
  if (!isComplex(t.dtype)) return { dtype: t.dtype as RealDType, shape, strides, offset: t.offset, contiguous, order };
  const pairs = { shape: [...shape, 2], strides: [...strides.map((s) => 2 * s), 1], offset: 2 * t.offset };
  return { dtype: toRealDType(t.dtype) as RealDType, ...pairs, contiguous, order };
}

/** Row-major strides for `shape` with the dimensions in the memory order of `like`: PyTorch's "preserved" memory format. */
export function stridesInOrderOf(like: Tensor, shape: Shape = like.shape): readonly number[] {
  if (like.contiguousLayout) return contiguousStrides(shape);
  const { order } = layoutInMemoryOrder(like);
  const dense = contiguousStrides(order.map((d) => shape[d]!));
  const strides = new Array<number>(shape.length);
  order.forEach((d, i) => {
    strides[d] = dense[i]!;
  });
  return strides;
}

/**
 * Calls `fill` with a stretch that receives the elements of `t` one after the other in memory order: the tensor's own memory where its
 * elements lie side by side, else memory that is then spread over the tensor. The second argument says whether `t` is row-major.
 */
export function fillInMemoryOrder(t: Tensor, fill: (stretch: Stretch, contiguous: boolean) => void): void {
  if (t.count === 0) return;
  const { dtype, shape, strides, offset, contiguous } = layoutInMemoryOrder(t);
  const elements = t.elements as Sink;
  const size = numelOf(shape);
  if (contiguous || isRowMajor(shape, strides)) {
    fill({ data: elements, dtype, offset, size }, contiguous);
    return;
  }
  const data = new dtypeInfo[dtype].array(new ArrayBuffer(size * itemSize(dtype)), 0, size) as Sink;
  fill({ data, dtype, offset: 0, size }, contiguous);
  const source = data as { [i: number]: number };
  const target = elements as { [i: number]: number };
  forEachRow(shape, [strides, contiguousStrides(shape)], [offset, 0], ([to, from], [toStep, fromStep], n) => {
    for (let i = 0; i < n; i++) target[to! + i * toStep!] = source[from! + i * fromStep!]!;
  });
}
