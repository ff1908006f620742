/** Writes the list of known failures among the kept records anew, after an improvement: `pnpm --filter @bluedot/op-tests run accept`. */
import { writeFileSync } from "node:fs";
import { failuresOfKept, knownFailures, knownFailuresFile } from "./kept-records.ts";

const failures = await failuresOfKept();
const known = knownFailures();
const isFirst = Object.keys(known).length === 0;
const listed: Record<string, string[]> = {};
for (const [folder, found] of failures) {
  const before = new Set(known[folder] ?? []);
  listed[folder] = [...found.keys()];
  for (const key of isFirst ? [] : (listed[folder]?.filter((name) => !before.has(name)) ?? [])) {
    console.warn(`new failure accepted in ${folder}: ${key}: ${found.get(key)}`);
  }
}
writeFileSync(knownFailuresFile, `${JSON.stringify(listed, null, 2)}\n`);
console.log(
  Object.entries(listed)
    .map(([folder, keys]) => `${folder}: ${keys.length}`)
    .join(", "),
);
