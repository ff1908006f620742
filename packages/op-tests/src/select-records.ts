/**
 * Chooses the recorded results that the repository keeps, so that its tests run without the whole collection:
 * `node --conditions=source --import tsx src/select-records.ts DIR` reads a collection and writes `records/`.
 */
import { copyFileSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import type { JsonObject } from "./json.ts";
import { keptRecords } from "./kept-records.ts";
import { listRecordFiles, readLines, recordFolders } from "./records.ts";

/** How many records of each file are kept, and the longest line kept. */
const share: Readonly<Record<string, { count: number; length: number }>> = {
  ops: { count: 3, length: 2200 },
  op_errors: { count: 1, length: 2000 },
  modules: { count: 1, length: 8000 },
  optim: { count: 2, length: 8000 },
  lr_scheduler: { count: 2, length: 8000 },
  printing: { count: 20, length: 2000 },
  random: { count: 4, length: 3000 },
  serialization: { count: 8, length: 4000 },
  semantics: { count: 25, length: 2000 },
  vision: { count: 1, length: 30000 },
};

/** Evenly spread records that are short enough, and quick. As text: reading and writing numbers anew would lose the sign of -0. */
function choose(lines: readonly string[], folder: string): string[] {
  const { count, length } = share[folder] ?? { count: 1, length: 2000 };
  const short = lines.filter((line) => line.length <= length && !/"numParameters":\d{8}/.test(line));
  const step = Math.max(1, Math.floor(short.length / count));
  return short.filter((_, index) => index % step === 0).slice(0, count);
}

/** Writes one file a folder, so that they compress well and stay few. */
function select(directory: string): void {
  rmSync(keptRecords, { recursive: true, force: true });
  const files = listRecordFiles(directory);
  for (const folder of recordFolders) {
    const chosen = files
      .filter((file) => file.folder === folder && !file.name.startsWith("hdf5"))
      .flatMap((file) => choose(readLines(file.path), folder).map((line) => line.replace("{", `{"from":${JSON.stringify(file.name)},`)));
    const target = join(keptRecords, folder, "chosen.jsonl.gz");
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, gzipSync(`${chosen.join("\n")}\n`, { level: 9 }));
    for (const line of folder === "serialization" ? chosen : []) {
      const file = String((JSON.parse(line) as JsonObject)["file"]);
      mkdirSync(dirname(join(keptRecords, folder, file)), { recursive: true });
      copyFileSync(join(directory, folder, file), join(keptRecords, folder, file));
    }
    console.log(`${folder}: ${chosen.length} records, ${(statSync(target).size / 1024).toFixed(0)} KiB`);
  }
}

const [directory] = process.argv.slice(2);
if (directory === undefined) {
  console.error("usage: select-records DIR");
  process.exitCode = 2;
} else {
  select(directory);
}
