import { describe, expect, test } from "vitest";
import { arange, type Tensor, tensor } from "../../index.ts";

const lists = (parts: readonly Tensor[]): unknown[] => parts.map((t) => t.tolist());

describe("split", () => {
  test("the last piece may be smaller", () => expect(lists(arange(5).split(2))).toEqual([[0, 1], [2, 3], [4]]));
  test("sizes must add up", () => {
    expect(lists(arange(5).split([2, 3]))).toEqual([
      [0, 1],
      [2, 3, 4],
    ]);
    expect(() => arange(5).split([2, 2])).toThrow(
      "split_with_sizes expects split_sizes to sum exactly to 5 (input tensor's size at dimension 0)",
    );
  });
});

test("chunk divides evenly, tensorSplit spreads the rest", () => {
  expect(lists(arange(5).chunk(3))).toEqual([[0, 1], [2, 3], [4]]);
  expect(lists(arange(7).tensorSplit(3))).toEqual([
    [0, 1, 2],
    [3, 4],
    [5, 6],
  ]);
  expect(lists(arange(5).tensorSplit([1, 3]))).toEqual([[0], [1, 2], [3, 4]]);
  expect(lists(arange(4).tensorSplit(tensor([3n])))).toEqual([[0, 1, 2], [3]]);
});

test("pieces are views", () => {
  const x = arange(4);
  x.split(2)[1]!.zero_();
  expect(x.tolist()).toEqual([0, 1, 0, 0]);
  expect(lists(arange(4).view(2, 2).unbind(1))).toEqual([
    [0, 2],
    [1, 3],
  ]);
});

test("hsplit, vsplit and dsplit want enough dimensions and equal sections", () => {
  expect(lists(arange(4).view(2, 2).hsplit(2))).toEqual([
    [[0], [2]],
    [[1], [3]],
  ]);
  expect(() => arange(5).vsplit(1)).toThrow(
    "torch.vsplit requires a tensor with at least 2 dimension, but got a tensor with 1 dimensions!",
  );
  expect(() => arange(5).hsplit(2)).toThrow("is not divisible by the split_size 2!");
});
