import { cat, type Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import type { ClassifierOptions } from "./alexnet.ts";
import { initialiseTruncated } from "./initialise.ts";

/** Convolution without bias, batch normalization, ReLU. */
export class BasicConv2d extends nn.Module {
  conv: nn.Conv2d;
  bn: nn.BatchNorm2d;

  constructor(
    from: number,
    to: number,
    kernelSize: number | readonly number[],
    options: { stride?: number; padding?: number | readonly number[] } = {},
  ) {
    super();
    this.conv = new nn.Conv2d(from, to, kernelSize as number, { ...(options as { stride?: number; padding?: number }), bias: false });
    this.bn = new nn.BatchNorm2d(to, { eps: 0.001 });
  }

  override forward(x: Tensor): Tensor {
    return nn.functional.relu(this.bn(this.conv(x)));
  }
}

/** Options of {@link googlenet} and of Inception v3. */
export interface InceptionOptions extends ClassifierOptions {
  /** Whether there are auxiliary classifiers, whose outputs come along in training; true by default. */
  auxLogits?: boolean;
  /** Undoes the usual normalization of ImageNet, for weights that want another. */
  transformInput?: boolean;
  /** False keeps the layers' own initial weights. */
  initWeights?: boolean;
  dropoutAux?: number;
}

/** From ImageNet's mean and deviation to 0.5 and 0.5. */
export function renormalized(x: Tensor): Tensor {
  const channel = (c: number, mean: number, std: number): Tensor =>
    x
      .narrow(1, c, 1)
      .mul(std / 0.5)
      .add((mean - 0.5) / 0.5);
  return cat([channel(0, 0.485, 0.229), channel(1, 0.456, 0.224), channel(2, 0.406, 0.225)], 1);
}

class Inception extends nn.Module {
  branch1: BasicConv2d;
  branch2: nn.Sequential;
  branch3: nn.Sequential;
  branch4: nn.Sequential;

  constructor(from: number, ch1x1: number, reduce3x3: number, ch3x3: number, reduce5x5: number, ch5x5: number, pool: number) {
    super();
    this.branch1 = new BasicConv2d(from, ch1x1, 1);
    this.branch2 = new nn.Sequential(new BasicConv2d(from, reduce3x3, 1), new BasicConv2d(reduce3x3, ch3x3, 3, { padding: 1 }));
    // 3 x 3 where the paper has 5 x 5: published weights have it so.
    this.branch3 = new nn.Sequential(new BasicConv2d(from, reduce5x5, 1), new BasicConv2d(reduce5x5, ch5x5, 3, { padding: 1 }));
    this.branch4 = new nn.Sequential(new nn.MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true }), new BasicConv2d(from, pool, 1));
  }

  override forward(x: Tensor): Tensor {
    return cat([this.branch1(x), this.branch2(x), this.branch3(x), this.branch4(x)] as Tensor[], 1);
  }
}

class InceptionAux extends nn.Module {
  conv: BasicConv2d;
  fc1: nn.Linear;
  fc2: nn.Linear;
  dropout: nn.Dropout;

  constructor(from: number, numClasses: number, dropout: number) {
    super();
    this.conv = new BasicConv2d(from, 128, 1);
    this.fc1 = new nn.Linear(2048, 1024);
    this.fc2 = new nn.Linear(1024, numClasses);
    this.dropout = new nn.Dropout(dropout);
  }

  override forward(x: Tensor): Tensor {
    const features: Tensor = this.conv(nn.functional.adaptiveAvgPool2d(x, [4, 4]));
    return this.fc2(this.dropout(nn.functional.relu(this.fc1(features.flatten(1)))));
  }
}

/** What {@link GoogLeNet} gives while it is trained with auxiliary classifiers. */
export interface GoogLeNetOutputs {
  logits: Tensor;
  auxLogits2: Tensor;
  auxLogits1: Tensor;
}

