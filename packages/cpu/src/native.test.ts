import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { loadAddon, open } from "./native.ts";

const folder = mkdtempSync(join(tmpdir(), "bluedot-native-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Adds two tensors in a fresh process with `environment`; what it says of its kernels and what it warns of. */
function start(environment: Record<string, string>): { sum: number[]; info: Record<string, unknown>; warnings: string[] } {
  const program = `
    const warnings = [];
    process.on("warning", ({ message }) => warnings.push(message));
    const { registerCpuBackend, cpuInfo } = await import("@bluedot/cpu");
    const { ones } = await import("@bluedot/core");
    registerCpuBackend();
    registerCpuBackend();
    const sum = ones([3]).add(1).exp().log().tolist();
    setImmediate(() => process.stdout.write(JSON.stringify({ sum, info: cpuInfo(), warnings })));`;
  const output = execFileSync(
    process.execPath,
    ["--conditions=source", "--import", "tsx", "--no-warnings", "--input-type=module", "--eval", program],
    { cwd: fileURLToPath(new URL("../../bluedot", import.meta.url)), env: { ...process.env, ...environment }, encoding: "utf8" },
  );
  return JSON.parse(output);
}

/** A module that stands where an addon should. */
function stand(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe("an addon that can't be used", () => {
  it("is refused, with the reason", () => {
    expect(() => open(join(folder, "nothing.node"))).toThrow(/Cannot find module/);
    expect(() => open(stand("foreign.node", "\x7fELF of another kind"))).toThrow();
    expect(() => open(stand("other.cjs", "exports.hello = 1;"))).toThrow("it holds no kernels of bluedot");
    const old = stand("old.cjs", "Object.assign(exports, { abi: 0, descriptor: new Float64Array(9), kernels: {} });");
    expect(() => open(old)).toThrow("it has version 0 of the kernels, this package needs 1");
  });

  it("leaves the reference kernels, after one warning", () => {
    const { sum, info, warnings } = start({ BLUEDOT_CPU_ADDON: stand("foreign.node", "\x7fELF of another kind") });
    const message = /foreign\.node can't be used: /;
    expect(sum).toEqual([2, 2, 2]);
    expect(info).toMatchObject({ kernels: "reference", isa: "javascript", addon: null, reason: expect.stringMatching(message) });
    expect(warnings).toEqual([expect.stringMatching(message)]);
  });

  it("is not even looked for when reference kernels are asked for", () => {
    const { info, warnings } = start({ BLUEDOT_CPU: "reference" });
    expect(info).toMatchObject({ kernels: "reference", reason: "BLUEDOT_CPU=reference asks for the reference kernels." });
    expect(warnings).toEqual([]);
  });
});

const built = loadAddon();

describe.skipIf(built.addon === null || !existsSync(built.path))("an addon older than the package", () => {
  it("serves what it has, after one warning", () => {
    const path = built.addon === null ? "" : built.path;
    const content = `const { kernels, ...rest } = require(${JSON.stringify(path)});
      const { exp, sgdStep, ...older } = kernels;
      Object.assign(exports, rest, { kernels: older });`;
    const { sum, info, warnings } = start({ BLUEDOT_CPU_ADDON: stand("older.cjs", content) });
    expect(sum.map((value) => Math.round(value))).toEqual([2, 2, 2]);
    expect(info).toMatchObject({ kernels: "native", reason: null });
    expect(warnings).toHaveLength(1);
    const lacking = /older than this package: it lacks (.*), in whose place/.exec(warnings[0] ?? "")?.[1]?.split(", ");
    expect(lacking).toEqual(expect.arrayContaining(["exp", "sgdStep"]));
  });
});
