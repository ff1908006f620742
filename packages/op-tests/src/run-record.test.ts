import { beforeAll, describe, expect, it } from "vitest";
import type { Check, CheckKind, RunContext } from "./check.ts";
import type { Json, JsonObject } from "./json.ts";
import { loadLibrary } from "./library.ts";
import { describeRecord, runRecord } from "./run-record.ts";

let context: RunContext;
beforeAll(async () => {
  context = { library: await loadLibrary(), directory: "", gradcheck: false };
});

const tensor = (shape: number[], data: Json[], more: JsonObject = {}): JsonObject => ({
  $tensor: { dtype: "float64", shape, ...more, data },
});

const judge = (folder: string, record: JsonObject): Promise<Check[]> => runRecord(context, folder, record);

/** The kinds of check that failed. */
async function failing(folder: string, record: JsonObject): Promise<CheckKind[]> {
  return (await judge(folder, record)).filter(({ passed, kind }) => !passed && kind !== "options").map(({ kind }) => kind);
}

/** d/dx and d/dy of sum(w * (x * y)) with w = [-0.79, -0.05] */
const product: JsonObject = {
  op: "mul",
  variant: "function",
  dtype: "float64",
  args: [tensor([2], [2, 3], { requires_grad: true }), tensor([2], [5, 7], { requires_grad: true })],
  kwargs: {},
  argNames: ["input", "other"],
  out: tensor([2], [10, 21]),
  grads: [tensor([2], [-0.79 * 5, -0.05 * 7]), tensor([2], [-0.79 * 2, -0.05 * 3])],
  rtol: 1e-9,
  atol: 1e-11,
  sample: "by hand",
};

describe("a record of an operator", () => {
  it("passes in all forms", async () => {
    const checks = await judge("ops", product);
    expect(checks.map(({ kind }) => kind)).toEqual(["value", "layout", "gradient", "strided", "named", "options"]);
    expect(await failing("ops", product)).toEqual([]);
    expect(await failing("ops", { ...product, variant: "method" })).toEqual([]);
    expect(await failing("ops", { ...product, variant: "inplace" })).toEqual([]);
  });

  it.each<[string, Partial<Record<string, Json>>, CheckKind[]]>([
    ["another value", { out: tensor([2], [10, 21.5]) }, ["value"]],
    ["another dtype", { out: { $tensor: { dtype: "float32", shape: [2], data: [10, 21] } } }, ["value"]],
    ["another shape", { out: tensor([2, 1], [10, 21]) }, ["value"]],
    ["several results", { out: [tensor([2], [10, 21]), tensor([2], [10, 21])] }, ["value", "gradient"]],
    ["a view", { aliasOf: ["args.0"] }, ["value"]],
    ["a changed input", { after: { "args.0": tensor([2], [0, 0]) } }, ["value"]],
    ["other gradients", { grads: [tensor([2], [-3.95, -0.35]), tensor([2], [-1.58, 0.15])] }, ["gradient"]],
    ["no gradient", { grads: [tensor([2], [-3.95, -0.35]), null] }, ["gradient"]],
    ["other strides", { out: tensor([2], [10, 21], { stride: [2] }) }, ["layout"]],
    ["an operator that is missing", { op: "no_such_operator" }, ["value", "gradient"]],
    [
      "an unknown option",
      { op: "sum", args: [tensor([2], [2, 3], { requires_grad: true })], kwargs: { nonsense: 1 } },
      ["value", "gradient"],
    ],
    ["other names of arguments", { argNames: ["input", "another"] }, ["named"]],
  ])("fails for %s", async (_, change, kinds) => {
    expect(await failing("ops", { ...product, ...change } as JsonObject)).toEqual(kinds);
  });

  it("fails when an error is expected and none comes, or another text", async () => {
    const error = {
      type: "RuntimeError",
      message: "The size of tensor a (2) must match the size of tensor b (3) at non-singleton dimension 0",
    };
    const mistake = { ...product, args: [tensor([2], [1, 2]), tensor([3], [1, 2, 3])], error };
    expect(await failing("op_errors", mistake)).toEqual([]);
    expect(await failing("op_errors", { ...mistake, error: { ...error, message: "something else" } })).toEqual(["text"]);
    expect(await failing("op_errors", { ...product, error })).toEqual(["raises", "text"]);
    expect(await failing("op_errors", { ...mistake, op: "no_such_operator" })).toEqual(["raises", "text"]);
  });

  it("is described by its call", () => {
    expect(describeRecord(product)).toBe("mul(float64[2], float64[2]) function float64 by hand");
  });
});

describe("a program", () => {
  const program = (observed: Json): JsonObject => ({
    steps: [
      { set: "x", expr: { $call: "torch.tensor", args: [[1, 2, 3]], kwargs: {} } },
      { set: "y", expr: { $op: "-", args: [2, { $op: "*", args: [{ $var: "x" }, { $float: 2 }] }] } },
      { aug: "+=", on: { $var: "y" }, value: 1 },
      { set: "n", expr: { $builtin: "len", args: [{ $var: "y" }] } },
    ],
    observe: { y: { $tensor: { dtype: "float32", shape: [3], data: [1, -1, -3] } }, n: observed },
    rtol: 0,
    atol: 0,
  });

  it("passes when the observed variables agree, and fails when one does not", async () => {
    expect(await judge("semantics", program(3))).toEqual([{ kind: "value", passed: true }]);
    expect(await judge("semantics", program(4))).toEqual([{ kind: "value", passed: false, detail: "n: expected 4, got 3" }]);
  });

  it("fails when an earlier statement raises instead of the last", async () => {
    const boom = { do: { $method: "view", on: { $call: "torch.ones", args: [3], kwargs: {} }, args: [2], kwargs: {} } };
    const error = { type: "RuntimeError", message: "shape '[2]' is invalid for input of size 3" };
    expect(await failing("semantics", { steps: [boom], error })).toEqual([]);
    expect(await failing("semantics", { steps: [boom, { do: 1 }], error })).toEqual(["raises", "text"]);
  });
});

describe("printing", () => {
  it("compares the exact text", async () => {
    expect(await failing("printing", { tensor: tensor([2], [1, 2]), repr: "tensor([1., 2.], dtype=torch.float64)" })).toEqual([]);
    expect(await failing("printing", { tensor: tensor([2], [1, 2]), repr: "tensor([1., 2.])" })).toEqual(["text"]);
  });
});
