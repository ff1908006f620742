import { expect, test } from "vitest";
import { arange, blockDiag, tensor } from "../../index.ts";

const x = arange(6).view(2, 3);

test("diagonal is a view", () => {
  const d = x.clone().diagonal();
  expect([d.tolist(), d.stride()]).toEqual([[0, 4], [4]]);
  expect(x.diagonal(1).tolist()).toEqual([1, 5]);
  expect(x.diagonal(-1).tolist()).toEqual([3]);
  expect(x.diagonal(9).shape).toEqual([0]);
});

test("diag goes both ways", () => {
  expect(tensor([1, 2]).diag(1).tolist()).toEqual([
    [0, 1, 0],
    [0, 0, 2],
    [0, 0, 0],
  ]);
  expect(x.diag().tolist()).toEqual([0, 4]);
  expect(x.diagEmbed().shape).toEqual([2, 3, 3]);
});

test("blockDiag lays matrices along the diagonal", () => {
  expect(blockDiag(tensor([[1, 2]]), tensor([[3]])).tolist()).toEqual([
    [1, 2, 0],
    [0, 0, 3],
  ]);
});
