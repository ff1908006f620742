import type { Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type PerDim, perDim, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonValue } from "../module/printing.ts";

export interface MaxPoolOptions {
  /** Step of the window. Default: its size. */
  stride?: PerDim | null;
  /** Places added on both sides, lower than any number. Default 0. */
  padding?: PerDim;
  /** Distance between the window's elements. Default 1. */
  dilation?: PerDim;
  /** Give the places of the maxima as well, for unpooling. Default false. */
  returnIndices?: boolean;
  /** Let the last window reach over the edge. Default false. */
  ceilMode?: boolean;
}
type MaxRest = Rest<[stride: PerDim | null, padding: PerDim, dilation: PerDim, returnIndices: boolean, ceilMode: boolean], MaxPoolOptions>;
const maxParameters = { kernelSize: required, stride: null, padding: 0, dilation: 1, returnIndices: false, ceilMode: false };
const bindMax = [signature("MaxPool1d", maxParameters), signature("MaxPool2d", maxParameters), signature("MaxPool3d", maxParameters)];

/** What the maximum poolings share. */
export abstract class MaxPoolNd extends Module {
  kernelSize: PerDim;
  stride: PerDim;
  padding: PerDim;
  dilation: PerDim;
  returnIndices: boolean;
  ceilMode: boolean;

  protected constructor(n: 1 | 2 | 3, args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding, dilation, returnIndices, ceilMode } = bindMax[n - 1]!(args);
    this.kernelSize = kernelSize;
    this.stride = stride ?? kernelSize;
    this.padding = padding;
    this.dilation = dilation;
    this.returnIndices = returnIndices;
    this.ceilMode = ceilMode;
  }

  protected pool(call: typeof F.maxPool2d, input: Tensor): Tensor {
    return call(input, this.kernelSize, this.stride, this.padding, this.dilation, this.ceilMode, this.returnIndices);
  }

  override extraRepr(): string {
    const text = `kernel_size=${pythonValue(this.kernelSize)}, stride=${pythonValue(this.stride)}, padding=${pythonValue(this.padding)}`;
    return `${text}, dilation=${pythonValue(this.dilation)}, ceil_mode=${pythonValue(this.ceilMode)}`;
  }
}

/** Maximum of each window of `[N, C, L]` (or `[C, L]`). @throws {ShapeError} @see torch.nn.MaxPool1d */
export class MaxPool1d extends MaxPoolNd {
  constructor(kernelSize: PerDim, ...rest: MaxRest);
  constructor(options: MaxPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(1, args);
  }
  override forward(input: Tensor): Tensor {
    return this.pool(F.maxPool1d, input);
  }
}
/** Maximum of each window of `[N, C, H, W]` (or `[C, H, W]`). With `returnIndices` the result is `[maxima, places]`. @throws {ShapeError} @see torch.nn.MaxPool2d */
export class MaxPool2d extends MaxPoolNd {
  constructor(kernelSize: PerDim, ...rest: MaxRest);
  constructor(options: MaxPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(2, args);
  }
  override forward(input: Tensor): Tensor {
    return this.pool(F.maxPool2d, input);
  }
}
/** Maximum of each window of `[N, C, D, H, W]` (or `[C, D, H, W]`). @throws {ShapeError} @see torch.nn.MaxPool3d */
export class MaxPool3d extends MaxPoolNd {
  constructor(kernelSize: PerDim, ...rest: MaxRest);
  constructor(options: MaxPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(3, args);
  }
  override forward(input: Tensor): Tensor {
    return this.pool(F.maxPool3d, input);
  }
}

export interface MaxUnpoolOptions {
  stride?: PerDim | null;
  padding?: PerDim;
}
type UnpoolRest = Rest<[stride: PerDim | null, padding: PerDim], MaxUnpoolOptions>;
const unpoolParameters = { kernelSize: required, stride: null, padding: 0 };
const bindUnpool = [
  signature("MaxUnpool1d", unpoolParameters),
  signature("MaxUnpool2d", unpoolParameters),
  signature("MaxUnpool3d", unpoolParameters),
];

