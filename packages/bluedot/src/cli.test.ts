import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const built = fileURLToPath(new URL("../dist/cli.js", import.meta.url));
const run = (words: string[], environment: Record<string, string> = {}) =>
  spawnSync(process.execPath, [built, ...words], { encoding: "utf8", env: { ...process.env, ...environment } });

describe.skipIf(!existsSync(built))("npx bluedot", () => {
  it("info says which kernels serve, and why not the native ones", () => {
    const { status, stdout, stderr } = run(["info"], { BLUEDOT_CPU_ADDON: "/nowhere/bluedot_cpu.node" });
    expect(status).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatch(/^bluedot {7}\d+\.\d+\.\d+\nnode {10}\d+/);
    expect(stdout).toContain("kernels       reference, in TypeScript");
    expect(stdout).toMatch(/reason {8}\/nowhere\/bluedot_cpu\.node can't be used: Cannot find module/);
  });

  it("tells how it is used", () => {
    expect(run([])).toMatchObject({ status: 0, stdout: expect.stringContaining("usage: bluedot info") });
    expect(run(["train"])).toMatchObject({ status: 2, stderr: expect.stringMatching(/^bluedot: unknown command train\n/) });
  });
});
