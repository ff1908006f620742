import { Callable } from "./callable.ts";
import { callWithHooks } from "./hooks.ts";
import {
  type BackwardHook,
  type BackwardPreHook,
  type ForwardHook,
  type ForwardPreHook,
  HookTable,
  type Internals,
  internals,
  type LoadStateDictPostHook,
  type LoadStateDictPreHook,
  type RemovableHandle,
  type StateDictHook,
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
    const look = (): void => {
      state.hooked = [state.forwardPreHooks, state.forwardHooks, state.backwardHooks, state.backwardPreHooks].some(
        (t) => (t?.size ?? 0) > 0,
      );
    };
    look();
    return {
      remove: () => {
        handle.remove();
        look();
      },
    };
  }

  /** `hook(module, args)` runs before `forward` and may replace the arguments. @see torch.nn.Module.register_forward_pre_hook */
  registerForwardPreHook(hook: ForwardPreHook, options: { prepend?: boolean } = {}): RemovableHandle {
    return this.addHook("forwardPreHooks", { hook, withKwargs: false }, options.prepend);
  }
  /** `hook(module, args, output)` runs after `forward` and may replace the result. @see torch.nn.Module.register_forward_hook */
  registerForwardHook(hook: ForwardHook, options: { prepend?: boolean } = {}): RemovableHandle {
    return this.addHook("forwardHooks", hook, options.prepend);
  }
  /** `hook(module, gradInput, gradOutput)` runs when gradients of the inputs are known. @see torch.nn.Module.register_full_backward_hook */
  registerFullBackwardHook(hook: BackwardHook, options: { prepend?: boolean } = {}): RemovableHandle {
    return this.addHook("backwardHooks", hook, options.prepend);
  }
  /** The same as {@link registerFullBackwardHook}. @see torch.nn.Module.register_backward_hook */
  registerBackwardHook(hook: BackwardHook): RemovableHandle {
    return this.addHook("backwardHooks", hook);
  }
  /** `hook(module, gradOutput)` runs before the backward pass of the module. @see torch.nn.Module.register_full_backward_pre_hook */
  registerFullBackwardPreHook(hook: BackwardPreHook, options: { prepend?: boolean } = {}): RemovableHandle {
    return this.addHook("backwardPreHooks", hook, options.prepend);
  }
  /** `hook(module, stateDict, prefix)` runs on a dictionary just made. @see torch.nn.Module._register_state_dict_hook */
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

type HookName = Exclude<
  { [K in keyof Internals]: NonNullable<Internals[K]> extends HookTable<unknown> ? K : never }[keyof Internals],
  never
>;
type HookOf<K extends HookName> = NonNullable<Internals[K]> extends HookTable<infer H> ? H : never;
