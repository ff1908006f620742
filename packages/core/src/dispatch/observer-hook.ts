import type { Tensor } from "../tensor/tensor.ts";
import type { Inputs, Op } from "./op.ts";

/** Runs a kernel, and notes what it likes about it. */
export type Observe = (op: Op, inputs: Inputs, outputs: readonly Tensor[], kernel: () => void) => void;

/** Called around every kernel; null while nobody looks. Read on every operation, hence a plain variable. */
export let observeKernel: Observe | null = null;

/** For a profiler, which owns it. */
export function setObserver(next: Observe | null): void {
  observeKernel = next;
}
