import type { Inputs, Op } from "./op.ts";

/** Gives an operator its inputs in the dtype that it shall compute in. */
export type CastInputs = (op: Op, inputs: Inputs) => Inputs;

/** What mixed precision does to inputs; null while it is off. Read on every operation, hence a plain variable. */
export let castInputs: CastInputs | null = null;

/** For autocast, which owns it. */
export function setCastInputs(next: CastInputs | null): void {
  castInputs = next;
}
