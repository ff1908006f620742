export { type Collated, defaultCollate, defaultConvert } from "./collate.ts";
export { cacheFolder, dataPath } from "./data-folder.ts";
export { DataLoader, type DataLoaderOptions } from "./data-loader.ts";
export { ChainDataset, ConcatDataset, Dataset, IterableDataset, type MapDataset, Subset, TensorDataset } from "./dataset.ts";
export { DistributedSampler, type DistributedSamplerOptions } from "./distributed-sampler.ts";
export { type DatasetFromOptions, datasetFrom } from "./module-dataset.ts";
export { type ProgressBarOptions, progressBar } from "./progress-bar.ts";
export { randomSplit } from "./random-split.ts";
export {
  BatchSampler,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  type Sized,
  SubsetRandomSampler,
  WeightedRandomSampler,
  type WeightedRandomSamplerOptions,
} from "./sampler.ts";
export { getWorkerInfo, type WorkerInfo } from "./worker-info.ts";
