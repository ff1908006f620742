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
/** Sees arguments and result after `forward`; what it returns replaces the result. */
export type ForwardHook = (module: Anything, args: Anything[], output: Anything) => Anything;
/** Sees the gradients of inputs and outputs; an array it returns replaces the gradients of the inputs. */
export type BackwardHook = (module: Anything, gradInput: (Tensor | null)[], gradOutput: (Tensor | null)[]) => unknown;
/** Sees the gradients of the outputs before the backward pass of the module; an array it returns replaces them. */
export type BackwardPreHook = (module: Anything, gradOutput: (Tensor | null)[]) => unknown;
/** Changes a state dictionary that was just made, in place, or returns another. */
export type StateDictHook = (module: Anything, stateDict: Map<string, Tensor>, prefix: string) => unknown;
/** Sees a state dictionary before it is loaded and may change it in place (renaming keys, for instance). */
export type LoadStateDictPreHook = (
  module: Anything,
  stateDict: Map<string, Tensor>,
  prefix: string,
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
/** Called after loading; may change the lists of keys. */
export type LoadStateDictPostHook = (module: Anything, keys: IncompatibleKeys) => void;

/** What a module keeps beside its fields. One table for each kind of hook, null while there is none. */
export interface Internals {
  /** Names of the buffers in the order of registration, and whether they are saved. */
  buffers: Map<string, boolean> | null;
  /** Names in the order of registration, where it may differ from that of the fields (names that look like integers). */
  order: string[] | null;
  /** Whether any hook has to be looked at in a call. */
  hooked: boolean;
  forwardPreHooks: HookTable<{ hook: ForwardPreHook; withKwargs: boolean }> | null;
  forwardHooks: HookTable<ForwardHook> | null;
  backwardPreHooks: HookTable<BackwardPreHook> | null;
  backwardHooks: HookTable<BackwardHook> | null;
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
