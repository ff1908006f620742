/** Datasets, samplers and loaders. @see torch.utils.data */
export * as data from "@bluedot/data";
export { progressBar, type ProgressBarOptions } from "@bluedot/data";
