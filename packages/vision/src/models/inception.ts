import { cat, type Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import { BasicConv2d, type InceptionOptions, renormalized } from "./googlenet.ts";
import { initialiseTruncated } from "./initialise.ts";

const F = nn.functional;
const wide = { padding: [0, 3] } as const;
const tall = { padding: [3, 0] } as const;

class InceptionA extends nn.Module {
  branch1x1: BasicConv2d;
  branch5x5_1: BasicConv2d;
  branch5x5_2: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(from: number, poolFeatures: number) {
    super();
    this.branch1x1 = new BasicConv2d(from, 64, 1);
    this.branch5x5_1 = new BasicConv2d(from, 48, 1);
    this.branch5x5_2 = new BasicConv2d(48, 64, 5, { padding: 2 });
    this.branch3x3dbl_1 = new BasicConv2d(from, 64, 1);
    this.branch3x3dbl_2 = new BasicConv2d(64, 96, 3, { padding: 1 });
    this.branch3x3dbl_3 = new BasicConv2d(96, 96, 3, { padding: 1 });
    this.branch_pool = new BasicConv2d(from, poolFeatures, 1);
  }

  override forward(x: Tensor): Tensor {
    return cat(
      [
        this.branch1x1(x),
        this.branch5x5_2(this.branch5x5_1(x)),
        this.branch3x3dbl_3(this.branch3x3dbl_2(this.branch3x3dbl_1(x))),
        this.branch_pool(F.avgPool2d(x, 3, { stride: 1, padding: 1 })),
      ] as Tensor[],
      1,
    );
  }
}

class InceptionB extends nn.Module {
  branch3x3: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3: BasicConv2d;

  constructor(from: number) {
    super();
    this.branch3x3 = new BasicConv2d(from, 384, 3, { stride: 2 });
    this.branch3x3dbl_1 = new BasicConv2d(from, 64, 1);
    this.branch3x3dbl_2 = new BasicConv2d(64, 96, 3, { padding: 1 });
    this.branch3x3dbl_3 = new BasicConv2d(96, 96, 3, { stride: 2 });
  }

  override forward(x: Tensor): Tensor {
    return cat(
      [this.branch3x3(x), this.branch3x3dbl_3(this.branch3x3dbl_2(this.branch3x3dbl_1(x))), F.maxPool2d(x, 3, { stride: 2 })] as Tensor[],
      1,
    );
  }
}

class InceptionC extends nn.Module {
  branch1x1: BasicConv2d;
  branch7x7_1: BasicConv2d;
  branch7x7_2: BasicConv2d;
  branch7x7_3: BasicConv2d;
  branch7x7dbl_1: BasicConv2d;
  branch7x7dbl_2: BasicConv2d;
  branch7x7dbl_3: BasicConv2d;
  branch7x7dbl_4: BasicConv2d;
  branch7x7dbl_5: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(from: number, channels: number) {
    super();
    this.branch1x1 = new BasicConv2d(from, 192, 1);
    this.branch7x7_1 = new BasicConv2d(from, channels, 1);
    this.branch7x7_2 = new BasicConv2d(channels, channels, [1, 7], wide);
    this.branch7x7_3 = new BasicConv2d(channels, 192, [7, 1], tall);
    this.branch7x7dbl_1 = new BasicConv2d(from, channels, 1);
    this.branch7x7dbl_2 = new BasicConv2d(channels, channels, [7, 1], tall);
    this.branch7x7dbl_3 = new BasicConv2d(channels, channels, [1, 7], wide);
    this.branch7x7dbl_4 = new BasicConv2d(channels, channels, [7, 1], tall);
    this.branch7x7dbl_5 = new BasicConv2d(channels, 192, [1, 7], wide);
    this.branch_pool = new BasicConv2d(from, 192, 1);
  }

  override forward(x: Tensor): Tensor {
    const double: Tensor = this.branch7x7dbl_3(this.branch7x7dbl_2(this.branch7x7dbl_1(x)));
    return cat(
      [
        this.branch1x1(x),
        this.branch7x7_3(this.branch7x7_2(this.branch7x7_1(x))),
        this.branch7x7dbl_5(this.branch7x7dbl_4(double)),
        this.branch_pool(F.avgPool2d(x, 3, { stride: 1, padding: 1 })),
      ] as Tensor[],
      1,
    );
  }
}

class InceptionD extends nn.Module {
  branch3x3_1: BasicConv2d;
  branch3x3_2: BasicConv2d;
  branch7x7x3_1: BasicConv2d;
  branch7x7x3_2: BasicConv2d;
  branch7x7x3_3: BasicConv2d;
  branch7x7x3_4: BasicConv2d;

  constructor(from: number) {
    super();
    this.branch3x3_1 = new BasicConv2d(from, 192, 1);
    this.branch3x3_2 = new BasicConv2d(192, 320, 3, { stride: 2 });
    this.branch7x7x3_1 = new BasicConv2d(from, 192, 1);
    this.branch7x7x3_2 = new BasicConv2d(192, 192, [1, 7], wide);
    this.branch7x7x3_3 = new BasicConv2d(192, 192, [7, 1], tall);
    this.branch7x7x3_4 = new BasicConv2d(192, 192, 3, { stride: 2 });
  }

  override forward(x: Tensor): Tensor {
    return cat(
      [
        this.branch3x3_2(this.branch3x3_1(x)),
        this.branch7x7x3_4(this.branch7x7x3_3(this.branch7x7x3_2(this.branch7x7x3_1(x)))),
        F.maxPool2d(x, 3, { stride: 2 }),
      ] as Tensor[],
      1,
    );
  }
}

class InceptionE extends nn.Module {
  branch1x1: BasicConv2d;
  branch3x3_1: BasicConv2d;
  branch3x3_2a: BasicConv2d;
  branch3x3_2b: BasicConv2d;
  branch3x3dbl_1: BasicConv2d;
  branch3x3dbl_2: BasicConv2d;
  branch3x3dbl_3a: BasicConv2d;
  branch3x3dbl_3b: BasicConv2d;
  branch_pool: BasicConv2d;

  constructor(from: number) {
    super();
    this.branch1x1 = new BasicConv2d(from, 320, 1);
    this.branch3x3_1 = new BasicConv2d(from, 384, 1);
    this.branch3x3_2a = new BasicConv2d(384, 384, [1, 3], { padding: [0, 1] });
    this.branch3x3_2b = new BasicConv2d(384, 384, [3, 1], { padding: [1, 0] });
    this.branch3x3dbl_1 = new BasicConv2d(from, 448, 1);
    this.branch3x3dbl_2 = new BasicConv2d(448, 384, 3, { padding: 1 });
    this.branch3x3dbl_3a = new BasicConv2d(384, 384, [1, 3], { padding: [0, 1] });
    this.branch3x3dbl_3b = new BasicConv2d(384, 384, [3, 1], { padding: [1, 0] });
    this.branch_pool = new BasicConv2d(from, 192, 1);
  }

  override forward(x: Tensor): Tensor {
    const single: Tensor = this.branch3x3_1(x);
    const double: Tensor = this.branch3x3dbl_2(this.branch3x3dbl_1(x));
    return cat(
      [
        this.branch1x1(x),
        this.branch3x3_2a(single),
        this.branch3x3_2b(single),
        this.branch3x3dbl_3a(double),
        this.branch3x3dbl_3b(double),
        this.branch_pool(F.avgPool2d(x, 3, { stride: 1, padding: 1 })),
      ] as Tensor[],
      1,
    );
  }
}

class InceptionAux extends nn.Module {
  conv0: BasicConv2d;
  conv1: BasicConv2d;
  fc: nn.Linear;

  constructor(from: number, numClasses: number) {
    super();
    this.conv0 = new BasicConv2d(from, 128, 1);
    this.conv1 = new BasicConv2d(128, 768, 5);
    this.fc = new nn.Linear(768, numClasses);
  }

  override forward(x: Tensor): Tensor {
    const features: Tensor = this.conv1(this.conv0(F.avgPool2d(x, 5, { stride: 3 })));
    return this.fc(F.adaptiveAvgPool2d(features, [1, 1]).flatten(1));
  }
}

/** What {@link Inception3} gives while it is trained with its auxiliary classifier. */
export interface InceptionOutputs {
  logits: Tensor;
  auxLogits: Tensor;
}

/** Inception v3 (Szegedy et al., 2015). Input `[N, 3, 299, 299]`. @see torchvision.models.Inception3 */
export class Inception3 extends nn.Module {
  Conv2d_1a_3x3: BasicConv2d;
  Conv2d_2a_3x3: BasicConv2d;
  Conv2d_2b_3x3: BasicConv2d;
  maxpool1: nn.MaxPool2d;
  Conv2d_3b_1x1: BasicConv2d;
  Conv2d_4a_3x3: BasicConv2d;
  maxpool2: nn.MaxPool2d;
  Mixed_5b: InceptionA;
  Mixed_5c: InceptionA;
  Mixed_5d: InceptionA;
  Mixed_6a: InceptionB;
  Mixed_6b: InceptionC;
  Mixed_6c: InceptionC;
  Mixed_6d: InceptionC;
  Mixed_6e: InceptionC;
  AuxLogits: InceptionAux | null;
  Mixed_7a: InceptionD;
  Mixed_7b: InceptionE;
  Mixed_7c: InceptionE;
  avgpool: nn.AdaptiveAvgPool2d;
  dropout: nn.Dropout;
  fc: nn.Linear;
  readonly transformInput: boolean;

  constructor(options: InceptionOptions = {}) {
    super();
    const { numClasses = 1000, auxLogits = true, transformInput = false, initWeights = true, dropout = 0.5 } = options;
    this.transformInput = transformInput;
    this.Conv2d_1a_3x3 = new BasicConv2d(3, 32, 3, { stride: 2 });
    this.Conv2d_2a_3x3 = new BasicConv2d(32, 32, 3);
    this.Conv2d_2b_3x3 = new BasicConv2d(32, 64, 3, { padding: 1 });
    this.maxpool1 = new nn.MaxPool2d(3, 2);
    this.Conv2d_3b_1x1 = new BasicConv2d(64, 80, 1);
    this.Conv2d_4a_3x3 = new BasicConv2d(80, 192, 3);
    this.maxpool2 = new nn.MaxPool2d(3, 2);
    this.Mixed_5b = new InceptionA(192, 32);
    this.Mixed_5c = new InceptionA(256, 64);
    this.Mixed_5d = new InceptionA(288, 64);
    this.Mixed_6a = new InceptionB(288);
    this.Mixed_6b = new InceptionC(768, 128);
    this.Mixed_6c = new InceptionC(768, 160);
    this.Mixed_6d = new InceptionC(768, 160);
    this.Mixed_6e = new InceptionC(768, 192);
    this.AuxLogits = auxLogits ? new InceptionAux(768, numClasses) : null;
    this.Mixed_7a = new InceptionD(768);
    this.Mixed_7b = new InceptionE(1280);
    this.Mixed_7c = new InceptionE(2048);
    this.avgpool = new nn.AdaptiveAvgPool2d([1, 1]);
    this.dropout = new nn.Dropout(dropout);
    this.fc = new nn.Linear(2048, numClasses);
    // Of the auxiliary classifier only the linear layer has its own deviation: the one of its convolution was meant for a block, and is not used.
    if (initWeights) initialiseTruncated(this, (module) => (module === this.AuxLogits?.fc ? 0.001 : 0.1), false);
  }

  override forward(input: Tensor): Tensor | InceptionOutputs {
    let x: Tensor = this.Conv2d_2b_3x3(this.Conv2d_2a_3x3(this.Conv2d_1a_3x3(this.transformInput ? renormalized(input) : input)));
    x = this.maxpool2(this.Conv2d_4a_3x3(this.Conv2d_3b_1x1(this.maxpool1(x))));
    x = this.Mixed_6a(this.Mixed_5d(this.Mixed_5c(this.Mixed_5b(x))));
    x = this.Mixed_6e(this.Mixed_6d(this.Mixed_6c(this.Mixed_6b(x))));
    const auxLogits: Tensor | null = this.training && this.AuxLogits !== null ? this.AuxLogits(x) : null;
    x = this.Mixed_7c(this.Mixed_7b(this.Mixed_7a(x)));
    const logits: Tensor = this.fc(this.dropout(this.avgpool(x)).flatten(1));
    return auxLogits === null ? logits : { logits, auxLogits };
  }
}

/** {@link Inception3} with fresh weights. @see torchvision.models.inception_v3 */
export const inceptionV3 = (options: InceptionOptions = {}): Inception3 => new Inception3(options);
