import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { Conv2dNormActivation, SqueezeExcitation } from "../ops/conv-norm-activation.ts";
import type { ClassifierOptions } from "./alexnet.ts";
import { initialiseKaiming, makeDivisible } from "./initialise.ts";

const relu6 = (): nn.Module => new nn.ReLU6({ inplace: true });

/** Expansion, depthwise convolution, projection, beside the identity where sizes allow. */
class InvertedResidualV2 extends nn.Module {
  conv: nn.Sequential;
  private readonly residual: boolean;

  constructor(from: number, to: number, stride: number, expansion: number) {
    super();
    const hidden = Math.round(from * expansion);
    this.residual = stride === 1 && from === to;
    const layers: nn.Module[] = [];
    if (expansion !== 1) layers.push(new Conv2dNormActivation(from, hidden, { kernelSize: 1, activation: relu6 }));
    layers.push(
      new Conv2dNormActivation(hidden, hidden, { stride, groups: hidden, activation: relu6 }),
      new nn.Conv2d(hidden, to, 1, { bias: false }),
      new nn.BatchNorm2d(to),
    );
    this.conv = new nn.Sequential(...layers);
  }

  override typeName(): string {
    return "InvertedResidual";
  }

  override forward(x: Tensor): Tensor {
    const out: Tensor = this.conv(x);
    return this.residual ? x.add(out) : out;
  }
}

/** Options of {@link mobilenetV2}. */
export interface MobileNetV2Options extends ClassifierOptions {
  /** Scales the number of channels. */
  widthMult?: number;
}

/** MobileNet V2 (Sandler et al., 2018). Input `[N, 3, H, W]`. @see torchvision.models.MobileNetV2 */
export class MobileNetV2 extends nn.Module {
  features: nn.Sequential;
  classifier: nn.Sequential;

  constructor(options: MobileNetV2Options = {}) {
    super();
    const { numClasses = 1000, dropout = 0.2, widthMult = 1 } = options;
    let channels = makeDivisible(32 * widthMult, 8);
    const last = makeDivisible(1280 * Math.max(1, widthMult), 8);
    const features: nn.Module[] = [new Conv2dNormActivation(3, channels, { stride: 2, activation: relu6 })];
    for (const [expansion, width, count, stride] of [
      [1, 16, 1, 1],
      [6, 24, 2, 2],
      [6, 32, 3, 2],
      [6, 64, 4, 2],
      [6, 96, 3, 1],
      [6, 160, 3, 2],
      [6, 320, 1, 1],
    ] as const) {
      const to = makeDivisible(width * widthMult, 8);
      for (let i = 0; i < count; i++, channels = to) features.push(new InvertedResidualV2(channels, to, i === 0 ? stride : 1, expansion));
    }
    features.push(new Conv2dNormActivation(channels, last, { kernelSize: 1, activation: relu6 }));
    this.features = new nn.Sequential(...features);
    this.classifier = new nn.Sequential(new nn.Dropout(dropout), new nn.Linear(last, numClasses));
    initialiseKaiming(this, 0.01);
  }

  override forward(x: Tensor): Tensor {
    const features: Tensor = this.features(x);
    return this.classifier(nn.functional.adaptiveAvgPool2d(features, [1, 1]).flatten(1));
  }
}

/** {@link MobileNetV2} with fresh weights. @see torchvision.models.mobilenet_v2 */
export const mobilenetV2 = (options: MobileNetV2Options = {}): MobileNetV2 => new MobileNetV2(options);

/** A row of the tables of the paper: channels in, kernel, expanded, out; squeeze and excitation; hard swish instead of ReLU; stride. */
type BlockRow = readonly [from: number, kernel: number, expanded: number, to: number, squeeze: boolean, hardSwish: boolean, stride: number];

const norm = (channels: number): nn.Module => new nn.BatchNorm2d(channels, { eps: 0.001, momentum: 0.01 });
const hardswish = (): nn.Module => new nn.Hardswish({ inplace: true });
const relu = (): nn.Module => new nn.ReLU({ inplace: true });

class InvertedResidualV3 extends nn.Module {
  block: nn.Sequential;
  private readonly residual: boolean;

