export { Adadelta, type AdadeltaSettings } from "./adadelta.ts";
export { Adafactor, type AdafactorSettings } from "./adafactor.ts";
export { Adagrad, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { Adamax, type AdamaxSettings, NAdam, type NAdamSettings, RAdam } from "./adam-variants.ts";
export { ASGD, type ASGDSettings } from "./asgd.ts";
export { GradScaler, type GradScalerOptions } from "./grad-scaler.ts";
export { LBFGS, type LBFGSSettings } from "./lbfgs.ts";
export * as lrScheduler from "./lr-scheduler.ts";
export { Muon, type MuonSettings } from "./muon.ts";
export {
  type Closure,
  type CommonSettings,
  Optimizer,
  type OptimizerState,
  type ParamGroup,
  type ParamGroupInput,
  type Params,
} from "./optimizer.ts";
export { RMSprop, type RMSpropSettings } from "./rmsprop.ts";
export { Rprop, type RpropSettings } from "./rprop.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
export * as swaUtils from "./swa-utils.ts";
