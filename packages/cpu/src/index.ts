import "@bluedot/core";
import { addon } from "./native.ts";
import { registerKernels } from "./register.ts";

/** Which kernels serve the CPU. */
export interface CpuInfo {
  /** `"native"` where the C++ kernels are loaded, else `"reference"`. */
  readonly kernels: "native" | "reference";
  /** Instruction set of the native kernels: `baseline`, `avx2` or `avx512`; `javascript` for the reference ones. */
  readonly isa: string;
  /** Threads that one operation may use. */
  readonly threads: number;
}

let registered = false;

/**
 * Lays the native kernels over the reference ones, for every operator that has one. Without them (not built, or `BLUEDOT_CPU=reference`)
 * the reference kernels stay.
 * @returns whether native kernels serve
 */
export function registerCpuBackend(): boolean {
  const native = addon();
  if (native === null) return false;
  if (!registered) registerKernels(native);
  registered = true;
  return true;
}

/** Which kernels serve the CPU, their instruction set and the number of threads. */
export function cpuInfo(): CpuInfo {
  const native = registered ? addon() : null;
  return native === null
    ? { kernels: "reference", isa: "javascript", threads: 1 }
    : { kernels: "native", isa: native.isa, threads: native.getNumThreads() };
}

/**
 * Sets how many threads one operation may use; results do not depend on it. Default: the number of cores, or `BLUEDOT_NUM_THREADS`.
 * @throws {RangeError} unless a positive integer
 * @see torch.set_num_threads
 */
export function setNumThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1) throw new RangeError("set_num_threads expects a positive integer");
  addon()?.setNumThreads(count);
}

/** How many threads one operation may use. @see torch.get_num_threads */
export const getNumThreads = (): number => addon()?.getNumThreads() ?? 1;