/** What the unpoolings share. */
export abstract class MaxUnpoolNd extends Module {
  kernelSize: readonly number[];
  stride: readonly number[];
  padding: readonly number[];

  protected constructor(n: 1 | 2 | 3, args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding } = bindUnpool[n - 1]!(args);
    this.kernelSize = perDim(kernelSize, n);
    this.stride = perDim(stride ?? kernelSize, n);
    this.padding = perDim(padding, n);
  }

  override extraRepr(): string {
    return `kernel_size=${pythonValue(this.kernelSize)}, stride=${pythonValue(this.stride)}, padding=${pythonValue(this.padding)}`;
  }
}
/** Partial inverse of {@link MaxPool1d}: elements go back to their places, zeros elsewhere. @throws {ShapeError} @see torch.nn.MaxUnpool1d */
export class MaxUnpool1d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, ...rest: UnpoolRest);
  constructor(options: MaxUnpoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(1, args);
  }
  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return F.maxUnpool1d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}
/** Partial inverse of {@link MaxPool2d}. @throws {ShapeError} @see torch.nn.MaxUnpool2d */
export class MaxUnpool2d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, ...rest: UnpoolRest);
  constructor(options: MaxUnpoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(2, args);
  }
  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return F.maxUnpool2d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}
/** Partial inverse of {@link MaxPool3d}. @throws {ShapeError} @see torch.nn.MaxUnpool3d */
export class MaxUnpool3d extends MaxUnpoolNd {
  constructor(kernelSize: PerDim, ...rest: UnpoolRest);
  constructor(options: MaxUnpoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(3, args);
  }
  override forward(input: Tensor, indices: Tensor, outputSize: readonly number[] | null = null): Tensor {
    return F.maxUnpool3d(input, indices, this.kernelSize, this.stride, this.padding, outputSize);
  }
}

export interface AvgPoolOptions {
  stride?: PerDim | null;
  /** Zeros added on both sides. Default 0. */
  padding?: PerDim;
  ceilMode?: boolean;
  /** Whether padding counts in the mean. Default true. */
  countIncludePad?: boolean;
  /** Divide sums by this instead. */
  divisorOverride?: number | null;
}
type AvgRest = Rest<
  [stride: PerDim | null, padding: PerDim, ceilMode: boolean, countIncludePad: boolean, divisorOverride: number | null],
  AvgPoolOptions
>;
const avgParameters = { kernelSize: required, stride: null, padding: 0, ceilMode: false, countIncludePad: true };
const bindAvg = [
  signature("AvgPool1d", avgParameters),
  signature("AvgPool2d", { ...avgParameters, divisorOverride: null }),
  signature("AvgPool3d", { ...avgParameters, divisorOverride: null }),
];

/** What the mean poolings share. */
export abstract class AvgPoolNd extends Module {
  kernelSize: PerDim;
  stride: PerDim;
  padding: PerDim;
  ceilMode: boolean;
  countIncludePad: boolean;
  divisorOverride: number | null;

  protected constructor(n: 1 | 2 | 3, args: readonly unknown[]) {
    super();
    const { kernelSize, stride, padding, ceilMode, countIncludePad, divisorOverride } = bindAvg[n - 1]!(args);
    this.kernelSize = n === 1 ? perDim(kernelSize, 1) : kernelSize;
    this.stride = n === 1 ? perDim(stride ?? kernelSize, 1) : (stride ?? kernelSize);
    this.padding = n === 1 ? perDim(padding, 1) : padding;
    this.ceilMode = ceilMode;
    this.countIncludePad = countIncludePad;
    this.divisorOverride = divisorOverride ?? null;
  }

