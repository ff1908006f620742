import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import "@bluedot/autograd";
import { asStrided, type DType, fromTypedArray, manualSeed, Tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { Image, ops, transforms, utils } from "./index.ts";

const folder = `${process.env["BLUEDOT_CONFORMANCE"] ?? fileURLToPath(new URL("../../../../shared/conformance", import.meta.url))}/vision/`;

type Json = null | number | boolean | string | Json[] | { [key: string]: Json };
interface TensorJson {
  dtype: DType;
  shape: number[];
  stride?: number[];
  data: (number | boolean | string)[];
  requires_grad?: boolean;
}
interface Entry {
  op: string;
  args: Json[];
  kwargs: Record<string, Json>;
  out: Json;
  outs: Json[];
  grads?: Json[];
  rtol: number;
  atol: number;
  error?: { message: string };
  aliasOf?: (string | null)[];
  transform?: string;
  manual_seed?: number;
  input?: Json;
  mode?: string;
  size?: number[];
  bytes?: number[];
  hwc?: TensorJson;
}

const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());

function toTensor({ dtype, shape, stride, data, requires_grad }: TensorJson): Tensor {
  const numbers = data.map(Number);
  const make = (values: number[], size: number[]) =>
    dtype === "int64"
      ? fromTypedArray(BigInt64Array.from(values, BigInt), size)
      : fromTypedArray(Float64Array.from(values), size).to(dtype);
  let tensor = make(numbers, shape);
  if (stride !== undefined) {
    const length = 1 + shape.reduce((sum, size, d) => sum + (size - 1) * stride[d]!, 0);
    const strided = asStrided(make(new Array<number>(length).fill(0), [length]), shape, stride);
    tensor = strided.copy_(tensor);
  }
  if (requires_grad) tensor.requiresGrad = true;
  return tensor;
}

function decode(value: Json): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value !== "object" || value === null) return value;
  if ("$tensor" in value) return toTensor(value["$tensor"] as unknown as TensorJson);
  if ("$float" in value) return Number(value["$float"]);
  if ("$dtype" in value) return value["$dtype"];
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [camel(key), decode(item)]));
}

function compare(actual: unknown, expected: Json, rtol: number, atol: number): void {
  if (Array.isArray(expected)) {
    expect((actual as unknown[]).length).toBe(expected.length);
    expected.forEach((item, i) => {
      compare((actual as unknown[])[i], item, rtol, atol);
    });
    return;
  }
  const { dtype, shape, data } = (expected as unknown as { $tensor: TensorJson }).$tensor;
  const tensor = actual as Tensor;
  expect([tensor.dtype, [...tensor.shape]]).toEqual([dtype, shape]);
  const flat = [tensor.detach().tolist()].flat(9).map(Number);
  for (const [i, value] of data.entries()) {
    const want = Number(value);
    const close = Object.is(want, flat[i]) || Math.abs(flat[i]! - want) <= atol + rtol * Math.abs(want);
    if (!close) expect(flat, `element ${i}`).toEqual(data.map(Number));
  }
}

/** The weights by which records reduce outputs to one number, see the README of the records. */
function weights(like: Tensor, j: number): Tensor {
  const values = Float64Array.from({ length: like.numel() }, (_, k) => (2 * ((37 * (k + 17 * j) + 11) % 101) - 101) / 100);
  return fromTypedArray(values, [...like.shape]).to(like.dtype);
}

const functions: Record<string, unknown> = { ...transforms.functional, ...ops, ...utils };

function call(entry: Entry): { result: unknown; args: unknown[] } {
  const run = functions[camel(entry.op.split(".").at(-1)!)] as (...args: unknown[]) => unknown;
  expect(run, entry.op).toBeTypeOf("function");
  const args = entry.args.map(decode);
  const options = decode(entry.kwargs) as object;
  return { args, result: Object.keys(options).length > 0 ? run(...args, options) : run(...args) };
}

const files = existsSync(folder) ? readdirSync(folder).filter((name) => name !== "models.jsonl.gz") : [];

describe.skipIf(!existsSync(folder)).each(files)("%s", (file) => {
  const entries = gunzipSync(readFileSync(folder + file))
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Entry);
  it.each(entries.map((entry, i) => [i, entry] as const))("record %i", (_, entry) => {
    if (entry.error !== undefined) {
      expect(() => call(entry)).toThrow(entry.error.message);
      return;
    }
    if (entry.transform !== undefined) {
      const { p, size, ...rest } = decode(entry.kwargs) as { p?: number; size?: number };
      const make = transforms[entry.transform as "RandomCrop"] as unknown as new (...args: unknown[]) => (input: unknown) => unknown;
      const transform = new make(...(size === undefined ? [] : [size]), { ...rest, ...(p === undefined ? {} : { p }) });
      manualSeed(entry.manual_seed!);
      for (const expected of entry.outs) compare(transform(decode(entry.input!)), expected, entry.rtol, entry.atol);
      return;
    }
    if (entry.hwc !== undefined) {
      compare(transforms.functional.toTensor(toTensor(entry.hwc)), entry.out, entry.rtol, entry.atol);
      return;
    }
    if (entry.mode !== undefined) {
      if (entry.input !== undefined) {
        const image = transforms.functional.toPilImage(decode(entry.input) as Tensor);
        expect([image.mode, image.size, [...(image.pixels.typedArray() as Uint8Array)]]).toEqual([entry.mode, entry.size, entry.bytes]);
      }
      if (entry.out !== undefined) {
        const [width, height] = entry.size as [number, number];
        compare(
          transforms.functional.toTensor(
            new Image(fromTypedArray(Uint8Array.from(entry.bytes!), [height, width, entry.bytes!.length / width / height])),
          ),
          entry.out,
          1e-6,
          1e-6,
        );
      }
      return;
    }
    const { result, args } = call(entry);
    compare(result, entry.out, entry.rtol, entry.atol);
    for (const [i, source] of (entry.aliasOf ?? []).entries()) {
      if (source !== null)
        expect((Array.isArray(result) ? (result as Tensor[])[i]! : (result as Tensor)).storage).toBe(
          (args[Number(source.split(".")[1])] as Tensor).storage,
        );
    }
    if (entry.grads !== undefined) {
      const output = result as Tensor;
      output.mul(weights(output, 0)).sum().backward();
      const inputs = args.filter((arg): arg is Tensor => arg instanceof Tensor && arg.requiresGrad);
      compare(
        inputs.map(({ grad }) => grad),
        entry.grads,
        entry.rtol,
        entry.atol,
      );
    }
  });
});
