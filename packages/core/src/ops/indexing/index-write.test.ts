import { expect, test } from "vitest";
import { arange, ones, tensor, zeros } from "../../index.ts";

const index = tensor([2n, 0n, 2n]);

test("slices are selected, added, copied and filled by a vector of indices", () => {
  const x = arange(6).view(3, 2);
  expect(x.indexSelect(0, index).tolist()).toEqual([
    [4, 5],
    [0, 1],
    [4, 5],
  ]);
  expect(zeros(3, 2).indexAdd(0, index, ones(3, 2), { alpha: 2 }).tolist()).toEqual([
    [2, 2],
    [0, 0],
    [4, 4],
  ]);
  expect(
    x
      .indexCopy(1, tensor([1n, 0n]), x)
      .at(0)
      .tolist(),
  ).toEqual([1, 0]);
  expect(x.indexFill(0, tensor([-1n]), 9).tolist()).toEqual([
    [0, 1],
    [2, 3],
    [9, 9],
  ]);
  expect(
    ones(3, 1)
      .indexReduce(0, index, tensor([[2], [3], [4]]), "amax")
      .tolist(),
  ).toEqual([[3], [1], [4]]);
});

test("indices out of range are refused", () => {
  expect(() => zeros(3).indexSelect(0, tensor([3n]))).toThrow("index out of range in self");
  expect(() => zeros(3).indexSelect(0, tensor([0]))).toThrow("index_select(): Expected dtype int32 or int64 for index");
});

test("take and put see all elements in row-major order", () => {
  const x = arange(6).view(2, 3);
  expect(
    x
      .t()
      .take(tensor([1n, -1n]))
      .tolist(),
  ).toEqual([3, 5]);
  expect(
    x
      .put(tensor([0n, 0n]), tensor([5n, 6n]), true)
      .at(0, 0)
      .item(),
  ).toBe(11);
  expect(() => x.take(tensor([6n]))).toThrow("out of range: tried to access index 6 on a tensor of 6 elements.");
});

test("indexPut accumulates where asked", () => {
  expect(zeros(3).indexPut([index], ones(1), true).tolist()).toEqual([1, 0, 2]);
  expect(
    zeros(3)
      .indexPut_([index], tensor([1, 2, 3]))
      .tolist(),
  ).toEqual([2, 0, 3]);
});
