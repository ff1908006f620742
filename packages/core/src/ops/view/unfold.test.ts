import { expect, test } from "vitest";
import { arange } from "../../index.ts";

test("unfold shows overlapping windows of the same memory", () => {
  const windows = arange(5).unfold(0, 3, 1);
  expect(windows.tolist()).toEqual([
    [0, 1, 2],
    [1, 2, 3],
    [2, 3, 4],
  ]);
  expect(windows.stride()).toEqual([1, 1]);
  expect(() => arange(5).unfold(0, 6, 1)).toThrow("maximum size for tensor at dimension 0 is 5 but size is 6");
});

test("asStrided reads any layout within the storage", () => {
  expect(arange(6).asStrided([2, 2], [3, 1], 1).tolist()).toEqual([
    [1, 2],
    [4, 5],
  ]);
  expect(() => arange(4).asStrided([2, 3], [2, 1])).toThrow("are out of bounds for storage of size 32");
});
