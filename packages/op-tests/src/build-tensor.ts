import { contiguousStrides, countOf, type Element, forEachOffset, type RecordedTensor } from "./elements.ts";
import { functionNamed, type Library, methodNamed, type TensorLike } from "./library.ts";

/** How the memory of an input is laid out: as recorded, every other element of its storage, or dimensions reversed. */
export type Layout = "recorded" | "spread" | "reversed";

const storedAs: Readonly<Record<string, (data: readonly Element[]) => ArrayLike<number> | ArrayLike<bigint>>> = {
  float32: (data) => Float32Array.from(data as number[]),
  float64: (data) => Float64Array.from(data as number[]),
  float16: (data) => Float32Array.from(data as number[]),
  bfloat16: (data) => Float32Array.from(data as number[]),
  complex64: (data) => Float32Array.from(data as number[]),
  complex128: (data) => Float64Array.from(data as number[]),
  int64: (data) => BigInt64Array.from(data.map((element) => BigInt(element))),
  int32: (data) => Int32Array.from(data as number[]),
  int16: (data) => Int16Array.from(data as number[]),
  int8: (data) => Int8Array.from(data as number[]),
  uint8: (data) => Uint8Array.from(data as number[]),
  bool: (data) => Uint8Array.from(data as number[], Number),
};

/** A contiguous tensor of `shape` with the elements `data` (re, im pairs when complex). */
export function buildContiguous(library: Library, dtype: string, shape: readonly number[], data: readonly Element[]): TensorLike {
  const store = storedAs[dtype];
  if (store === undefined) {
    throw new Error(`records hold a tensor of unknown dtype ${dtype}`);
  }
  const fromTypedArray = functionNamed(library, "from_typed_array");
  const array = store(data);
  if (dtype === "bool") {
    return methodNamed(fromTypedArray(array, shape), "to")("bool") as TensorLike;
  }
  if (dtype === "float16" || dtype === "bfloat16") {
    return methodNamed(fromTypedArray(array, shape), "to")(dtype) as TensorLike;
  }
  if (dtype.startsWith("complex")) {
    return functionNamed(library, "view_as_complex")(fromTypedArray(array, [...shape, 2])) as TensorLike;
  }
  return fromTypedArray(array, shape) as TensorLike;
}

/** Strides that give `layout`; undefined for a contiguous tensor. */
export function stridesFor({ shape, stride }: RecordedTensor, layout: Layout): readonly number[] | undefined {
  if (layout === "recorded" || countOf(shape) < 2) {
    return stride;
  }
  if (layout === "spread") {
    return contiguousStrides(shape).map((step) => 2 * step);
  }
  return contiguousStrides([...shape].reverse())
    .reverse()
    .map((step) => 2 * step);
}

/** The storage size that `shape` and `strides` reach into. */
function extentOf(shape: readonly number[], strides: readonly number[]): number {
  return countOf(shape) === 0 ? 0 : 1 + shape.reduce((sum, size, dim) => sum + (size - 1) * (strides[dim] as number), 0);
}

/** What lies in storage between the elements of a spread-out tensor: a value that would be noticed in a result. */
function fillerOf(dtype: string): Element {
  return dtype === "bool" ? true : /^u?int/.test(dtype) ? 91 : 91.25;
}

/** Builds a recorded tensor with the wanted memory layout. */
export function buildTensor(library: Library, recorded: RecordedTensor, layout: Layout = "recorded"): TensorLike {
  const { dtype, shape, data, names } = recorded;
  const strides = stridesFor(recorded, layout);
  let tensor: TensorLike;
  if (strides === undefined) {
    tensor = buildContiguous(library, dtype, shape, data);
  } else {
    const width = dtype.startsWith("complex") ? 2 : 1;
    const stored = new Array<Element>(extentOf(shape, strides) * width).fill(fillerOf(dtype));
    forEachOffset(shape, strides, (flat, offset) => {
      for (let part = 0; part < width; part++) {
        stored[offset * width + part] = data[flat * width + part] as Element;
      }
    });
    const base = buildContiguous(library, dtype, [stored.length / width], stored);
    tensor = methodNamed(base, "as_strided")(shape, strides) as TensorLike;
  }
  if (names !== undefined) {
    tensor = methodNamed(tensor, "refine_names")(...names) as TensorLike;
  }
  if (recorded.requiresGrad && layout === "recorded" && library.differentiates) {
    methodNamed(tensor, "requires_grad_")();
  }
  return tensor;
}

/** Whether every stored number between the elements of a spread-out tensor is still the filler. */
export function gapsUntouched(tensor: TensorLike): boolean {
  const strides = tensor.stride();
  const extent = extentOf(tensor.shape, strides);
  const { dtype } = tensor;
  if (dtype.startsWith("complex") || extent === 0) {
    return true;
  }
  const used = new Set<number>();
  forEachOffset(tensor.shape, strides, (_, offset) => used.add(offset));
  const stored = methodNamed(tensor.detach(), "as_strided")([extent], [1], tensor.storageOffset()) as TensorLike;
  const filler = fillerOf(dtype);
  return (stored.tolist() as Element[]).every((element, offset) => used.has(offset) || element === filler);
}
