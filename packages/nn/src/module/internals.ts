import type { Tensor } from "@bluedot/core";
import type { Module } from "./module.ts";

/** What registering a hook gives: `remove()` takes the hook away again. */
export interface RemovableHandle {
  remove(): void;
}

/** Hooks in the order of registration. */
export class HookTable<H> {
  private readonly hooks = new Map<number, H>();
  private next = 0;

  get size(): number {
    return this.hooks.size;
  }

  /** Adds a hook; `prepend` puts it before those already there. */
  add(hook: H, prepend = false): RemovableHandle {
    const key = this.next++;
    if (prepend) {
      const others = [...this.hooks];
      this.hooks.clear();
      this.hooks.set(key, hook);
      for (const [k, h] of others) this.hooks.set(k, h);
    } else this.hooks.set(key, hook);
    return { remove: () => void this.hooks.delete(key) };
  }

  [Symbol.iterator](): IterableIterator<H> {
    return [...this.hooks.values()][Symbol.iterator]();
  }

  /** A table with the same hooks. */
  copy(): HookTable<H> {
    const table = new HookTable<H>();
    for (const hook of this) table.add(hook);
    return table;
  }
}

// biome-ignore lint/suspicious/noExplicitAny: hooks see the arguments and results of any module
type Anything = any;

/** Sees a module's positional arguments before `forward`; an array or a single value it returns replaces them. */
export type ForwardPreHook = (module: Anything, args: Anything[]) => Anything;
/** The same with the options object; what it returns, `[args, options]`, replaces both. */
export type ForwardPreHookWithKwargs = (module: Anything, args: Anything[], kwargs: Record<string, Anything>) => Anything;
/** Sees positional arguments and result after `forward`; what it returns replaces the result. */
export type ForwardHook = (module: Anything, args: Anything[], output: Anything) => Anything;
/** The same with the options object. */
export type ForwardHookWithKwargs = (module: Anything, args: Anything[], kwargs: Record<string, Anything>, output: Anything) => Anything;
/** Sees the gradients of inputs and outputs; an array it returns replaces the gradients of the inputs. */
export type BackwardHook = (module: Anything, gradInput: readonly (Tensor | null)[], gradOutput: readonly (Tensor | null)[]) => unknown;
/** Sees the gradients of the outputs before the backward pass of the module; an array it returns replaces them. */
export type BackwardPreHook = (module: Anything, gradOutput: readonly (Tensor | null)[]) => unknown;
/** What a state dictionary knows of the module that wrote it. */
export interface LocalMetadata {
  /** Of the layout of the module's state. */
  version?: number | null;
}
/** Called before the state of a module is collected. */
export type StateDictPreHook = (module: Anything, prefix: string, keepVars: boolean) => void;
/** Changes a state dictionary that was just made, in place, or returns another. */
export type StateDictHook = (module: Anything, stateDict: Map<string, Tensor>, prefix: string, localMetadata: LocalMetadata) => unknown;
/** Sees a state dictionary before it is loaded and may change it in place (renaming keys, for instance). */
export type LoadStateDictPreHook = (
  module: Anything,
  stateDict: Map<string, Tensor>,
  prefix: string,
  localMetadata: LocalMetadata,
  strict: boolean,
  missingKeys: string[],
  unexpectedKeys: string[],
  errorMessages: string[],
) => void;
/** What loading found wanting. */
export interface IncompatibleKeys {
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
}
/** Called after loading; may change the lists of keys in place. */
export type LoadStateDictPostHook = (module: Anything, keys: IncompatibleKeys) => void;

/** A hook before `forward`, and what it takes. */
export type ForwardPreEntry = { hook: ForwardPreHook; withKwargs: false } | { hook: ForwardPreHookWithKwargs; withKwargs: true };
/** A hook after `forward`, what it takes, and whether it runs after a failure too. */
export type ForwardEntry = ({ hook: ForwardHook; withKwargs: false } | { hook: ForwardHookWithKwargs; withKwargs: true }) & {
  alwaysCall: boolean;
};

/** Hooks around a call: those of one module, or of all. One table for each kind, null while there is none. */
export interface CallHooks {
  forwardPreHooks: HookTable<ForwardPreEntry> | null;
  forwardHooks: HookTable<ForwardEntry> | null;
  backwardPreHooks: HookTable<BackwardPreHook> | null;
  backwardHooks: HookTable<BackwardHook> | null;
  /** Older backward hooks, which see the last operation of the module alone. */
  lastBackwardHooks: HookTable<BackwardHook> | null;
}

/** Whether there is any hook around a call. */
export const hasCallHooks = (hooks: CallHooks): boolean =>
  [hooks.forwardPreHooks, hooks.forwardHooks, hooks.backwardPreHooks, hooks.backwardHooks, hooks.lastBackwardHooks].some(
    (table) => (table?.size ?? 0) > 0,
  );

/** What a module keeps beside its fields. */
export interface Internals extends CallHooks {
  /** Names of the buffers in the order of registration, and whether they are saved. */
  buffers: Map<string, boolean> | null;
  /** Names in the order of registration, where it may differ from that of the fields (names that look like integers). */
  order: string[] | null;
  /** Whether any hook has to be looked at in a call. */
  hooked: boolean;
  stateDictPreHooks: HookTable<StateDictPreHook> | null;
  stateDictHooks: HookTable<StateDictHook> | null;
  loadPreHooks: HookTable<LoadStateDictPreHook> | null;
  loadPostHooks: HookTable<LoadStateDictPostHook> | null;
}

/** Where a module keeps its {@link Internals}: out of the way of its fields. */
export const internals: unique symbol = Symbol("internals");

export const emptyInternals = (): Internals => ({
  buffers: null,
  order: null,
  hooked: false,
  forwardPreHooks: null,
  forwardHooks: null,
  backwardPreHooks: null,
  backwardHooks: null,
  lastBackwardHooks: null,
  stateDictPreHooks: null,
  stateDictHooks: null,
  loadPreHooks: null,
  loadPostHooks: null,
});

/** A copy for a copied module: hooks are shared, tables are not. */
export const copyInternals = (of: Internals): Internals => ({
  buffers: of.buffers === null ? null : new Map(of.buffers),
  order: of.order === null ? null : [...of.order],
  hooked: of.hooked,
  forwardPreHooks: of.forwardPreHooks?.copy() ?? null,
  forwardHooks: of.forwardHooks?.copy() ?? null,
  backwardPreHooks: of.backwardPreHooks?.copy() ?? null,
  backwardHooks: of.backwardHooks?.copy() ?? null,
  lastBackwardHooks: of.lastBackwardHooks?.copy() ?? null,
  stateDictPreHooks: of.stateDictPreHooks?.copy() ?? null,
  stateDictHooks: of.stateDictHooks?.copy() ?? null,
  loadPreHooks: of.loadPreHooks?.copy() ?? null,
  loadPostHooks: of.loadPostHooks?.copy() ?? null,
});

/** The names of a module's fields, in the order of registration. */
export function fieldNames(module: Module): string[] {
  const names = Object.keys(module);
  const order = module[internals].order;
  if (order === null) return names;
  const present = new Set(names);
  const ordered = order.filter((name) => present.delete(name));
  return [...names.filter((name) => present.has(name)), ...ordered];
}
