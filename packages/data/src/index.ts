export { type Collated, defaultCollate } from "./collate.ts";
export { cacheFolder, dataPath } from "./data-folder.ts";
export { DataLoader, type DataLoaderOptions } from "./data-loader.ts";
export { ConcatDataset, Dataset, IterableDataset, type MapDataset, Subset, TensorDataset } from "./dataset.ts";
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
