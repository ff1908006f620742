import { isOptions, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { constantPadNd } from "../resample/constant-pad.ts";
import { type ConvolutionParams, convolutionOp } from "./convolution.ts";

/** A number for every spatial dimension, or one for each. */
export type PerDim = number | readonly number[];

export interface ConvOptions {
  /** Step of the kernel. Default 1. */
  stride?: PerDim;
  /** Zeros added on both sides, or `"valid"` (none), or `"same"` (as many as keep the size). Default 0. */
  padding?: PerDim | "valid" | "same";
  /** Distance between the kernel's elements. Default 1. */
  dilation?: PerDim;
  /** Channels are split into this many groups, convolved apart. Default 1. */
  groups?: number;
}

export interface ConvTransposeOptions {
  stride?: PerDim;
  /** `dilation * (kernelSize - 1) - padding` zeros are added on both sides. Default 0. */
  padding?: PerDim;
  /** Added to one side of the result. Default 0. */
  outputPadding?: PerDim;
  groups?: number;
  dilation?: PerDim;
}

/** `value` for each of `n` dimensions. @throws {ShapeError} on another number of values */
export function perDim(name: string, value: PerDim, n: number): readonly number[] {
  if (typeof value === "number") return new Array<number>(n).fill(value);
  if (value.length === 1) return new Array<number>(n).fill(value[0]!);
  if (value.length !== n) {
    throw new ShapeError(
      `expected ${name} to be a single integer value or a list of ${n} values to match the convolution dimensions, but got ${name}=${formatShape(value)}`,
    );
  }
  return value;
}

function checkInput(name: string, input: Tensor, weight: Tensor, n: number): void {
  if (input.ndim !== n + 1 && input.ndim !== n + 2) {
    throw new ShapeError(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${name}, but got input of size: ${formatShape(input.shape)}`,
    );
  }
  if (weight.ndim !== n + 2) {
    const dims = weight.ndim - 2;
    throw new ShapeError(
      `expected stride to be a single integer value or a list of ${dims} values to match the convolution dimensions, but got stride=${formatShape(new Array<number>(n).fill(1))}`,
    );
  }
}

/** Runs on a batch; a single example is one of size 1. */
function convolve(input: Tensor, weight: Tensor, bias: Tensor | null, params: ConvolutionParams): Tensor {
  const isBatch = input.ndim === params.stride.length + 2;
  const result = run(convolutionOp, [isBatch ? input : input.unsqueeze(0), weight, bias], params);
  return isBatch ? result : result.squeeze(0);
}

/** `padding: "same"`: where the two sides differ, the input gets the surplus on its far side first. */
function convSame(input: Tensor, weight: Tensor, bias: Tensor | null, params: ConvolutionParams): Tensor {
  if (params.stride.some((s) => s !== 1)) throw new ShapeError("padding='same' is not supported for strided convolutions");
  const total = params.dilation.map((d, i) => d * (weight.shape[i + 2]! - 1));
  const padding = total.map((t) => Math.floor(t / 2));
  const isEven = total.every((t) => t % 2 === 0);
  // Last dimension first, elements before and after.
  const surplus = total.map((t) => [0, t % 2]).reverse();
  const x = isEven ? input : constantPadNd(input, surplus.flat());
  return convolve(x, weight, bias, { ...params, padding });
}

/** The weight, which may come by name with the options. @throws {TypeError} without one */
function weightAndRest(name: string, given: Tensor, others: readonly unknown[]): readonly [Tensor, readonly unknown[]] {
  if (!isOptions(given)) return [given, others];
  const { weight, ...options } = given as unknown as { weight?: Tensor };
  if (weight === undefined) throw new TypeError(`${name}() missing 1 required positional arguments: "weight"`);
  return [weight, [options]];
}

function conv(n: number, name: string, bind: (args: readonly unknown[]) => ConvArguments) {
  const none: readonly number[] = new Array<number>(n).fill(0);
  return (input: Tensor, given: Tensor, ...others: readonly unknown[]): Tensor => {
    const [weight, rest] = weightAndRest(name, given, others);
    const { bias, stride, padding, dilation, groups } = bind(rest);
    checkInput(name, input, weight, n);
    if (typeof padding === "string" && padding !== "valid" && padding !== "same")
      throw new ShapeError(`Invalid padding string: '${padding}'`);
    const params: ConvolutionParams = {
      stride: perDim("stride", stride, n),
      padding: typeof padding === "string" ? none : perDim("padding", padding, n),
      dilation: perDim("dilation", dilation, n),
      transposed: false,
      outputPadding: none,
      groups,
    };
    return padding === "same" ? convSame(input, weight, bias, params) : convolve(input, weight, bias, params);
  };
}

interface ConvArguments {
  bias: Tensor | null;
  stride: PerDim;
  padding: PerDim | string;
  dilation: PerDim;
  groups: number;
}

const convDefaults = { bias: null, stride: 1, padding: 0, dilation: 1, groups: 1 };

type Conv = (
  input: Tensor,
  weight: Tensor,
  bias?: Tensor | null | (ConvOptions & { bias?: Tensor | null }),
  ...rest: readonly (PerDim | string | ConvOptions)[]
) => Tensor;

/** 1-d convolution: `input [N, C, L]` (or `[C, L]`), `weight [O, C/groups, K]`, `bias [O]`. @throws {ShapeError} @see torch.nn.functional.conv1d */
export const conv1d: Conv = conv(1, "conv1d", signature("conv1d", convDefaults));
/** 2-d convolution: `input [N, C, H, W]` (or `[C, H, W]`), `weight [O, C/groups, kH, kW]`, `bias [O]`. @throws {ShapeError} @see torch.nn.functional.conv2d */
export const conv2d: Conv = conv(2, "conv2d", signature("conv2d", convDefaults));
/** 3-d convolution: `input [N, C, D, H, W]`, `weight [O, C/groups, kD, kH, kW]`, `bias [O]`. @throws {ShapeError} @see torch.nn.functional.conv3d */
export const conv3d: Conv = conv(3, "conv3d", signature("conv3d", convDefaults));

interface ConvTransposeArguments {
  bias: Tensor | null;
  stride: PerDim;
  padding: PerDim;
  outputPadding: PerDim;
  groups: number;
  dilation: PerDim;
}

function convTranspose(n: number, name: string, bind: (args: readonly unknown[]) => ConvTransposeArguments) {
  return castAsWhole("convTranspose", (input: Tensor, given: Tensor, ...others: readonly unknown[]): Tensor => {
    const [weight, rest] = weightAndRest(name, given, others);
    const { bias, stride, padding, outputPadding, groups, dilation } = bind(rest);
    checkInput(name, input, weight, n);
    const params: ConvolutionParams = {
      stride: perDim("stride", stride, n),
      padding: perDim("padding", padding, n),
      dilation: perDim("dilation", dilation, n),
      transposed: true,
      outputPadding: perDim("output_padding", outputPadding, n),
      groups,
    };
    return convolve(input, weight, bias, params);
  });
}

const transposeDefaults = { bias: null, stride: 1, padding: 0, outputPadding: 0, groups: 1, dilation: 1 };

type ConvTranspose = (
  input: Tensor,
  weight: Tensor,
  bias?: Tensor | null | (ConvTransposeOptions & { bias?: Tensor | null }),
  ...rest: readonly (PerDim | ConvTransposeOptions)[]
) => Tensor;

/** Adjoint of a 1-d convolution: `input [N, C, L]`, `weight [C, O/groups, K]`. @throws {ShapeError} @see torch.nn.functional.conv_transpose1d */
export const convTranspose1d: ConvTranspose = convTranspose(1, "conv_transpose1d", signature("convTranspose1d", transposeDefaults));
/** Adjoint of a 2-d convolution: `input [N, C, H, W]`, `weight [C, O/groups, kH, kW]`. @throws {ShapeError} @see torch.nn.functional.conv_transpose2d */
export const convTranspose2d: ConvTranspose = convTranspose(2, "conv_transpose2d", signature("convTranspose2d", transposeDefaults));
/** Adjoint of a 3-d convolution. @throws {ShapeError} @see torch.nn.functional.conv_transpose3d */
export const convTranspose3d: ConvTranspose = convTranspose(3, "conv_transpose3d", signature("convTranspose3d", transposeDefaults));
