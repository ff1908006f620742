import { deflateRawSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Inflater } from "./inflate.ts";

const content = Uint8Array.from({ length: 100_000 }, (_, i) => (i * i) % 251);
const packed = new Uint8Array(deflateRawSync(content));

describe.each(["./inflate-node.ts", "./inflate-portable.ts"])("%s", (module) => {
  let inflateRaw: Inflater;
  beforeEach(async () => {
    vi.resetModules();
    await import(module);
    ({ inflateRaw } = await import("./inflate.ts"));
  });

  it("undoes deflate, and stops at the limit", () => {
    expect(inflateRaw(packed, content.length)).toEqual(content);
    expect(() => inflateRaw(packed, content.length - 1)).toThrow(module.includes("node") ? /larger than/ : /more than/);
    expect(inflateRaw(packed, content.length + 10)).toHaveLength(content.length);
  });

  it("refuses what is cut short or damaged", () => {
    expect(() => inflateRaw(packed.subarray(0, 500), content.length)).toThrow();
    expect(() => inflateRaw(Uint8Array.of(7, 255, 255), 10)).toThrow();
  });
});
