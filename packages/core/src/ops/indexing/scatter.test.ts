import { expect, test } from "vitest";
import { arange, ones, tensor, zeros } from "../../index.ts";

const index = tensor([
  [0n, 2n],
  [1n, 1n],
]);

test("gather and scatter go opposite ways", () => {
  const x = arange(6).view(2, 3);
  expect(x.gather(1, index).tolist()).toEqual([
    [0, 2],
    [4, 4],
  ]);
  expect(
    zeros(2, 3)
      .scatter(
        1,
        index,
        tensor([
          [1, 2],
          [3, 4],
        ]),
      )
      .tolist(),
  ).toEqual([
    [1, 0, 2],
    [0, 4, 0],
  ]);
  expect(x.takeAlongDim(x.argsort(1, true), 1).tolist()).toEqual([
    [2, 1, 0],
    [5, 4, 3],
  ]);
});

test("scatter_ with a number makes one-hot rows", () => {
  expect(
    zeros(3, 3)
      .scatter_(1, tensor([[1n], [2n], [0n]]), 1)
      .tolist(),
  ).toEqual([
    [0, 1, 0],
    [0, 0, 1],
    [1, 0, 0],
  ]);
});

test("scatterAdd and reductions combine what meets", () => {
  expect(zeros(2, 3).scatterAdd(1, index, ones(2, 2)).tolist()).toEqual([
    [1, 0, 1],
    [0, 2, 0],
  ]);
  const twos = ones(2, 3).mul(2);
  expect(
    twos
      .scatterReduce(
        1,
        index,
        tensor([
          [3, 4],
          [5, 6],
        ]),
        "prod",
      )
      .tolist(),
  ).toEqual([
    [6, 2, 8],
    [2, 60, 2],
  ]);
  expect(
    twos
      .scatterReduce(
        1,
        index,
        tensor([
          [3, 4],
          [5, 7],
        ]),
        "mean",
        { includeSelf: false },
      )
      .tolist(),
  ).toEqual([
    [3, 2, 4],
    [2, 6, 2],
  ]);
});

test("a bad index changes nothing", () => {
  const x = zeros(2, 3);
  expect(() => x.scatter_(1, tensor([[0n, 3n]]), 1)).toThrow("index 3 is out of bounds for dimension 1 with size 3");
  expect(() => x.scatterAdd_(0, index.int(), x)).toThrow("scatter(): Expected dtype int64 for index");
  expect(x.sum().item()).toBe(0);
});
