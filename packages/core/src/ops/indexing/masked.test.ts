import { expect, test } from "vitest";
import { arange, complexScalar, tensor, zeros } from "../../index.ts";

const x = arange(6).view(2, 3);

test("masks fill, select and scatter", () => {
  const mask = x.remainder(2).eq(0);
  expect(x.maskedFill(mask, -1).tolist()).toEqual([
    [-1, 1, -1],
    [3, -1, 5],
  ]);
  expect(x.maskedSelect(tensor([true, false, true])).tolist()).toEqual([0, 2, 3, 5]);
  expect(x.maskedScatter(mask, tensor([7n, 8n, 9n, 10n])).tolist()).toEqual([
    [7, 1, 8],
    [3, 9, 5],
  ]);
});

test("values must be numbers that fit", () => {
  expect(() => zeros(2).maskedFill(tensor([true, false]), tensor([1]))).toThrow("masked_fill_ only supports a 0-dimensional value tensor");
  expect(() => zeros(2).maskedFill(tensor(true), complexScalar(0, 1))).toThrow("value cannot be converted to type float without overflow");
});

test("nonzero lists indices", () => {
  expect(
    tensor([
      [0, 1],
      [2, 0],
    ])
      .nonzero()
      .tolist(),
  ).toEqual([
    [0, 1],
    [1, 0],
  ]);
  expect(
    x
      .gt(3)
      .nonzero({ asTuple: true })
      .map((t) => t.tolist()),
  ).toEqual([
    [1, 1],
    [1, 2],
  ]);
  expect(tensor(5).nonzero().shape).toEqual([1, 0]);
});
