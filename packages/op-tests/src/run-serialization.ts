import { join } from "node:path";
import { type Check, check, failure, type RunContext } from "./check.ts";
import { compareElements, compareValue, elementsOf, show } from "./compare.ts";
import { type Element, isRecordedTensor, readElement } from "./elements.ts";
import { isJsonObject, type Json, type JsonObject, objectField, stringField } from "./json.ts";
import {
  functionNamed,
  isEngineError,
  isTensor,
  type Library,
  MissingFeature,
  memberOf,
  methodNamed,
  sharesStorage,
  type TensorLike,
} from "./library.ts";
import { camelCase } from "./naming.ts";

/** Judges a record of `serialization`: what a file loads as, or that loading it is refused. */
export async function runSerialization({ library, directory }: RunContext, record: JsonObject): Promise<Check[]> {
  const path = join(directory, "serialization", stringField(record, "file"));
  const format = typeof record["format"] === "string" ? record["format"] : "zip";
  const kind = record["optional"] === true ? "optional" : "value";
  if (record["mustReject"] === true || record["mayLoad"] === true) {
    return [await judgeRefusal(library, path, format, record["mayLoad"] === true)];
  }
  try {
    return [check(kind, compareLoaded(await load(library, path, format), record["expect"] ?? null, format))];
  } catch (error) {
    return [failure(kind, error)];
  }
}

/** Refusing is an error of the library's own; a defect of the reader that happens to throw is not. */
async function judgeRefusal(library: Library, path: string, format: string, mayLoad: boolean): Promise<Check> {
  try {
    await load(library, path, format);
    return check("raises", mayLoad ? undefined : "was loaded, expected to be refused");
  } catch (error) {
    if (error instanceof MissingFeature) {
      return failure("raises", error);
    }
    return isEngineError(error) ? failure("raises", error) : check("raises", undefined);
  }
}

async function load(library: Library, path: string, format: string): Promise<unknown> {
  switch (format) {
    case "hdf5":
      return loadHdf5(library, path);
    case "npy":
      return readable(
        () => functionNamed(library, "io.npy.load")(path),
        () => functionNamed(library, "io.npy.load_array")(path),
      );
    case "npz":
      return functionNamed(library, "io.npy.load_npz")(path);
    default:
      return functionNamed(library, "load")(path);
  }
}

/** Opens an HDF5 file and reads all of it, since a damaged one may be noticed only then. */
async function loadHdf5(library: Library, path: string): Promise<unknown> {
  const open = functionNamed(library, "io.hdf5.open");
  const file = await open(path);
  try {
    return readGroup(file);
  } finally {
    methodNamed(file, "close")();
  }
}

interface GroupContents {
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly groups: Readonly<Record<string, unknown>>;
  readonly datasets: Readonly<Record<string, unknown>>;
}

function readGroup(group: unknown): GroupContents {
  const groups: Record<string, unknown> = {};
  const datasets: Record<string, unknown> = {};
  for (const name of methodNamed(group, "keys")() as Iterable<string>) {
    const member = methodNamed(group, "get")(name);
    if (typeof memberOf(member, "createGroup") === "function") {
      groups[name] = readGroup(member);
    } else {
      const value = readable(
        () => methodNamed(member, "at")(),
        () => methodNamed(member, "value")(),
      );
      datasets[name] = { shape: memberOf(member, "shape"), chunks: memberOf(member, "chunks"), value, attrs: readAttributes(member) };
    }
  }
  return { attrs: readAttributes(group), groups, datasets };
}

function readAttributes(owner: unknown): Record<string, unknown> {
  const attrs = memberOf(owner, "attrs");
  const names = [...(methodNamed(attrs, "keys")() as Iterable<string>)];
  return Object.fromEntries(
    names.map((name) => [
      name,
      readable(
        () => methodNamed(attrs, "get")(name),
        () => methodNamed(attrs, "value")(name),
      ),
    ]),
  );
}

/** A tensor where there is a dtype for it, else the array as the file holds it. */
function readable(asTensor: () => unknown, asArray: () => unknown): unknown {
  try {
    return asTensor();
  } catch (error) {
    if (error instanceof Error && !isEngineError(error) && /holds text|supported types|tensors lack|no tensor dtype/.test(error.message)) {
      return asArray();
    }
    throw error;
  }
}

