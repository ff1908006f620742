import { describe, expect, test } from "vitest";
import { arange, complexScalar, linspace, ones, tensor, zeros } from "../../index.ts";

const x = tensor([
  [1, -2, 3],
  [4, 0, -6],
]);

describe("sums and means", () => {
  test("over all, one, several dimensions, keeping them or not", () => {
    expect(x.sum().item()).toBe(0);
    expect(x.sum(1, true).tolist()).toEqual([[2], [-2]]);
    expect(x.mean([0, 1]).item()).toBe(0);
    expect(x.sum({ dim: 0, keepdim: true }).shape).toEqual([1, 3]);
  });
  test("integers add up exactly as int64", () => {
    expect(
      tensor([2n ** 62n, 1n])
        .sum()
        .item(),
    ).toBe(2n ** 62n + 1n);
    expect(ones([3], { dtype: "uint8" }).mul(200).sum().dtype).toBe("int64");
    expect(() => arange(3).mean()).toThrow(
      "mean(): could not infer output dtype. Input dtype must be either a floating point or complex dtype. Got: Long",
    );
  });
  test("float32 is summed in double", () => {
    expect(
      ones(2 ** 16)
        .mul(0.1)
        .mean()
        .item(),
    ).toBeCloseTo(0.1, 7);
  });
  test("NaN is left out where asked", () => {
    const y = tensor([1, Number.NaN, 3]);
    expect([y.nansum().item(), y.nanmean().item(), y.sum().item()]).toEqual([4, 2, Number.NaN]);
  });
});

describe("variance", () => {
  test("of n - 1 unless told otherwise", () => {
    const y = tensor([1, 2, 4]);
    expect(y.var().item()).toBeCloseTo(7 / 3, 6);
    expect(y.var(false).item()).toBeCloseTo(14 / 9, 6);
    expect(y.std({ correction: 0 }).item()).toBeCloseTo(Math.sqrt(14 / 9), 6);
    expect(y.varMean().mean.item()).toBeCloseTo(7 / 3, 6);
    expect(() => arange(3).std()).toThrow("std and var only support floating point and complex dtypes");
  });
  test("of complex numbers is real", () => {
    expect(
      tensor([complexScalar(1, 1), complexScalar(-1, -1)])
        .var(false)
        .item(),
    ).toBe(2);
  });
});

describe("extremes", () => {
  test("max and min of all, along a dimension, of two tensors", () => {
    expect([x.max().item(), x.min().item()]).toEqual([4, -6]);
    const { values, indices } = x.max(1);
    expect([values.tolist(), indices.tolist()]).toEqual([
      [3, 4],
      [2, 0],
    ]);
    const [smallest] = x.min(0);
    expect(smallest!.tolist()).toEqual([1, -2, -6]);
    expect(x.max(zeros(3)).tolist()).toEqual([
      [1, 0, 3],
      [4, 0, 0],
    ]);
  });
  test("the first of equals, and NaN before all", () => {
    expect(tensor([1, 2, 2]).argmax().item()).toBe(1);
    expect(tensor([1, Number.NaN, 9]).max(0).indices.item()).toBe(1);
    expect(
      tensor([2n ** 53n, 2n ** 53n + 1n])
        .argmax()
        .item(),
    ).toBe(1);
  });
  test("nothing has no extreme", () => {
    expect(() => zeros(0).max()).toThrow(
      "max(): Expected reduction dim to be specified for input.numel() == 0. Specify the reduction dim with the 'dim' argument.",
    );
    expect(() => zeros(0, 2).amin(0)).toThrow("amin(): Expected reduction dim 0 to have non-zero size.");
  });
  test("aminmax gives both", () => {
    const { min, max } = x.aminmax({ dim: 0 });
    expect([min.tolist(), max.tolist()]).toEqual([
      [1, -2, -6],
      [4, 0, 3],
    ]);
  });
});

