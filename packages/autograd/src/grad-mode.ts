import { type CastInputs, isRecording, setCastInputs, setGradMode, setInferenceMode } from "@bluedot/core/extend";
import { type Casting, castInputsBy } from "./autocast-policy.ts";

/** The modes of one asynchronous function, which its continuations find again. */
export interface Modes {
  grad: boolean;
  inference: boolean;
  /** Mixed precision, innermost first. */
  casting: Casting | null;
}

interface AsyncContext {
  run<T>(modes: Modes, fn: () => T): T;
  getStore(): Modes | undefined;
}

/** Modes outside of any asynchronous function. */
const outer: Modes = { grad: true, inference: false, casting: null };
/** Asynchronous scopes that have not settled. Only while there are any does an operation ask in which one it runs. */
let pending = 0;
let context: AsyncContext | null | undefined;

/** Carries modes across `await`, where the runtime can: Node, Deno and Bun. */
function asyncContext(): AsyncContext | null {
  if (context !== undefined) return context;
  const host = globalThis as { process?: { getBuiltinModule?: (name: string) => { AsyncLocalStorage: new () => AsyncContext } } };
  const hooks = host.process?.getBuiltinModule?.("node:async_hooks");
  context = hooks === undefined ? null : new hooks.AsyncLocalStorage();
  return context;
}

const current = (): Modes => (pending > 0 && context != null ? (context.getStore() ?? outer) : outer);

function publish(): void {
  const ask = pending > 0 && context != null;
  setGradMode(ask ? 2 : outer.grad ? 1 : 0);
  setInferenceMode(ask ? 2 : outer.inference ? 1 : 0, () => current().inference);
  setCastInputs(ask || outer.casting !== null ? castInputsNow : null);
}

const castInputsNow: CastInputs = (name, inputs) => castInputsBy(current().casting, name, inputs);

/** Mixed precision in force here. */
export const castingNow = (): Casting | null => current().casting;

/** Whether operations are recorded for differentiation now. @see torch.is_grad_enabled */
export const isGradEnabled = (): boolean => isRecording();

/** Whether inference mode is on. @see torch.is_inference_mode_enabled */
export const isInferenceModeEnabled = (): boolean => current().inference;

/** The mode as the hook of core asks for it. */
export const gradModeNow = (): boolean => current().grad;

function assign(modes: Modes, next: Readonly<Modes>): void {
  modes.grad = next.grad;
  modes.inference = next.inference;
  modes.casting = next.casting;
  publish();
}

function assignGrad(modes: Modes, grad: boolean): void {
  modes.grad = grad;
  publish();
}

/** Runs a synchronous function of the library itself in a mode, as cheaply as can be. */
export function withGradMode<T>(grad: boolean, fn: () => T): T {
  const modes = current();
  const before = modes.grad;
  if (before === grad) return fn();
  assignGrad(modes, grad);
  try {
    return fn();
  } finally {
    assignGrad(modes, before);
  }
}

/** A scope for `using`: the mode holds until the block ends. Do not `await` inside it; give the mode an async function for that. */
export class ModeScope implements Disposable {
  readonly #modes: Modes;
  readonly #before: Modes;

  constructor(change: Partial<Modes>) {
    this.#modes = current();
    this.#before = { ...this.#modes };
    assign(this.#modes, { ...this.#before, ...change });
  }

  [Symbol.dispose](): void {
    assign(this.#modes, this.#before);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

function within<T>(change: Partial<Modes>, fn: () => T): T {
  const modes = current();
  const before: Modes = { ...modes };
  const inside: Modes = { ...before, ...change };
  const async = asyncContext();
  const restore = (): void => assign(modes, before);
  let result: T;
  assign(modes, inside);
  try {
    result = async === null ? fn() : async.run(inside, fn);
  } catch (error) {
    restore();
    throw error;
  }
  if (!isThenable(result)) {
    restore();
    return result;
  }
  if (async === null) return result.then(...settled(restore)) as T;
  pending++;
  restore();
  return result.then(
    ...settled(() => {
      pending--;
      publish();
    }),
  ) as T;
}

function settled(end: () => void): [(value: unknown) => unknown, (reason: unknown) => never] {
  return [
    (value) => {
      end();
      return value;
    },
    (reason) => {
      end();
      throw reason;
    },
  ];
}

/** Changes modes for `fn`, synchronous or asynchronous, or until the scope that it returns is disposed of. */
export function withModes<T>(change: Partial<Modes>, fn: (() => T) | undefined): T | ModeScope {
  return fn === undefined ? new ModeScope(change) : within(change, fn);
}

/**
 * Runs `fn`, synchronous or asynchronous, without recording operations; without `fn` a scope for `using`.
 * @example
 * noGrad(() => w.sub_(w.grad!.mul(0.1)));
 * @see torch.no_grad
 */
export function noGrad<T>(fn: () => T): T;
export function noGrad(): Disposable;
export function noGrad<T>(fn?: () => T): T | Disposable {
  return withModes({ grad: false }, fn);
}

/** The opposite of {@link noGrad}, for use inside it. @see torch.enable_grad */
export function enableGrad<T>(fn: () => T): T;
export function enableGrad(): Disposable;
export function enableGrad<T>(fn?: () => T): T | Disposable {
  return withModes({ grad: true }, fn);
}

/** Records operations or not, as `enabled` says: from now on, for `fn`, or until the returned scope is disposed of. @see torch.set_grad_enabled */
export function setGradEnabled<T>(enabled: boolean, fn: () => T): T;
export function setGradEnabled(enabled: boolean): Disposable;
export function setGradEnabled<T>(enabled: boolean, fn?: () => T): T | Disposable {
  return withModes({ grad: enabled }, fn);
}

/**
 * As {@link noGrad}, and what is made inside never takes part in a graph: such tensors have no version counter and are not saved for derivatives.
 * @see torch.inference_mode
 */
export function inferenceMode<T>(fn: () => T): T;
export function inferenceMode<T>(enabled: boolean, fn: () => T): T;
export function inferenceMode(enabled?: boolean): Disposable;
export function inferenceMode<T>(first?: boolean | (() => T), fn?: () => T): T | Disposable {
  const body = typeof first === "function" ? first : fn;
  const on = typeof first === "boolean" ? first : true;
  // Mode off inside mode on gives back normal tensors and recording, as PyTorch does.
  const { inference, grad } = current();
  return withModes(on ? { grad: false, inference: true } : { grad: inference || grad, inference: false }, body);
}
