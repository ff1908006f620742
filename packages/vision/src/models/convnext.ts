import { ones, type Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { Conv2dNormActivation } from "../ops/conv-norm-activation.ts";
import { StochasticDepth } from "../ops/stochastic-depth.ts";
import { initialiseTruncated } from "./initialise.ts";

/** Layer normalization over the channels of `[N, C, H, W]`. */
class LayerNorm2d extends nn.LayerNorm {
  override forward(x: Tensor): Tensor {
    return super.forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
  }
}

/** Reorders dimensions, as a layer. @see torchvision.ops.Permute */
export class Permute extends nn.Module {
  readonly dims: readonly number[];

  constructor(dims: readonly number[]) {
    super();
    this.dims = dims;
  }

  override forward(x: Tensor): Tensor {
    return x.permute([...this.dims]);
  }
}

class CNBlock extends nn.Module {
  layer_scale: nn.Parameter;
  block: nn.Sequential;
  stochastic_depth: StochasticDepth;

  constructor(channels: number, layerScale: number, stochasticDepthProb: number) {
    super();
    this.block = new nn.Sequential(
      new nn.Conv2d(channels, channels, 7, { padding: 3, groups: channels }),
      new Permute([0, 2, 3, 1]),
      new nn.LayerNorm(channels, { eps: 1e-6 }),
      new nn.Linear(channels, 4 * channels),
      new nn.GELU(),
      new nn.Linear(4 * channels, channels),
      new Permute([0, 3, 1, 2]),
    );
    this.layer_scale = new nn.Parameter(ones(channels, 1, 1).mul(layerScale));
    this.stochastic_depth = new StochasticDepth(stochasticDepthProb, "row");
  }

  override forward(input: Tensor): Tensor {
    const out: Tensor = this.layer_scale.mul(this.block(input) as Tensor);
    return (this.stochastic_depth(out) as Tensor).add(input);
  }
}

/** Options of the ConvNeXt networks. */
export interface ConvNextOptions {
  /** 1000 by default. */
  numClasses?: number;
  /** Probability of the last block to be skipped in training. */
  stochasticDepthProb?: number;
  layerScale?: number;
}

/** ConvNeXt (Liu et al., 2022). Input `[N, 3, H, W]`. @see torchvision.models.ConvNeXt */
export class ConvNeXt extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  constructor(widths: readonly number[], depths: readonly number[], options: ConvNextOptions = {}) {
    super();
    const { numClasses = 1000, stochasticDepthProb = 0, layerScale = 1e-6 } = options;
    const norm = (channels: number): nn.Module => new LayerNorm2d(channels, { eps: 1e-6 });
    const layers: nn.Module[] = [
      new Conv2dNormActivation(3, widths[0]!, { kernelSize: 4, stride: 4, padding: 0, norm, activation: null, bias: true }),
    ];
    const total = depths.reduce((a, b) => a + b, 0);
    let block = 0;
    for (const [i, width] of widths.entries()) {
      const stage: nn.Module[] = [];
      while (stage.length < depths[i]!) stage.push(new CNBlock(width, layerScale, (stochasticDepthProb * block++) / (total - 1)));
      layers.push(new nn.Sequential(...stage));
      const next = widths[i + 1];
      if (next !== undefined) layers.push(new nn.Sequential(norm(width), new nn.Conv2d(width, next, 2, { stride: 2 })));
    }
    this.features = new nn.Sequential(...layers);
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    const last = widths.at(-1)!;
    this.classifier = new nn.Sequential(norm(last), new nn.Flatten(1), new nn.Linear(last, numClasses));
    initialiseTruncated(this, () => 0.02, true);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)));
  }
}

const make =
  (widths: readonly number[], depths: readonly number[], stochasticDepthProb: number) =>
  (options: ConvNextOptions = {}): ConvNeXt =>
    new ConvNeXt(widths, depths, { stochasticDepthProb, ...options });

/** The tiny {@link ConvNeXt}. @see torchvision.models.convnext_tiny */
export const convnextTiny = make([96, 192, 384, 768], [3, 3, 9, 3], 0.1);
/** The small {@link ConvNeXt}. @see torchvision.models.convnext_small */
export const convnextSmall = make([96, 192, 384, 768], [3, 3, 27, 3], 0.4);
