import { tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { compareElements, compareStrides, compareTensor, compareValue, elementsAgree } from "./compare.ts";
import { readTensor } from "./elements.ts";
import type { TensorLike } from "./library.ts";

const exact = { rtol: 0, atol: 0 };
const of = (data: unknown, dtype = "float32"): TensorLike =>
  tensor(data as number[], { dtype: dtype as "float32" }) as unknown as TensorLike;
const recorded = (shape: number[], data: (number | string | boolean)[], dtype = "float32") => ({ $tensor: { dtype, shape, data } });

describe("elementsAgree", () => {
  it("allows atol + rtol * |expected|, and nothing more", () => {
    expect(elementsAgree(1.01, 1, { rtol: 0, atol: 0.02 })).toBe(true);
    expect(elementsAgree(1.03, 1, { rtol: 0, atol: 0.02 })).toBe(false);
    expect(elementsAgree(101, 100, { rtol: 0.01, atol: 0 })).toBe(true);
    expect(elementsAgree(102, 100, { rtol: 0.01, atol: 0 })).toBe(false);
  });

  it("equates NaN with NaN and an infinity only with itself", () => {
    const loose = { rtol: 1, atol: 1e30 };
    expect(elementsAgree(Number.NaN, Number.NaN, exact)).toBe(true);
    expect(elementsAgree(0, Number.NaN, loose)).toBe(false);
    expect(elementsAgree(Number.NaN, 0, loose)).toBe(false);
    expect(elementsAgree(Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, exact)).toBe(true);
    expect(elementsAgree(1e300, Number.POSITIVE_INFINITY, loose)).toBe(false);
    expect(elementsAgree(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, loose)).toBe(false);
  });

  it("compares integers beyond 2^53 exactly", () => {
    expect(elementsAgree(9007199254740993n, 9007199254740993n, exact)).toBe(true);
    expect(elementsAgree(9007199254740992n, 9007199254740993n, exact)).toBe(false);
    expect(elementsAgree(3, 3n, exact)).toBe(true);
  });

  it("does not take numbers for booleans", () => {
    expect(elementsAgree(1, true, exact)).toBe(false);
  });
});

describe("compareElements", () => {
  it("says how many differ and where the first is", () => {
    expect(compareElements([1, 2, 3], [1, 5, 6], exact)).toBe("2 of 3 elements differ, first at 1: expected 5, got 2");
    expect(compareElements([1], [1, 2], exact)).toBe("2 elements expected, got 1");
  });
});

describe("compareTensor", () => {
  it("passes what is equal", () => {
    expect(compareTensor(of([[1, 2]]), readTensor(recorded([1, 2], [1, 2])), exact)).toBeUndefined();
  });

  it("fails on another dtype, shape or value, and on what is no tensor", () => {
    expect(compareTensor(of([1, 2], "float64"), readTensor(recorded([2], [1, 2])), exact)).toBe("expected float32[2], got float64[2]");
    expect(compareTensor(of([[1, 2]]), readTensor(recorded([2], [1, 2])), exact)).toBe("expected float32[2], got float32[1, 2]");
    expect(compareTensor(of([1, 2.5]), readTensor(recorded([2], [1, 2])), exact)).toContain("1 of 2 elements differ");
    expect(compareTensor(3, readTensor(recorded([], [3])), exact)).toContain("expected a tensor");
    expect(compareTensor(of([1, 9]), readTensor(recorded([2], [1, 2])), { ...exact, shapeOnly: true })).toBeUndefined();
  });

  it("fails on other strides where they count", () => {
    const spread = { $tensor: { dtype: "float32", shape: [2], stride: [2], data: [1, 2] } };
    expect(compareStrides(of([1, 2]), readTensor(spread))).toBe("expected strides [2], got [1]");
    expect(compareStrides(of([1, 2]), readTensor(recorded([2], [1, 2])))).toBeUndefined();
  });
});

describe("compareValue", () => {
  it.each([
    [
      [1, [2, 3]],
      [1, [2, 3]],
    ],
    [5, { $float: 5 }],
    [Number.POSITIVE_INFINITY, { $float: "Infinity" }],
    [9223372036854775807n, { $int: "9223372036854775807" }],
    ["float32", { $dtype: "float32" }],
    [undefined, null],
    [new Map([["a", 1]]), { $dict: [["a", 1]] }],
    [{ weightDecay: 2 }, { weight_decay: 2 }],
    [Uint8Array.of(0, 1, 255), { $bytes: "0001ff" }],
  ])("accepts %o for %o", (actual, expected) => {
    expect(compareValue(actual, expected as never, exact)).toBeUndefined();
  });

  it.each([
    [
      [1, 2],
      [1, 2, 3],
    ],
    [
      [1, 2],
      [1, 3],
    ],
    [1, true],
    [0, null],
    ["float64", { $dtype: "float32" }],
    [new Map([["b", 1]]), { $dict: [["a", 1]] }],
    [{ weightDecay: 2 }, { weight_decay: 3 }],
    [Uint8Array.of(0, 1), { $bytes: "0001ff" }],
    ["x", "y"],
  ])("refuses %o for %o", (actual, expected) => {
    expect(compareValue(actual, expected as never, exact)).toBeTypeOf("string");
  });
});