/** Compares what was loaded, and that tensors recorded with the same storage number share one. */
function compareLoaded(actual: unknown, expected: Json, format: string): string | undefined {
  const storages = new Map<number, TensorLike>();
  return format === "zip" || format === "legacy"
    ? (compareValue(actual, expected, { rtol: 0, atol: 0, strides: true }) ?? compareStorages(actual, expected, storages))
    : compareArrays(actual, expected, "");
}

function compareStorages(actual: unknown, expected: Json, storages: Map<number, TensorLike>): string | undefined {
  if (isRecordedTensor(expected)) {
    return isTensor(actual) ? compareStorage(actual, expected.$tensor, storages) : undefined;
  }
  const children: [unknown, Json][] = [];
  if (Array.isArray(expected)) {
    const items = [...(actual as Iterable<unknown>)];
    children.push(...expected.map((item, index): [unknown, Json] => [items[index], item]));
  } else if (isJsonObject(expected)) {
    const entries = expected["$dict"] ?? expected["$odict"];
    const list = expected["$tuple"];
    if (Array.isArray(entries) && actual instanceof Map) {
      const values = [...(actual as Map<unknown, unknown>).values()];
      children.push(...(entries as [Json, Json][]).map(([, item], index): [unknown, Json] => [values[index], item]));
    } else if (Array.isArray(list)) {
      return compareStorages(actual, list, storages);
    }
  }
  return children.map(([found, wanted]) => compareStorages(found, wanted, storages)).find((mismatch) => mismatch !== undefined);
}

function compareStorage(actual: TensorLike, expected: JsonObject, storages: Map<number, TensorLike>): string | undefined {
  if (expected["parameter"] === true && actual.constructor?.name !== "Parameter") {
    return "expected a Parameter, got a plain tensor";
  }
  if (expected["requires_grad"] === true && !actual.requiresGrad) {
    return "expected requiresGrad";
  }
  const offset = typeof expected["storage_offset"] === "number" ? expected["storage_offset"] : 0;
  if (actual.storageOffset() !== offset) {
    return `expected storage offset ${offset}, got ${actual.storageOffset()}`;
  }
  if (typeof expected["storage"] !== "number") {
    return undefined;
  }
  for (const [number, other] of storages) {
    if (sharesStorage(actual, other) !== (number === expected["storage"]) && actual.numel() > 0 && other.numel() > 0) {
      return number === expected["storage"] ? "expected tensors that share a storage, got copies" : "expected separate storages, got one";
    }
  }
  storages.set(expected["storage"], actual);
  return undefined;
}

/** Compares arrays of files that are not PyTorch's: tensors, typed arrays with a shape, text, and groups of them. */
function compareArrays(actual: unknown, expected: Json, path: string): string | undefined {
  if (isJsonObject(expected) && isJsonObject(expected["$array"])) {
    const mismatch = compareArray(actual, objectField(expected, "$array"));
    return mismatch === undefined ? undefined : `${path}: ${mismatch}`;
  }
  if (isJsonObject(expected)) {
    for (const [key, value] of Object.entries(expected)) {
      const found =
        actual instanceof Map ? (actual as Map<unknown, unknown>).get(key) : (memberOf(actual, key) ?? memberOf(actual, camelCase(key)));
      const mismatch = compareArrays(found, value, `${path}/${key}`);
      if (mismatch !== undefined) {
        return mismatch;
      }
    }
    return undefined;
  }
  return compareValue(isTensor(actual) && !isRecordedTensor(expected) ? actual.tolist() : actual, expected, { rtol: 0, atol: 0 }, path);
}

function compareArray(actual: unknown, { dtype, shape, data }: JsonObject): string | undefined {
  if (!/^(u?int|float|bool|complex)/.test(String(dtype))) {
    return compareValue(actual, data ?? null, { rtol: 0, atol: 0 });
  }
  const wanted = (data as Json[]).map((element) =>
    typeof element === "string" && /^u?int/.test(String(dtype)) ? BigInt(element) : readElement(element, String(dtype)),
  );
  if (isTensor(actual)) {
    return show(actual.shape) === show(shape)
      ? compareElements(elementsOf(actual), wanted, { rtol: 0, atol: 0 })
      : `expected shape ${show(shape)}, got ${show(actual.shape)}`;
  }
  const found = memberOf(actual, "data") ?? actual;
  const items =
    typeof found === "object" && found !== null && Symbol.iterator in found
      ? [...(found as Iterable<unknown>)].flat(Number.POSITIVE_INFINITY)
      : [found];
  const booleans = dtype === "bool" ? items.map(Boolean) : items;
  return compareElements(booleans as Element[], wanted, { rtol: 0, atol: 0 });
}
