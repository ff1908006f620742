import { multiprocessing } from "@bluedot/core";
import type { DatasetSource } from "./module-dataset.ts";

/** What a worker is started with. */
export interface WorkerSetup {
  readonly id: number;
  readonly numWorkers: number;
  readonly source: DatasetSource;
  readonly batchSize: number | null;
  readonly dropLast: boolean;
  /** Whether the worker collates, by the default function. */
  readonly collates: boolean;
  readonly workerInitFn: string | null;
}

/** An order to a worker: begin an epoch, or fetch a batch, an item, or the next of a stream (null). */
export type Order = { readonly seed: number | bigint } | { readonly indices: readonly number[] | number | null };

/** A worker's answer to an order to fetch. */
export type Reply =
  | { readonly data: unknown }
  | { readonly end: true }
  | { readonly error: { readonly name: string; readonly message: string; readonly stack: string } };

/** What the pool needs of a thread. */
interface Thread {
  postMessage(message: unknown): void;
  on(event: "message" | "error" | "exit", listener: (value: never) => void): unknown;
  ref(): void;
  unref(): void;
  terminate(): Promise<number>;
}

/** A thread, and who waits for its answers. */
class LoaderWorker {
  private readonly waiting: { resolve(reply: Reply): void; reject(error: Error): void }[] = [];
  private dead: Error | null = null;

  constructor(
    readonly id: number,
    readonly thread: Thread,
  ) {
    thread.on("message", (reply: Reply) => {
      this.waiting.shift()?.resolve(reply);
      if (this.waiting.length === 0) thread.unref();
    });
    thread.on("error", (error: Error) => this.fail(new Error(`DataLoader worker ${id} failed: ${error.message}`, { cause: error })));
    thread.on("exit", () => this.fail(new Error(`DataLoader worker ${id} exited unexpectedly`)));
    thread.unref();
  }

  private fail(error: Error): void {
    this.dead ??= error;
    for (const { reject } of this.waiting.splice(0)) reject(this.dead);
  }

  ask(order: Order): Promise<Reply> {
    if (this.dead !== null) return Promise.reject(this.dead);
    return new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.thread.ref();
      this.thread.postMessage(order);
    });
  }
}

/** Worker threads that fetch batches of one dataset. */
export class WorkerPool {
  private constructor(private readonly workers: readonly LoaderWorker[]) {}

  /** Starts `setup.numWorkers` threads. */
  static async start(setup: Omit<WorkerSetup, "id">): Promise<WorkerPool> {
    const { Worker } = await import("node:worker_threads");
    const program = new URL(import.meta.url.endsWith(".ts") ? "./loader-worker.ts" : "./loader-worker.js", import.meta.url).href;
    const typescript = [program, setup.source.url].some((url) => url.endsWith(".ts"));
    const threads = Array.from({ length: setup.numWorkers }, (_, id) => {
      const workerData = multiprocessing.toMessage({ ...setup, id });
      if (!typescript) return new Worker(new URL(program), { workerData });
      // Threads do not inherit the loader of TypeScript that the program was started with.
      const code = `import("tsx/esm/api").then(({ register }) => (register(), import(${JSON.stringify(program)})))`;
      return new Worker(code, { eval: true, workerData, ...(program.endsWith(".ts") ? { execArgv: ["--conditions=source"] } : {}) });
    });
    return new WorkerPool(threads.map((thread, id) => new LoaderWorker(id, thread as unknown as Thread)));
  }

  /**
   * The answers to `orders`, in their order. Each worker in turn is given one, `prefetchFactor` in advance.
   * @throws {Error} what a worker threw, with its stack; when an answer takes longer than `timeout` seconds (0: for ever)
   */
  async *epoch(
    orders: Iterator<readonly number[] | number | null>,
    { seed, prefetchFactor, timeout }: { seed: number | bigint; prefetchFactor: number; timeout: number },
  ): AsyncGenerator<unknown> {
    const { workers } = this;
    for (const { id, thread } of workers) thread.postMessage({ seed: BigInt(seed) + BigInt(id) } satisfies Order);
    const active = workers.map(() => true);
    const pending: { id: number; reply: Promise<Reply> }[] = [];
    let turn = 0;
    const order = (): void => {
      for (let tried = 0; tried < workers.length; tried++) {
        const id = turn++ % workers.length;
        if (!active[id]) continue;
        const { done, value } = orders.next();
        if (done) return;
        const reply = workers[id]!.ask({ indices: value });
        reply.catch(() => {});
        pending.push({ id, reply });
        return;
      }
    };
    for (let i = 0; i < prefetchFactor * workers.length; i++) order();
    while (pending.length > 0) {
      const { id, reply } = pending.shift()!;
      const answer = await within(timeout, reply);
      if ("end" in answer) active[id] = false;
      order();
      if ("error" in answer) throw workerError(id, answer.error);
      if ("data" in answer) yield multiprocessing.fromMessage(answer.data);
    }
  }

  /** Ends the threads. */
  async stop(): Promise<void> {
    await Promise.all(this.workers.map(({ thread }) => thread.terminate()));
  }
}

function workerError(id: number, { name, message, stack }: { name: string; message: string; stack: string }): Error {
  const cause = Object.assign(new Error(message), { name, stack });
  return new Error(`Caught ${name} in DataLoader worker thread ${id}.\nOriginal stack:\n${stack}`, { cause });
}

async function within<T>(seconds: number, promise: Promise<T>): Promise<T> {
  if (seconds === 0) return promise;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`DataLoader timed out after ${seconds} seconds`)), seconds * 1000);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
