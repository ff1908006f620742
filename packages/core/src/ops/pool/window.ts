import { ShapeError } from "../../errors.ts";
import { anyBelow, formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** How a window moves over the spatial dimensions. */
export interface Window {
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  readonly ceilMode: boolean;
}

export type PerDim = number | readonly number[];

const words = ["", "single int, or a tuple of one int", "single int, or a tuple of two ints", "single int, or a tuple of three ints"];

/** `value` for each of `n` dimensions. @throws {ShapeError} */
export function spread(name: string, what: string, value: PerDim, n: number): readonly number[] {
  if (typeof value === "number") return new Array<number>(n).fill(value);
  if (value.length === 1) return new Array<number>(n).fill(value[0]!);
  if (value.length !== n) throw new ShapeError(`${name}: ${what} must either be a ${words[n]}`);
  return value;
}

/** Sizes of the result of a window over the spatial sizes `input`. */
export function windowSizes(input: Shape, { kernelSize, stride, padding, dilation, ceilMode }: Window): number[] {
  const sizes = new Array<number>(input.length);
  for (let i = 0; i < input.length; i++) {
    const n = input[i]!;
    const s = stride[i]!;
    const p = padding[i]!;
    const room = n + 2 * p - dilation[i]! * (kernelSize[i]! - 1) - 1;
    const out = Math.floor((room + (ceilMode ? s - 1 : 0)) / s) + 1;
    // The last window must begin inside the input or its left padding.
    sizes[i] = ceilMode && (out - 1) * s >= n + p ? out - 1 : out;
  }
  return sizes;
}

/** Checks the numbers of a window by themselves. @throws {ShapeError} in PyTorch's words */
export function checkNumbers({ kernelSize, stride, padding, dilation }: Window): void {
  if (stride.includes(0)) throw new ShapeError("stride should not be zero");
  if (anyBelow(kernelSize, 1)) throw new ShapeError(`kernel size should be greater than zero, but got ${formatShape(kernelSize)}`);
  if (anyBelow(stride, 0)) throw new ShapeError(`stride should be greater than zero, but got ${formatShape(stride)}`);
  if (anyBelow(dilation, 1)) throw new ShapeError(`dilation should be greater than zero, but got ${formatShape(dilation)}`);
  for (let i = 0; i < padding.length; i++) {
    const p = padding[i]!;
    if (p < 0) throw new ShapeError(`pad must be non-negative, but got pad: ${p}`);
    if (p > kernelSize[i]! / 2) {
      throw new ShapeError(`pad should be at most half of kernel size, but got pad=${p} and kernel_size=${kernelSize[i]}`);
    }
  }
}

/** The shape that a window makes of a batch `[N, C, ...]`. @throws {ShapeError} in PyTorch's words */
export function pooledShape(batch: Tensor, window: Window): Shape {
  checkNumbers(window);
  const spatial = batch.shape.slice(2);
  const sizes = windowSizes(spatial, window);
  if (anyBelow(sizes, 1)) {
    const C = batch.shape[1]!;
    const lead = spatial.length === 1 ? `${C}x1` : `${C}`;
    throw new ShapeError(
      `Given input size: (${lead}x${spatial.join("x")}). Calculated output size: (${lead}x${sizes.join("x")}). Output size is too small`,
    );
  }
  return [batch.shape[0]!, batch.shape[1]!, ...sizes];
}

/** Runs on a batch `[N, C, ...]` with `n` spatial dimensions; a single example is one of size 1. @throws {ShapeError} */
export function onBatch(
  input: Tensor,
  n: number,
  call: (batch: Tensor) => readonly Tensor[],
  window: Window | null = null,
): readonly Tensor[] {
  if (window !== null) checkNumbers(window);
  const dims = input.ndim;
  const empty = input.count === 0 && input.shape.includes(0, dims === n + 2 ? 1 : 0);
  if ((dims !== n + 1 && dims !== n + 2) || empty) {
    if (n === 1) {
      throw new ShapeError(
        `max_pool1d: Expected 2D or 3D (batch mode) tensor with optional 0 dim batch size for input, but got:${formatShape(input.shape)}`,
      );
    }
    throw new ShapeError(`non-empty ${n + 1}D or ${n + 2}D (batch mode) tensor expected for input`);
  }
  if (dims === n + 2) return call(input);
  return call(input.unsqueeze(0)).map((t) => t.squeeze(0));
}

const three = (values: readonly number[], missing: number): number[] => [...new Array<number>(3 - values.length).fill(missing), ...values];

/** A window and its sizes in three spatial dimensions (missing ones have size 1), as kernels want it. */
export interface Window3 {
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernelSize: readonly number[];
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
}

export const window3 = (input: Shape, output: Shape, window: Window): Window3 => ({
  input: three(input, 1),
  output: three(output, 1),
  kernelSize: three(window.kernelSize, 1),
  stride: three(window.stride, 1),
  padding: three(window.padding, 0),
  dilation: three(window.dilation, 1),
});