/** GoogLeNet (Szegedy et al., 2014). Input `[N, 3, H, W]`. @see torchvision.models.GoogLeNet */
export class GoogLeNet extends nn.Module {
  conv1: BasicConv2d;
  maxpool1: nn.MaxPool2d;
  conv2: BasicConv2d;
  conv3: BasicConv2d;
  maxpool2: nn.MaxPool2d;
  inception3a: Inception;
  inception3b: Inception;
  maxpool3: nn.MaxPool2d;
  inception4a: Inception;
  inception4b: Inception;
  inception4c: Inception;
  inception4d: Inception;
  inception4e: Inception;
  maxpool4: nn.MaxPool2d;
  inception5a: Inception;
  inception5b: Inception;
  aux1: InceptionAux | null;
  aux2: InceptionAux | null;
  avgpool: nn.AdaptiveAvgPool2d;
  dropout: nn.Dropout;
  fc: nn.Linear;
  readonly transformInput: boolean;

  constructor(options: InceptionOptions = {}) {
    super();
    const { numClasses = 1000, auxLogits = true, transformInput = false, initWeights = true, dropout = 0.2, dropoutAux = 0.7 } = options;
    const pool = (kernelSize: number) => new nn.MaxPool2d(kernelSize, { stride: 2, ceilMode: true });
    this.transformInput = transformInput;
    this.conv1 = new BasicConv2d(3, 64, 7, { stride: 2, padding: 3 });
    this.maxpool1 = pool(3);
    this.conv2 = new BasicConv2d(64, 64, 1);
    this.conv3 = new BasicConv2d(64, 192, 3, { padding: 1 });
    this.maxpool2 = pool(3);
    this.inception3a = new Inception(192, 64, 96, 128, 16, 32, 32);
    this.inception3b = new Inception(256, 128, 128, 192, 32, 96, 64);
    this.maxpool3 = pool(3);
    this.inception4a = new Inception(480, 192, 96, 208, 16, 48, 64);
    this.inception4b = new Inception(512, 160, 112, 224, 24, 64, 64);
    this.inception4c = new Inception(512, 128, 128, 256, 24, 64, 64);
    this.inception4d = new Inception(512, 112, 144, 288, 32, 64, 64);
    this.inception4e = new Inception(528, 256, 160, 320, 32, 128, 128);
    this.maxpool4 = pool(2);
    this.inception5a = new Inception(832, 256, 160, 320, 32, 128, 128);
    this.inception5b = new Inception(832, 384, 192, 384, 48, 128, 128);
    this.aux1 = auxLogits ? new InceptionAux(512, numClasses, dropoutAux) : null;
    this.aux2 = auxLogits ? new InceptionAux(528, numClasses, dropoutAux) : null;
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(1024, numClasses);
    if (initWeights) initialiseTruncated(this, () => 0.01, false);
  }

  override forward(input: Tensor): Tensor | GoogLeNetOutputs {
    let x: Tensor = this.conv1(this.transformInput ? renormalized(input) : input);
    x = this.maxpool2(this.conv3(this.conv2(this.maxpool1(x))));
    x = this.inception4a(this.maxpool3(this.inception3b(this.inception3a(x))));
    const aux1: Tensor | null = this.training && this.aux1 !== null ? this.aux1(x) : null;
    x = this.inception4d(this.inception4c(this.inception4b(x)));
    const aux2: Tensor | null = this.training && this.aux2 !== null ? this.aux2(x) : null;
    x = this.inception5b(this.inception5a(this.maxpool4(this.inception4e(x))));
    const logits: Tensor = this.fc(this.dropout(this.avgpool(x).flatten(1)));
    return aux1 === null || aux2 === null ? logits : { logits, auxLogits2: aux2, auxLogits1: aux1 };
  }
}

/** {@link GoogLeNet} with fresh weights. @see torchvision.models.googlenet */
export const googlenet = (options: InceptionOptions = {}): GoogLeNet => new GoogLeNet(options);
