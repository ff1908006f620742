import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ones } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { profile, recordFunction, schedule } from "./profiler.ts";

const work = (): void => {
  const x = ones(4, 3);
  x.mm(ones(3, 2)).add(1);
};

describe("profile", () => {
  it("records operators with time, shapes and memory", () => {
    const prof = profile({ recordShapes: true, profileMemory: true }, () => {
      recordFunction("outer", work);
      work();
    });
    work();
    const rows = new Map([...prof.keyAverages()].map((row) => [row.key, row]));
    expect(rows.get("mm")).toMatchObject({ count: 2, cpuMemoryUsage: 2 * 4 * 2 * 4 });
    const outer = rows.get("outer")!;
    expect(outer.count).toBe(1);
    expect(outer.selfCpuTimeTotal).toBeLessThan(outer.cpuTimeTotal);
    expect(prof.events().find(({ name }) => name === "mm")!.shapes).toEqual([
      [4, 3],
      [3, 2],
    ]);
    const lines = prof.keyAverages({ groupByInputShape: true }).table({ sortBy: "count", rowLimit: 20 }).split("\n");
    expect(lines[1]).toMatch(/Name {2}.*Self CPU %.*CPU Mem.*# of Calls.*Input Shapes$/);
    expect(lines.find((line) => line.includes(" mm "))).toMatch(/ 2 {2}.*\[\[4, 3\], \[3, 2\]\]$/);
    expect(lines.at(-1)).toMatch(/^Self CPU time total: \d+\.\d{3}(us|ms|s)$/);
  });

  it("writes Chrome's trace format", () => {
    const folder = mkdtempSync(join(tmpdir(), "trace-"));
    {
      using prof = profile({ recordShapes: true });
      work();
      prof.stop();
      prof.exportChromeTrace(join(folder, "a", "trace.json"));
    }
    const trace = JSON.parse(readFileSync(join(folder, "a", "trace.json"), "utf8")) as { traceEvents: Record<string, unknown>[] };
    rmSync(folder, { recursive: true });
    const mm = trace.traceEvents.find(({ name }) => name === "mm")!;
    expect(mm).toMatchObject({
      ph: "X",
      cat: "cpu_op",
      args: {
        "Input Dims": [
          [4, 3],
          [3, 2],
        ],
        "Input type": ["float32", "float32"],
      },
    });
    expect(mm["dur"]).toBeGreaterThan(0);
  });

  it("follows a schedule of steps", () => {
    const plan = schedule({ wait: 1, warmup: 1, active: 2, repeat: 1 });
    expect([0, 1, 2, 3, 4].map(plan)).toEqual(["none", "warmup", "record", "recordAndSave", "none"]);
    const seen: string[][] = [];
    const onTraceReady = (p: { events(): readonly { name: string; kind: string }[] }): void => {
      seen.push(
        p
          .events()
          .filter(({ kind }) => kind === "user")
          .map(({ name }) => name),
      );
    };
    profile({ schedule: plan, onTraceReady }, (prof) => {
      for (let i = 0; i < 6; i++) {
        work();
        prof.step();
      }
    });
    expect(seen).toEqual([["ProfilerStep#2", "ProfilerStep#3"]]);
  });

  it("waits for asynchronous work, and refuses a second profile", async () => {
    const prof = await profile({}, async (own) => {
      expect(() => profile()).toThrow("Profiler is already enabled on this thread");
      await Promise.resolve();
      work();
      return own;
    });
    expect([...prof.keyAverages()].some(({ key }) => key === "mm")).toBe(true);
  });
});