  override extraRepr(): string {
    return `kernel_size=${pythonValue(this.kernelSize)}, stride=${pythonValue(this.stride)}, padding=${pythonValue(this.padding)}`;
  }
}
/** Mean of each window of `[N, C, L]` (or `[C, L]`). @throws {ShapeError} @see torch.nn.AvgPool1d */
export class AvgPool1d extends AvgPoolNd {
  constructor(kernelSize: PerDim, ...rest: AvgRest);
  constructor(options: AvgPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(1, args);
  }
  override forward(input: Tensor): Tensor {
    return F.avgPool1d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad);
  }
}
/** Mean of each window of `[N, C, H, W]` (or `[C, H, W]`). @throws {ShapeError} @see torch.nn.AvgPool2d */
export class AvgPool2d extends AvgPoolNd {
  constructor(kernelSize: PerDim, ...rest: AvgRest);
  constructor(options: AvgPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(2, args);
  }
  override forward(input: Tensor): Tensor {
    return F.avgPool2d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad, this.divisorOverride);
  }
}
/** Mean of each window of `[N, C, D, H, W]` (or `[C, D, H, W]`). @throws {ShapeError} @see torch.nn.AvgPool3d */
export class AvgPool3d extends AvgPoolNd {
  constructor(kernelSize: PerDim, ...rest: AvgRest);
  constructor(options: AvgPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(3, args);
  }
  override forward(input: Tensor): Tensor {
    return F.avgPool3d(input, this.kernelSize, this.stride, this.padding, this.ceilMode, this.countIncludePad, this.divisorOverride);
  }
}

export interface LpPoolOptions {
  stride?: PerDim | null;
  ceilMode?: boolean;
}
type LpRest = Rest<[stride: PerDim | null, ceilMode: boolean], LpPoolOptions>;
const lpParameters = { normType: required, kernelSize: required, stride: null, ceilMode: false };
const bindLp = [signature("LPPool1d", lpParameters), signature("LPPool2d", lpParameters), signature("LPPool3d", lpParameters)];

/** What the power-mean poolings share. */
export abstract class LPPoolNd extends Module {
  normType: number;
  kernelSize: PerDim;
  stride: PerDim | null;
  ceilMode: boolean;

  protected constructor(n: 1 | 2 | 3, args: readonly unknown[]) {
    super();
    const { normType, kernelSize, stride, ceilMode } = bindLp[n - 1]!(args);
    this.normType = normType;
    this.kernelSize = kernelSize;
    this.stride = stride;
    this.ceilMode = ceilMode;
  }

  override extraRepr(): string {
    const text = `norm_type=${pythonValue(this.normType)}, kernel_size=${pythonValue(this.kernelSize)}`;
    return `${text}, stride=${pythonValue(this.stride)}, ceil_mode=${pythonValue(this.ceilMode)}`;
  }
}
/** `(sum x^p)^(1/p)` of each window of `[N, C, L]`. @throws {ShapeError} @see torch.nn.LPPool1d */
export class LPPool1d extends LPPoolNd {
  constructor(normType: number, kernelSize: PerDim, ...rest: LpRest);
  constructor(options: LpPoolOptions & { normType: number; kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(1, args);
  }
  override forward(input: Tensor): Tensor {
    return F.lpPool1d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}
/** `(sum x^p)^(1/p)` of each window of `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.LPPool2d */
export class LPPool2d extends LPPoolNd {
  constructor(normType: number, kernelSize: PerDim, ...rest: LpRest);
  constructor(options: LpPoolOptions & { normType: number; kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(2, args);
  }
  override forward(input: Tensor): Tensor {
    return F.lpPool2d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}
/** `(sum x^p)^(1/p)` of each window of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.LPPool3d */
export class LPPool3d extends LPPoolNd {
  constructor(normType: number, kernelSize: PerDim, ...rest: LpRest);
  constructor(options: LpPoolOptions & { normType: number; kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(3, args);
  }
  override forward(input: Tensor): Tensor {
    return F.lpPool3d(input, this.normType, this.kernelSize, this.stride, this.ceilMode);
  }
}
