import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Check } from "./check.ts";
import type { RecordFile } from "./records.ts";
import type { WorkerMessage, WorkOrder } from "./worker.ts";

/** A judged record. */
export interface JudgedRecord {
  readonly index: number;
  readonly checks: readonly Check[];
  /** The call, for people; only where a check failed. */
  readonly call?: string;
}

/** A judged file. */
export interface JudgedFile {
  readonly file: RecordFile;
  readonly records: readonly JudgedRecord[];
  readonly milliseconds: number;
}

/** How a run is made. */
export interface PoolOptions {
  readonly directory: string;
  readonly jobs: number;
  readonly gradcheck: boolean;
  /** Load core and autograd only. */
  readonly coreOnly: boolean;
  /** A record that takes longer is taken for hung and its worker is replaced. */
  readonly recordLimitMs: number;
  readonly onFile?: (file: JudgedFile) => void;
}

/** Judges files in worker processes, so that a crash, a hang or a leak in one record costs that record only. */
export async function judgeFiles(files: readonly RecordFile[], options: PoolOptions): Promise<JudgedFile[]> {
  // The last files (models among them) take longest, so they go first and the others fill in beside them.
  const queue = [...files].reverse();
  const judged: JudgedFile[] = [];
  const workers = Array.from({ length: Math.max(1, Math.min(options.jobs, files.length)) }, () => new Worker(options));
  try {
    await Promise.all(
      workers.map(async (worker) => {
        for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
          const result = await worker.judge(file);
          judged.push(result);
          options.onFile?.(result);
        }
      }),
    );
  } finally {
    for (const worker of workers) {
      worker.stop();
    }
  }
  const order = new Map(files.map((file, index) => [file, index]));
  return judged.sort((a, b) => (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0));
}

/** A worker process that is started again whenever it ends. */
class Worker {
  private process: ChildProcess | undefined;

  constructor(private readonly options: PoolOptions) {}

  stop(): void {
    this.process?.kill("SIGKILL");
    this.process = undefined;
  }

  async judge(file: RecordFile): Promise<JudgedFile> {
    const began = performance.now();
    const records: JudgedRecord[] = [];
    for (let from = 0; ; ) {
      const process = await this.ready();
      const end = await this.attempt(process, { file, from }, records);
      if (end === undefined) {
        return { file, records, milliseconds: performance.now() - began };
      }
      this.stop();
      records.push({ index: end.index, checks: [{ kind: "value", passed: false, detail: end.reason }], call: `record ${end.index}` });
      from = end.index + 1;
    }
  }

  /** Runs one order; undefined when the file is done, else the record that ended the worker. */
  private attempt(
    process: ChildProcess,
    order: WorkOrder,
    records: JudgedRecord[],
  ): Promise<{ index: number; reason: string } | undefined> {
    return new Promise((resolve) => {
      let current = order.from;
      let timer: NodeJS.Timeout | undefined;
      const finish = (end: { index: number; reason: string } | undefined): void => {
        clearTimeout(timer);
        process.off("message", onMessage);
        process.off("exit", onExit);
        resolve(end);
      };
      const arm = (): void => {
        clearTimeout(timer);
        timer = setTimeout(
          () => finish({ index: current, reason: `took longer than ${this.options.recordLimitMs / 1000} s` }),
          this.options.recordLimitMs,
        );
      };
      const onMessage = (message: WorkerMessage): void => {
        if (message.type === "started") {
          current = message.index;
          arm();
        } else if (message.type === "judged") {
          const { index, checks, call } = message;
          records.push(call === undefined ? { index, checks } : { index, checks, call });
        } else if (message.type === "done") {
          finish(undefined);
        }
      };
      const onExit = (code: number | null, signal: string | null): void =>
        finish({ index: current, reason: `ended the process (${signal ?? `exit code ${code}`})` });
      process.on("message", onMessage);
      process.on("exit", onExit);
      arm();
      process.send(order);
    });
  }

  /** The process, started and with the library loaded. @throws Error when the library cannot be loaded */
  private async ready(): Promise<ChildProcess> {
    if (this.process !== undefined && this.process.exitCode === null && this.process.connected) {
      return this.process;
    }
    const { directory, gradcheck, coreOnly } = this.options;
    const child = fork(workerPath(), [directory, ...(gradcheck ? ["gradcheck"] : []), ...(coreOnly ? ["core"] : [])], {
      env: {
        ...process.env,
        BLUEDOT_NUM_THREADS: process.env["BLUEDOT_NUM_THREADS"] ?? "1",
      },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      child.once("message", (message: WorkerMessage) => (message.type === "broken" ? reject(new Error(message.reason)) : resolve()));
      child.once("exit", (code) => reject(new Error(`a worker ended with exit code ${code} before it was ready`)));
    });
    return child;
  }
}

/** The worker beside this file: TypeScript when run from sources, JavaScript when built. */
function workerPath(): string {
  const own = import.meta.url;
  return fileURLToPath(new URL(`./worker${own.endsWith(".ts") ? ".ts" : ".js"}`, own));
}
