import { type Check, failure, type RecordRunner, type RunContext } from "./check.ts";
import type { JsonObject } from "./json.ts";
import { runModule } from "./run-module.ts";
import { runOp } from "./run-op.ts";
import { runOpError } from "./run-op-error.ts";
import { runOptimizer } from "./run-optimizer.ts";
import { runPrinting } from "./run-printing.ts";
import { runRandom } from "./run-random.ts";
import { runScheduler } from "./run-scheduler.ts";
import { runSemantics } from "./run-semantics.ts";
import { runSerialization } from "./run-serialization.ts";
import { runVision } from "./run-vision.ts";

const runners: Readonly<Record<string, RecordRunner>> = {
  ops: runOp,
  op_errors: runOpError,
  modules: runModule,
  optim: runOptimizer,
  lr_scheduler: runScheduler,
  printing: runPrinting,
  random: runRandom,
  serialization: runSerialization,
  semantics: runSemantics,
  vision: runVision,
};

/** Judges one record of `folder`. Never throws: a record that cannot be judged has failed. */
export async function runRecord(context: RunContext, folder: string, record: JsonObject): Promise<Check[]> {
  const runner = runners[folder];
  if (runner === undefined) {
    return [failure("value", new Error(`no runner for records of ${folder}`))];
  }
  try {
    return await runner(context, record);
  } catch (error) {
    return [failure(record["error"] === undefined ? "value" : "raises", error)];
  }
}

/** A short description of the call of a record, for people. */
export function describeRecord(record: JsonObject): string {
  if (typeof record["python"] === "string") {
    return record["python"].split("\n").join("; ");
  }
  const tags = ["variant", "dtype", "sample", "kind", "file", "transform", "model", "scheduler", "optimizer", "problem", "util"]
    .map((key) => record[key])
    .filter((value) => typeof value === "string");
  const call = [
    ...shortList(record["args"]),
    ...Object.entries((record["kwargs"] ?? {}) as JsonObject).map(([key, value]) => `${key}=${short(value)}`),
  ];
  const what = record["op"] ?? record["module"] ?? "";
  return `${what}(${call.join(", ")}) ${tags.join(" ")}`.trim();
}

const shortList = (value: unknown): string[] => (Array.isArray(value) ? value.map(short) : []);

function short(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(short).join(", ")}]`;
  }
  if (typeof value === "object" && value !== null) {
    const [tag, content] = Object.entries(value)[0] ?? [];
    if (tag === "$tensor") {
      const { dtype, shape, stride } = content as { dtype: string; shape: number[]; stride?: number[] };
      return `${dtype}[${shape.join(", ")}]${stride === undefined ? "" : ` strides [${stride.join(", ")}]`}`;
    }
    return tag?.startsWith("$") && typeof content !== "object" ? String(content) : JSON.stringify(value).slice(0, 60);
  }
  return JSON.stringify(value);
}
