import type { Storage } from "../tensor/storage.ts";
import { Tensor } from "../tensor/tensor.ts";
import { adoptStorage, enterScope, keepStorage, leaveScope, release } from "./allocator.ts";

/** Calls `visit` for every tensor in a value: itself, or within arrays, maps, sets and plain objects. */
function forEachTensor(value: unknown, visit: (t: Tensor) => void, seen = new Set<unknown>()): void {
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Tensor) visit(value);
  else if (value instanceof Map) for (const [key, inner] of value) forEachTensor([key, inner], visit, seen);
  else if (Symbol.iterator in value && !ArrayBuffer.isView(value))
    for (const inner of value as Iterable<unknown>) forEachTensor(inner, visit, seen);
  else if (Object.getPrototypeOf(value) === Object.prototype) for (const inner of Object.values(value)) forEachTensor(inner, visit, seen);
}

/**
 * Runs `body` and gives the memory of every tensor made in it back at once, for reuse while it is still in the cache. What `body`
 * returns lives on, as do gradients of parameters and the state of optimizers; anything else that should must be given to {@link keep}.
 * Reading another tensor of the scope afterwards throws. Where a result still hangs on its graph, everything made in the scope lives on.
 * Nothing needs a scope to be correct: without one the garbage collector does the same, later.
 *
 * @example
 * ```ts
 * for (const [images, labels] of loader) {
 *   total += torch.scope(() => {
 *     optimizer.zeroGrad();
 *     const loss = criterion(net(images), labels);
 *     loss.backward();
 *     optimizer.step();
 *     return loss.item();
 *   });
 * }
 * ```
 * @throws {TypeError} when `body` is asynchronous: what other code makes meanwhile could not be told from what it makes
 */
export function scope<T>(body: () => T): T {
  const outer = enterScope();
  let made: Storage[];
  let result: T;
  try {
    result = body();
  } finally {
    made = leaveScope(outer);
  }
  if (result instanceof Promise) {
    for (const storage of made) adoptStorage(storage);
    throw new TypeError("scope() takes a synchronous function, but got one that returns a promise");
  }
  const kept = new Set<Storage>();
  let hangsOnGraph = false;
  forEachTensor(result, (t) => {
    kept.add(t.storage);
    if (t.requiresGrad && !t.isLeaf) hangsOnGraph = true;
    if (t.grad !== null) kept.add(t.grad.storage);
  });
  for (const storage of made) {
    if (hangsOnGraph || kept.has(storage)) adoptStorage(storage);
    else release(storage);
  }
  return result;
}

/** Lets a tensor made in a {@link scope} outlive it. Returns the tensor. */
export function keep(t: Tensor): Tensor {
  keepStorage(t.storage);
  return t;
}
