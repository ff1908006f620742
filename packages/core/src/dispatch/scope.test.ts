import { expect, it } from "vitest";
import { keep, memoryStats, ones, scope, type Tensor } from "../index.ts";

it("gives memory back but for what is returned or kept", () => {
  const before = memoryStats().allocated;
  let forgotten: Tensor | undefined;
  let remembered: Tensor | undefined;
  const result = scope(() => {
    forgotten = ones(1000);
    remembered = keep(ones(1000));
    return { answer: ones(1000).add(1), views: [ones(4).view(2, 2)] };
  });
  expect(result.answer.sum().item()).toBe(2000);
  expect(result.views[0]!.tolist()).toEqual([
    [1, 1],
    [1, 1],
  ]);
  expect(remembered!.sum().item()).toBe(1000);
  expect(() => forgotten!.tolist()).toThrow("released when its scope ended");
  // The answer and what was kept: 4,000 bytes each, in blocks of 4,096.
  expect(memoryStats().allocated - before).toBeLessThan(3 * 4096);
});

it("hands what an inner scope returns to the outer one", () => {
  let inner: Tensor | undefined;
  scope(() => {
    inner = scope(() => ones(8));
    expect(inner.sum().item()).toBe(8);
  });
  expect(() => inner!.tolist()).toThrow("released");
});

it("releases when the body throws nothing that is still needed", () => {
  expect(() =>
    scope(() => {
      throw new Error("inside");
    }),
  ).toThrow("inside");
  expect(scope(() => ones(2).tolist())).toEqual([1, 1]);
});

it("refuses asynchronous functions", () => {
  expect(() => scope(async () => ones(2))).toThrow("scope() takes a synchronous function");
});
