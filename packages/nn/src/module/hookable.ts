import { AutogradError } from "@bluedot/core";
import { Callable } from "./callable.ts";
import { callWithHooks } from "./hooks.ts";
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardEntry,
  type ForwardHook,
  type ForwardHookWithKwargs,
  type ForwardPreEntry,
  type ForwardPreHook,
  type ForwardPreHookWithKwargs,
  HookTable,
  hasCallHooks,
  type Internals,
  internals,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type RemovableHandle,
  type StateDictHook,
  type StateDictPreHook,
} from "./internals.ts";
import type { Module } from "./module.ts";

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of any module
type Anything = any;

/** The part of a module that hooks are registered with. */
export class Hookable extends Callable {
  /** Runs `forward` and the hooks around it. */
  callWithHooks(args: Anything[]): Anything {
    return callWithHooks(this as unknown as Module, args);
  }

  private addHook<K extends HookName>(kind: K, hook: HookOf<K>, prepend = false): RemovableHandle {
    const state = this[internals];
    const tables = state as unknown as Record<K, HookTable<HookOf<K>> | null>;
    const table = (tables[kind] ??= new HookTable<HookOf<K>>());
    const handle = table.add(hook, prepend);
    state.hooked = hasCallHooks(state);
    return {
      remove: () => {
        handle.remove();
        state.hooked = hasCallHooks(state);
      },
    };
  }

  /**
   * `hook(module, args)` runs before `forward` and may replace the positional arguments; `withKwargs` gives it the options object too, and lets
   * it return `[args, options]`. @see torch.nn.Module.register_forward_pre_hook
   */
  registerForwardPreHook(hook: ForwardPreHook, options?: HookOptions & { withKwargs?: false }): RemovableHandle;
  registerForwardPreHook(hook: ForwardPreHookWithKwargs, options: HookOptions & { withKwargs: true }): RemovableHandle;
  registerForwardPreHook(hook: ForwardPreHook | ForwardPreHookWithKwargs, options: HookOptions = {}): RemovableHandle {
    return this.addHook("forwardPreHooks", { hook, withKwargs: options.withKwargs ?? false } as ForwardPreEntry, options.prepend);
  }

  /**
   * `hook(module, args, output)` runs after `forward` and may replace the result; `withKwargs` makes it `hook(module, args, options, output)`,
   * `alwaysCall` runs it also when `forward` throws. @see torch.nn.Module.register_forward_hook
   */
  registerForwardHook(hook: ForwardHook, options?: ForwardHookOptions & { withKwargs?: false }): RemovableHandle;
  registerForwardHook(hook: ForwardHookWithKwargs, options: ForwardHookOptions & { withKwargs: true }): RemovableHandle;
  registerForwardHook(hook: ForwardHook | ForwardHookWithKwargs, options: ForwardHookOptions = {}): RemovableHandle {
    const { withKwargs = false, alwaysCall = false, prepend = false } = options;
    return this.addHook("forwardHooks", { hook, withKwargs, alwaysCall } as ForwardEntry, prepend);
  }

  /**
   * `hook(module, gradInput, gradOutput)` runs when gradients of the inputs are known; what it returns replaces them.
   * @throws {AutogradError} beside hooks of {@link registerBackwardHook} @see torch.nn.Module.register_full_backward_hook
   */
  registerFullBackwardHook(hook: BackwardHook, options: { prepend?: boolean } = {}): RemovableHandle {
    if ((this[internals].lastBackwardHooks?.size ?? 0) > 0) throw new AutogradError(mixedHooks);
    return this.addHook("backwardHooks", hook, options.prepend);
  }

  /**
   * An older {@link registerFullBackwardHook}: it sees the gradients of the operation that made the result.
   * @throws {AutogradError} beside full hooks @see torch.nn.Module.register_backward_hook
   */
  registerBackwardHook(hook: BackwardHook): RemovableHandle {
    if ((this[internals].backwardHooks?.size ?? 0) > 0) throw new AutogradError(mixedHooks);
    return this.addHook("lastBackwardHooks", hook);
  }

  /** `hook(module, gradOutput)` runs before the backward pass of the module; what it returns replaces them. @see torch.nn.Module.register_full_backward_pre_hook */
  registerFullBackwardPreHook(hook: BackwardPreHook, options: { prepend?: boolean } = {}): RemovableHandle {
    return this.addHook("backwardPreHooks", hook, options.prepend);
  }

  /** `hook(module, prefix, keepVars)` runs before the state is collected. @see torch.nn.Module.register_state_dict_pre_hook */
  registerStateDictPreHook(hook: StateDictPreHook): RemovableHandle {
    return this.addHook("stateDictPreHooks", hook);
  }

  /** `hook(module, stateDict, prefix, localMetadata)` runs on a dictionary just made. @see torch.nn.Module._register_state_dict_hook */
  registerStateDictPostHook(hook: StateDictHook): RemovableHandle {
    return this.addHook("stateDictHooks", hook);
  }
  /** `hook` runs on a state dictionary before it is loaded. @see torch.nn.Module._register_load_state_dict_pre_hook */
  registerLoadStateDictPreHook(hook: LoadStateDictPreHook): RemovableHandle {
    return this.addHook("loadPreHooks", hook);
  }
  /** `hook(module, incompatibleKeys)` runs after loading. @see torch.nn.Module.register_load_state_dict_post_hook */
  registerLoadStateDictPostHook(hook: LoadStateDictPostHook): RemovableHandle {
    return this.addHook("loadPostHooks", hook);
  }
}

const mixedHooks = "Cannot use both regular backward hooks and full backward hooks on a single Module. Please use only one of them.";

/** How a hook before `forward` is called. */
export interface HookOptions {
  /** Put it before the hooks that are there. Default false. */
  prepend?: boolean;
  /** Give it the options object too. Default false. */
  withKwargs?: boolean;
}
/** How a hook after `forward` is called. */
export interface ForwardHookOptions extends HookOptions {
  /** Run it also when `forward` throws. Default false. */
  alwaysCall?: boolean;
}

type HookName = Exclude<
  { [K in keyof Internals]: NonNullable<Internals[K]> extends HookTable<unknown> ? K : never }[keyof Internals],
  never
>;
type HookOf<K extends HookName> = NonNullable<Internals[K]> extends HookTable<infer H> ? H : never;
