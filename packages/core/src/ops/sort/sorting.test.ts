import { describe, expect, test } from "vitest";
import { arange, bucketize, searchsorted, tensor, zeros } from "../../index.ts";

const x = tensor([3, 1, Number.NaN, 2]);

describe("sort", () => {
  test("NaN is the largest", () => {
    const { values, indices } = x.sort();
    expect([values.tolist(), indices.tolist()]).toEqual([
      [1, 2, 3, Number.NaN],
      [1, 3, 0, 2],
    ]);
    expect(x.argsort(0, true).tolist()).toEqual([2, 0, 3, 1]);
  });
  test("stable keeps the order of equals, at any length", () => {
    const y = arange(40).remainder(2);
    expect(y.sort({ stable: true }).indices.tolist()).toEqual([
      ...Array.from({ length: 20 }, (_, i) => 2 * i),
      ...Array.from({ length: 20 }, (_, i) => 2 * i + 1),
    ]);
  });
  test("64-bit integers compare exactly", () => {
    expect(
      tensor([2n ** 53n + 1n, 2n ** 53n])
        .argsort()
        .tolist(),
    ).toEqual([1, 0]);
  });
});

test("topk and kthvalue", () => {
  const y = tensor([
    [5, 1, 4],
    [2, 8, 7],
  ]);
  const { values, indices } = y.topk(2);
  expect([values.tolist(), indices.tolist()]).toEqual([
    [
      [5, 4],
      [8, 7],
    ],
    [
      [0, 2],
      [1, 2],
    ],
  ]);
  expect(y.kthvalue(2).values.tolist()).toEqual([4, 7]);
  expect(() => y.topk(4)).toThrow("selected index k out of range");
  expect(() => y.kthvalue(0)).toThrow("kthvalue(): selected number k out of range for dimension 1");
});

test("unique with inverse and counts", () => {
  const [values, inverse, counts] = tensor([2n, 1n, 2n]).unique({ returnInverse: true, returnCounts: true });
  expect([values!.tolist(), inverse!.tolist(), counts!.tolist()]).toEqual([
    [1, 2],
    [1, 0, 1],
    [1, 2],
  ]);
  expect(tensor([1n, 1n, 2n, 1n]).uniqueConsecutive().tolist()).toEqual([1, 2, 1]);
  expect(
    tensor([
      [1, 2],
      [1, 2],
      [0, 3],
    ])
      .unique({ dim: 0 })
      .tolist(),
  ).toEqual([
    [0, 3],
    [1, 2],
  ]);
});

test("searching sorted sequences", () => {
  const edges = tensor([1, 3, 5]);
  expect(searchsorted(edges, tensor([0, 3, 6])).tolist()).toEqual([0, 1, 3]);
  expect(searchsorted(edges, tensor([3]), { right: true }).tolist()).toEqual([2]);
  expect(bucketize(3, edges).item()).toBe(1);
  expect(() => bucketize(zeros(1), zeros(1, 1))).toThrow("boundaries tensor must be 1 dimension, but got dim(2)");
});

test("counting", () => {
  expect(tensor([1n, 3n, 1n]).bincount().tolist()).toEqual([0, 2, 0, 1]);
  expect(
    tensor([1n, 0n])
      .bincount(tensor([0.5, 2]))
      .tolist(),
  ).toEqual([2, 0.5]);
  expect(tensor([0, 1, 2, 3]).histc(2, 0, 3).tolist()).toEqual([2, 2]);
  const { hist, binEdges } = tensor([0, 1, 1]).histogram(2, { range: [0, 2] });
  expect([hist.tolist(), binEdges.tolist()]).toEqual([
    [1, 2],
    [0, 1, 2],
  ]);
  expect(() => tensor([-1n]).bincount()).toThrow("bincount only supports 1-d non-negative integral inputs.");
});
