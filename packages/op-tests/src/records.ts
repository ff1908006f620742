import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import type { JsonObject } from "./json.ts";
import { isJsonObject } from "./json.ts";

/** One file of records: `folder` is `ops`, `modules`, ...; `name` the operator, module or topic. */
export interface RecordFile {
  readonly folder: string;
  readonly name: string;
  readonly path: string;
}

/** What `index.json` says about an operator or module. */
export interface IndexEntry {
  readonly group: string;
  readonly priority: number;
  readonly differentiable: boolean;
}

/** The folders of a collection of records, in the order they are reported. */
export const recordFolders = [
  "ops",
  "op_errors",
  "modules",
  "optim",
  "lr_scheduler",
  "printing",
  "random",
  "serialization",
  "semantics",
  "vision",
] as const;

const extension = ".jsonl.gz";

/**
 * The record files below `directory`, in the order of {@link recordFolders} and then by name.
 *
 * @param only Keep files whose `folder/name` matches.
 * @throws Error when the directory does not exist or holds no record files.
 */
export function listRecordFiles(directory: string, only?: RegExp): RecordFile[] {
  if (!existsSync(directory)) {
    throw new Error(`no records at ${directory}: pass --records DIR, a folder that holds ops/, modules/, ... with *${extension} files`);
  }
  const files: RecordFile[] = [];
  for (const folder of recordFolders) {
    const path = join(directory, folder);
    if (existsSync(path)) {
      for (const entry of readdirSync(path).sort()) {
        if (entry.endsWith(extension)) {
          files.push({ folder, name: entry.slice(0, -extension.length), path: join(path, entry) });
        }
      }
    }
  }
  if (files.length === 0) {
    throw new Error(`no *${extension} files below ${relative(process.cwd(), directory) || directory}`);
  }
  return only === undefined ? files : files.filter(({ folder, name }) => only.test(`${folder}/${name}`));
}

/** The lines of a gzipped JSON Lines file, as text. */
export function readLines(path: string): string[] {
  return gunzipSync(readFileSync(path))
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
}

/** The records of a gzipped JSON Lines file, in order. @throws SyntaxError naming the line that is not JSON. */
export function readRecords(path: string): JsonObject[] {
  return readLines(path).map((line, index) => {
    try {
      return JSON.parse(line) as JsonObject;
    } catch (error) {
      throw new SyntaxError(`${path}:${index + 1}: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
}

/** `index.json` of a collection: what is known of each operator and module. Empty when there is none. */
export function readIndex(directory: string): { ops: Map<string, IndexEntry>; modules: Map<string, IndexEntry> } {
  const path = join(directory, "index.json");
  const index = existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as JsonObject) : {};
  const section = (key: string): Map<string, IndexEntry> => {
    const entries = index[key];
    return new Map(
      Object.entries(isJsonObject(entries) ? entries : {}).map(([name, entry]) => {
        const { group, priority, differentiable } = isJsonObject(entry) ? entry : {};
        return [
          name,
          {
            group: typeof group === "string" ? group : key,
            priority: typeof priority === "number" ? priority : 3,
            differentiable: differentiable === true,
          },
        ];
      }),
    );
  };
  return { ops: section("ops"), modules: section("modules") };
}
