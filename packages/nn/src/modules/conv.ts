import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type FactoryOptions, type PerDim, parameter, perDim, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import * as init from "../init.ts";
import { Module } from "../module/module.ts";
import { pythonValue } from "../module/printing.ts";
import type { Parameter } from "../parameter.ts";

/** What lies beyond the edges: zeros, the mirrored image, the edge itself, or the other side. */
export type PaddingMode = "zeros" | "reflect" | "replicate" | "circular";

export interface ConvOptions extends FactoryOptions {
  /** Step of the kernel. Default 1. */
  stride?: PerDim;
  /** Elements added on both sides; `"same"` keeps the size, `"valid"` adds none. Default 0. */
  padding?: PerDim | "same" | "valid";
  /** Distance between the kernel's elements. Default 1. */
  dilation?: PerDim;
  /** Channels are split into this many groups, convolved apart. Default 1. */
  groups?: number;
  /** Whether a learnt number is added to each output channel. Default true. */
  bias?: boolean;
  /** Default "zeros". */
  paddingMode?: PaddingMode;
}

export interface ConvTransposeOptions extends FactoryOptions {
  /** Step of the kernel. Default 1. */
  stride?: PerDim;
  /** Cut from both sides of the result. Default 0. */
  padding?: PerDim;
  /** Added to one side of the result. Default 0. */
  outputPadding?: PerDim;
  groups?: number;
  bias?: boolean;
  dilation?: PerDim;
  paddingMode?: "zeros";
}

type Required3 = { inChannels: number; outChannels: number; kernelSize: PerDim };
type ConvRest = Rest<
  [stride: PerDim, padding: PerDim | "same" | "valid", dilation: PerDim, groups: number, bias: boolean, paddingMode: PaddingMode],
  ConvOptions
>;
type TransposeRest = Rest<
  [stride: PerDim, padding: PerDim, outputPadding: PerDim, groups: number, bias: boolean, dilation: PerDim, paddingMode: "zeros"],
  ConvTransposeOptions
>;

interface Settings {
  inChannels: number;
  outChannels: number;
  kernelSize: PerDim;
  stride: PerDim;
  padding: PerDim | "same" | "valid";
  dilation: PerDim;
  outputPadding: PerDim;
  groups: number;
  bias: boolean;
  paddingMode: PaddingMode;
  device: string | null;
  dtype: FactoryOptions["dtype"];
}

const paddingModes = ["zeros", "reflect", "replicate", "circular"];

/** What all convolutions share: weights, their initial values, printing. */
export abstract class ConvNd extends Module {
  inChannels: number;
  outChannels: number;
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[] | "same" | "valid";
  dilation: readonly number[];
  readonly transposed: boolean;
  outputPadding: readonly number[];
  groups: number;
  paddingMode: PaddingMode;
  /** `[out, in / groups, ...kernel]`, for transposed convolutions `[in, out / groups, ...kernel]` */
  weight: Parameter;
  /** `[out]`, or null */
  bias: Parameter | null;

  protected constructor(n: number, transposed: boolean, settings: Settings) {
    super();
    const { inChannels, outChannels, groups, padding, paddingMode } = settings;
    if (groups <= 0) throw new ShapeError("groups must be a positive integer");
    if (inChannels % groups !== 0) throw new ShapeError("in_channels must be divisible by groups");
    if (outChannels % groups !== 0) throw new ShapeError("out_channels must be divisible by groups");
    this.inChannels = inChannels;
    this.outChannels = outChannels;
    this.kernelSize = perDim(settings.kernelSize, n);
    this.stride = perDim(settings.stride, n);
    if (typeof padding === "string") {
      if (padding !== "same" && padding !== "valid") {
        throw new ShapeError(`Invalid padding string '${String(padding)}', should be one of {'same', 'valid'}`);
      }
      if (padding === "same" && this.stride.some((step) => step !== 1)) {
        throw new ShapeError("padding='same' is not supported for strided convolutions");
      }
    }
    if (!paddingModes.includes(paddingMode)) {
      throw new ShapeError(
        `padding_mode must be one of {${paddingModes.map((m) => `'${m}'`).join(", ")}}, but got padding_mode='${paddingMode}'`,
      );
    }
    if (transposed && paddingMode !== "zeros") throw new ShapeError(`Only "zeros" padding mode is supported for ${new.target.name}`);
    this.padding = typeof padding === "string" ? padding : perDim(padding, n);
    this.dilation = perDim(settings.dilation, n);
    this.transposed = transposed;
    this.outputPadding = perDim(settings.outputPadding, n);
    this.groups = groups;
    this.paddingMode = paddingMode;
    const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
    this.weight = parameter([...channels, ...this.kernelSize], settings);
    this.bias = settings.bias ? parameter([outChannels], settings) : null;
    this.resetParameters();
  }

