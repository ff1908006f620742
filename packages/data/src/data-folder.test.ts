import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { cacheFolder, dataPath } from "./data-folder.ts";

afterEach(() => vi.unstubAllEnvs());

it("looks in BLUEDOT_DATA first, then in the cache folder", () => {
  const data = mkdtempSync(join(tmpdir(), "data-"));
  const cache = mkdtempSync(join(tmpdir(), "cache-"));
  vi.stubEnv("BLUEDOT_DATA", data);
  vi.stubEnv("BLUEDOT_CACHE", cache);
  writeFileSync(join(cache, "a.csv"), "");
  expect(dataPath("a.csv")).toBe(join(cache, "a.csv"));
  writeFileSync(join(data, "a.csv"), "");
  expect(dataPath("a.csv")).toBe(join(data, "a.csv"));
  expect(dataPath("b.csv", "a.csv")).toBe(join(data, "a.csv"));
  expect(dataPath("missing.csv")).toBe(join(cache, "missing.csv"));
});

it("keeps the cache under the user's cache folder", () => {
  vi.stubEnv("BLUEDOT_CACHE", undefined);
  vi.stubEnv("XDG_CACHE_HOME", "/caches");
  expect(cacheFolder()).toBe("/caches/bluedot");
});
