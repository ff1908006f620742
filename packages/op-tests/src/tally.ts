import type { CheckKind } from "./check.ts";
import type { JudgedFile } from "./pool.ts";
import type { IndexEntry } from "./records.ts";

/** How many checks of a kind passed. */
export interface Count {
  passed: number;
  all: number;
}

/** Counts by kind of check. */
export type Counts = Partial<Record<CheckKind, Count>>;

/** A failed check with where it is. */
export interface Failure {
  readonly index: number;
  readonly kind: CheckKind;
  readonly detail: string;
  readonly call: string;
  readonly missing: boolean;
}

/** The result of one file of records. */
export interface FileResult {
  readonly folder: string;
  readonly name: string;
  readonly group: string;
  readonly priority: number;
  readonly records: number;
  readonly counts: Counts;
  readonly failures: readonly Failure[];
  /** What the library lacks, by name. */
  readonly missing: readonly string[];
  readonly milliseconds: number;
}

/** Sums up a judged file. */
export function resultOf(
  { file, records, milliseconds }: JudgedFile,
  index: { ops: ReadonlyMap<string, IndexEntry>; modules: ReadonlyMap<string, IndexEntry> },
): FileResult {
  const counts: Counts = {};
  const failures: Failure[] = [];
  const missing = new Set<string>();
  for (const record of records) {
    for (const { kind, passed, detail, missing: absent } of record.checks) {
      counts[kind] ??= { passed: 0, all: 0 };
      const count = counts[kind];
      count.all += 1;
      if (passed) {
        count.passed += 1;
      } else {
        failures.push({ index: record.index, kind, detail: detail ?? "", call: record.call ?? "", missing: absent === true });
        if (absent && detail !== undefined) {
          missing.add(detail.replace("missing: ", ""));
        }
      }
    }
  }
  const entry = (file.folder === "modules" ? index.modules : index.ops).get(file.name);
  return {
    folder: file.folder,
    name: file.name,
    group: file.folder === "ops" || file.folder === "op_errors" ? (entry?.group ?? file.folder) : file.folder,
    priority: entry?.priority ?? 0,
    records: records.length,
    counts,
    failures,
    missing: [...missing],
    milliseconds,
  };
}

/** The sum of counts. */
export function sumCounts(results: readonly FileResult[]): Counts {
  const total: Counts = {};
  for (const { counts } of results) {
    for (const [kind, { passed, all }] of Object.entries(counts) as [CheckKind, Count][]) {
      total[kind] ??= { passed: 0, all: 0 };
      const sum = total[kind];
      sum.passed += passed;
      sum.all += all;
    }
  }
  return total;
}

/** Groups results by a key, in order of first appearance. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) {
      groups.set(key, [item]);
    } else {
      group.push(item);
    }
  }
  return groups;
}
