import { expect, it } from "vitest";
import { progressBar, progressLine } from "./progress-bar.ts";

it("tells share, count, time gone and left, and speed", () => {
  // 50 of 200 in 10 s: 5 a second, 30 s left.
  expect(progressLine(50, 200, 10, "epoch 1")).toBe("epoch 1 ██████░░░░░░░░░░░░░░░░░░ 25 % 50/200 0:10<0:30 5.00/s");
  expect(progressLine(3, undefined, 60)).toBe("3 1:00 0.05/s");
});

it("passes every item on and draws only on a terminal", () => {
  const written: string[] = [];
  const stream = { isTTY: true, write: (text: string) => written.push(text) };
  expect([...progressBar([1, 2, 3], { stream })]).toEqual([1, 2, 3]);
  expect(written.at(-1)).toBe("\n");
  expect(written.at(-2)).toContain("100 % 3/3");
  const silent: string[] = [];
  expect([...progressBar(new Set([1, 2]), { stream: { isTTY: false, write: (text: string) => silent.push(text) } })]).toEqual([1, 2]);
  expect(silent).toEqual([]);
});

it("ends its line when the loop is left early", () => {
  const written: string[] = [];
  for (const item of progressBar([1, 2, 3], { stream: { isTTY: true, write: (text) => written.push(text) } })) if (item === 1) break;
  expect(written.at(-1)).toBe("\n");
});
