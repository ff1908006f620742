export { CIFAR10, CIFAR100, type CifarOptions } from "./cifar.ts";
export { FakeData, type FakeDataOptions } from "./fake-data.ts";
export { ImageFolder, type ImageFolderOptions } from "./image-folder.ts";
export { FashionMNIST, type IdxArray, MNIST, type MnistOptions, parseIdx } from "./mnist.ts";
export { VisionDataset, type VisionDatasetOptions } from "./vision-dataset.ts";
