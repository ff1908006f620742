import { Tensor, TensorError } from "@bluedot/core";
import { isOptions } from "@bluedot/core/extend";
import { BackwardWatch } from "./backward-hook.ts";
import { globalHooks } from "./global-hooks.ts";
import { type BackwardHook, type ForwardEntry, type HookTable, internals } from "./internals.ts";
import type { Module } from "./module.ts";

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of any module
type Anything = any;
type Options = Record<string, Anything>;

/** Hooks of all modules, then those of one. */
const both = <H>(all: HookTable<H> | null, own: HookTable<H> | null): H[] => [...(all ?? []), ...(own ?? [])];

/** Runs `forward` with all hooks around it: those of every module and those of this one. */
export function callWithHooks(module: Module, given: Anything[]): Anything {
  const own = module[internals];
  const last = given.at(-1);
  let options: Options = isOptions(last) ? last : {};
  let args = isOptions(last) ? given.slice(0, -1) : given;
  const forwardHooks = both(globalHooks.forwardHooks, own.forwardHooks);
  const called = new Set<ForwardEntry>();
  let output: Anything;
  const runForwardHook = (entry: ForwardEntry): void => {
    called.add(entry);
    const result = entry.withKwargs ? entry.hook(module, args, options, output) : entry.hook(module, args, output);
    if (result != null) output = result;
  };
  try {
    for (const entry of both(globalHooks.forwardPreHooks, own.forwardPreHooks)) {
      const result = entry.withKwargs ? entry.hook(module, args, options) : entry.hook(module, args);
      if (result == null) continue;
      if (!entry.withKwargs) args = Array.isArray(result) ? result : [result];
      else if (Array.isArray(result) && result.length === 2) [args, options] = result as [Anything[], Options];
      else throw new TensorError(`forward pre-hook must return None or a tuple of (new_args, new_kwargs), but got ${String(result)}.`);
    }
    const backwardHooks = both(globalHooks.backwardHooks, own.backwardHooks);
    const backwardPreHooks = both(globalHooks.backwardPreHooks, own.backwardPreHooks);
    const watch = backwardHooks.length + backwardPreHooks.length > 0 ? new BackwardWatch(module, backwardHooks, backwardPreHooks) : null;
    if (watch !== null) args = watch.watchInputs(args);
    output = module.forward(...args, ...(Object.keys(options).length > 0 ? [options] : []));
    for (const entry of forwardHooks) runForwardHook(entry);
    if (watch !== null) output = watch.watchOutputs(output);
    watchLastOperation(module, both(globalHooks.lastBackwardHooks, own.lastBackwardHooks), output);
    return output;
  } catch (error) {
    for (const entry of forwardHooks) {
      if (!entry.alwaysCall || called.has(entry)) continue;
      try {
        runForwardHook(entry);
      } catch (other) {
        console.warn(
          `module forward hook with \`\`always_call=True\`\` raised an exception that was silenced as another error was raised in forward: ${String(other)}`,
        );
      }
    }
    throw error;
  }
}

/** Puts older backward hooks on the operation that made the result. */
function watchLastOperation(module: Module, hooks: readonly BackwardHook[], output: Anything): void {
  if (hooks.length === 0) return;
  let value = output;
  while (!(value instanceof Tensor)) {
    if (typeof value !== "object" || value === null) return;
    value = Array.isArray(value) ? value[0] : Object.values(value as object).find((part) => part instanceof Tensor);
  }
  type Grads = readonly (Tensor | null)[];
  type Hooked = { registerHook(hook: (gradInputs: Grads, gradOutputs: Grads) => Grads | undefined): void };
  const node = value.gradFn as unknown as Hooked | null;
  for (const hook of hooks) node?.registerHook((gradInputs, gradOutputs) => hook(module, gradInputs, gradOutputs) as Grads | undefined);
}
