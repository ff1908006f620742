// The operators that are also methods of Tensor: every function below whose first parameter is the receiver.
// One line an operator; `ops/functions.ts` lists those that are functions only.
export { clone, contiguous, copy_ } from "./elementwise/clone.ts";
export * from "./elementwise/conversion.ts";
export * from "./elementwise/methods.ts";
export * from "./factory/methods.ts";
export * from "./indexing/methods.ts";
export * from "./linalg/methods.ts";
export { cauchy_, exponential_, geometric_, logNormal_, normal_, random_, uniform_ } from "./random/in-place.ts";
export { bernoulli, bernoulli_, multinomial } from "./random/sampling.ts";
export * from "./reduce/methods.ts";
export * from "./sort/methods.ts";
export * from "./view/methods.ts";