  /** Draws new initial values: uniform within 1/sqrt(inputs of one output). */
  resetParameters(): void {
    init.kaimingUniform_(this.weight, Math.sqrt(5));
    if (this.bias !== null) {
      const [fanIn] = init.calculateFanInAndFanOut(this.weight);
      if (fanIn === 0) return;
      const bound = 1 / Math.sqrt(fanIn);
      init.uniform_(this.bias, -bound, bound);
    }
  }

  /** Elements added on each side, last dimension first, as `functional.pad` takes them. */
  private sidePadding(): number[] {
    const sides: number[] = [];
    for (let i = this.kernelSize.length - 1; i >= 0; i--) {
      if (this.padding === "same") {
        const total = this.dilation[i]! * (this.kernelSize[i]! - 1);
        sides.push(Math.floor(total / 2), total - Math.floor(total / 2));
      } else if (this.padding === "valid") sides.push(0, 0);
      else sides.push(this.padding[i]!, this.padding[i]!);
    }
    return sides;
  }

  /** The input with its edges continued, where that is not by zeros. */
  protected padded(input: Tensor): Tensor {
    return F.pad(input, this.sidePadding(), this.paddingMode as Exclude<PaddingMode, "zeros">);
  }

  /** Padding on one side that gives `outputSize`. @throws {ShapeError} for a size out of reach */
  protected outputPaddingFor(input: Tensor, outputSize: readonly number[] | null): readonly number[] {
    if (outputSize === null) return this.outputPadding;
    const n = this.kernelSize.length;
    const own = input.ndim === n + 2 ? 2 : 1;
    const size = outputSize.length === own + n ? outputSize.slice(own) : outputSize;
    if (size.length !== n) {
      throw new ShapeError(
        `ConvTranspose${n}D: for ${input.ndim}D input, output_size must have ${n} or ${own + n} elements (got ${outputSize.length})`,
      );
    }
    const padding = this.padding as readonly number[];
    const least = this.kernelSize.map(
      (k, d) => (input.shape[d + own]! - 1) * this.stride[d]! - 2 * padding[d]! + this.dilation[d]! * (k - 1) + 1,
    );
    const most = least.map((m, d) => m + this.stride[d]! - 1);
    if (size.some((s, d) => s < least[d]! || s > most[d]!)) {
      const list = (v: readonly number[]): string => `[${v.join(", ")}]`;
      throw new ShapeError(
        `requested an output size of ${list(size)}, but valid sizes range from ${list(least)} to ${list(most)} (for an input of torch.Size(${list(input.shape.slice(own))}))`,
      );
    }
    return size.map((s, d) => s - least[d]!);
  }

  override extraRepr(): string {
    const zero = (v: readonly number[] | string): boolean => typeof v !== "string" && v.every((n) => n === 0);
    let text = `${this.inChannels}, ${this.outChannels}, kernel_size=${pythonValue(this.kernelSize)}, stride=${pythonValue(this.stride)}`;
    if (!zero(this.padding)) text += `, padding=${typeof this.padding === "string" ? this.padding : pythonValue(this.padding)}`;
    if (this.dilation.some((d) => d !== 1)) text += `, dilation=${pythonValue(this.dilation)}`;
    if (!zero(this.outputPadding)) text += `, output_padding=${pythonValue(this.outputPadding)}`;
    if (this.groups !== 1) text += `, groups=${this.groups}`;
    if (this.bias === null) text += ", bias=False";
    if (this.paddingMode !== "zeros") text += `, padding_mode=${this.paddingMode}`;
    return text;
  }
}

/** Parameters of the constructors, in order. */
export const convParameters = {
  inChannels: required,
  outChannels: required,
  kernelSize: required,
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: "zeros",
  device: null,
  dtype: null,
};
const bindConv1d = signature("Conv1d", convParameters);
const bindConv2d = signature("Conv2d", convParameters);
const bindConv3d = signature("Conv3d", convParameters);

/** 1-d convolution of `[N, Cin, L]` (or `[Cin, L]`) to `[N, Cout, Lout]`. @throws {ShapeError} for channels that groups don't divide @see torch.nn.Conv1d */
export class Conv1d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: ConvRest);
  constructor(options: ConvOptions & Required3);
  constructor(...args: unknown[]) {
    super(1, false, { ...bindConv1d(args), outputPadding: 0 });
  }
  override forward(input: Tensor): Tensor {
    if (this.paddingMode !== "zeros")
      return F.conv1d(this.padded(input), this.weight, this.bias, this.stride, 0, this.dilation, this.groups);
    return F.conv1d(input, this.weight, this.bias, this.stride, this.padding, this.dilation, this.groups);
  }
}

