import { expect, test } from "vitest";
import { arange } from "../../index.ts";

const x = arange(6).view(2, 3);

test("flip reverses dimensions, of any layout", () => {
  expect(x.flip(1).tolist()).toEqual([
    [2, 1, 0],
    [5, 4, 3],
  ]);
  expect(x.t().flip(0, 1).tolist()).toEqual([
    [5, 2],
    [4, 1],
    [3, 0],
  ]);
  expect(() => x.flip(0, 0)).toThrow("dim 0 appears multiple times in the list of dims");
});

test("roll carries elements round", () => {
  expect(x.roll(1).tolist()).toEqual([
    [5, 0, 1],
    [2, 3, 4],
  ]);
  expect(x.roll([1, -1], [0, 1]).tolist()).toEqual([
    [4, 5, 3],
    [1, 2, 0],
  ]);
});

test("rot90 turns from the first dimension to the second", () => {
  expect(x.rot90().tolist()).toEqual([
    [2, 5],
    [1, 4],
    [0, 3],
  ]);
  expect(x.rot90(2).tolist()).toEqual(x.flip(0, 1).tolist());
});
