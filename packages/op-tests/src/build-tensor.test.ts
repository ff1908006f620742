import { beforeAll, describe, expect, it } from "vitest";
import { buildTensor, gapsUntouched } from "./build-tensor.ts";
import { elementsOf } from "./compare.ts";
import { readTensor } from "./elements.ts";
import { type Library, loadLibrary, methodNamed } from "./library.ts";

let library: Library;
beforeAll(async () => {
  library = await loadLibrary();
});

const matrix = readTensor({ $tensor: { dtype: "float32", shape: [2, 3], data: [1, 2, 3, 4, 5, 6] } });

describe("buildTensor", () => {
  it.each([
    ["recorded", [3, 1]],
    ["spread", [6, 2]],
    ["reversed", [2, 4]],
  ] as const)("lays memory out %s", (layout, strides) => {
    const tensor = buildTensor(library, matrix, layout);
    expect(tensor.stride()).toEqual(strides);
    expect(elementsOf(tensor)).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it("uses recorded strides, 0 included", () => {
    const expanded = readTensor({ $tensor: { dtype: "int64", shape: [2, 2], stride: [0, 1], data: [7, 8, 7, 8] } });
    const tensor = buildTensor(library, expanded);
    expect(tensor.stride()).toEqual([0, 1]);
    expect(tensor.tolist()).toEqual([
      [7, 8],
      [7, 8],
    ]);
  });

  it.each(["float16", "bfloat16", "bool", "uint8", "int64", "complex64", "complex128"])("makes %s", (dtype) => {
    const data = dtype === "bool" ? [true, false] : [1, 2];
    const recorded = readTensor({ $tensor: { dtype, shape: dtype.startsWith("complex") ? [1] : [2], data } });
    const tensor = buildTensor(library, recorded);
    expect(tensor.dtype).toBe(dtype);
    expect(elementsOf(tensor)).toEqual(data);
  });
});

describe("gapsUntouched", () => {
  it("notices a write between the elements", () => {
    const tensor = buildTensor(library, matrix, "spread");
    methodNamed(tensor, "fill_")(0);
    expect(gapsUntouched(tensor)).toBe(true);
    methodNamed(methodNamed(tensor, "as_strided")([11], [1]), "fill_")(0);
    expect(gapsUntouched(tensor)).toBe(false);
  });
});
