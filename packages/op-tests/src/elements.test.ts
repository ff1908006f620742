import { describe, expect, it } from "vitest";
import { contiguousStrides, forEachOffset, readElement, readTensor, roundTo } from "./elements.ts";

describe("readElement", () => {
  it("reads what JSON cannot hold", () => {
    expect(readElement("NaN", "float32")).toBeNaN();
    expect(readElement("-Infinity", "float64")).toBe(Number.NEGATIVE_INFINITY);
    expect(readElement("9223372036854775807", "int64")).toBe(9223372036854775807n);
    expect(readElement(-7, "int32")).toBe(-7);
    expect(readElement(true, "bool")).toBe(true);
    expect(Object.is(readElement(-0, "float32"), -0)).toBe(true);
  });
});

describe("roundTo", () => {
  it("rounds to the nearest number of the dtype", () => {
    expect(roundTo("float32", 0.1)).toBe(Math.fround(0.1));
    // 0.1 in half precision: 1638 / 2^14
    expect(roundTo("float16", 0.1)).toBe(1638 / 2 ** 14);
    // 1 + 2^-8 lies halfway between 1 and 1 + 2^-7; the even one is 1
    expect(roundTo("bfloat16", 1 + 2 ** -8)).toBe(1);
    expect(roundTo("bfloat16", 1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6);
    expect(roundTo("float16", 70000)).toBe(Number.POSITIVE_INFINITY);
    // the smallest subnormal half is 2^-24
    expect(roundTo("float16", 2 ** -24)).toBe(2 ** -24);
    expect(roundTo("float64", 0.1)).toBe(0.1);
  });
});

describe("readTensor", () => {
  it("keeps strides, offset, names and requires_grad", () => {
    const tensor = readTensor({
      $tensor: { dtype: "float64", shape: [2], stride: [3], storage_offset: 4, requires_grad: true, names: ["N"], data: [1, "NaN"] },
    });
    expect(tensor).toEqual({
      dtype: "float64",
      shape: [2],
      stride: [3],
      storageOffset: 4,
      requiresGrad: true,
      names: ["N"],
      data: [1, Number.NaN],
    });
  });
});

describe("strides", () => {
  it("walks elements in row-major order", () => {
    const offsets: number[] = [];
    forEachOffset([2, 3], [1, 2], (_, offset) => offsets.push(offset));
    expect(offsets).toEqual([0, 2, 4, 1, 3, 5]);
  });

  it("are PyTorch's for contiguous tensors, a size of 0 counting as 1", () => {
    expect(contiguousStrides([2, 3, 4])).toEqual([12, 4, 1]);
    expect(contiguousStrides([2, 0, 4])).toEqual([4, 4, 1]);
  });
});
