/** Datasets, samplers and loaders. @see torch.utils.data */
export * as data from "@bluedot/data";
export { type ProgressBarOptions, progressBar } from "@bluedot/data";
/** Event files for TensorBoard. @see torch.utils.tensorboard */
export * as tensorboard from "@bluedot/monitor/tensorboard";
/** Trading computation for memory. @see torch.utils.checkpoint */
export * as checkpoint from "./checkpoint.ts";
