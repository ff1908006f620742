import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { afterEach, describe, expect, test } from "vitest";
import type { DType } from "./dtype.ts";
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "./half.ts";
import { formatTensor, getPrintOptions, type PrintedSuffixes, type PrintedValue, type PrintOptions, setPrintOptions } from "./print.ts";
import { pythonExponential, pythonFixed } from "./print-number.ts";

afterEach(() => setPrintOptions({ profile: "default" }));

function print(dtype: DType, shape: readonly number[], data: readonly PrintedValue[], suffixes?: PrintedSuffixes): string {
  return formatTensor({ dtype, shape, get: (i) => data[i]!, suffixes });
}

describe("numbers as Python writes them", () => {
  test("ties go to the even digit", () => {
    expect(pythonFixed(0.125, 2)).toBe("0.12");
    expect(pythonFixed(0.375, 2)).toBe("0.38");
    expect(pythonFixed(2.5, 0)).toBe("2");
    expect(pythonFixed(-0.03125, 4)).toBe("-0.0312");
    // 2.675 lies below the tie in binary, 1.005 too.
    expect(pythonFixed(2.675, 2)).toBe("2.67");
    expect(pythonExponential(2.5, 0)).toBe("2e+00");
    expect(pythonExponential(1.5, 0)).toBe("2e+00");
    expect(pythonExponential(100003125, 7)).toBe("1.0000312e+08");
  });
  test("signs, large numbers, exponents", () => {
    expect(pythonFixed(-0, 1)).toBe("-0.0");
    expect(pythonFixed(-0.00001, 4)).toBe("-0.0000");
    expect(pythonFixed(1e22, 2)).toBe("10000000000000000000000.00");
    expect(pythonExponential(-0, 2)).toBe("-0.00e+00");
    expect(pythonExponential(1.5e-7, 4)).toBe("1.5000e-07");
    expect(pythonExponential(1e300, 1)).toBe("1.0e+300");
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((x) => pythonFixed(x, 4))).toEqual(["nan", "inf", "-inf"]);
  });
});

describe("tensors", () => {
  test("floats", () => {
    expect(print("float32", [], [1])).toBe("tensor(1.)");
    expect(print("float32", [3], [1, 2, Number.NaN])).toBe("tensor([1., 2., nan])");
    expect(print("float32", [2], [1.5, -10])).toBe("tensor([  1.5000, -10.0000])");
    expect(print("float32", [2], [1e-5, 1])).toBe("tensor([1.0000e-05, 1.0000e+00])");
    expect(print("float64", [1], [2])).toBe("tensor([2.], dtype=torch.float64)");
  });
  test("integers, booleans, complex numbers", () => {
    expect(print("int64", [2], [-1, 10])).toBe("tensor([-1, 10])");
    expect(print("int32", [1], [7])).toBe("tensor([7], dtype=torch.int32)");
    expect(print("bool", [2], [true, false])).toBe("tensor([ True, False])");
    expect(print("int64", [1], [2n ** 62n])).toBe("tensor([4611686018427387904])");
    expect(
      print(
        "complex64",
        [2],
        [
          { re: 1, im: -2 },
          { re: 0, im: 0.5 },
        ],
      ),
    ).toBe("tensor([1.-2.0000j, 0.+0.5000j])");
  });
  test("dimensions", () => {
    expect(print("int64", [2, 1, 2], [1, 2, 3, 4])).toBe("tensor([[[1, 2]],\n\n        [[3, 4]]])");
  });
  test("empty ones tell their size", () => {
    expect(print("float32", [0], [])).toBe("tensor([])");
    expect(print("int64", [2, 0], [])).toBe("tensor([], size=(2, 0), dtype=torch.int64)");
  });
  test("suffixes, moved to their own line where the line is full", () => {
    expect(print("float32", [1], [1], { gradFn: "AddBackward0", requiresGrad: true })).toBe("tensor([1.], grad_fn=<AddBackward0>)");
    expect(print("float32", [1], [1], { requiresGrad: true, device: "cuda:0" })).toBe("tensor([1.], device='cuda:0', requires_grad=True)");
    expect(print("float32", [1], [1], { names: ["N"] })).toBe("tensor([1.], names=('N',))");
    const wide = Array.from({ length: 9 }, () => 1.5);
    expect(print("float32", [9], wide, { requiresGrad: true })).toBe(
      `tensor([${wide.map(() => "1.5000").join(", ")}],\n       requires_grad=True)`,
    );
  });
  test("large ones are summarized", () => {
    expect(print("int64", [2000], Array.from(Array(2000).keys()))).toBe("tensor([   0,    1,    2,  ..., 1997, 1998, 1999])");
  });
  test("without data", () => {
    expect(formatTensor({ dtype: "float32", shape: [2, 3], suffixes: { device: "meta" } })).toBe("tensor(..., device='meta', size=(2, 3))");
  });
});

