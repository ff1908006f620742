import { expect, test } from "vitest";
import { arange, zeros } from "../../index.ts";

test("narrow is a view of consecutive elements", () => {
  const x = arange(12).view(3, 4);
  const middle = x.narrow(1, 1, 2);
  expect(middle.tolist()).toEqual([
    [1, 2],
    [5, 6],
    [9, 10],
  ]);
  expect([middle.stride(), middle.storageOffset()]).toEqual([[4, 1], 1]);
  middle.zero_();
  expect(x.at(0).tolist()).toEqual([0, 0, 0, 3]);
});

test("narrow counts a negative start from the end, and refuses to leave the dimension", () => {
  expect(arange(5).narrow(0, -2, 2).tolist()).toEqual([3, 4]);
  expect(() => zeros(3, 3).narrow(0, 2, 2)).toThrow("start (2) + length (2) exceeds dimension size (3).");
  expect(arange(3).narrowCopy({ dim: 0, start: 1, length: 1 }).tolist()).toEqual([1]);
});
