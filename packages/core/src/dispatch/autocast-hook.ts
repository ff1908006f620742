import { Tensor } from "../tensor/tensor.ts";
import { isOptions } from "./arguments.ts";
import type { Inputs } from "./op.ts";

/**
 * Gives an operator, or a function made of several, its inputs in the dtype that it shall compute in: another array, or the very same when
 * it has nothing to say about that name.
 */
export type CastInputs = (name: string, inputs: Inputs) => Inputs;

/** What mixed precision does to inputs; null while it is off. Read on every operation, hence a plain variable. */
export let castInputs: CastInputs | null = null;

/** For autocast, which owns it. */
export function setCastInputs(next: CastInputs | null): void {
  castInputs = next;
}

// biome-ignore lint/suspicious/noExplicitAny: functions of any signature
type AnyFunction = (...args: any[]) => unknown;

/**
 * A function made of several operators that mixed precision knows by its own name: its tensors are cast together, and nothing in it is cast
 * again. Without mixed precision it is called as it is.
 */
export function castAsWhole<F extends AnyFunction>(name: string, call: F): F {
  return ((...args: unknown[]) => {
    const cast = castInputs;
    if (cast === null) return call(...args);
    const tensors: Tensor[] = [];
    mapTensors(args, (tensor) => tensors.push(tensor));
    const given = cast(name, tensors);
    if (given === tensors) return call(...args);
    let next = 0;
    castInputs = null;
    try {
      return call(...mapTensors(args, () => given[next++]));
    } finally {
      castInputs = cast;
    }
  }) as F;
}

/** Arguments with `change` of every tensor among them and in their options objects. */
const mapTensors = (args: readonly unknown[], change: (tensor: Tensor) => unknown): unknown[] =>
  args.map((arg) => {
    if (arg instanceof Tensor) return change(arg);
    if (!isOptions(arg)) return arg;
    return Object.fromEntries(Object.entries(arg as object).map(([key, value]) => [key, value instanceof Tensor ? change(value) : value]));
  });