describe("truth", () => {
  test("all and any", () => {
    expect(x.all(1).tolist()).toEqual([true, false]);
    expect(x.any().item()).toBe(true);
    expect([zeros(0).all().item(), zeros(0).any().item()]).toEqual([true, false]);
    expect(x.countNonzero(0).tolist()).toEqual([2, 1, 2]);
  });
});

describe("norms and products", () => {
  test("of any order", () => {
    const y = tensor([3, -4]);
    expect([y.norm().item(), y.norm(1).item(), y.norm(Number.POSITIVE_INFINITY).item(), y.norm(0).item()]).toEqual([5, 7, 4, 2]);
    expect(x.norm({ dim: 1 }).shape).toEqual([2]);
    expect(y.dist(zeros(2)).item()).toBe(5);
  });
  test("renorm shrinks slices", () => {
    const [first, second] = tensor([
      [3, 4],
      [0.3, 0.4],
    ])
      .renorm(2, 0, 1)
      .tolist() as number[][];
    expect(first![0]).toBeCloseTo(0.6, 5);
    expect(second).toEqual([Math.fround(0.3), Math.fround(0.4)]);
  });
  test("products", () => {
    expect(x.prod(0).tolist()).toEqual([4, -0, -18]);
    expect(arange(1, 6).prod().item()).toBe(120);
  });
});

test("quantiles interpolate", () => {
  const y = tensor([3, 1, 2, 4]);
  expect(y.quantile(0.5).item()).toBe(2.5);
  expect(y.quantile(tensor([0, 1])).tolist()).toEqual([1, 4]);
  expect(y.quantile(0.5, 0, { interpolation: "lower" }).item()).toBe(2);
  expect(() => y.quantile(2)).toThrow("quantile() q must be in the range [0, 1] but got 2");
});

test("medians and modes", () => {
  expect(tensor([3, 1, 2, 4]).median().item()).toBe(2);
  expect(tensor([1, Number.NaN, 5]).median().item()).toBeNaN();
  expect(tensor([1, Number.NaN, 5]).nanmedian().item()).toBe(1);
  const { values, indices } = tensor([2, 1, 2, 1, 3]).mode();
  expect([values.item(), indices.item()]).toEqual([1, 3]);
});

test("covariance of rows", () => {
  const y = tensor([
    [0, 1, 2],
    [2, 1, 0],
  ]);
  expect(y.cov().tolist()).toEqual([
    [1, -1],
    [-1, 1],
  ]);
  expect(y.corrcoef().at(0, 1).item()).toBe(-1);
});

test("softmax does not overflow", () => {
  const y = tensor([1000, 1000]);
  expect(y.softmax(0).tolist()).toEqual([0.5, 0.5]);
  expect(y.logSoftmax(0).at(0).item()).toBeCloseTo(-Math.LN2, 6);
  expect(y.logsumexp(0).item()).toBeCloseTo(1000 + Math.LN2, 3);
  expect(() => arange(3).softmax(0)).toThrow(`"softmax_lastdim_kernel_impl" not implemented for 'Long'`);
});

test("running reductions", () => {
  expect(arange(1, 5).cumsum(0).tolist()).toEqual([1, 3, 6, 10]);
  expect(arange(1, 5).cumprod(0).tolist()).toEqual([1, 2, 6, 24]);
  const { values, indices } = tensor([1, 3, 2, 3]).cummax(0);
  expect([values.tolist(), indices.tolist()]).toEqual([
    [1, 3, 3, 3],
    [0, 1, 1, 3],
  ]);
  expect(zeros(2).logcumsumexp(0).at(1).item()).toBeCloseTo(Math.LN2, 6);
});

test("differences of neighbours", () => {
  expect(tensor([1, 4, 9]).diff().tolist()).toEqual([3, 5]);
  expect(tensor([1, 4, 9]).diff(2).tolist()).toEqual([2]);
  expect(
    linspace(0, 1, 3)
      .diff({ prepend: tensor([-1]) })
      .tolist(),
  ).toEqual([1, 0.5, 0.5]);
});
