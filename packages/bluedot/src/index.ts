export * as autograd from "@bluedot/autograd";
export { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, setGradEnabled } from "@bluedot/autograd";
export * from "@bluedot/core";
export * as optim from "@bluedot/optim";
