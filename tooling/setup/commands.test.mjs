import { describe, expect, it } from "vitest";
import { judge } from "./conformance.mjs";
import { eachOf, lastLines } from "./process.mjs";
import { countReport } from "./test.mjs";
import { chapters, parse } from "./tutorial.mjs";

describe("tutorial", () => {
  const all = [
    { number: 1, title: "tensors", folder: "01-tensors" },
    { number: 4, title: "cifar10", folder: "04-cifar10" },
  ];

  it("runs every chapter without a number, and passes options on", () => {
    expect(parse([], all)).toEqual({ chosen: all, options: [] });
    expect(parse(["--epochs", "1"], all)).toEqual({ chosen: all, options: ["--epochs", "1"] });
  });

  it("takes a chapter by number or by folder", () => {
    expect(parse(["4", "--epochs", "1"], all)).toEqual({ chosen: [all[1]], options: ["--epochs", "1"] });
    expect(parse(["01"], all).chosen).toEqual([all[0]]);
    expect(parse(["04-cifar10"], all).chosen).toEqual([all[1]]);
  });

  it("chooses nothing for a chapter that does not exist", () => {
    expect(parse(["7"], all).chosen).toEqual([]);
    expect(parse(["cifar"], all).chosen).toEqual([]);
  });

  it("finds the chapters of the course in order", () => {
    expect(chapters().map(({ number }) => number)).toEqual([1, 2, 3, 4]);
  });
});

describe("countReport", () => {
  const file = (status, ...tests) => ({ status, assertionResults: tests.map((test) => ({ status: test })) });

  it("counts tests", () => {
    const report = { numPassedTests: 2, numFailedTests: 1, testResults: [file("passed", "passed"), file("failed", "passed", "failed")] };
    expect(countReport(report)).toEqual({ passed: 2, failed: 1 });
  });

  it("counts a file that could not be loaded as one failure", () => {
    const report = { numPassedTests: 1, numFailedTests: 0, testResults: [file("passed", "passed"), file("failed")] };
    expect(countReport(report)).toEqual({ passed: 1, failed: 1 });
  });
});

describe("lastLines", () => {
  it("keeps the end, without empty lines and overwritten progress", () => {
    expect(lastLines("one\n\ntwo\rthree\nfour\n", 2)).toBe("    three\n    four");
  });
});

describe("eachOf", () => {
  it("works on so many at a time, on each once", async () => {
    const done = [];
    let [now, most] = [0, 0];
    await eachOf([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++now);
      await new Promise((resolve) => setTimeout(resolve, item));
      done.push(item);
      now--;
    });
    expect([done.sort(), most]).toEqual([[1, 2, 3, 4, 5], 2]);
  });
});

describe("judge", () => {
  const totals = { value: { passed: 990, all: 1000 }, gradient: { passed: 90, all: 100 } };

  it("passes what reaches its floor, and counts what falls below or is not there", () => {
    expect(judge(totals, { value: 990, gradient: 90 })).toEqual({ passed: 2, failed: [] });
    expect(judge(totals, { value: 991, gradient: 92 })).toEqual({ passed: 1, failed: ["gradient: 90 passed, 92 did before"] });
    expect(judge({}, { text: 5 })).toEqual({ passed: 0, failed: ["text: 0 passed, 5 did before"] });
  });
});
