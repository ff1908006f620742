import { expect, test } from "vitest";
import { arange, tensor } from "../../index.ts";

test("repeat and tile copy the whole tensor", () => {
  expect(arange(2).repeat(2, 2).tolist()).toEqual([
    [0, 1, 0, 1],
    [0, 1, 0, 1],
  ]);
  expect(arange(4).view(2, 2).tile(2).tolist()).toEqual([
    [0, 1, 0, 1],
    [2, 3, 2, 3],
  ]);
  expect(() => arange(4).view(2, 2).repeat(2)).toThrow("Number of dimensions of repeat dims can not be smaller");
});

test("repeatInterleave copies element by element", () => {
  expect(arange(2).repeatInterleave(2).tolist()).toEqual([0, 0, 1, 1]);
  expect(
    arange(4)
      .view(2, 2)
      .repeatInterleave(tensor([1n, 2n]), 0)
      .tolist(),
  ).toEqual([
    [0, 1],
    [2, 3],
    [2, 3],
  ]);
  expect(tensor([0n, 2n, 1n]).repeatInterleave().tolist()).toEqual([1, 1, 2]);
});
