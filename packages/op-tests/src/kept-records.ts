import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { CheckKind } from "./check.ts";
import { loadLibrary } from "./library.ts";
import { listRecordFiles, readRecords } from "./records.ts";
import { describeRecord, runRecord } from "./run-record.ts";

/** The recorded results that the repository keeps, a few of every operator, module and topic. */
export const keptRecords: string = fileURLToPath(new URL("../records/", import.meta.url));

/** The failures among them that are known, by folder. The list may only shrink. */
export const knownFailuresFile: string = fileURLToPath(new URL("../known-failures.json", import.meta.url));

/** Kinds of check that are a bonus. */
const bonus: ReadonlySet<CheckKind> = new Set(["layout", "optional", "options"]);

/** The failures among the kept records by folder: `<operator> #<record> <kind of check>`, with the reason. */
export async function failuresOfKept(): Promise<Map<string, Map<string, string>>> {
  const context = { library: await loadLibrary(), directory: keptRecords, gradcheck: false };
  const folders = new Map<string, Map<string, string>>();
  for (const { folder, path } of listRecordFiles(keptRecords)) {
    const failures = new Map<string, string>();
    for (const [index, record] of readRecords(path).entries()) {
      for (const { kind, passed, detail } of await runRecord(context, folder, record)) {
        if (!passed && !bonus.has(kind)) {
          failures.set(`${String(record["from"])} #${index} ${kind}`, `${describeRecord(record)}: ${detail}`);
        }
      }
    }
    folders.set(folder, failures);
  }
  return folders;
}

/** The known failures by folder. */
export function knownFailures(): Record<string, readonly string[]> {
  return existsSync(knownFailuresFile) ? (JSON.parse(readFileSync(knownFailuresFile, "utf8")) as Record<string, string[]>) : {};
}