/**
 * 2-d convolution of `[N, Cin, H, W]` (or `[Cin, H, W]`) to `[N, Cout, Hout, Wout]`.
 *
 * ```ts
 * new nn.Conv2d(3, 6, 5)(torch.zeros(4, 3, 32, 32)).shape; // [4, 6, 28, 28]
 * ```
 * @throws {ShapeError} for channels that groups don't divide @see torch.nn.Conv2d
 */
export class Conv2d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: ConvRest);
  constructor(options: ConvOptions & Required3);
  constructor(...args: unknown[]) {
    super(2, false, { ...bindConv2d(args), outputPadding: 0 });
  }
  override forward(input: Tensor): Tensor {
    if (this.paddingMode !== "zeros")
      return F.conv2d(this.padded(input), this.weight, this.bias, this.stride, 0, this.dilation, this.groups);
    return F.conv2d(input, this.weight, this.bias, this.stride, this.padding, this.dilation, this.groups);
  }
}

/** 3-d convolution of `[N, Cin, D, H, W]` (or `[Cin, D, H, W]`). @throws {ShapeError} for channels that groups don't divide @see torch.nn.Conv3d */
export class Conv3d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: ConvRest);
  constructor(options: ConvOptions & Required3);
  constructor(...args: unknown[]) {
    super(3, false, { ...bindConv3d(args), outputPadding: 0 });
  }
  override forward(input: Tensor): Tensor {
    if (this.paddingMode !== "zeros")
      return F.conv3d(this.padded(input), this.weight, this.bias, this.stride, 0, this.dilation, this.groups);
    return F.conv3d(input, this.weight, this.bias, this.stride, this.padding, this.dilation, this.groups);
  }
}

/** Those of transposed convolutions. */
export const transposeParameters = {
  inChannels: required,
  outChannels: required,
  kernelSize: required,
  stride: 1,
  padding: 0,
  outputPadding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
  paddingMode: "zeros",
  device: null,
  dtype: null,
};
const bindTranspose1d = signature("ConvTranspose1d", transposeParameters);
const bindTranspose2d = signature("ConvTranspose2d", transposeParameters);
const bindTranspose3d = signature("ConvTranspose3d", transposeParameters);

type OutputSize = readonly number[] | null | { outputSize?: readonly number[] | null };
const sizeOf = (given: OutputSize): readonly number[] | null =>
  given === null || Array.isArray(given)
    ? (given as readonly number[] | null)
    : ((given as { outputSize?: readonly number[] }).outputSize ?? null);

/** Adjoint of {@link Conv1d}: `[N, Cin, L] -> [N, Cout, Lout]`. @throws {ShapeError} @see torch.nn.ConvTranspose1d */
export class ConvTranspose1d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: TransposeRest);
  constructor(options: ConvTransposeOptions & Required3);
  constructor(...args: unknown[]) {
    super(1, true, bindTranspose1d(args));
  }
  /** `outputSize` chooses among the sizes that a strided convolution maps to one. */
  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    const extra = this.outputPaddingFor(input, sizeOf(outputSize));
    return F.convTranspose1d(input, this.weight, this.bias, this.stride, this.padding as PerDim, extra, this.groups, this.dilation);
  }
}

/** Adjoint of {@link Conv2d}: `[N, Cin, H, W] -> [N, Cout, Hout, Wout]`. @throws {ShapeError} @see torch.nn.ConvTranspose2d */
export class ConvTranspose2d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: TransposeRest);
  constructor(options: ConvTransposeOptions & Required3);
  constructor(...args: unknown[]) {
    super(2, true, bindTranspose2d(args));
  }
  /** `outputSize` chooses among the sizes that a strided convolution maps to one. */
  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    const extra = this.outputPaddingFor(input, sizeOf(outputSize));
    return F.convTranspose2d(input, this.weight, this.bias, this.stride, this.padding as PerDim, extra, this.groups, this.dilation);
  }
}

/** Adjoint of {@link Conv3d}: `[N, Cin, D, H, W] -> [N, Cout, Dout, Hout, Wout]`. @throws {ShapeError} @see torch.nn.ConvTranspose3d */
export class ConvTranspose3d extends ConvNd {
  constructor(inChannels: number, outChannels: number, kernelSize: PerDim, ...rest: TransposeRest);
  constructor(options: ConvTransposeOptions & Required3);
  constructor(...args: unknown[]) {
    super(3, true, bindTranspose3d(args));
  }
  /** `outputSize` chooses among the sizes that a strided convolution maps to one. */
  override forward(input: Tensor, outputSize: OutputSize = null): Tensor {
    const extra = this.outputPaddingFor(input, sizeOf(outputSize));
    return F.convTranspose3d(input, this.weight, this.bias, this.stride, this.padding as PerDim, extra, this.groups, this.dilation);
  }
}
