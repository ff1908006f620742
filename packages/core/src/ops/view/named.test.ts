import { expect, test } from "vitest";
import { ones, randn, zeros } from "../../index.ts";

const image = () => randn([2, 3, 4, 5], { names: ["batch", "channel", "height", "width"] });

test("factories take names and check them", () => {
  expect(image().names).toEqual(["batch", "channel", "height", "width"]);
  expect(zeros(2, 3).names).toEqual([null, null]);
  expect(() => zeros([2, 3], { names: ["a", "a"] })).toThrow("Cannot construct a tensor with duplicate names. Got names: ['a', 'a'].");
  expect(() => zeros([2, 3], { names: ["a"] })).toThrow("Number of names (1) and number of dimensions in tensor (2) do not match.");
});

test("alignTo permutes by name, and makes new dimensions", () => {
  const x = image();
  expect(x.alignTo("channel", "batch", "height", "width").shape).toEqual([3, 2, 4, 5]);
  expect(x.alignTo("...", "batch").names).toEqual(["channel", "height", "width", "batch"]);
  expect(ones([2], { names: ["a"] }).alignTo("b", "a").shape).toEqual([1, 2]);
});

test("reductions take names and keep the others", () => {
  const x = image();
  expect(x.mean(["height", "width"]).names).toEqual(["batch", "channel"]);
  const { values, indices } = x.max("width");
  expect([values.names, indices.names]).toEqual([
    ["batch", "channel", "height"],
    ["batch", "channel", "height"],
  ]);
  expect(() => x.sum("depth")).toThrow("Name 'depth' not found in Tensor['batch', 'channel', 'height', 'width'].");
});

test("rename and refineNames", () => {
  const x = zeros([2, 3], { names: ["a", "b"] });
  expect(x.rename({ a: "c" }).names).toEqual(["c", "b"]);
  expect(x.rename(null).names).toEqual([null, null]);
  expect(zeros(2, 3).refineNames("...", "b").names).toEqual([null, "b"]);
  expect(() => x.refineNames("c", "b")).toThrow("'a' is different from 'c' at index 0");
});

test("operands with other names do not mix", () => {
  const x = zeros([2, 3], { names: ["a", "b"] });
  expect(x.add(ones(2, 3)).names).toEqual(["a", "b"]);
  expect(() => x.add(ones([2, 3], { names: ["a", "c"] }))).toThrow("do not match");
});
