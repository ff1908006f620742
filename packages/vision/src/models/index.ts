export { AlexNet, alexnet, type ClassifierOptions } from "./alexnet.ts";
export { ConvNeXt, type ConvNextOptions, convnextSmall, convnextTiny, Permute } from "./convnext.ts";
export { GoogLeNet, type GoogLeNetOutputs, googlenet, type InceptionOptions } from "./googlenet.ts";
export { Inception3, type InceptionOutputs, inceptionV3 } from "./inception.ts";
export { MobileNetV2, type MobileNetV2Options, MobileNetV3, mobilenetV2, mobilenetV3Large, mobilenetV3Small } from "./mobilenet.ts";
export { RegNet, type RegNetSettings, regnetX400mf, regnetY400mf, regnetY800mf } from "./regnet.ts";
export {
  BasicBlock,
  Bottleneck,
  ResNet,
  type ResNetOptions,
  resnet18,
  resnet34,
  resnet50,
  resnet101,
  resnet152,
  resnext5032x4d,
  wideResnet502,
} from "./resnet.ts";
export { VGG, type VggOptions, vgg11, vgg11Bn, vgg13, vgg13Bn, vgg16, vgg16Bn, vgg19, vgg19Bn } from "./vgg.ts";
