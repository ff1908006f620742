import type { Tensor } from "@bluedot/core";
import type { Parameter } from "../parameter.ts";
import {
  type BackwardHook,
  type BackwardPreHook,
  type CallHooks,
  type ForwardHook,
  type ForwardHookWithKwargs,
  type ForwardPreHook,
  HookTable,
  hasCallHooks,
  type RemovableHandle,
} from "./internals.ts";
import type { Module } from "./module.ts";

/** Called for every value that a module registers under a name; what it returns is registered instead. */
type RegistrationHook<T> = (module: Module, name: string, value: T) => T | null | undefined;
/** Sees buffers as `registerBuffer` takes them. */
export type BufferRegistrationHook = RegistrationHook<Tensor | null>;
/** Sees modules as `addModule` takes them. */
export type ModuleRegistrationHook = RegistrationHook<Module | null>;
/** Sees parameters as `registerParameter` takes them. */
export type ParameterRegistrationHook = RegistrationHook<Parameter | null>;

/** Hooks of all modules. */
export const globalHooks: CallHooks & {
  bufferRegistration: HookTable<BufferRegistrationHook> | null;
  moduleRegistration: HookTable<ModuleRegistrationHook> | null;
  parameterRegistration: HookTable<ParameterRegistrationHook> | null;
} = {
  forwardPreHooks: null,
  forwardHooks: null,
  backwardPreHooks: null,
  backwardHooks: null,
  lastBackwardHooks: null,
  bufferRegistration: null,
  moduleRegistration: null,
  parameterRegistration: null,
};

/** Whether calls of modules have to look at {@link globalHooks}. */
export let globallyHooked = false;

type TableOf<K extends keyof typeof globalHooks> = NonNullable<(typeof globalHooks)[K]>;
type EntryOf<K extends keyof typeof globalHooks> = TableOf<K> extends HookTable<infer E> ? E : never;

function register<K extends keyof typeof globalHooks>(kind: K, entry: EntryOf<K>): RemovableHandle {
  const tables = globalHooks as unknown as Record<K, HookTable<EntryOf<K>> | null>;
  const handle = (tables[kind] ??= new HookTable<EntryOf<K>>()).add(entry);
  globallyHooked = hasCallHooks(globalHooks);
  return {
    remove: () => {
      handle.remove();
      globallyHooked = hasCallHooks(globalHooks);
    },
  };
}

/** `value` after the registration hooks have seen it. */
export function registered<T>(table: HookTable<RegistrationHook<T>> | null, module: Module, name: string, value: T): T {
  let current = value;
  for (const hook of table ?? []) current = hook(module, name, current) ?? current;
  return current;
}

/** `hook(module, args)` runs before every `forward` and may replace the arguments. @see torch.nn.modules.module.register_module_forward_pre_hook */
export const registerModuleForwardPreHook = (hook: ForwardPreHook): RemovableHandle =>
  register("forwardPreHooks", { hook, withKwargs: false });

/** How a hook after every `forward` is called. */
export interface GlobalForwardHookOptions {
  /** Give the options object too: `hook(module, args, kwargs, output)`. Default false. */
  withKwargs?: boolean;
  /** Run it also when `forward` throws. Default false. */
  alwaysCall?: boolean;
}
/** `hook(module, args, output)` runs after every `forward` and may replace the result. @see torch.nn.modules.module.register_module_forward_hook */
export function registerModuleForwardHook(hook: ForwardHook, options?: GlobalForwardHookOptions & { withKwargs?: false }): RemovableHandle;
export function registerModuleForwardHook(
  hook: ForwardHookWithKwargs,
  options: GlobalForwardHookOptions & { withKwargs: true },
): RemovableHandle;
export function registerModuleForwardHook(
  hook: ForwardHook | ForwardHookWithKwargs,
  { withKwargs = false, alwaysCall = false }: GlobalForwardHookOptions = {},
): RemovableHandle {
  return register("forwardHooks", { hook, withKwargs, alwaysCall } as EntryOf<"forwardHooks">);
}

/** `hook(module, gradOutput)` runs before the backward pass of every module. @see torch.nn.modules.module.register_module_full_backward_pre_hook */
export const registerModuleFullBackwardPreHook = (hook: BackwardPreHook): RemovableHandle => register("backwardPreHooks", hook);

/** `hook(module, gradInput, gradOutput)` runs when gradients of a module's inputs are known. @see torch.nn.modules.module.register_module_full_backward_hook */
export const registerModuleFullBackwardHook = (hook: BackwardHook): RemovableHandle => register("backwardHooks", hook);

/** An older {@link registerModuleFullBackwardHook}, which sees the last operation of each module. @see torch.nn.modules.module.register_module_backward_hook */
export const registerModuleBackwardHook = (hook: BackwardHook): RemovableHandle => register("lastBackwardHooks", hook);

/** `hook(module, name, buffer)` sees what `registerBuffer` takes, and may replace it. @see torch.nn.modules.module.register_module_buffer_registration_hook */
export const registerModuleBufferRegistrationHook = (hook: BufferRegistrationHook): RemovableHandle => register("bufferRegistration", hook);

/**
 * `hook(module, name, submodule)` sees what `addModule` takes, and may replace it. Modules assigned to fields aren't seen, since no code runs
 * there. @see torch.nn.modules.module.register_module_module_registration_hook
 */
export const registerModuleModuleRegistrationHook = (hook: ModuleRegistrationHook): RemovableHandle => register("moduleRegistration", hook);

/**
 * `hook(module, name, parameter)` sees what `registerParameter` takes, and may replace it. Parameters assigned to fields aren't seen, since no
 * code runs there. @see torch.nn.modules.module.register_module_parameter_registration_hook
 */
export const registerModuleParameterRegistrationHook = (hook: ParameterRegistrationHook): RemovableHandle =>
  register("parameterRegistration", hook);
