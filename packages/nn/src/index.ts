export * as functional from "./functional.ts";
export * as init from "./init.ts";
export { deepcopy } from "./module/deepcopy.ts";
export type { IncompatibleKeys, RemovableHandle } from "./module/internals.ts";
export { Module } from "./module/module.ts";
export { StateDict } from "./module/state-dict.ts";
export * from "./modules.ts";
export { isLazy, Parameter, UninitializedBuffer, UninitializedParameter } from "./parameter.ts";
export * as utils from "./utils.ts";
