import { DTypeError } from "../../errors.ts";
import { defaultGenerator, type Generator } from "../../random/generator.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromTypedArray } from "../factory/tensor.ts";

/**
 * Starts the default random stream over from `seed`: from here on the numbers are those that PyTorch draws on the CPU after
 * `torch.manual_seed(seed)`. @returns the default generator @throws {TensorError} for a seed beyond 64 bits @see torch.manual_seed
 */
export const manualSeed = (seed: number | bigint): Generator => defaultGenerator.manualSeed(seed);

/** Seeds the default stream from the system's entropy and returns the seed. @see torch.seed */
export const seed = (): number | bigint => defaultGenerator.seed();

/** The seed that the default stream began with. @see torch.initial_seed */
export const initialSeed = (): number | bigint => defaultGenerator.initialSeed();

/** The state of the default stream, 5056 bytes as uint8, interchangeable with PyTorch's. @see torch.get_rng_state */
export const getRngState = (): Tensor => fromTypedArray(defaultGenerator.getState(), [defaultGenerator.getState().length]);

/** Continues the default stream from a state. @throws {DTypeError} unless uint8 @throws {TensorError} for bytes that are no state @see torch.set_rng_state */
export function setRngState(newState: Tensor): void {
  if (newState.dtype !== "uint8") throw new DTypeError("RNG state must be a torch.ByteTensor");
  defaultGenerator.setState(newState.contiguous().elements.slice(newState.offset, newState.offset + newState.count) as Uint8Array);
}

/**
 * Runs `body` and then puts the default stream back where it was, so that the numbers drawn inside are not missed outside.
 * @see torch.random.fork_rng
 */
export function forkRng<T>(body: () => T): T {
  const state = defaultGenerator.getState();
  let pending = false;
  try {
    const result = body();
    if (!(result instanceof Promise)) return result;
    pending = true;
    return result.finally(() => defaultGenerator.setState(state)) as T;
  } finally {
    if (!pending) defaultGenerator.setState(state);
  }
}
