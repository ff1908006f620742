import { contiguousStrides, type Element, isRecordedTensor, type RecordedTensor, readTensor, roundTo } from "./elements.ts";
import { isJsonObject, type Json } from "./json.ts";
import { isTensor, memberOf, type TensorLike } from "./library.ts";
import { camelCase } from "./naming.ts";

/** How close is close enough: `|actual - expected| <= atol + rtol * |expected|`. */
export interface Tolerance {
  readonly rtol: number;
  readonly atol: number;
}

/** What to compare beyond values, dtype and shape. */
export interface CompareOptions extends Tolerance {
  /** Also compare strides. */
  readonly strides?: boolean;
  /** Compare dtype and shape only, as for uninitialised memory. */
  readonly shapeOnly?: boolean;
  /** A number in place of a tensor of no dimensions (or the reverse) is accepted. */
  readonly looseScalars?: boolean;
}

/** The elements of a tensor in row-major order; complex ones as re, im pairs. */
export function elementsOf(tensor: TensorLike): Element[] {
  const flat: Element[] = [];
  const complex = tensor.dtype.startsWith("complex");
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (complex) {
      const { re, im } = value as { re: number; im: number };
      flat.push(re, im);
    } else {
      flat.push(value as Element);
    }
  };
  visit(tensor.tolist());
  return flat;
}

/** Whether two elements agree. NaN agrees with NaN, an infinity only with itself. */
export function elementsAgree(actual: Element, expected: Element, { rtol, atol }: Tolerance): boolean {
  if (typeof actual === "boolean" || typeof expected === "boolean") {
    return actual === expected;
  }
  if (typeof actual === "bigint" || typeof expected === "bigint") {
    return Number.isInteger(Number(actual)) && BigInt(actual) === BigInt(expected);
  }
  if (Number.isNaN(actual) || Number.isNaN(expected)) {
    return Number.isNaN(actual) && Number.isNaN(expected);
  }
  return actual === expected || (Number.isFinite(expected) && Math.abs(actual - expected) <= atol + rtol * Math.abs(expected));
}

/** The first disagreement of two runs of elements, or undefined. */
export function compareElements(actual: readonly Element[], expected: readonly Element[], tolerance: Tolerance): string | undefined {
  if (actual.length !== expected.length) {
    return `${expected.length} elements expected, got ${actual.length}`;
  }
  let wrong = 0;
  let first = -1;
  for (let k = 0; k < expected.length; k++) {
    if (!elementsAgree(actual[k] as Element, expected[k] as Element, tolerance)) {
      wrong += 1;
      first = first < 0 ? k : first;
    }
  }
  return wrong === 0
    ? undefined
    : `${wrong} of ${expected.length} elements differ, first at ${first}: expected ${show(expected[first])}, got ${show(actual[first])}`;
}

