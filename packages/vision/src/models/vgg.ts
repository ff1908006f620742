import type { Tensor } from "@bluedot/core";
import * as nn from "@bluedot/nn";
import type { ClassifierOptions } from "./alexnet.ts";
import { initialiseKaiming } from "./initialise.ts";

/** Options of the VGG networks. */
export interface VggOptions extends ClassifierOptions {
  /** False keeps the layers' own initial weights. */
  initWeights?: boolean;
}

/** Channels of convolutions of 3 x 3; M halves the image. The letters are those of the paper's table. */
const configurations = {
  A: "64 M 128 M 256 256 M 512 512 M 512 512 M",
  B: "64 64 M 128 128 M 256 256 M 512 512 M 512 512 M",
  D: "64 64 M 128 128 M 256 256 256 M 512 512 512 M 512 512 512 M",
  E: "64 64 M 128 128 M 256 256 256 256 M 512 512 512 512 M 512 512 512 512 M",
} as const;

function makeLayers(configuration: keyof typeof configurations, batchNorm: boolean): nn.Sequential {
  const layers: nn.Module[] = [];
  let channels = 3;
  for (const part of configurations[configuration].split(" ")) {
    if (part === "M") {
      layers.push(new nn.MaxPool2d(2, 2));
      continue;
    }
    layers.push(new nn.Conv2d(channels, Number(part), 3, { padding: 1 }));
    channels = Number(part);
    if (batchNorm) layers.push(new nn.BatchNorm2d(channels));
    layers.push(new nn.ReLU({ inplace: true }));
  }
  return new nn.Sequential(...layers);
}

/** VGG (Simonyan and Zisserman, 2014). Input `[N, 3, H, W]`. @see torchvision.models.VGG */
export class VGG extends nn.Module {
  features: nn.Sequential;
  avgpool: nn.AdaptiveAvgPool2d;
  classifier: nn.Sequential;

  constructor(features: nn.Sequential, options: VggOptions = {}) {
    super();
    const { numClasses = 1000, dropout = 0.5, initWeights = true } = options;
    this.features = features;
    this.avgpool = new nn.AdaptiveAvgPool2d([7, 7]);
    this.classifier = new nn.Sequential(
      new nn.Linear(512 * 7 * 7, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, 4096),
      new nn.ReLU({ inplace: true }),
      new nn.Dropout(dropout),
      new nn.Linear(4096, numClasses),
    );
    if (initWeights) initialiseKaiming(this, 0.01);
  }

  override forward(x: Tensor): Tensor {
    return this.classifier(this.avgpool(this.features(x)).flatten(1));
  }
}

const make =
  (configuration: keyof typeof configurations, batchNorm: boolean) =>
  (options: VggOptions = {}): VGG =>
    new VGG(makeLayers(configuration, batchNorm), options);

/** VGG with 11 layers. @see torchvision.models.vgg11 */
export const vgg11 = make("A", false);
/** VGG with 11 layers and batch normalization. @see torchvision.models.vgg11_bn */
export const vgg11Bn = make("A", true);
/** VGG with 13 layers. @see torchvision.models.vgg13 */
export const vgg13 = make("B", false);
/** VGG with 13 layers and batch normalization. @see torchvision.models.vgg13_bn */
export const vgg13Bn = make("B", true);
/** VGG with 16 layers. @see torchvision.models.vgg16 */
export const vgg16 = make("D", false);
/** VGG with 16 layers and batch normalization. @see torchvision.models.vgg16_bn */
export const vgg16Bn = make("D", true);
/** VGG with 19 layers. @see torchvision.models.vgg19 */
export const vgg19 = make("E", false);
/** VGG with 19 layers and batch normalization. @see torchvision.models.vgg19_bn */
export const vgg19Bn = make("E", true);
