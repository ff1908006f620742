import { AutogradError, Tensor } from "@bluedot/core";
import { enterScope, leaveScope } from "@bluedot/core/extend";

/** What a pack hook made of a saved tensor. */
export class Packed {
  readonly value: unknown;
  readonly unpack: (value: never) => Tensor;

  constructor(value: unknown, unpack: (value: never) => Tensor) {
    this.value = value;
    this.unpack = unpack;
  }

  /** The tensor again. @throws {AutogradError} when the hook gives something else */
  tensor(): Tensor {
    // A program's hook may keep what it makes, which the engine therefore must not take for its own.
    const scope = enterScope();
    let tensor: unknown;
    try {
      tensor = this.unpack(this.value as never);
    } finally {
      leaveScope(scope);
    }
    if (!(tensor instanceof Tensor)) {
      throw new AutogradError(`Output of saved tensor unpack_hook expected to be a Tensor but got result of type ${typeof tensor}`);
    }
    return tensor;
  }
}

interface Pair {
  readonly pack: (tensor: Tensor) => unknown;
  readonly unpack: (value: never) => Tensor;
}

const stack: Pair[] = [];

let forbidden: AutogradError | null = null;

/** Makes new hooks throw; call the result to end that. */
export function forbidSavedTensorHooks(error: AutogradError): () => void {
  if (stack.length > 0) throw error;
  const before = forbidden;
  forbidden = error;
  return () => {
    forbidden = before;
  };
}

/** Whether saved tensors go through hooks now. */
export const hasSavedTensorHooks = (): boolean => stack.length > 0;

/** A tensor about to be saved, through the innermost pair of hooks. @throws {AutogradError} when the hook writes to it */
export function pack(tensor: Tensor): Packed {
  const { pack: hook, unpack } = stack[stack.length - 1]!;
  const version = tensor.counter.version;
  const given = tensor.detach();
  const value = hook(given);
  if (tensor.counter.version !== version) {
    throw new AutogradError(
      "A saved tensor pack hook is modifying its input in place. Tensors provided as input to pack hook can not be modified by in-place operations as this can lead to unexpected side-effects. Please open an issue if you need to perform in-place operations on the input to a pack hook.",
    );
  }
  return new Packed(value, unpack);
}

/**
 * Tensors saved for derivatives while `fn` runs, or until the returned scope is disposed of, are stored as `pack` gives them and read back with `unpack`:
 * to keep them elsewhere, or smaller.
 * @see torch.autograd.graph.saved_tensors_hooks
 */
export function savedTensorsHooks<P, T>(pack: (tensor: Tensor) => P, unpack: (value: P) => Tensor, fn: () => T): T;
export function savedTensorsHooks<P>(pack: (tensor: Tensor) => P, unpack: (value: P) => Tensor): Disposable;
export function savedTensorsHooks<P, T>(packHook: (tensor: Tensor) => P, unpack: (value: P) => Tensor, fn?: () => T): T | Disposable {
  if (forbidden !== null) throw forbidden;
  const pair: Pair = { pack: packHook, unpack };
  stack.push(pair);
  const scope = {
    [Symbol.dispose]() {
      stack.splice(stack.lastIndexOf(pair), 1);
    },
  };
  if (fn === undefined) return scope;
  try {
    return fn();
  } finally {
    scope[Symbol.dispose]();
  }
}
