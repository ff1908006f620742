export {
  registerModuleBackwardHook,
  registerModuleBufferRegistrationHook,
  registerModuleForwardHook,
  registerModuleForwardPreHook,
  registerModuleFullBackwardHook,
  registerModuleFullBackwardPreHook,
  registerModuleModuleRegistrationHook,
  registerModuleParameterRegistrationHook,
} from "./module/global-hooks.ts";
export { Module } from "./module/module.ts";
export * from "./modules.ts";
