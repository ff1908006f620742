import type { Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { PerDim, Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonFloat, pythonValue } from "../module/printing.ts";

const bindShuffle = signature("PixelShuffle", { upscaleFactor: required });
/** `[..., C r², H, W] -> [..., C, H r, W r]`: channels become pixels (Shi et al., 2016). @throws {ShapeError} @see torch.nn.PixelShuffle */
export class PixelShuffle extends Module {
  upscaleFactor: number;
  constructor(...args: [upscaleFactor: number] | [options: { upscaleFactor: number }]) {
    super();
    this.upscaleFactor = bindShuffle(args).upscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return F.pixelShuffle(input, this.upscaleFactor);
  }
  override extraRepr(): string {
    return `upscale_factor=${this.upscaleFactor}`;
  }
}

const bindUnshuffle = signature("PixelUnshuffle", { downscaleFactor: required });
/** Inverse of {@link PixelShuffle}. @throws {ShapeError} @see torch.nn.PixelUnshuffle */
export class PixelUnshuffle extends Module {
  downscaleFactor: number;
  constructor(...args: [downscaleFactor: number] | [options: { downscaleFactor: number }]) {
    super();
    this.downscaleFactor = bindUnshuffle(args).downscaleFactor;
  }
  override forward(input: Tensor): Tensor {
    return F.pixelUnshuffle(input, this.downscaleFactor);
  }
  override extraRepr(): string {
    return `downscale_factor=${this.downscaleFactor}`;
  }
}

const bindChannels = signature("ChannelShuffle", { groups: required });
/** Mixes channels between groups (Zhang et al., 2018). @throws {ShapeError} @see torch.nn.ChannelShuffle */
export class ChannelShuffle extends Module {
  groups: number;
  constructor(...args: [groups: number] | [options: { groups: number }]) {
    super();
    this.groups = bindChannels(args).groups;
  }
  override forward(input: Tensor): Tensor {
    return F.channelShuffle(input, this.groups);
  }
  override extraRepr(): string {
    return `groups=${this.groups}`;
  }
}

export interface UpsampleOptions {
  /** Size of the result. Either this or `scaleFactor`. */
  size?: number | readonly number[] | null;
  scaleFactor?: number | readonly number[] | null;
  /** Default "nearest". */
  mode?: F.InterpolationMode;
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
}
const bindUpsample = signature("Upsample", {
  size: null,
  scaleFactor: null,
  mode: "nearest",
  alignCorners: null,
  recomputeScaleFactor: null,
});
type Size = number | readonly number[] | null;

/** Resizes `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.Upsample */
export class Upsample extends Module {
  size: Size;
  scaleFactor: Size;
  mode: F.InterpolationMode;
  alignCorners: boolean | null;
  recomputeScaleFactor: boolean | null;

  constructor(
    ...args: Rest<
      [size: Size, scaleFactor: Size, mode: F.InterpolationMode, alignCorners: boolean | null, recomputeScaleFactor: boolean | null],
      UpsampleOptions
    >
  ) {
    super();
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = bindUpsample(args);
    this.size = size;
    this.scaleFactor = scaleFactor;
    this.mode = mode;
    this.alignCorners = alignCorners;
    this.recomputeScaleFactor = recomputeScaleFactor;
  }

  override forward(input: Tensor): Tensor {
    const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor } = this;
    return F.interpolate(input, { size, scaleFactor, mode, alignCorners, recomputeScaleFactor });
  }

  override extraRepr(): string {
    const factor = this.scaleFactor;
    const factors = typeof factor === "number" ? [] : (factor ?? []).map(pythonFloat);
    const shown = typeof factor === "number" ? pythonFloat(factor) : `(${factors.join(", ")}${factors.length === 1 ? "," : ""})`;
    const what = factor !== null ? `scale_factor=${shown}` : `size=${pythonValue(this.size)}`;
    return `${what}, mode='${this.mode}'`;
  }
}

/** {@link Upsample} with mode "nearest". @see torch.nn.UpsamplingNearest2d */
export class UpsamplingNearest2d extends Upsample {
  constructor(...args: Rest<[size: Size, scaleFactor: Size], Pick<UpsampleOptions, "size" | "scaleFactor">>) {
    const { size, scaleFactor } = bindUpsample(args);
    super({ size, scaleFactor, mode: "nearest" });
  }
}
/** {@link Upsample} with mode "bilinear" and aligned corners. @see torch.nn.UpsamplingBilinear2d */
export class UpsamplingBilinear2d extends Upsample {
  constructor(...args: Rest<[size: Size, scaleFactor: Size], Pick<UpsampleOptions, "size" | "scaleFactor">>) {
    const { size, scaleFactor } = bindUpsample(args);
    super({ size, scaleFactor, mode: "bilinear", alignCorners: true });
  }
}

type BlockOptions = Pick<F.UnfoldOptions, "dilation" | "padding" | "stride">;
type BlockRest = Rest<[dilation: PerDim, padding: PerDim, stride: PerDim], BlockOptions>;
const bindUnfold = signature("Unfold", { kernelSize: required, dilation: 1, padding: 0, stride: 1 });
/** Sliding blocks as columns: `[N, C, H, W] -> [N, C kH kW, L]`. @throws {ShapeError} @see torch.nn.Unfold */
export class Unfold extends Module {
  kernelSize: PerDim;
  dilation: PerDim;
  padding: PerDim;
  stride: PerDim;
  constructor(kernelSize: PerDim, ...rest: BlockRest);
  constructor(options: BlockOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super();
    const { kernelSize, dilation, padding, stride } = bindUnfold(args);
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }
  override forward(input: Tensor): Tensor {
    return F.unfold(input, this.kernelSize, this.dilation, this.padding, this.stride);
  }
  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this;
    return `kernel_size=${pythonValue(kernelSize)}, dilation=${pythonValue(dilation)}, padding=${pythonValue(padding)}, stride=${pythonValue(stride)}`;
  }
}

const bindFold = signature("Fold", { outputSize: required, kernelSize: required, dilation: 1, padding: 0, stride: 1 });
/** Adds blocks `[N, C kH kW, L]` up into an image `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.Fold */
export class Fold extends Module {
  outputSize: PerDim;
  kernelSize: PerDim;
  dilation: PerDim;
  padding: PerDim;
  stride: PerDim;
  constructor(outputSize: PerDim, kernelSize: PerDim, ...rest: BlockRest);
  constructor(options: BlockOptions & { outputSize: PerDim; kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super();
    const { outputSize, kernelSize, dilation, padding, stride } = bindFold(args);
    this.outputSize = outputSize;
    this.kernelSize = kernelSize;
    this.dilation = dilation;
    this.padding = padding;
    this.stride = stride;
  }
  override forward(input: Tensor): Tensor {
    return F.fold(input, this.outputSize, this.kernelSize, this.dilation, this.padding, this.stride);
  }
  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this;
    return `output_size=${pythonValue(outputSize)}, kernel_size=${pythonValue(kernelSize)}, dilation=${pythonValue(dilation)}, padding=${pythonValue(padding)}, stride=${pythonValue(stride)}`;
  }
}
