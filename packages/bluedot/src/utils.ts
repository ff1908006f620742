/** Datasets, samplers and loaders. @see torch.utils.data */
export * as data from "@bluedot/data";
