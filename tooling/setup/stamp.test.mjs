import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { contentDigest, isStamped, listFiles, stamp, stateDigest, unstamp } from "./stamp.mjs";

let root;

function write(path, text, mtime = 1000) {
  mkdirSync(join(root, path, ".."), { recursive: true });
  writeFileSync(join(root, path), text);
  utimesSync(join(root, path), mtime, mtime);
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "stamp-"));
  write("package/src/index.ts", "one");
  write("package/src/deep/part.ts", "two");
});

afterEach(() => rmSync(root, { recursive: true }));

describe("listFiles", () => {
  it("goes into folders, in order, and leaves results out", () => {
    write("package/dist/index.js", "built");
    write("package/node_modules/other/index.js", "installed");
    expect(listFiles(join(root, "package")).map((path) => relative(root, path))).toEqual([
      "package/src/deep/part.ts",
      "package/src/index.ts",
    ]);
  });

  it("takes a file as itself and a missing path as none", () => {
    const path = join(root, "package/src/index.ts");
    expect(listFiles(path)).toEqual([path]);
    expect(listFiles(join(root, "missing"))).toEqual([]);
  });
});

describe("digests", () => {
  it("stateDigest changes with a time, a size, a new file and a removed one", () => {
    const before = stateDigest(root, ["package"]);
    expect(stateDigest(root, ["package"])).toBe(before);
    const seen = new Set([before]);
    write("package/src/index.ts", "one", 2000);
    seen.add(stateDigest(root, ["package"]));
    write("package/src/index.ts", "longer", 2000);
    seen.add(stateDigest(root, ["package"]));
    write("package/src/more.ts", "");
    seen.add(stateDigest(root, ["package"]));
    rmSync(join(root, "package/src/deep"), { recursive: true });
    seen.add(stateDigest(root, ["package"]));
    expect(seen.size).toBe(5);
  });

  it("contentDigest looks at contents, not at times", () => {
    const before = contentDigest(root, ["package"]);
    write("package/src/index.ts", "one", 2000);
    expect(contentDigest(root, ["package"])).toBe(before);
    write("package/src/index.ts", "ONE", 2000);
    expect(contentDigest(root, ["package"])).not.toBe(before);
  });
});

describe("stamps", () => {
  it("hold for the digest they were made for, until forgotten", () => {
    expect(isStamped(root, "build", "a")).toBe(false);
    stamp(root, "build", "a");
    expect(isStamped(root, "build", "a")).toBe(true);
    expect(isStamped(root, "build", "b")).toBe(false);
    expect(isStamped(root, "install", "a")).toBe(false);
    unstamp(root, "build");
    expect(isStamped(root, "build", "a")).toBe(false);
  });
});
