import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, it } from "vitest";
import { listRecordFiles, readIndex, readRecords } from "./records.ts";

const directory = mkdtempSync(join(tmpdir(), "records-"));
mkdirSync(join(directory, "ops"));
mkdirSync(join(directory, "modules"));
writeFileSync(join(directory, "ops", "add.jsonl.gz"), gzipSync('{"op":"add"}\n{"op":"add","out":-0.0}\n'));
writeFileSync(join(directory, "ops", "broken.jsonl.gz"), gzipSync('{"op":"add"}\n{oops\n'));
writeFileSync(join(directory, "modules", "Linear.jsonl.gz"), gzipSync('{"module":"nn.Linear"}\n'));
writeFileSync(join(directory, "index.json"), '{"ops":{"add":{"group":"pointwise","priority":1,"differentiable":true}}}');
afterAll(() => rmSync(directory, { recursive: true }));

describe("records", () => {
  it("are found by folder and name, and chosen by pattern", () => {
    const names = (only?: RegExp) => listRecordFiles(directory, only).map(({ folder, name }) => `${folder}/${name}`);
    expect(names()).toEqual(["ops/add", "ops/broken", "modules/Linear"]);
    expect(names(/^ops\/a/)).toEqual(["ops/add"]);
  });

  it("are read line by line, a bad line being named", () => {
    expect(readRecords(join(directory, "ops", "add.jsonl.gz"))).toEqual([{ op: "add" }, { op: "add", out: -0 }]);
    expect(() => readRecords(join(directory, "ops", "broken.jsonl.gz"))).toThrow(/broken\.jsonl\.gz:2: /);
  });

  it("that are not there are reported with what to do", () => {
    expect(() => listRecordFiles(join(directory, "nothing"))).toThrow("pass --records DIR");
  });

  it("have an index of groups and priorities", () => {
    expect(readIndex(directory).ops.get("add")).toEqual({ group: "pointwise", priority: 1, differentiable: true });
    expect(readIndex(join(directory, "ops")).ops.size).toBe(0);
  });
});
