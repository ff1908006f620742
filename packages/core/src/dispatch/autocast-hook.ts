import type { Inputs } from "./op.ts";

/** Gives an operator, or a function made of several, its inputs in the dtype that it shall compute in. */
export type CastInputs = (name: string, inputs: Inputs) => Inputs;

/** What mixed precision does to inputs; null while it is off. Read on every operation, hence a plain variable. */
export let castInputs: CastInputs | null = null;

/** For autocast, which owns it. */
export function setCastInputs(next: CastInputs | null): void {
  castInputs = next;
}
