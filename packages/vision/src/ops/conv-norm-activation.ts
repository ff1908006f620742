import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";

/** A size: one number, or one a dimension. */
export type PerDimension = number | readonly number[];

/** Options of {@link Conv2dNormActivation}. */
export interface ConvNormActivationOptions {
  kernelSize?: PerDimension;
  stride?: number;
  /** Keeps the size at stride 1 by default. */
  padding?: PerDimension;
  groups?: number;
  dilation?: number;
  /** Makes the normalization of so many channels; batch normalization by default, `null` for none. */
  norm?: ((channels: number) => nn.Module) | null;
  /** Makes the activation; ReLU by default, `null` for none. */
  activation?: (() => nn.Module) | null;
  /** By default only without normalization. */
  bias?: boolean;
}

/** Convolution, normalization, activation. @see torchvision.ops.Conv2dNormActivation */
export class Conv2dNormActivation extends nn.Sequential {
  constructor(inChannels: number, outChannels: number, options: ConvNormActivationOptions = {}) {
    const {
      kernelSize = 3,
      stride = 1,
      groups = 1,
      dilation = 1,
      norm = (channels) => new nn.BatchNorm2d(channels),
      activation = () => new nn.ReLU({ inplace: true }),
    } = options;
    const same = (size: number): number => Math.floor((size - 1) / 2) * dilation;
    const padding = options.padding ?? (typeof kernelSize === "number" ? same(kernelSize) : kernelSize.map(same));
    const layers: nn.Module[] = [
      new nn.Conv2d(inChannels, outChannels, kernelSize as number, {
        stride,
        padding: padding as number,
        dilation,
        groups,
        bias: options.bias ?? norm === null,
      }),
    ];
    if (norm !== null) layers.push(norm(outChannels));
    if (activation !== null) layers.push(activation());
    super(...layers);
  }
}

/** Weighs channels by what is in all of them (Hu et al., 2017). @see torchvision.ops.SqueezeExcitation */
export class SqueezeExcitation extends nn.Module {
  avgpool = new nn.AdaptiveAvgPool2d(1);
  fc1: nn.Conv2d;
  fc2: nn.Conv2d;
  activation: nn.Module;
  scale_activation: nn.Module;

  constructor(
    inputChannels: number,
    squeezeChannels: number,
    activation: () => nn.Module = () => new nn.ReLU(),
    scaleActivation: () => nn.Module = () => new nn.Sigmoid(),
  ) {
    super();
    this.fc1 = new nn.Conv2d(inputChannels, squeezeChannels, 1);
    this.fc2 = new nn.Conv2d(squeezeChannels, inputChannels, 1);
    this.activation = activation();
    this.scale_activation = scaleActivation();
  }

  override forward(input: Tensor): Tensor {
    const scale: Tensor = this.scale_activation(this.fc2(this.activation(this.fc1(this.avgpool(input)))));
    return scale.mul(input);
  }
}
