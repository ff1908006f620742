import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { tensor } from "@bluedot/core";
import { afterAll, describe, expect, it } from "vitest";
import { Dataset, type Group, type Hdf5Value, open } from "./hdf5.ts";

const folder = mkdtempSync(join(tmpdir(), "bluedot-hdf5-"));
afterAll(() => rmSync(folder, { recursive: true }));
const shared = fileURLToPath(new URL("../../../../shared", import.meta.url));
const recorded = `${process.env["BLUEDOT_CONFORMANCE"] ?? `${shared}/conformance`}/serialization/`;
const python = ["/usr/bin/python3", "python3"].find((command) => spawnSync(command, ["-c", "import h5py"]).status === 0);

describe("hdf5", () => {
  it("writes at close, whole, and reads back", async () => {
    const path = join(folder, "a.h5");
    const file = await open(path, "w");
    file.createDataset("coords", {
      data: tensor([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    });
    file.createDataset("deep/er/ids", { data: tensor([1n, 2n ** 60n]), compression: 4 });
    file.createDataset("names", { data: ["a", "日本"] });
    file.attrs.set("title", "points");
    file.dataset("coords").attrs.set("scale", tensor([0.5, 2]));
    file.createGroup("empty");
    expect(existsSync(path)).toBe(false);
    file.close();
    expect(readdirSync(folder)).toEqual(["a.h5"]);

    const back = await open(path);
    expect(back.keys()).toEqual(["coords", "deep", "empty", "names"]);
    const coords = back.dataset("coords");
    expect([coords.dtype, coords.shape]).toEqual(["float32", [2, 3]]);
    expect(coords.at().tolist()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(coords.at(":", 1).tolist()).toEqual([2, 5]);
    expect(coords.at(-1, "::2").tolist()).toEqual([4, 6]);
    expect(coords.at("...", "1:").tolist()).toEqual([
      [2, 3],
      [5, 6],
    ]);
    expect(coords.at("1:1").shape).toEqual([0, 3]);
    expect(coords.attrs.get("scale").toString()).toBe("tensor([0.5000, 2.0000])");
    expect(back.group("deep").group("er").dataset("ids").at().tolist()).toEqual([1, 2n ** 60n]);
    expect(back.dataset("names").value()).toEqual(["a", "日本"]);
    expect(back.attrs.get("title")).toBe("points");
    expect(back.group("empty").keys()).toEqual([]);
    back.close();
    expect(() => back.keys()).toThrow("the file is closed");
  });

  it("edits a copy, and can drop it", async () => {
    const path = join(folder, "b.h5");
    (await open(path, "w")).close();
    const before = readFileSync(path);
    const file = await open(path, "a");
    file.createDataset("x", { data: 5 });
    file.discard();
    expect(readFileSync(path).equals(before)).toBe(true);
    const again = await open(path, "r+");
    again.createDataset("x", { data: 5 });
    again.close();
    const back = await open(path);
    expect(back.dataset("x").at().item()).toBe(5);
    back.close();
  });

  it("refuses clearly", async () => {
    await expect(open(join(folder, "none.h5"))).rejects.toThrow("No such file or directory");
    await expect(open(join(folder, "a.h5"), "x")).rejects.toThrow("file exists");
    await expect(open(join(folder, "a.h5"), "q" as never)).rejects.toThrow("Invalid mode; must be one of r, r+, w, x, a");
    const file = await open(join(folder, "a.h5"));
    expect(() => file.createDataset("y", { data: 1 })).toThrow("open for reading only");
    expect(() => file.get("nothing")).toThrow("object 'nothing' doesn't exist");
    expect(() => file.get("coords/x")).toThrow("doesn't exist");
    expect(() => file.dataset("deep")).toThrow("'deep' is a group, not a dataset");
    expect(() => file.dataset("coords").at(2)).toThrow("index 2 is out of bounds for dimension 0 with size 2");
    expect(() => file.dataset("coords").at(0, 0, 0)).toThrow("too many indices");
    expect(() => file.dataset("names").at()).toThrow("holds text");
    file.close();
    const writing = await open(join(folder, "c.h5"), "w");
    writing.createDataset("x", { data: 1 });
    expect(() => writing.createDataset("x", { data: 1 })).toThrow("name already exists");
    expect(() => writing.createDataset("h", { data: tensor([1], { dtype: "float16" }) })).toThrow(
      "float16 cannot be written, convert the tensor to float32",
    );
    writing.discard();
    writeFileSync(join(folder, "text.h5"), "this is no HDF5 file at all, only text");
    await expect(open(join(folder, "text.h5"))).rejects.toThrow("Unable to open file");
  });

  it.skipIf(python === undefined)("exchanges files with h5py", async () => {
    const file = await open(join(folder, "ours.h5"), "w");
    file.createDataset("g/coords", {
      data: tensor(
        [
          [1.5, 2],
          [3, 4],
        ],
        { dtype: "float64" },
      ).transpose(0, 1),
    });
    file.createDataset("i", { data: tensor([1, -2], { dtype: "int16" }) });
    file.attrs.set("who", "bluedot");
    file.close();
    const out = execFileSync(
      python!,
      ["-c", "import h5py; f = h5py.File('ours.h5'); print(f['g/coords'][:].tolist(), f['i'].dtype, f['i'][:].tolist(), f.attrs['who'])"],
      { cwd: folder, encoding: "utf8" },
    );
    expect(out).toBe("[[1.5, 3.0], [2.0, 4.0]] int16 [1, -2] bluedot\n");
  });
});

const scalar = (value: unknown): unknown =>
  typeof value === "bigint"
    ? value >= -(2n ** 53n) && value <= 2n ** 53n
      ? Number(value)
      : String(value)
    : typeof value === "number" && !Number.isFinite(value)
      ? String(value)
      : value;

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  return (bits >> 15 ? -1 : 1) * (exponent === 0 ? (bits & 1023) * 2 ** -24 : (1 + (bits & 1023) / 1024) * 2 ** (exponent - 15));
}

/** A value in the form of the records. */
function encode(value: Hdf5Value): unknown {
  if (typeof value === "string" || Array.isArray(value)) return value;
  const { dtype, shape, data } = value;
  const items = [...(data as Iterable<number | bigint>)].map((item) =>
    dtype === "bool" ? item === 1 : dtype === "float16" ? half(item as number) : scalar(item),
  );
  return { $array: { dtype, shape, data: items } };
}

function tree(group: Group): unknown {
  const attrs = (owner: Group | Dataset) => Object.fromEntries(owner.attrs.keys().map((name) => [name, encode(owner.attrs.value(name))]));
  const groups: Record<string, unknown> = {};
  const datasets: Record<string, unknown> = {};
  for (const [name, item] of group) {
    if (item instanceof Dataset)
      datasets[name] = {
        shape: [...item.shape],
        value: encode(item.value()),
        attrs: attrs(item),
        ...(item.chunks === null ? {} : { chunks: [...item.chunks] }),
      };
    else groups[name] = tree(item);
  }
  return { attrs: attrs(group), groups, datasets };
}

/** Records write fixed-length text as an array of dtype string, and float32 as shortest decimals. */
function normalise(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalise);
  if (typeof value !== "object" || value === null) return value;
  const { $array: array } = value as { $array?: { dtype: string; data: unknown[] } };
  if (array?.dtype === "string") return array.data;
  if (array?.dtype === "float32")
    return { $array: { ...array, data: array.data.map((item) => (typeof item === "number" ? Math.fround(item) : item)) } };
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "options")
      .map(([key, item]) => [key, normalise(item)]),
  );
}

const records = (name: string) =>
  existsSync(recorded)
    ? gunzipSync(readFileSync(`${recorded}${name}.jsonl.gz`))
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { file: string; expect: unknown })
    : [];

describe.skipIf(!existsSync(recorded))("recorded HDF5 files", () => {
  it.each(records("hdf5"))("$file", async (record) => {
    const file = await open(`${recorded}${record.file}`);
    expect(tree(file)).toEqual(normalise(record.expect));
    file.close();
  });

  it.each(records("hdf5_bad"))("refuses $file", async (record) => {
    await expect(
      (async () => {
        const file = await open(`${recorded}${record.file}`);
        tree(file);
      })(),
    ).rejects.toThrow();
  });

  it("reads the book's points", async () => {
    const file = await open(`${shared}/data/dlwpt/ourpoints.hdf5`);
    expect(file.dataset("coords").at().shape).toEqual([3, 4]);
    file.close();
  });
});
