import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type PerDim, perDim, type Rest } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonValue } from "../module/printing.ts";

/** A size for every spatial dimension, or one for each; null keeps the input's. */
export type OutputSize = number | null | readonly (number | null)[];
type ByName<More = unknown> = { outputSize: OutputSize } & More;

const bindAverage = signature("AdaptiveAvgPool", { outputSize: required });
const bindMaximum = signature("AdaptiveMaxPool", { outputSize: required, returnIndices: false });

/** What the adaptive mean poolings share. */
export abstract class AdaptiveAvgPoolNd extends Module {
  outputSize: OutputSize;
  constructor(outputSize: OutputSize | ByName) {
    super();
    this.outputSize = bindAverage([outputSize]).outputSize;
  }
  override extraRepr(): string {
    return `output_size=${pythonValue(this.outputSize)}`;
  }
}
/** Means of `outputSize` parts of `[N, C, L]`. @throws {ShapeError} @see torch.nn.AdaptiveAvgPool1d */
export class AdaptiveAvgPool1d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool1d(input, this.outputSize);
  }
}
/** Means of `outputSize` parts of `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.AdaptiveAvgPool2d */
export class AdaptiveAvgPool2d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool2d(input, this.outputSize);
  }
}
/** Means of `outputSize` parts of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.AdaptiveAvgPool3d */
export class AdaptiveAvgPool3d extends AdaptiveAvgPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveAvgPool3d(input, this.outputSize);
  }
}

/** What the adaptive maximum poolings share. */
export abstract class AdaptiveMaxPoolNd extends Module {
  outputSize: OutputSize;
  returnIndices: boolean;
  constructor(outputSize: OutputSize | ByName<{ returnIndices?: boolean }>, returnIndices?: boolean | { returnIndices?: boolean }) {
    super();
    const bound = bindMaximum(returnIndices === undefined ? [outputSize] : [outputSize, returnIndices]);
    this.outputSize = bound.outputSize;
    this.returnIndices = bound.returnIndices;
  }
  override extraRepr(): string {
    return `output_size=${pythonValue(this.outputSize)}`;
  }
}
/** Maxima of `outputSize` parts of `[N, C, L]`. @throws {ShapeError} @see torch.nn.AdaptiveMaxPool1d */
export class AdaptiveMaxPool1d extends AdaptiveMaxPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool1d(input, this.outputSize, this.returnIndices);
  }
}
/** Maxima of `outputSize` parts of `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.AdaptiveMaxPool2d */
export class AdaptiveMaxPool2d extends AdaptiveMaxPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool2d(input, this.outputSize, this.returnIndices);
  }
}
/** Maxima of `outputSize` parts of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.AdaptiveMaxPool3d */
export class AdaptiveMaxPool3d extends AdaptiveMaxPoolNd {
  override forward(input: Tensor): Tensor {
    return F.adaptiveMaxPool3d(input, this.outputSize, this.returnIndices);
  }
}

export interface FractionalMaxPoolOptions {
  outputSize?: PerDim | null;
  /** Output sizes as fractions of the input's, in (0, 1). */
  outputRatio?: PerDim | null;
  returnIndices?: boolean;
  /** `[N, C, n]` in [0, 1): shifts the windows. Default: drawn anew at every call. */
  _randomSamples?: Tensor | null;
}
type FractionalRest = Rest<
  [outputSize: PerDim | null, outputRatio: PerDim | null, returnIndices: boolean, randomSamples: Tensor | null],
  FractionalMaxPoolOptions
>;
const fractionalParameters = { kernelSize: required, outputSize: null, outputRatio: null, returnIndices: false, _randomSamples: null };
const bindFractional2d = signature("FractionalMaxPool2d", fractionalParameters);
const bindFractional3d = signature("FractionalMaxPool3d", fractionalParameters);

/** What the fractional poolings share. */
export abstract class FractionalMaxPoolNd extends Module {
  kernelSize: readonly number[];
  returnIndices: boolean;
  outputSize: readonly number[] | null;
  outputRatio: readonly number[] | null;
  _random_samples!: Tensor | null;

  protected constructor(n: 2 | 3, args: readonly unknown[]) {
    super();
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = (n === 2 ? bindFractional2d : bindFractional3d)(args);
    const name = this.typeName();
    this.kernelSize = perDim(kernelSize, n);
    this.returnIndices = returnIndices;
    this.registerBuffer("_random_samples", _randomSamples);
    this.outputSize = outputSize === null ? null : perDim(outputSize, n);
    this.outputRatio = outputRatio === null ? null : perDim(outputRatio, n);
    if (outputSize === null && outputRatio === null) {
      throw new ShapeError(`${name} requires specifying either an output size, or a pooling ratio`);
    }
    if (outputSize !== null && outputRatio !== null) throw new ShapeError("only one of output_size and output_ratio may be specified");
    if (this.outputRatio?.some((ratio) => !(ratio > 0 && ratio < 1))) {
      throw new ShapeError(`output_ratio must be between 0 and 1 (got ${pythonValue(outputRatio)})`);
    }
  }

  protected pool(call: typeof F.fractionalMaxPool2d, input: Tensor): Tensor {
    return call(input, this.kernelSize, this.outputSize, this.outputRatio, this.returnIndices, this._random_samples);
  }
}
/** Maximum of windows of `[N, C, H, W]` placed at random (Graham, 2015). @throws {ShapeError} @see torch.nn.FractionalMaxPool2d */
export class FractionalMaxPool2d extends FractionalMaxPoolNd {
  constructor(kernelSize: PerDim, ...rest: FractionalRest);
  constructor(options: FractionalMaxPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(2, args);
  }
  override forward(input: Tensor): Tensor {
    return this.pool(F.fractionalMaxPool2d, input);
  }
}
/** Maximum of windows of `[N, C, D, H, W]` placed at random. @throws {ShapeError} @see torch.nn.FractionalMaxPool3d */
export class FractionalMaxPool3d extends FractionalMaxPoolNd {
  constructor(kernelSize: PerDim, ...rest: FractionalRest);
  constructor(options: FractionalMaxPoolOptions & { kernelSize: PerDim });
  constructor(...args: unknown[]) {
    super(3, args);
  }
  override forward(input: Tensor): Tensor {
    return this.pool(F.fractionalMaxPool3d, input);
  }
}
