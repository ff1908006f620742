import { gapsUntouched } from "./build-tensor.ts";
import { type PreparedCall, prepareCall } from "./call-op.ts";
import { attempt, type Check, check, failure, type RunContext, toleranceOf } from "./check.ts";
import { type CompareOptions, compareStrides, compareTensor, compareValue } from "./compare.ts";
import { countOf, isRecordedTensor, type RecordedTensor, readTensor } from "./elements.ts";
import { compareFactorization } from "./factorizations.ts";
import { gradientChecks, isExtremal } from "./gradients.ts";
import { arrayField, isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import { describeError, isTensor, memberOf, sharesStorage, type TensorLike } from "./library.ts";
import { camelCase } from "./naming.ts";

/** Operators whose result depends on the memory layout of the input, so that other strides give another result. */
const layoutDependent = new Set(["as_strided", "as_strided_scatter", "stride", "is_contiguous", "new_empty_strided"]);

/** What a view says of an input it cannot be taken of; with other strides that is no mistake. */
const notViewable = /view size is not compatible|must be divisible|stride\(-1\) must be 1|has stride -?\d+/;

/** A tensor of the result with what was recorded for it. */
export interface TensorPair {
  readonly actual: unknown;
  readonly expected: RecordedTensor;
}

/** The tensors of a recorded result beside those of the actual one, in order. */
export function pairTensors(actual: unknown, expected: Json): TensorPair[] {
  if (isRecordedTensor(expected)) {
    return [{ actual, expected: readTensor(expected) }];
  }
  if (Array.isArray(expected)) {
    const iterable = typeof actual === "object" && actual !== null && Symbol.iterator in actual;
    const items = iterable ? [...(actual as Iterable<unknown>)] : [];
    return expected.flatMap((item, index) => pairTensors(items[index], item));
  }
  return [];
}

/** Judges a record of `ops` (or of `vision`, which has the same form). */
export function runOp({ library, gradcheck }: RunContext, record: JsonObject): Check[] {
  let call: PreparedCall;
  let out: unknown;
  try {
    call = prepareCall(library, record);
    out = call.run();
  } catch (error) {
    return [failure("value", error), ...unreachedGradients(record, error)];
  }
  const value = attempt("value", () => compareOutput(record, call, out));
  const pairs = pairTensors(out, record["out"] ?? null);
  const checks: Check[] = [value];
  const layout = value.passed ? layoutCheck(record, pairs) : undefined;
  if (layout !== undefined) {
    checks.push(layout);
  }
  checks.push(...gradientChecks(library, record, call, pairs, gradcheck));
  if (value.passed) {
    checks.push(...stridedCheck(library, record));
  }
  if (value.passed && !stringField(record, "op").startsWith("torchvision.")) {
    checks.push(...namedCheck(library, record), ...optionCheck(library, record));
  }
  return checks;
}

/** Gradients of a call that failed are failures too, so that shares of gradients passed stay honest. */
function unreachedGradients(record: JsonObject, error: unknown): Check[] {
  const kinds = record["grads"] === undefined ? [] : [isExtremal(record) ? ("extremalGradient" as const) : ("gradient" as const)];
  return [...kinds, ...(record["grads2"] === undefined ? [] : (["secondGradient"] as const))].map((kind) => failure(kind, error));
}

function compareOutput(record: JsonObject, call: PreparedCall, out: unknown): string | undefined {
  const expected = record["out"] ?? null;
  return (
    compareValues(record, call, out, toleranceOf(record)) ??
    compareNames(record, out) ??
    compareAliases(record, call, pairTensors(out, expected)) ??
    compareChangedInputs(record, call)
  );
}

/** Values by the record's own way of comparing. */
function compareValues(
  record: JsonObject,
  call: Pick<PreparedCall, "args" | "options">,
  out: unknown,
  options: CompareOptions,
): string | undefined {
  const expected = record["out"] ?? null;
  switch (record["compare"]) {
    case undefined:
      return compareValue(out, expected, options);
    case "shape":
    case "raw":
      return compareValue(out, expected, { ...options, shapeOnly: true });
    default:
      return compareFactorization(record, call.args[0] as TensorLike, out, options);
  }
}

/** Named fields are the same tensors as the items by position. */
function compareNames(record: JsonObject, out: unknown): string | undefined {
  const names = arrayField(record, "outNames") as string[];
  const items = names.length === 0 ? [] : [...(out as Iterable<unknown>)];
  const wrong = names.find((name, index) => {
    const field = memberOf(out, camelCase(name));
    return field === undefined || (isTensor(field) && field !== items[index]);
  });
  return wrong === undefined ? undefined : `the result has no field "${camelCase(wrong)}", or it is not the item at its position`;
}

function compareAliases(record: JsonObject, call: PreparedCall, pairs: readonly TensorPair[]): string | undefined {
  if (record["variant"] === "inplace") {
    return undefined;
  }
  const aliases = arrayField(record, "aliasOf");
  for (const [index, { actual, expected }] of pairs.entries()) {
    const alias = aliases[index] ?? null;
    const where = pairs.length === 1 ? "" : `output ${index}: `;
    if (!isTensor(actual) || countOf(expected.shape) === 0) {
      continue;
    }
    if (typeof alias === "string") {
      const input = call.tensors.get(alias);
      if (input === undefined || !sharesStorage(actual, input)) {
        return `${where}expected a view of ${alias}, got a copy`;
      }
      const offset = actual.storageOffset() - input.storageOffset();
      const strides = compareStrides(actual, expected);
      if (strides !== undefined || offset !== expected.storageOffset) {
        return `${where}${strides ?? `expected storage offset ${expected.storageOffset}, got ${offset}`}`;
      }
    } else {
      for (const [path, input] of call.tensors) {
        if (sharesStorage(actual, input)) {
          return `${where}expected a copy, got a view of ${path}`;
        }
      }
    }
  }
  return undefined;
}

function compareChangedInputs(record: JsonObject, call: PreparedCall): string | undefined {
  for (const [path, expected] of Object.entries(objectField(record, "after"))) {
    const mismatch = isRecordedTensor(expected)
      ? compareTensor(call.tensors.get(path), readTensor(expected), toleranceOf(record))
      : undefined;
    if (mismatch !== undefined) {
      return `${path} after the call: ${mismatch}`;
    }
  }
  return undefined;
}

/** Strides of results that are no views. */
function layoutCheck(record: JsonObject, pairs: readonly TensorPair[]): Check | undefined {
  const own = pairs.filter((_, index) => (arrayField(record, "aliasOf")[index] ?? null) === null);
  return own.length === 0 || record["compare"] !== undefined
    ? undefined
    : attempt("layout", () =>
        own.map(({ actual, expected }) => compareStrides(actual as TensorLike, expected)).find((mismatch) => mismatch !== undefined),
      );
}

/** The same call on inputs whose memory is spread out, and on inputs whose dimensions lie in reverse order. */
function stridedCheck(library: RunContext["library"], record: JsonObject): Check[] {
  if (
    layoutDependent.has(stringField(record, "op")) ||
    record["noncontiguous"] === true ||
    !hasLayout([record["args"] ?? [], record["kwargs"] ?? {}])
  ) {
    return [];
  }
  const details: string[] = [];
  for (const layout of ["spread", "reversed"] as const) {
    try {
      const call = prepareCall(library, record, { layout, withoutGrad: true, inPlaceOnOriginal: true });
      const out = call.run();
      const mismatch = compareValues(record, call, out, toleranceOf(record)) ?? compareChangedInputs(record, call);
      const receiver = record["variant"] === "inplace" ? call.args[0] : undefined;
      const overran = isTensor(receiver) && !gapsUntouched(receiver) ? "wrote between the elements of the tensor" : undefined;
      if (mismatch !== undefined || overran !== undefined) {
        details.push(`${layout}: ${mismatch ?? overran}`);
      }
    } catch (error) {
      if (!(error instanceof Error && notViewable.test(error.message))) {
        details.push(`${layout}: ${failure("strided", error).detail}`);
      }
    }
  }
  return [check("strided", details[0])];
}

/** The same call with its arguments passed by name. */
function namedCheck(library: RunContext["library"], record: JsonObject): Check[] {
  const names = arrayField(record, "argNames");
  const args = arrayField(record, "args");
  if (names.length < 2 || names.length !== args.length || record["variant"] === "attribute") {
    return [];
  }
  return [
    attempt("named", () => {
      const call = prepareCall(library, record, { withoutGrad: true, byName: true });
      return compareValues(record, call, call.run(), toleranceOf(record));
    }),
  ];
}

/** An option that does not exist is refused by name. */
function optionCheck(library: RunContext["library"], record: JsonObject): Check[] {
  if (record["variant"] === "attribute" || record["op"] === "getitem" || record["op"] === "setitem") {
    return [];
  }
  return [
    attempt("options", () => {
      try {
        prepareCall(library, { ...record, kwargs: { ...objectField(record, "kwargs"), no_such_option: 1 } }, { withoutGrad: true }).run();
      } catch (error) {
        return error instanceof TypeError && error.message.includes("noSuchOption") ? undefined : describeError(error);
      }
      return "an unknown option was accepted";
    }),
  ];
}

/** Whether any recorded tensor has more than one element, so that its strides can be changed. */
function hasLayout(value: Json): boolean {
  if (isRecordedTensor(value)) {
    return countOf((value.$tensor["shape"] as number[]) ?? []) > 1;
  }
  return Array.isArray(value) ? value.some(hasLayout) : isJsonObject(value) && Object.values(value).some(hasLayout);
}
