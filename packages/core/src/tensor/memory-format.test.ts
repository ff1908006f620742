import { expect, test } from "vitest";
import { arange, zeros, zerosLike } from "../index.ts";

const x = arange(24).view(1, 2, 3, 4);

test("channels last puts channels side by side", () => {
  const y = x.contiguous({ memoryFormat: "channels_last" });
  expect(y.stride()).toEqual([24, 1, 8, 2]);
  expect(y.tolist()).toEqual(x.tolist());
  expect([y.isContiguous(), y.isContiguous({ memoryFormat: "channels_last" })]).toEqual([false, true]);
  expect(() => zeros(2).contiguous({ memoryFormat: "channels_last" })).toThrow("required rank 4 tensor to use channels_last format");
});

test("elementwise results, copies and zerosLike lie as their operand does", () => {
  const t = arange(6).view(2, 3).t();
  for (const y of [t.add(1), t.clone(), t.float(), zerosLike(t), t.add(t)]) expect(y.stride()).toEqual([1, 3]);
  expect(t.contiguous().stride()).toEqual([2, 1]);
  expect(t.add(1).tolist()).toEqual([
    [1, 4],
    [2, 5],
    [3, 6],
  ]);
});
