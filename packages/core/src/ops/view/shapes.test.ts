import { expect, test } from "vitest";
import { arange, atleast2d, broadcastShapes, broadcastTensors, ones, zeros } from "../../index.ts";

test("movedim, swapaxes and their in-place forms permute strides", () => {
  const x = zeros(2, 3, 4);
  expect(x.movedim(0, -1).shape).toEqual([3, 4, 2]);
  expect(x.movedim([0, 1], [2, 0]).stride()).toEqual([4, 1, 12]);
  expect(x.transpose_(0, 2).shape).toEqual([4, 3, 2]);
  expect(() => x.movedim([0, 0], [0, 1])).toThrow("movedim: repeated dim in `source` ([0, 0])");
});

test("flatten and unflatten are each other's inverse", () => {
  const x = arange(24).view(2, 3, 4);
  expect(x.flatten(1).shape).toEqual([2, 12]);
  expect(x.flatten(1).unflatten(1, [-1, 4]).tolist()).toEqual(x.tolist());
  expect(() => x.unflatten(1, [2, 2])).toThrow(
    "unflatten: Provided sizes [2, 2] don't multiply up to the size of dim 1 (3) in the input tensor",
  );
});

test("triangles keep one side of a diagonal", () => {
  expect(ones(2, 3).tril().tolist()).toEqual([
    [1, 0, 0],
    [1, 1, 0],
  ]);
  expect(ones(2, 3).triu(1).tolist()).toEqual([
    [0, 1, 1],
    [0, 0, 1],
  ]);
});

test("broadcasting and least dimensions", () => {
  expect(broadcastShapes([2, 1], [3])).toEqual([2, 3]);
  expect(broadcastTensors(zeros(2, 1), zeros(3)).map((t) => t.shape)).toEqual([
    [2, 3],
    [2, 3],
  ]);
  expect(atleast2d(arange(3)).shape).toEqual([1, 3]);
});

test("sizes come one by one, as an array or by name; other options are refused", () => {
  const x = arange(6);
  expect([x.view(2, 3).shape, x.view([2, 3]).shape, x.view({ size: [2, 3] }).shape]).toEqual([
    [2, 3],
    [2, 3],
    [2, 3],
  ]);
  expect(() => x.reshape({ size: [2, 3] } as never)).toThrow("reshape() got an unexpected keyword argument 'size'; it takes shape");
});

test("a scatter over a slice leaves the original alone", () => {
  const x = zeros(3, 2);
  expect(x.selectScatter(ones(2), 0, 1).tolist()).toEqual([
    [0, 0],
    [1, 1],
    [0, 0],
  ]);
  expect(x.sliceScatter(ones(1, 2), 0, 2).sum().item()).toBe(2);
  expect(x.sum().item()).toBe(0);
});
