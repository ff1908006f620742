/** Mixed precision. @see torch.amp */
export { type AutocastOptions, autocast } from "@bluedot/autograd";
export { GradScaler, type GradScalerOptions } from "@bluedot/optim";
