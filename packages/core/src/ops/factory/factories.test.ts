import { describe, expect, test } from "vitest";
import {
  arange,
  bartlettWindow,
  cartesianProd,
  combinations,
  complexScalar,
  emptyStrided,
  eye,
  finfo,
  full,
  hannWindow,
  iinfo,
  linspace,
  logspace,
  meshgrid,
  oneHot,
  tensor,
  trilIndices,
  vander,
  zeros,
} from "../../index.ts";

describe("ranges", () => {
  test("integers give int64, others the default dtype", () => {
    expect([arange(0, 10, 4).tolist(), arange(3).dtype]).toEqual([[0, 4, 8], "int64"]);
    expect([arange(0, 1, 0.25).tolist(), arange(0, 1, 0.25).dtype]).toEqual([[0, 0.25, 0.5, 0.75], "float32"]);
    expect(arange(3, 0, -1).tolist()).toEqual([3, 2, 1]);
    expect(arange(2n ** 60n, 2n ** 60n + 2n).tolist()).toEqual([2n ** 60n, 2n ** 60n + 1n]);
  });
  test("steps must lead to the end", () => {
    expect(() => arange(0, 3, 0)).toThrow("step must be nonzero");
    expect(() => arange(0, -3, 2)).toThrow("upper bound and larger bound inconsistent with step sign");
  });
  test("linspace ends exactly", () => {
    expect(linspace(0, 10, 5).tolist()).toEqual([0, 2.5, 5, 7.5, 10]);
    expect(linspace(complexScalar(0, 0), complexScalar(2, 4), 3).dtype).toBe("complex64");
    expect(logspace(0, 2, 3).tolist()).toEqual([1, 10, 100]);
    expect(() => linspace(0, 1, -1)).toThrow("number of steps must be non-negative");
  });
});

test("eye and filled tensors", () => {
  expect(eye(2, 3).tolist()).toEqual([
    [1, 0, 0],
    [0, 1, 0],
  ]);
  expect(full([2], 7n).dtype).toBe("int64");
  expect(() => full([2], 300, { dtype: "uint8" })).toThrow("value cannot be converted to type uint8_t without overflow");
  expect(zeros(2).newFull([1, 2], 3).tolist()).toEqual([[3, 3]]);
  expect(emptyStrided([2, 3], [1, 2]).stride()).toEqual([1, 2]);
});

test("grids", () => {
  const [rows, columns] = meshgrid(arange(2), arange(3));
  expect([rows!.tolist(), columns!.stride()]).toEqual([
    [
      [0, 0, 0],
      [1, 1, 1],
    ],
    [0, 1],
  ]);
  expect(meshgrid([arange(2), arange(3)], { indexing: "xy" })[0]!.shape).toEqual([3, 2]);
  expect(cartesianProd(arange(2), arange(2)).tolist()).toEqual([
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ]);
  expect(combinations(arange(3)).tolist()).toEqual([
    [0, 1],
    [0, 2],
    [1, 2],
  ]);
  expect(vander(tensor([2, 3])).tolist()).toEqual([
    [2, 1],
    [3, 1],
  ]);
  expect(trilIndices(2, 2).tolist()).toEqual([
    [0, 1, 1],
    [0, 0, 1],
  ]);
});

test("one-hot vectors", () => {
  expect(oneHot(tensor([0n, 2n])).tolist()).toEqual([
    [1, 0, 0],
    [0, 0, 1],
  ]);
  expect(() => oneHot(tensor([3n]), 2)).toThrow("Class values must be smaller than num_classes.");
});

test("windows", () => {
  const hann = hannWindow(4).tolist() as number[];
  expect(hann.map((v) => Math.round(v * 1e6) / 1e6)).toEqual([0, 0.5, 1, 0.5]);
  expect(bartlettWindow(3, false).tolist()).toEqual([0, 1, 0]);
});

test("limits of dtypes", () => {
  expect(finfo("float32").eps).toBe(2 ** -23);
  expect(iinfo("int32").max).toBe(2147483647);
  expect(() => finfo("int32")).toThrow("torch.finfo() requires a floating point input type.");
});