  constructor([from, kernelSize, expanded, to, squeeze, hardSwish, stride]: BlockRow) {
    super();
    this.residual = stride === 1 && from === to;
    const activation = hardSwish ? hardswish : relu;
    const layers: nn.Module[] = [];
    if (expanded !== from) layers.push(new Conv2dNormActivation(from, expanded, { kernelSize: 1, norm, activation }));
    layers.push(new Conv2dNormActivation(expanded, expanded, { kernelSize, stride, groups: expanded, norm, activation }));
    if (squeeze)
      layers.push(
        new SqueezeExcitation(
          expanded,
          makeDivisible(Math.floor(expanded / 4), 8),
          () => new nn.ReLU(),
          () => new nn.Hardsigmoid(),
        ),
      );
    layers.push(new Conv2dNormActivation(expanded, to, { kernelSize: 1, norm, activation: null }));
    this.block = new nn.Sequential(...layers);
  }

  override typeName(): string {
    return "InvertedResidual";
  }

  override forward(x: Tensor): Tensor {
    const out: Tensor = this.block(x);
    return this.residual ? out.add(x) : out;
  }
}

const SMALL: readonly BlockRow[] = [
  [16, 3, 16, 16, true, false, 2],
  [16, 3, 72, 24, false, false, 2],
  [24, 3, 88, 24, false, false, 1],
  [24, 5, 96, 40, true, true, 2],
  [40, 5, 240, 40, true, true, 1],
  [40, 5, 240, 40, true, true, 1],
  [40, 5, 120, 48, true, true, 1],
  [48, 5, 144, 48, true, true, 1],
  [48, 5, 288, 96, true, true, 2],
  [96, 5, 576, 96, true, true, 1],
  [96, 5, 576, 96, true, true, 1],
];

const LARGE: readonly BlockRow[] = [
  [16, 3, 16, 16, false, false, 1],
  [16, 3, 64, 24, false, false, 2],
  [24, 3, 72, 24, false, false, 1],
  [24, 5, 72, 40, true, false, 2],
  [40, 5, 120, 40, true, false, 1],
  [40, 5, 120, 40, true, false, 1],
  [40, 3, 240, 80, false, true, 2],
  [80, 3, 200, 80, false, true, 1],
  [80, 3, 184, 80, false, true, 1],
  [80, 3, 184, 80, false, true, 1],
  [80, 3, 480, 112, true, true, 1],
  [112, 3, 672, 112, true, true, 1],
  [112, 5, 672, 160, true, true, 2],
  [160, 5, 960, 160, true, true, 1],
  [160, 5, 960, 160, true, true, 1],
];

/** MobileNet V3 (Howard et al., 2019). Input `[N, 3, H, W]`. @see torchvision.models.MobileNetV3 */
export class MobileNetV3 extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  constructor(rows: readonly BlockRow[], lastChannel: number, options: ClassifierOptions = {}) {
    super();
    const { numClasses = 1000, dropout = 0.2 } = options;
    const to = rows.at(-1)![3];
    this.features = new nn.Sequential(
      new Conv2dNormActivation(3, rows[0]![0], { stride: 2, norm, activation: hardswish }),
      ...rows.map((row) => new InvertedResidualV3(row)),
      new Conv2dNormActivation(to, 6 * to, { kernelSize: 1, norm, activation: hardswish }),
    );
    this.avgpool = new nn.AdaptiveAvgPool2d(1);
    this.classifier = new nn.Sequential(
      new nn.Linear(6 * to, lastChannel),
      hardswish(),
      new nn.Dropout(dropout, { inplace: true }),
      new nn.Linear(lastChannel, numClasses),
    );
    initialiseKaiming(this, 0.01);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

/** The smaller {@link MobileNetV3}. @see torchvision.models.mobilenet_v3_small */
export const mobilenetV3Small = (options: ClassifierOptions = {}): MobileNetV3 => new MobileNetV3(SMALL, 1024, options);
/** The larger {@link MobileNetV3}. @see torchvision.models.mobilenet_v3_large */
export const mobilenetV3Large = (options: ClassifierOptions = {}): MobileNetV3 => new MobileNetV3(LARGE, 1280, options);
