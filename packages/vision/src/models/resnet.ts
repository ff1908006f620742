import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { initialiseKaiming } from "./initialise.ts";

/** Options of the residual networks. */
export interface ResNetOptions {
  /** 1000 by default. */
  numClasses?: number;
  /** Lets every residual branch begin as zero. */
  zeroInitResidual?: boolean;
  groups?: number;
  widthPerGroup?: number;
}

/** What a block is made of. */
interface BlockSettings {
  inplanes: number;
  planes: number;
  stride: number;
  downsample: nn.Sequential | null;
  groups: number;
  baseWidth: number;
}

const conv3x3 = (from: number, to: number, stride = 1, groups = 1): nn.Conv2d =>
  new nn.Conv2d(from, to, 3, { stride, padding: 1, groups, bias: false });
const conv1x1 = (from: number, to: number, stride = 1): nn.Conv2d => new nn.Conv2d(from, to, 1, { stride, bias: false });

/** Two convolutions of 3 x 3 beside the identity. */
export class BasicBlock extends nn.Module {
  static readonly expansion = 1;
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  relu: nn.ReLU;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  downsample: nn.Sequential | null;

  /** @throws {RangeError} for groups, which only bottlenecks have */
  constructor({ inplanes, planes, stride, downsample, groups, baseWidth }: BlockSettings) {
    super();
    if (groups !== 1 || baseWidth !== 64) throw new RangeError("BasicBlock only supports groups=1 and base_width=64");
    this.conv1 = conv3x3(inplanes, planes, stride);
    this.bn1 = new nn.BatchNorm2d(planes);
    this.relu = new nn.ReLU({ inplace: true });
    this.conv2 = conv3x3(planes, planes);
    this.bn2 = new nn.BatchNorm2d(planes);
    this.downsample = downsample;
  }

  override forward(x: Tensor): Tensor {
    const identity: Tensor = this.downsample === null ? x : this.downsample(x);
    const out: Tensor = this.bn2(this.conv2(this.relu(this.bn1(this.conv1(x)))));
    return this.relu(out.add(identity));
  }
}

/** Convolutions of 1 x 1, 3 x 3 and 1 x 1 beside the identity; the stride is that of the second ("ResNet V1.5"). */
export class Bottleneck extends nn.Module {
  static readonly expansion = 4;
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  conv2: nn.Conv2d;
  bn2: nn.BatchNorm2d;
  conv3: nn.Conv2d;
  bn3: nn.BatchNorm2d;
  relu: nn.ReLU;
  downsample: nn.Sequential | null;

  constructor({ inplanes, planes, stride, downsample, groups, baseWidth }: BlockSettings) {
    super();
    const width = Math.trunc((planes * baseWidth) / 64) * groups;
    this.conv1 = conv1x1(inplanes, width);
    this.bn1 = new nn.BatchNorm2d(width);
    this.conv2 = conv3x3(width, width, stride, groups);
    this.bn2 = new nn.BatchNorm2d(width);
    this.conv3 = conv1x1(width, 4 * planes);
    this.bn3 = new nn.BatchNorm2d(4 * planes);
    this.relu = new nn.ReLU({ inplace: true });
    this.downsample = downsample;
  }

  override forward(x: Tensor): Tensor {
    const identity: Tensor = this.downsample === null ? x : this.downsample(x);
    let out: Tensor = this.relu(this.bn1(this.conv1(x)));
    out = this.relu(this.bn2(this.conv2(out)));
    out = this.bn3(this.conv3(out));
    return this.relu(out.add(identity));
  }
}

/** A residual network (He et al., 2015). Input `[N, 3, H, W]`. @see torchvision.models.ResNet */
export class ResNet extends nn.Module {
  conv1: nn.Conv2d;
  bn1: nn.BatchNorm2d;
  relu: nn.ReLU;
  maxpool: nn.MaxPool2d;
  layer1: nn.Sequential;
  layer2: nn.Sequential;
  layer3: nn.Sequential;
  layer4: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  fc: nn.Linear;

  constructor(block: typeof BasicBlock | typeof Bottleneck, layers: readonly number[], options: ResNetOptions = {}) {
    super();
    const { numClasses = 1000, zeroInitResidual = false, groups = 1, widthPerGroup: baseWidth = 64 } = options;
    let inplanes = 64;
    const stage = (planes: number, blocks: number, stride: number): nn.Sequential => {
      const out = planes * block.expansion;
      const downsample =
        stride !== 1 || inplanes !== out ? new nn.Sequential(conv1x1(inplanes, out, stride), new nn.BatchNorm2d(out)) : null;
      const made: nn.Module[] = [new block({ inplanes, planes, stride, downsample, groups, baseWidth })];
      inplanes = out;
      while (made.length < blocks) made.push(new block({ inplanes, planes, stride: 1, downsample: null, groups, baseWidth }));
      return new nn.Sequential(...made);
    };
    this.conv1 = new nn.Conv2d(3, 64, 7, { stride: 2, padding: 3, bias: false });
    this.bn1 = new nn.BatchNorm2d(64);
    this.relu = new nn.ReLU({ inplace: true });
    this.maxpool = new nn.MaxPool2d(3, { stride: 2, padding: 1 });
    this.layer1 = stage(64, layers[0]!, 1);
    this.layer2 = stage(128, layers[1]!, 2);
    this.layer3 = stage(256, layers[2]!, 2);
    this.layer4 = stage(512, layers[3]!, 2);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.fc = new nn.Linear(512 * block.expansion, numClasses);
    initialiseKaiming(this, null);
    if (!zeroInitResidual) return;
    for (const module of this.modules()) {
      if (module instanceof Bottleneck && module.bn3.weight !== null) nn.init.zeros_(module.bn3.weight);
      else if (module instanceof BasicBlock && module.bn2.weight !== null) nn.init.zeros_(module.bn2.weight);
    }
  }

  override forward(x: Tensor): Tensor {
    const stem: Tensor = this.maxpool(this.relu(this.bn1(this.conv1(x))));
    const features: Tensor = this.layer4(this.layer3(this.layer2(this.layer1(stem))));
    return this.fc(this.avgpool(features).flatten(1));
  }
}

const make =
  (block: typeof BasicBlock | typeof Bottleneck, layers: readonly number[], fixed: ResNetOptions = {}) =>
  (options: ResNetOptions = {}): ResNet =>
    new ResNet(block, layers, { ...fixed, ...options });

/** ResNet-18. @see torchvision.models.resnet18 */
export const resnet18 = make(BasicBlock, [2, 2, 2, 2]);
/** ResNet-34. @see torchvision.models.resnet34 */
export const resnet34 = make(BasicBlock, [3, 4, 6, 3]);
/** ResNet-50. @see torchvision.models.resnet50 */
export const resnet50 = make(Bottleneck, [3, 4, 6, 3]);
/** ResNet-101. @see torchvision.models.resnet101 */
export const resnet101 = make(Bottleneck, [3, 4, 23, 3]);
/** ResNet-152. @see torchvision.models.resnet152 */
export const resnet152 = make(Bottleneck, [3, 8, 36, 3]);
/** ResNeXt-50, 32 groups of 4. @see torchvision.models.resnext50_32x4d */
export const resnext5032x4d = make(Bottleneck, [3, 4, 6, 3], { groups: 32, widthPerGroup: 4 });
/** ResNet-50 with bottlenecks twice as wide. @see torchvision.models.wide_resnet50_2 */
export const wideResnet502 = make(Bottleneck, [3, 4, 6, 3], { widthPerGroup: 128 });
