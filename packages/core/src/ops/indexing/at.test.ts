import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { arange, ones, Slice, slice, tensor, zeros } from "../../index.ts";

const x = arange(24).view(2, 3, 4);

describe("basic indices give views", () => {
  test("integers, slices, ellipsis and new axes", () => {
    expect(x.at(0, -1).tolist()).toEqual([8, 9, 10, 11]);
    expect(x.at("...", 1).shape).toEqual([2, 3]);
    expect(x.at(":", "1:", "::2").tolist()).toEqual([
      [
        [4, 6],
        [8, 10],
      ],
      [
        [16, 18],
        [20, 22],
      ],
    ]);
    expect(x.at(null, "...", null).shape).toEqual([1, 2, 3, 4, 1]);
    expect(x.at(1, slice(1, 3), slice(null, -1)).shape).toEqual([2, 3]);
  });

  test("writes go through", () => {
    const y = zeros(2, 3);
    y.at(0, "1:").fill_(5);
    expect(y.tolist()).toEqual([
      [0, 5, 5],
      [0, 0, 0],
    ]);
  });

  test("slices follow Python's rules for bounds", () => {
    const bound = fc.option(fc.integer({ min: -12, max: 12 }), { nil: null });
    const list = Array.from({ length: 9 }, (_, i) => i);
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 4 }), (start, stop, step) => {
        const expected = list.slice(start ?? undefined, stop ?? undefined).filter((_, i) => i % step === 0);
        expect(
          arange(9)
            .at(new Slice(start, stop, step))
            .tolist(),
        ).toEqual(expected);
      }),
    );
  });

  test("mistakes are named", () => {
    expect(() => x.at(2)).toThrow("index 2 is out of bounds for dimension 0 with size 2");
    expect(() => x.at(0, 4)).toThrow("index 4 is out of bounds for dimension 1 with size 3");
    expect(() => x.at(0, 0, 0, 0)).toThrow("too many indices for tensor of dimension 3");
    expect(() => x.at("::-1")).toThrow("step must be greater than zero");
    expect(() => x.at("1;3" as never)).toThrow("valid indices");
  });
});

describe("index arrays, tensors and masks give copies", () => {
  test("index tensors side by side keep their place, others go first", () => {
    expect(x.at(":", [0, 2], [1, 1]).tolist()).toEqual([
      [1, 9],
      [13, 21],
    ]);
    expect(x.at([0, 1], ":", [1, 2]).shape).toEqual([2, 3]);
    expect(x.at([[0], [1]], [0, 2]).shape).toEqual([2, 2, 4]);
  });

  test("masks pick where they are true", () => {
    expect(x.at(x.gt(21)).tolist()).toEqual([22, 23]);
    expect(x.at(":", [true, false, true]).shape).toEqual([2, 2, 4]);
    expect(() => x.at([true, false, true])).toThrow(
      "The shape of the mask [3] at index 0 does not match the shape of the indexed tensor [2, 3, 4] at index 0",
    );
  });

  test("shapes that do not broadcast, and floats, are refused", () => {
    expect(() => x.at([0, 1], [0, 1, 2])).toThrow("shape mismatch: indexing tensors could not be broadcast together with shapes [2], [3]");
    expect(() => x.at(tensor([0.5]))).toThrow("tensors used as indices must be long, byte or bool tensors");
  });
});

describe("setAt writes where at reads", () => {
  test("numbers, and tensors that broadcast", () => {
    const y = zeros(3, 4);
    y.setAt([0], 1);
    y.setAt([":", "1:3"], tensor([5, 6]));
    y.setAt([y.eq(0)], -1);
    expect(y.tolist()).toEqual([
      [1, 5, 6, 1],
      [-1, 5, 6, -1],
      [-1, 5, 6, -1],
    ]);
    y.setAt([[0, 2], 0], tensor([7, 8]));
    expect(y.at(":", 0).tolist()).toEqual([7, -1, 8]);
  });

  test("nothing is written when the value does not fit", () => {
    const y = zeros(3, 4);
    expect(() => y.setAt(["0:2"], ones(2, 3))).toThrow("The expanded size of the tensor (4) must match the existing size (3)");
    expect(() => y.setAt([[0, 5]], 1)).toThrow("index 5 is out of bounds for dimension 0 with size 3");
    expect(y.sum().item()).toBe(0);
  });
});
