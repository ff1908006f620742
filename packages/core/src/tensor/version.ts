import { AutogradError } from "../errors.ts";

/** Counts in-place writes. A storage counts for its tensors; those of `.data` have a counter of their own. */
export interface VersionCounter {
  version: number;
}

/** The counter of every tensor made in inference mode: such tensors are not counted. */
const uncounted: VersionCounter = { version: 0 };

/** Read whenever a tensor is made, hence a plain variable. */
export let inferenceMode = false;

/** For autograd, which owns the mode. */
export function setInferenceMode(on: boolean): void {
  inferenceMode = on;
}

/** The counter of a new tensor. */
export const counterFor = (storage: VersionCounter): VersionCounter => (inferenceMode ? uncounted : storage);

/** Whether the counter is that of tensors made in inference mode. */
export const isUncounted = (counter: VersionCounter): boolean => counter === uncounted;

/** @throws {AutogradError} for a tensor made in inference mode, outside of it */
export function checkInferenceWrite(counter: VersionCounter): void {
  if (counter !== uncounted || inferenceMode) return;
  throw new AutogradError(
    "Inplace update to inference tensor outside InferenceMode is not allowed.You can make a clone to get a normal tensor before doing inplace update.See https://github.com/pytorch/rfcs/pull/17 for more details.",
  );
}
