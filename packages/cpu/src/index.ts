import "@bluedot/core";
import process from "node:process";
import { addon, loadAddon } from "./native.ts";
import { registerKernels } from "./register.ts";

/** Which kernels serve the CPU. */
export interface CpuInfo {
  /** `"native"` where the C++ kernels are loaded, else `"reference"`. */
  readonly kernels: "native" | "reference";
  /** Instruction set of the native kernels: `baseline`, `avx2` or `avx512`; `javascript` for the reference ones. */
  readonly isa: string;
  /** Threads that one operation may use. */
  readonly threads: number;
  /** File that the native kernels come from; null where the reference ones serve. */
  readonly addon: string | null;
  /** Why the reference kernels serve and what would change it; null where the native ones do. */
  readonly reason: string | null;
}

let registered = false;

/**
 * Lays the native kernels over the reference ones, for every operator that has one. Without them (not built, made for another version or processor, or
 * `BLUEDOT_CPU=reference`) the reference kernels stay, after one warning.
 * @returns whether native kernels serve
 */
export function registerCpuBackend(): boolean {
  const loaded = loadAddon();
  if (loaded.addon === null) return false;
  if (registered) return true;
  registered = true;
  const absent = registerKernels(loaded.addon);
  if (absent.size > 0) {
    process.emitWarning(
      `${loaded.path} is older than this package: it lacks ${[...absent].join(", ")}, in whose place reference kernels serve. Build it anew.`,
      { type: "BluedotWarning", code: "BLUEDOT_CPU_OLD" },
    );
  }
  return true;
}

/** Which kernels serve the CPU, where they come from, their instruction set and the number of threads; or why there are no native ones. */
export function cpuInfo(): CpuInfo {
  const loaded = loadAddon();
  return loaded.addon === null
    ? { kernels: "reference", isa: "javascript", threads: 1, addon: null, reason: loaded.reason }
    : { kernels: "native", isa: loaded.addon.isa, threads: loaded.addon.getNumThreads(), addon: loaded.path, reason: null };
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
