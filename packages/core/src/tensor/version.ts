import { AutogradError } from "../errors.ts";

/** Counts in-place writes. A storage counts for its tensors; those of `.data` have a counter of their own. */
export interface VersionCounter {
  version: number;
}

/** The counter of every tensor made in inference mode: such tensors are not counted. */
const uncounted: VersionCounter = { version: 0 };

/** Whether inference mode is on: no, yes, or as `ask` says (while a mode of an asynchronous function is pending). */
export type InferenceMode = 0 | 1 | 2;

/** Read whenever a tensor is made, hence a plain variable. */
let mode: InferenceMode = 0;
let ask: () => boolean = () => false;

/** For autograd, which owns the mode. */
export function setInferenceMode(next: InferenceMode, asked: () => boolean): void {
  mode = next;
  ask = asked;
}

/** Whether tensors made now take no part in any graph, ever. */
export const inInferenceMode = (): boolean => mode !== 0 && (mode === 1 || ask());

/** The counter of a new tensor. */
export const counterFor = (storage: VersionCounter): VersionCounter => (mode !== 0 && inInferenceMode() ? uncounted : storage);

/** Whether the counter is that of tensors made in inference mode. */
export const isUncounted = (counter: VersionCounter): boolean => counter === uncounted;

/** @throws {AutogradError} for a tensor made in inference mode, outside of it */
export function checkInferenceWrite(counter: VersionCounter): void {
  if (counter !== uncounted || inInferenceMode()) return;
  throw new AutogradError(
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
  );
}
