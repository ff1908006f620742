import type { Check, RunContext } from "./check.ts";
import { describeError, loadLibrary } from "./library.ts";
import { type RecordFile, readRecords } from "./records.ts";
import { describeRecord, runRecord } from "./run-record.ts";

/** To a worker: judge the records of a file from `from` on. */
export interface WorkOrder {
  readonly file: RecordFile;
  readonly from: number;
}

/** From a worker: it is ready, it cannot work at all, a record was judged, or a file is done. */
export type WorkerMessage =
  | { readonly type: "ready" }
  | { readonly type: "broken"; readonly reason: string }
  | { readonly type: "started"; readonly index: number }
  | { readonly type: "judged"; readonly index: number; readonly checks: readonly Check[]; readonly call?: string }
  | { readonly type: "done"; readonly count: number };

/** Serves work orders that come over the process channel until it closes. */
async function serve(directory: string, flags: readonly string[]): Promise<void> {
  const send = (message: WorkerMessage): void => {
    process.send?.(message);
  };
  let context: RunContext;
  try {
    context = { library: await loadLibrary(flags.includes("core") ? "core" : "all"), directory, gradcheck: flags.includes("gradcheck") };
  } catch (error) {
    send({ type: "broken", reason: error instanceof Error ? error.message : String(error) });
    return;
  }
  process.on("message", (order: WorkOrder) => {
    void work(context, order, send);
  });
  process.on("unhandledRejection", (reason) => {
    process.stderr.write(`unhandled rejection in ${directory}: ${describeError(reason)}\n`);
  });
  send({ type: "ready" });
}

async function work(context: RunContext, { file, from }: WorkOrder, send: (message: WorkerMessage) => void): Promise<void> {
  const records = readRecords(file.path);
  for (const [index, record] of records.entries()) {
    if (index >= from) {
      send({ type: "started", index });
      const checks = await runRecord(context, file.folder, record);
      const failed = checks.some(({ passed }) => !passed);
      send(failed ? { type: "judged", index, checks, call: describeRecord(record) } : { type: "judged", index, checks });
    }
  }
  send({ type: "done", count: records.length });
}

const [directory = "", ...flags] = process.argv.slice(2);
await serve(directory, flags);
