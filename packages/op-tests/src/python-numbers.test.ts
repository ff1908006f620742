import { describe, expect, it } from "vitest";
import { dtypeOfPythonData, withPythonNumbers } from "./python-numbers.ts";

describe("dtypeOfPythonData", () => {
  it.each([
    [[1, [2, 3]], "int64"],
    [7, "int64"],
    [[true, 1], "int64"],
    [[1, 2.5], undefined],
    [[{ $float: 1 }, 2], undefined],
    [[true, false], undefined],
    [[], undefined],
    [["a"], undefined],
  ])("of %o is %s", (data, expected) => {
    expect(dtypeOfPythonData(data as never)).toBe(expected);
  });
});

describe("withPythonNumbers", () => {
  it("asks for int64 where Python would infer it", () => {
    expect(withPythonNumbers("torch.tensor", [[1, 2]], {})).toEqual({ args: [[1, 2]], kwargs: { dtype: { $dtype: "int64" } } });
    expect(withPythonNumbers("tensor", [[1, 2]], { dtype: { $dtype: "float32" } }).kwargs).toEqual({ dtype: { $dtype: "float32" } });
    expect(withPythonNumbers("full", [[2, 3], 7], {}).args).toEqual([[2, 3], { $int: "7" }]);
    expect(withPythonNumbers("full", [[2, 3], { $float: 7 }], {}).args).toEqual([[2, 3], { $float: 7 }]);
    expect(withPythonNumbers("add", [1, 2], {})).toEqual({ args: [1, 2], kwargs: {} });
  });
});