describe("options", () => {
  test("profiles and single settings", () => {
    setPrintOptions({ profile: "short" });
    expect(getPrintOptions()).toEqual({ precision: 2, threshold: 1000, edgeitems: 2, linewidth: 80, sciMode: null });
    setPrintOptions({ precision: 1, sciMode: true });
    expect(print("float32", [1], [1.25])).toBe("tensor([1.2e+00])");
    setPrintOptions({ edgeitems: 1 });
    expect(getPrintOptions().sciMode).toBe(null);
  });
  test("an unknown one is refused", () => {
    expect(() => setPrintOptions({ digits: 2 } as Partial<PrintOptions>)).toThrow("unexpected keyword argument 'digits'");
  });
});

interface Encoded {
  readonly dtype: DType;
  readonly shape: readonly number[];
  readonly data: readonly (number | boolean | string)[];
  readonly requires_grad?: boolean;
  readonly names?: readonly (string | null)[] | null;
}
interface Recorded {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly tensor?: { readonly $tensor: Encoded };
  readonly repr: string;
}

const folder = `${process.env["BLUEDOT_DATA"] ?? fileURLToPath(new URL("../../../../../shared", import.meta.url))}/conformance/printing`;

describe.skipIf(!existsSync(folder))("texts recorded from PyTorch", () => {
  for (const file of ["tensors", "options", "special"]) {
    test(file, () => {
      const path = `${folder}/${file}.jsonl.gz`;
      const records = gunzipSync(readFileSync(path)).toString().trim().split("\n");
      for (const line of records) {
        const { options = {}, tensor, repr } = JSON.parse(line) as Recorded;
        if (tensor === undefined) continue;
        const { sci_mode: sciMode, ...others } = options;
        setPrintOptions({ profile: "default" });
        setPrintOptions({ ...others, ...(sciMode === undefined ? {} : { sciMode: sciMode as boolean }) });
        expect(print(tensor.$tensor.dtype, tensor.$tensor.shape, decode(tensor.$tensor), suffixesOf(tensor.$tensor))).toBe(repr);
      }
    });
  }
});

const rounding: Partial<Record<DType, (x: number) => number>> = {
  float32: Math.fround,
  complex64: Math.fround,
  float16: (x) => float16ToNumber(numberToFloat16(x)),
  bfloat16: (x) => bfloat16ToNumber(numberToBfloat16(x)),
};

function decode({ dtype, data }: Encoded): PrintedValue[] {
  // Floats are written as the shortest decimals: rounding gives the element back.
  const round = rounding[dtype] ?? Number;
  const values = data.map((x) =>
    dtype.includes("int") ? (typeof x === "string" ? BigInt(x) : x) : dtype === "bool" ? x : round(Number(x)),
  );
  if (!dtype.startsWith("complex")) return values as PrintedValue[];
  return Array.from({ length: values.length / 2 }, (_, i) => ({ re: Number(values[2 * i]), im: Number(values[2 * i + 1]) }));
}

function suffixesOf({ requires_grad: requiresGrad = false, names = null }: Encoded): PrintedSuffixes {
  return { requiresGrad, names };
}
