import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import "@bluedot/autograd";
import { Tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { isTuple, loadBytes, type NpyArray, parseNpy, parseNpz, UnpicklingError } from "./bytes.ts";

const probed = fileURLToPath(new URL("../../../../shared/conformance/serialization/", import.meta.url));
const folder = process.env["BLUEDOT_CONFORMANCE"] ? `${process.env["BLUEDOT_CONFORMANCE"]}/serialization/` : probed;

interface Entry {
  file: string;
  format?: string;
  expect?: unknown;
  mustReject?: boolean;
  mayLoad?: boolean;
  why?: string;
}

const records = (name: string): Entry[] =>
  gunzipSync(readFileSync(`${folder}${name}.jsonl.gz`))
    .toString("utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);

const read = (file: string): Uint8Array => readFileSync(`${folder}${file}`);

/** Numbers as records write them: non-finite and big ones as strings. */
function scalar(value: unknown): unknown {
  if (typeof value === "bigint") return value >= -(2n ** 53n) && value <= 2n ** 53n ? Number(value) : String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

const flatten = (nested: unknown): unknown[] => (Array.isArray(nested) ? nested.flatMap(flatten) : [nested]);

/** A loaded value in the form of the records. */
class Encoder {
  private readonly storages = new Map<unknown, number>();

  encode(value: unknown): unknown {
    if (value instanceof Tensor) {
      const nested: unknown = value.detach().tolist();
      const data = flatten(nested).map(scalar);
      const parameterless = { dtype: value.dtype, shape: [...value.shape], data };
      if (value.numel() === 0) return { $tensor: parameterless };
      if (!this.storages.has(value.storage)) this.storages.set(value.storage, this.storages.size);
      return {
        $tensor: {
          ...parameterless,
          storage: this.storages.get(value.storage),
          ...(value.storageOffset() === 0 ? {} : { storage_offset: value.storageOffset() }),
          ...(value.isContiguous() ? {} : { stride: [...value.stride()] }),
          ...(value.requiresGrad ? { requires_grad: true } : {}),
        },
      };
    }
    if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("hex") };
    if (value instanceof Map) return { $dict: [...value].map(([key, item]) => [this.encode(key), this.encode(item)]) };
    if (Array.isArray(value))
      return isTuple(value) ? { $tuple: value.map((item) => this.encode(item)) } : value.map((item) => this.encode(item));
    return scalar(value);
  }
}

/** The records' form without what JavaScript does not tell apart. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== "object" || value === null) return value;
  const [[tag, content]] = Object.entries(value) as [[string, unknown]];
  switch (tag) {
    case "$tensor": {
      const { parameter: _, data, ...rest } = content as { parameter?: boolean; dtype: string; data: unknown[] };
      return {
        $tensor: {
          ...rest,
          data: rest.dtype === "float32" ? data.map((value) => (typeof value === "number" ? Math.fround(value) : value)) : data,
        },
      };
    }
    case "$int":
      return content;
    case "$float":
      return content;
    case "$dtype":
      return content;
    case "$size":
      return { $tuple: content };
    case "$odict":
      return { $dict: (content as unknown[]).map(normalise) };
    default:
      return { [tag]: normalise(content) };
  }
}

function encodeArray({ dtype, shape, data, fortranOrder }: NpyArray): unknown {
  let values = [...(data as Iterable<unknown>)];
  if (fortranOrder && shape.length === 2) {
    const [rows, columns] = shape as [number, number];
    values = values.map((_, i) => values[(i % columns) * rows + Math.floor(i / columns)]);
  }
  return { $array: { dtype, shape, data: values.map((value) => (dtype === "bool" ? value === 1 : scalar(value))) } };
}

describe.skipIf(!existsSync(folder))("recorded files", () => {
  it.each(existsSync(folder) ? records("torch_save").map((entry) => [entry.file, entry] as const) : [])("%s", (_, entry) => {
    expect(new Encoder().encode(loadBytes(read(entry.file)))).toEqual(normalise(entry.expect));
  });

  it.each(existsSync(folder) ? records("malicious").map((entry) => [entry.why, entry] as const) : [])(
    "refuses or survives: %s",
    (_, entry) => {
      const before = process.memoryUsage().arrayBuffers;
      // Processor time: the machine may have others to serve.
      const start = process.cpuUsage();
      const attempt = () => loadBytes(read(entry.file));
      if (entry.mustReject) expect(attempt).toThrow(UnpicklingError);
      else {
        try {
          attempt();
        } catch (error) {
          expect(error).toBeInstanceOf(UnpicklingError);
        }
      }
      const { user, system } = process.cpuUsage(start);
      expect((user + system) / 1e3).toBeLessThan(2000);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(200e6);
      expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
    },
  );

  it.each(existsSync(folder) ? records("npy").map((entry) => [entry.file, entry] as const) : [])("%s", (_, entry) => {
    const bytes = read(entry.file);
    const found =
      entry.format === "npz"
        ? Object.fromEntries([...parseNpz(bytes)].map(([name, array]) => [name, encodeArray(array)]))
        : encodeArray(parseNpy(bytes));
    expect(found).toEqual(entry.expect);
  });

  it.each(existsSync(folder) ? records("npy_bad").map((entry) => [entry.why, entry] as const) : [])("refuses %s", (_, entry) => {
    expect(() => parseNpy(read(entry.file))).toThrow(UnpicklingError);
  });
});
