import { expect, test } from "vitest";
import { arange, cat, columnStack, complexScalar, dstack, hstack, ones, stack, tensor, vstack, zeros } from "../../index.ts";

const x = arange(4).view(2, 2);

test("cat joins along a dimension and promotes dtypes", () => {
  const joined = cat([x, ones(2, 1)], 1);
  expect(joined.dtype).toBe("float32");
  expect(joined.tolist()).toEqual([
    [0, 1, 1],
    [2, 3, 1],
  ]);
});

test("cat skips empty vectors and moves complex elements whole", () => {
  expect(cat([x, zeros(0)]).shape).toEqual([2, 2]);
  const z = tensor([complexScalar(1, 2)]);
  expect(String(cat([z, z.mul(2)]))).toBe("tensor([1.+2.j, 2.+4.j])");
});

test("cat names the tensor that does not fit", () => {
  expect(() => cat([zeros(2, 3), zeros(2, 4)])).toThrow(
    "Sizes of tensors must match except in dimension 0. Expected size 3 but got size 4 for tensor number 1 in the list.",
  );
});

test("stack makes a new dimension", () => {
  expect(stack([x, x], 2).shape).toEqual([2, 2, 2]);
  expect(() => stack([])).toThrow("stack expects a non-empty TensorList");
});

test("stacks of vectors", () => {
  const v = arange(2);
  expect(hstack([v, v]).tolist()).toEqual([0, 1, 0, 1]);
  expect(vstack([v, v]).tolist()).toEqual([
    [0, 1],
    [0, 1],
  ]);
  expect(columnStack([v, v]).tolist()).toEqual([
    [0, 0],
    [1, 1],
  ]);
  expect(dstack([v, v]).shape).toEqual([1, 2, 2]);
});
