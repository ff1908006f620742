export { AveragedModel, type AveragedModelOptions, type AveragingFunction, getEmaAvgFn, getSwaAvgFn } from "./swa/averaged-model.ts";
export { SWALR, type SWALROptions } from "./swa/swa-lr.ts";
export { type UpdateBnOptions, updateBn } from "./swa/update-bn.ts";
