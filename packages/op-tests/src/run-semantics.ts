import { attempt, type Check, check, failure, type RunContext } from "./check.ts";
import { compareValue, show } from "./compare.ts";
import { Decoder } from "./decode.ts";
import { isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { functionNamed, isTensor, type Library, memberOf, methodNamed, sharesStorage, type TensorLike } from "./library.ts";
import { camelCase } from "./naming.ts";
import { Program } from "./program.ts";
import { judgeError } from "./run-op-error.ts";
import { runProgram } from "./run-program.ts";

/** Judges a record of `semantics`: promotion, broadcasting, views, or a program. */
export function runSemantics(context: RunContext, record: JsonObject): Check[] {
  const { library } = context;
  switch (record["kind"]) {
    case undefined:
      return runProgram(context, record);
    case "view":
      return judgeView(library, record);
    default:
      return judgeResult(record, () => evaluate(library, record));
  }
}

/** A result that is a dtype, a shape, shape and strides, or true/false; or an error. */
function judgeResult(record: JsonObject, act: () => unknown): Check[] {
  if (record["error"] !== undefined) {
    return judgeError(objectField(record, "error"), act);
  }
  return [attempt("value", () => compareValue(act(), record["out"] ?? null, { rtol: 0, atol: 0 }))];
}

function evaluate(library: Library, record: JsonObject): unknown {
  const ones = (shape: Json, dtype: Json = "float32"): TensorLike => functionNamed(library, "ones")(shape, { dtype }) as TensorLike;
  const decoder = new Decoder(library, { markFloats: true });
  const [first, second] = Array.isArray(record["shapes"]) ? record["shapes"] : [];
  switch (record["kind"]) {
    case "promote_types":
    case "can_cast":
      return functionNamed(library, stringField(record, "kind"))(...(decoder.decode(record["args"] ?? []) as unknown[]));
    case "result_type":
      return functionNamed(library, "result_type")(operand(objectField(record, "a")), operand(objectField(record, "b")));
    case "result_dtype":
      return dtypeOfResult();
    case "inplace_dtype": {
      const [self, other] = record["in"] as [Json, Json];
      return dtypeOf(methodNamed(ones([2], self), stringField(record, "op"))(ones([2], other)));
    }
    case "broadcast":
      return memberOf(methodNamed(ones(first ?? []), "add")(ones(second ?? [])), "shape");
    case "matmul_shape":
      return memberOf(functionNamed(library, "matmul")(ones(first ?? []), ones(second ?? [])), "shape");
    case "inplace_broadcast":
      return memberOf(methodNamed(ones(first ?? []), stringField(record, "op"))(ones(second ?? [])), "shape");
    case "expand": {
      const view = methodNamed(ones(record["shape"] ?? []), "expand")(record["size"]) as TensorLike;
      return { shape: view.shape, stride: view.stride() };
    }
    default:
      throw new Error(`records hold an unknown kind ${String(record["kind"])}`);
  }

  function operand(description: JsonObject): unknown {
    if (description["scalar"] !== undefined) {
      return decoder.decode(description["value"] ?? null);
    }
    return ones(new Array<number>(Number(description["dim"])).fill(1), description["dtype"] ?? "float32");
  }

  function dtypeOfResult(): unknown {
    const op = stringField(record, "op");
    const extra = Array.isArray(record["args"]) ? record["args"] : [];
    const inputs = Array.isArray(record["in"]) ? record["in"] : [record["in"] ?? null];
    const tensors = inputs.map((dtype, index) =>
      record["scalar"] !== undefined && index > 0 ? decoder.decode(record["scalar"]) : ones([2], dtype),
    );
    const operands = op === "where" ? [ones([2], "bool"), ...tensors] : tensors;
    return dtypeOf(functionNamed(library, op)(...operands, ...extra));
  }
}

/** The dtype of a tensor, or of the first of several. */
function dtypeOf(result: unknown): unknown {
  return isTensor(result) ? result.dtype : memberOf([...(result as Iterable<unknown>)][0], "dtype");
}

/** Shape, strides and offset of `y`, and whether it shares the storage of `x`. */
function judgeView(library: Library, record: JsonObject): Check[] {
  const program = new Program(library);
  const steps = Array.isArray(record["steps"]) ? record["steps"] : [];
  try {
    program.run(steps.slice(0, -1));
    const x = program.variables.get("x") as TensorLike;
    if (record["error"] !== undefined) {
      return judgeError(objectField(record, "error"), () => program.run(steps.slice(-1)));
    }
    const before = compareLayout(x, objectField(record, "input"), "x");
    // An operator may give x other memory (`resize_`), so this is taken before the last statement.
    const memory = x.detach();
    program.run(steps.slice(-1));
    const y = program.variables.get("y");
    return [check("value", before ?? compareViewed(x, memory, y, record))];
  } catch (error) {
    return record["error"] === undefined ? [failure("value", error)] : [failure("raises", error), failure("text", error)];
  }
}

function compareViewed(x: TensorLike, memory: TensorLike, result: unknown, record: JsonObject): string | undefined {
  const expected = record["y"] ?? null;
  const outputs = Array.isArray(expected) ? expected : [expected];
  const actual = isTensor(result) ? [result] : [...(result as Iterable<unknown>)];
  if (actual.length !== outputs.length) {
    return `expected ${outputs.length} results, got ${actual.length}`;
  }
  for (const [index, item] of outputs.entries()) {
    const mismatch = compareLayout(actual[index], isJsonObject(item) ? item : {}, outputs.length === 1 ? "y" : `y[${index}]`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  const y = actual[0];
  if (
    typeof record["sharesStorage"] === "boolean" &&
    isTensor(y) &&
    y.numel() > 0 &&
    sharesStorage(memory, y) !== record["sharesStorage"]
  ) {
    return record["sharesStorage"] ? "y is a copy of x, expected a view" : "y is a view of x, expected a copy";
  }
  return typeof record["sameObject"] === "boolean" && (x === y) !== record["sameObject"]
    ? `y ${record["sameObject"] ? "is not" : "is"} x itself`
    : undefined;
}

function compareLayout(tensor: unknown, expected: JsonObject, name: string): string | undefined {
  if (!isTensor(tensor)) {
    return `${name} is no tensor but ${show(tensor)}`;
  }
  const facts: Readonly<Record<string, () => unknown>> = {
    dtype: () => tensor.dtype,
    shape: () => [...tensor.shape],
    stride: () => [...tensor.stride()],
    storage_offset: () => tensor.storageOffset(),
    is_contiguous: () => methodNamed(tensor, "is_contiguous")(),
  };
  for (const [key, value] of Object.entries(expected)) {
    const fact = facts[key];
    const mismatch = fact === undefined ? undefined : compareValue(fact(), value, { rtol: 0, atol: 0 }, `${camelCase(key)} of ${name}`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}