/** Compares a tensor with a recorded one; the first disagreement, or undefined. */
export function compareTensor(actual: unknown, expected: RecordedTensor, options: CompareOptions): string | undefined {
  if (!isTensor(actual)) {
    if (options.looseScalars && expected.shape.length === 0) {
      return compareElements([unwrap(actual) as Element], expected.data, options);
    }
    return `expected a tensor ${nameOf(expected)}, got ${show(actual)}`;
  }
  const found = nameOf(actual);
  if (
    actual.dtype !== expected.dtype ||
    actual.shape.length !== expected.shape.length ||
    actual.shape.some((size, dim) => size !== expected.shape[dim])
  ) {
    return `expected ${nameOf(expected)}, got ${found}`;
  }
  if (options.strides) {
    const mismatch = compareStrides(actual, expected);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  if (expected.names !== undefined && show(actual.names) !== show(expected.names)) {
    return `expected names ${show(expected.names)}, got ${show(actual.names)}`;
  }
  if (options.shapeOnly) {
    return undefined;
  }
  const mismatch = compareElements(elementsOf(actual), expected.data, options);
  return mismatch === undefined ? undefined : `${found}: ${mismatch}`;
}

/** Compares strides; a recorded tensor without strides is contiguous, where dimensions of size 1 may have any. */
export function compareStrides(actual: TensorLike, expected: RecordedTensor): string | undefined {
  const strides = actual.stride();
  const wanted = expected.stride ?? contiguousStrides(expected.shape);
  const empty = expected.shape.includes(0);
  const differs = wanted.some(
    (step, dim) => step !== strides[dim] && (expected.stride !== undefined || (expected.shape[dim] !== 1 && !empty)),
  );
  return differs ? `expected strides [${wanted.join(", ")}], got [${strides.join(", ")}]` : undefined;
}

/** `dtype[shape]` of a tensor. */
export function nameOf({ dtype, shape }: Pick<TensorLike, "dtype" | "shape">): string {
  return `${dtype}[${shape.join(", ")}]`;
}

/** A number marked as floating point, or any other value, as plain JavaScript has it. */
export function unwrap(value: unknown): unknown {
  return typeof value === "object" &&
    value !== null &&
    !isTensor(value) &&
    typeof (value as { value?: unknown }).value === "number" &&
    value.constructor?.name === "FloatScalar"
    ? (value as { value: number }).value
    : value;
}

/** Compares any result with its recorded value; the first disagreement with where it is, or undefined. */
export function compareValue(actual: unknown, expected: Json, options: CompareOptions, path = ""): string | undefined {
  const at = (mismatch: string | undefined): string | undefined =>
    mismatch === undefined || path === "" ? mismatch : `${path}: ${mismatch}`;
  if (expected === null) {
    return at(actual === null || actual === undefined ? undefined : `expected null, got ${show(actual)}`);
  }
  if (isRecordedTensor(expected)) {
    return at(compareTensor(actual, readTensor(expected), options));
  }
  if (Array.isArray(expected)) {
    return compareList(actual, expected, options, path);
  }
  if (isJsonObject(expected)) {
    return compareTagged(actual, expected, options, path);
  }
  if (typeof expected === "string") {
    return at(String(actual) === expected && !isTensor(actual) ? undefined : `expected ${show(expected)}, got ${show(actual)}`);
  }
  return at(compareScalar(actual, expected, options));
}

function compareScalar(actual: unknown, expected: Element, options: CompareOptions): string | undefined {
  let value = unwrap(actual);
  if (isTensor(value)) {
    if (!(options.looseScalars && value.numel() === 1)) {
      return `expected ${show(expected)}, got a tensor ${nameOf(value)}`;
    }
    value = elementsOf(value)[0];
  }
  const sameKind =
    typeof value === typeof expected ||
    (typeof value === "bigint" && typeof expected === "number") ||
    (typeof value === "number" && typeof expected === "bigint");
  return sameKind && elementsAgree(value as Element, expected, options) ? undefined : `expected ${show(expected)}, got ${show(actual)}`;
}

function compareList(actual: unknown, expected: readonly Json[], options: CompareOptions, path: string): string | undefined {
  const prefix = path === "" ? "" : `${path}: `;
  if (isTensor(actual) || typeof actual === "string" || typeof memberOf(actual, Symbol.iterator as unknown as string) !== "function") {
    return `${prefix}expected a list of ${expected.length}, got ${show(actual)}`;
  }
  const items = [...(actual as Iterable<unknown>)];
  if (items.length !== expected.length) {
    return `${prefix}expected a list of ${expected.length}, got ${items.length} items`;
  }
  for (const [index, item] of expected.entries()) {
    const mismatch = compareValue(items[index], item, options, `${path}[${index}]`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

function compareTagged(actual: unknown, expected: { [key: string]: Json }, options: CompareOptions, path: string): string | undefined {
  const prefix = path === "" ? "" : `${path}: `;
  const [tag, content] = Object.entries(expected)[0] ?? [];
  switch (tag) {
    case "$float":
      return compareValue(actual, readFloat(content as Json), options, path);
    case "$int": {
      const mismatch = compareScalar(actual, BigInt(content as string), options);
      return mismatch === undefined ? undefined : prefix + mismatch;
    }
    case "$complex": {
      const [re, im] = content as [Json, Json];
      return (
        compareValue(memberOf(actual, "re"), re, options, `${path}.re`) ?? compareValue(memberOf(actual, "im"), im, options, `${path}.im`)
      );
    }
    case "$dtype":
    case "$device":
    case "$memory_format":
    case "$layout":
      return compareValue(typeof actual === "string" ? actual : String(actual), content as Json, options, path);
    case "$tuple":
    case "$size":
      return compareList(actual, content as Json[], options, path);
    case "$set":
      return compareList(actual instanceof Set ? [...actual].sort() : actual, content as Json[], options, path);
    case "$bytes": {
      const bytes = actual instanceof Uint8Array ? Buffer.from(actual).toString("hex") : undefined;
      return bytes === content ? undefined : `${prefix}expected bytes ${String(content)}, got ${bytes ?? show(actual)}`;
    }
    case "$dict":
    case "$odict":
      return compareEntries(actual, content as [Json, Json][], options, path);
    default:
      return compareEntries(actual, Object.entries(expected), options, path);
  }
}

/** Compares a Map, or the properties of an object (under PyTorch's name or its camelCase form), in order where there is one. */
function compareEntries(actual: unknown, expected: readonly [Json, Json][], options: CompareOptions, path: string): string | undefined {
  const prefix = path === "" ? "" : `${path}: `;
  if (typeof actual !== "object" || actual === null || isTensor(actual)) {
    return `${prefix}expected a mapping, got ${show(actual)}`;
  }
  const map = actual instanceof Map ? (actual as Map<unknown, unknown>) : undefined;
  if (map !== undefined) {
    const keys = [...map.keys()].map((key) => String(unwrap(key)));
    const wanted = expected.map(([key]) => String(plainKey(key)));
    if (keys.join("\n") !== wanted.join("\n")) {
      return `${prefix}expected keys ${show(wanted)}, got ${show(keys)}`;
    }
  }
  const values = map === undefined ? undefined : [...map.values()];
  for (const [index, [key, value]] of expected.entries()) {
    const name = String(plainKey(key));
    const found = values === undefined ? (memberOf(actual, name) ?? memberOf(actual, camelCase(name))) : values[index];
    const mismatch = compareValue(found, value, options, `${path}.${name}`);
    if (mismatch !== undefined) {
      return mismatch;
    }
  }
  return undefined;
}

function plainKey(key: Json): Json {
  if (isJsonObject(key)) {
    return (key["$float"] ?? key["$int"] ?? key["$tuple"] ?? key) as Json;
  }
  return key;
}

/** The number in `{ "$float": ... }`. */
export function readFloat(content: Json): number {
  return typeof content === "string" ? Number(content) : (content as number);
}

/** Whether a recorded number equals `actual` after rounding to the tensor's dtype; used for losses read back with `item()`. */
export function closeNumber(actual: number, expected: number, tolerance: Tolerance, dtype: string): boolean {
  return elementsAgree(actual, roundTo(dtype, expected), tolerance);
}

/** A short rendering of any value, for messages. */
export function show(value: unknown): string {
  if (isTensor(value)) {
    return `tensor ${nameOf(value)}`;
  }
  if (typeof value === "bigint") {
    return `${value}n`;
  }
  if (typeof value === "number") {
    return Object.is(value, -0) ? "-0" : String(value);
  }
  if (Array.isArray(value)) {
    return `[${value.slice(0, 12).map(show).join(", ")}${value.length > 12 ? ", ..." : ""}]`;
  }
  if (value instanceof Map) {
    return `Map(${value.size})`;
  }
  if (typeof value === "object" && value !== null) {
    const name = value.constructor?.name;
    return name === undefined || name === "Object" ? `{${Object.keys(value).slice(0, 8).join(", ")}}` : `a ${name}`;
  }
  return typeof value === "function" ? `function ${value.name}` : (JSON.stringify(value) ?? String(value));
}
