import { beforeAll, describe, expect, it } from "vitest";
import { failuresOfKept, knownFailures } from "./kept-records.ts";
import { recordFolders } from "./records.ts";

let failures: Map<string, Map<string, string>>;
beforeAll(async () => {
  failures = await failuresOfKept();
}, 300_000);

describe.each(recordFolders)("kept records of %s", (folder) => {
  it("fail nowhere else than before", () => {
    const known = new Set(knownFailures()[folder] ?? []);
    const added = [...(failures.get(folder) ?? [])].filter(([key]) => !known.has(key)).map(([key, reason]) => `${key}: ${reason}`);
    expect(added).toEqual([]);
  });

  it("that pass now are no longer listed as failing (pnpm --filter @bluedot/op-tests run accept)", () => {
    const found = failures.get(folder);
    expect((knownFailures()[folder] ?? []).filter((key) => !found?.has(key))).toEqual([]);
  });
});
