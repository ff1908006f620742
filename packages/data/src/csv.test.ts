import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadtxt, readCsvHeader } from "./csv.ts";

const data = process.env["BLUEDOT_DATA"] ?? fileURLToPath(new URL("../../../../shared/data", import.meta.url));

describe("loadtxt", () => {
  it("reads tables as NumPy does", () => {
    expect(loadtxt("1;2\n3;4\n", { delimiter: ";" }).tolist()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(loadtxt("# head\n 1  2.5e1\t-3 # note\n\n4 .5 6.\n").tolist()).toEqual([
      [1, 25, -3],
      [4, 0.5, 6],
    ]);
    expect(loadtxt("h\n1,2\n3,4\n5,6", { delimiter: ",", skiprows: 1, maxRows: 2, usecols: [-1, 0] }).tolist()).toEqual([
      [2, 1],
      [4, 3],
    ]);
    expect(loadtxt("1\r\n2\r\n").tolist()).toEqual([1, 2]);
    expect(loadtxt("1\r2\r").tolist()).toEqual([1, 2]);
    expect(loadtxt("5\n").shape).toEqual([]);
    expect(loadtxt("1 2\n", { ndmin: 2 }).shape).toEqual([1, 2]);
    expect(loadtxt("").shape).toEqual([0]);
    expect(loadtxt("nan inf\n-Infinity 1\n").tolist()).toEqual([
      [Number.NaN, Number.POSITIVE_INFINITY],
      [Number.NEGATIVE_INFINITY, 1],
    ]);
    expect(loadtxt('"1","2"\n', { delimiter: ",", quotechar: '"' }).tolist()).toEqual([1, 2]);
    expect(loadtxt("1 2\n3 4\n", { unpack: true }).tolist()).toEqual([
      [1, 3],
      [2, 4],
    ]);
    expect(loadtxt(["1 2", "3 4"]).shape).toEqual([2, 2]);
  });

  it("converts columns", () => {
    const table = loadtxt("1,2011-01-07\n2,2011-02-09\n", { delimiter: ",", converters: { 1: (text) => Number(text.slice(8, 10)) } });
    expect(table.tolist()).toEqual([
      [1, 7],
      [2, 9],
    ]);
  });

  it("takes dtypes", () => {
    for (const dtype of ["float32", "float64", "float16", "bfloat16", "int8", "uint8", "int16", "int32", "int64"] as const) {
      const table = loadtxt("1 0\n2 3\n", { dtype });
      expect([table.dtype, table.tolist()]).toEqual([
        dtype,
        [
          [1, 0],
          [2, 3],
        ],
      ]);
    }
    expect(loadtxt("1 0\n", { dtype: "bool" }).tolist()).toEqual([true, false]);
    expect(loadtxt("0.1\n", { dtype: "float64" }).item()).toBe(0.1);
  });

  it("says where a table is wrong", () => {
    expect(() => loadtxt("1,2\n3,x\n", { delimiter: "," })).toThrow("could not convert string 'x' to float32 at row 1, column 2.");
    expect(() => loadtxt("1,2\n3,\n", { delimiter: "," })).toThrow("could not convert string '' to float32 at row 1, column 2.");
    expect(() => loadtxt("1 2 3\n4 5\n")).toThrow(
      "the number of columns changed from 3 to 2 at row 2; use `usecols` to select a subset and avoid this error",
    );
    expect(() => loadtxt("1 2\n3\n", { usecols: [1] })).toThrow("invalid column index 1 at row 2 with 1 columns");
    expect(() => loadtxt("1.5\n", { dtype: "int64" })).toThrow("could not convert string '1.5' to int64 at row 0, column 1.");
    expect(() => loadtxt("300\n", { dtype: "uint8" })).toThrow("could not convert string '300' to uint8");
    expect(() => loadtxt("1 0x10\n")).toThrow("could not convert string '0x10'");
    expect(() => loadtxt("1;;2\n", { delimiter: ";;" })).toThrow("must be a single ASCII character or null; but got: ';;'");
    expect(() => loadtxt("1\n", { skipRows: 1 } as object)).toThrow("unknown option skipRows");
    expect(() => loadtxt("/nowhere/at/all.csv")).toThrow("ENOENT");
  });

  it("reads back any numbers, exactly", () => {
    const number = fc.oneof(
      fc.double({ noNaN: true }),
      fc.integer(),
      fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((x) => Number(x.toFixed(3))),
    );
    fc.assert(
      fc.property(fc.array(fc.array(number, { minLength: 3, maxLength: 3 }), { minLength: 2, maxLength: 20 }), (rows) => {
        const table = loadtxt(`${rows.map((row) => row.join(";")).join("\n")}\n`, { delimiter: ";", dtype: "float64" });
        expect(table.tolist()).toEqual(rows.map((row) => row.map((x) => x + 0))); // -0 is written as 0
      }),
    );
  });
});

describe("readCsvHeader", () => {
  it("splits names and removes quotes", () => {
    expect(readCsvHeader('"fixed acidity";"a;b";"say ""hi""";pH\n7;3\n', { delimiter: ";" })).toEqual([
      "fixed acidity",
      "a;b",
      'say "hi"',
      "pH",
    ]);
    expect(readCsvHeader("\n")).toEqual([]);
  });
});

describe.skipIf(!existsSync(data))("real tables", () => {
  it("reads the wine table in a few milliseconds", () => {
    const path = `${data}/winequality-white.csv`;
    expect(readCsvHeader(path, { delimiter: ";" }).slice(0, 2)).toEqual(["fixed acidity", "volatile acidity"]);
    let best = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 20; i++) {
      const start = performance.now();
      const table = loadtxt(path, { delimiter: ";", skiprows: 1 });
      best = Math.min(best, performance.now() - start);
      expect(table.shape).toEqual([4898, 12]);
    }
    expect(best).toBeLessThan(20); // about 1.5 ms on an idle machine
    const lines = readFileSync(path, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.split(";").map((text) => Math.fround(Number(text))));
    expect(loadtxt(path, { delimiter: ";", skiprows: 1 }).tolist()).toEqual(lines);
  });

  it("reads the bike table with a converter", () => {
    const bikes = loadtxt(`${data}/bike_sharing_dataset/hour-fixed.csv`, {
      delimiter: ",",
      skiprows: 1,
      converters: { 1: (text) => Number(text.slice(8, 10)) },
    });
    expect(bikes.shape).toEqual([17520, 17]);
  });
});
