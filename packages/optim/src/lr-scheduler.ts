export { ChainedScheduler, SequentialLR } from "./lr-scheduler/composed.ts";
export { CosineAnnealingLR, CosineAnnealingWarmRestarts } from "./lr-scheduler/cosine-annealing.ts";
export { CyclicLR } from "./lr-scheduler/cyclic.ts";
export {
  ConstantLR,
  ExponentialLR,
  LambdaLR,
  LinearLR,
  MultiplicativeLR,
  MultiStepLR,
  PolynomialLR,
  StepLR,
} from "./lr-scheduler/decay.ts";
export { OneCycleLR } from "./lr-scheduler/one-cycle.ts";
export { ReduceLROnPlateau } from "./lr-scheduler/reduce-on-plateau.ts";
export { LRScheduler, type SchedulerState } from "./lr-scheduler/scheduler.ts";
