import { isRecording, setGradMode, setInferenceMode } from "@bluedot/core/extend";

/** The modes of one asynchronous function, which its continuations find again. */
interface Modes {
  grad: boolean;
  inference: boolean;
}

interface AsyncContext {
  run<T>(modes: Modes, fn: () => T): T;
  getStore(): Modes | undefined;
}

/** Modes outside of any asynchronous function. */
const outer: Modes = { grad: true, inference: false };
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
}

/** Whether operations are recorded for differentiation now. @see torch.is_grad_enabled */
export const isGradEnabled = (): boolean => isRecording();

/** Whether inference mode is on. @see torch.is_inference_mode_enabled */
export const isInferenceModeEnabled = (): boolean => current().inference;

/** The mode as the hook of core asks for it. */
export const gradModeNow = (): boolean => current().grad;

function assign(modes: Modes, grad: boolean, inference: boolean): void {
  modes.grad = grad;
  modes.inference = inference;
  publish();
}

/** Runs a synchronous function of the library itself in a mode, as cheaply as can be. */
export function withGradMode<T>(grad: boolean, fn: () => T): T {
  const modes = current();
  const before = modes.grad;
  if (before === grad) return fn();
  assign(modes, grad, modes.inference);
  try {
    return fn();
  } finally {
    assign(modes, before, modes.inference);
  }
}

/** A scope for `using`: the mode holds until the block ends. Do not `await` inside it; give the mode an async function for that. */
export class ModeScope implements Disposable {
  readonly #modes: Modes;
  readonly #grad: boolean;
  readonly #inference: boolean;

  constructor(grad: boolean, inference: boolean | null) {
    this.#modes = current();
    this.#grad = this.#modes.grad;
    this.#inference = this.#modes.inference;
    assign(this.#modes, grad, inference ?? this.#inference);
  }

  [Symbol.dispose](): void {
    assign(this.#modes, this.#grad, this.#inference);
  }
}

const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === "object" && value !== null && typeof (value as { then?: unknown }).then === "function";

function within<T>(grad: boolean, inference: boolean | null, fn: () => T): T {
  const modes = current();
  const before: Modes = { grad: modes.grad, inference: modes.inference };
  const inside: Modes = { grad, inference: inference ?? before.inference };
  const async = asyncContext();
  const restore = (): void => assign(modes, before.grad, before.inference);
  let result: T;
  assign(modes, inside.grad, inside.inference);
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

function mode<T>(grad: boolean, inference: boolean | null, fn: (() => T) | undefined): T | ModeScope {
  return fn === undefined ? new ModeScope(grad, inference) : within(grad, inference, fn);
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
  return mode(false, null, fn);
}

/** The opposite of {@link noGrad}, for use inside it. @see torch.enable_grad */
export function enableGrad<T>(fn: () => T): T;
export function enableGrad(): Disposable;
export function enableGrad<T>(fn?: () => T): T | Disposable {
  return mode(true, null, fn);
}

/** Records operations or not, as `enabled` says: from now on, for `fn`, or until the returned scope is disposed of. @see torch.set_grad_enabled */
export function setGradEnabled<T>(enabled: boolean, fn: () => T): T;
export function setGradEnabled(enabled: boolean): Disposable;
export function setGradEnabled<T>(enabled: boolean, fn?: () => T): T | Disposable {
  return mode(enabled, null, fn);
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
  return on ? mode(false, true, body) : mode(current().inference ? true : current().grad, false, body);
}
