import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Effort } from "./measure.ts";

/** PyTorch beside us, in a process of its own that measures one workload at a time. */
export interface Peer {
  /** Seconds of each repeat, after `warm` seconds; empty where PyTorch has no such workload. */
  measure(workload: string, warm: number): Promise<readonly number[]>;
  stop(): void;
}

/** The interpreter that has PyTorch. */
export const python = process.env["PYTHON"] ?? "/usr/bin/python3";

/** Starts PyTorch; null where it is not installed. `PYTHON` names another interpreter. */
export async function startPyTorch(threads: number, { repeat, repeats, processorTime = false }: Effort): Promise<Peer | null> {
  const script = fileURLToPath(new URL("pytorch.py", import.meta.url));
  // Freed memory is kept by the process, as ours is.
  const env = { ...process.env, MALLOC_MMAP_MAX_: "0", MALLOC_TRIM_THRESHOLD_: "4000000000", MALLOC_TOP_PAD_: "67108864" };
  const child = spawn(python, ["-B", script, String(threads), String(repeat), String(repeats), processorTime ? "processor" : "wall"], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const failed = new Promise<null>((resolve) => {
    child.once("error", () => resolve(null));
    child.once("exit", () => resolve(null));
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (workload: string, warm = 0): Promise<{ seconds: readonly number[] } | null> => {
    child.stdin.write(`${workload} ${warm}\n`);
    const answer = await Promise.race([lines.next(), failed]);
    return answer === null || answer.done ? null : (JSON.parse(answer.value) as { seconds: readonly number[] });
  };
  child.stdin.on("error", () => undefined);
  if ((await ask("nothing")) === null) return null;
  return {
    measure: async (workload, warm) => (await ask(workload, warm))?.seconds ?? [],
    stop: () => child.stdin.end(),
  };
}
