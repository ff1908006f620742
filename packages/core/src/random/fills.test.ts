import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { TypedArray } from "../tensor/dtype.ts";
import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";
import { fillBernoulli } from "./bernoulli.ts";
import { fillCauchy, fillExponential, fillGeometric, fillLogNormal } from "./continuous.ts";
import { drawBinomial, drawPoisson } from "./counts.ts";
import { fma32, fma64 } from "./fused-multiply-add.ts";
import { drawDirichlet, drawGamma } from "./gamma.ts";
import { Generator } from "./generator.ts";
import { fillFullRange, fillIntegers, fillPermutation, representableBounds } from "./integers.ts";
import { drawWithReplacement, exponentialRace, largest } from "./multinomial.ts";
import { fillNormal } from "./normal.ts";
import type { RealDType, Stretch } from "./sink.ts";
import { fillUniform } from "./uniform.ts";

// Every expected number below was drawn by PyTorch 1.13 (CPU, AVX2) from the same seed.

const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  bfloat16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  int32: Int32Array,
  int64: BigInt64Array,
  bool: Uint8Array,
} as const;

function stretch(dtype: RealDType, size: number): Stretch {
  return { data: new ARRAYS[dtype](size), dtype, offset: 0, size };
}

/** The elements of any typed array: its union of types has no common way to be iterated. */
const values = (data: TypedArray): (number | bigint)[] => Array.from(data as ArrayLike<number | bigint>);

function filled(dtype: RealDType, size: number, fill: (s: Stretch) => void) {
  const s = stretch(dtype, size);
  fill(s);
  return s.data;
}

const hash = (data: ArrayBufferView): string =>
  createHash("sha256")
    .update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .digest("hex")
    .slice(0, 16);

test("one stream through the float32 and int64 fills, bit for bit", () => {
  const g = new Generator().manualSeed(0);
  expect([
    hash(filled("float32", 1000, (s) => fillUniform(s, 0, 1, g))),
    hash(filled("float32", 1000, (s) => fillNormal(s, 0, 1, g))),
    hash(filled("float32", 100_003, (s) => fillNormal(s, 0, 1, g))),
    hash(filled("int64", 1000, (s) => fillPermutation(s, g))),
    hash(filled("int64", 1000, (s) => fillIntegers(s, -7n, 107n, g))),
    hash(filled("float32", 1000, (s) => fillBernoulli(s, 0.3, g))),
    hash(filled("float32", 1000, (s) => fillExponential(s, 2, g))),
  ]).toEqual([
    "20221bec9830215c",
    "795f36bf39337fc2",
    "694cd209fb27ef0e",
    "558eeb7743763713",
    "e13f5712dc0bb071",
    "0fecd34a442ed89f",
    "f9e781118d5ea269",
  ]);
});

test("few normal numbers come one by one, the odd one is kept for the next call of any dtype", () => {
  const g = new Generator().manualSeed(0);
  expect(values(filled("float32", 3, (s) => fillNormal(s, 0, 1, g)))).toEqual([
    1.5409960746765137, -0.293428897857666, -2.1787893772125244,
  ]);
  expect(values(filled("float64", 2, (s) => fillNormal(s, 0, 1, g)))).toEqual([0.5684312772806678, -1.084522342424021]);
});

test("half precision draws as many bits as it holds", () => {
  const g = new Generator().manualSeed(1);
  const signed = (data: ArrayLike<number | bigint>, n: number) =>
    Array.from(data)
      .slice(0, n)
      .map((x) => (Number(x) << 16) >> 16);
  expect(
    signed(
      filled("float16", 20, (s) => fillNormal(s, 0, 1, g)),
      4,
    ),
  ).toEqual([-17374, -18497, 16469, 15505]);
  expect(
    signed(
      filled("bfloat16", 20, (s) => fillNormal(s, 0, 1, g)),
      4,
    ),
  ).toEqual([15742, 15889, 16213, 15904]);
  expect(
    signed(
      filled("float16", 3, (s) => fillUniform(s, 0, 1, g)),
      3,
    ),
  ).toEqual([14924, 14362, 15156]);
});

test("integers over wide ranges", () => {
  const g = new Generator().manualSeed(4);
  expect(values(filled("int64", 3, (s) => fillFullRange(s, g)))).toEqual([8615179906827886766n, 871281288361132741n, 8719487306291607912n]);
  const wide = representableBounds("float32", 0n, 2n ** 40n);
  expect(wide.to).toBe(2n ** 40n - 2n ** 16n);
  expect(values(filled("float32", 3, (s) => fillIntegers(s, 0n, wide.to, g)))).toEqual([62714855424, 984475762688, 487308591104]);
  expect(values(filled("int64", 2, (s) => fillIntegers(s, -(2n ** 63n), 2n ** 64n, g)))).toEqual([
    -437659060578731923n,
    114927959131532087n,
  ]);
  const half = representableBounds("float16", 0n, 65504n);
  expect(half.to).toBe(65472n);
  expect(values(filled("float16", 3, (s) => fillIntegers(s, 0n, half.to, g))).map((x) => float16ToNumber(Number(x)))).toEqual([
    43136, 37184, 23008,
  ]);
});

test("continuous distributions", () => {
  const g = new Generator().manualSeed(5);
  expect(values(filled("float32", 3, (s) => fillCauchy(s, 1, 2, g)))).toEqual([
    1.956639051437378, -0.8809894323348999, 0.06521523743867874,
  ]);
  expect(values(filled("float32", 3, (s) => fillLogNormal(s, 1, 0.5, g)))).toEqual([
    2.324469566345215, 3.899481773376465, 4.020890712738037,
  ]);
  expect(values(filled("int32", 4, (s) => fillGeometric(s, 0.2, g)))).toEqual([2, 1, 4, 5]);
});

test("counts, gamma and Dirichlet numbers", () => {
  const g = new Generator().manualSeed(2);
  const f = Math.fround;
  expect([0.5, 4, 50, 1000].map((rate) => drawPoisson(rate, g))).toEqual([1, 5, 54, 946]);
  expect(
    [
      [10, 0.3],
      [100, 0.9],
      [1000, 0.4],
    ].map(([n, p]) => drawBinomial(n!, f(p!), f, g)),
  ).toEqual([5, 87, 412]);
  expect([0.3, 1, 20].map((a) => f(drawGamma(f(a), f, g)))).toEqual([0.003373275510966778, 0.14147897064685822, 22.623647689819336]);
  expect(Array.from(drawDirichlet([f(0.3), 1, 20], true, g))).toEqual([0.04953548684716225, 0.009647124446928501, 0.9408174157142639]);
});

test("multinomial draws with and without replacement", () => {
  const g = new Generator().manualSeed(3);
  const weights = [1, 2, 0, 4];
  expect(Array.from(drawWithReplacement(weights, 6, true, g))).toEqual([0, 1, 3, 1, 3, 3]);
  expect(Array.from(largest(exponentialRace(weights, Math.fround, g), 3))).toEqual([0, 1, 3]);
});

test("fills stay inside their stretch", () => {
  const data = new Float32Array(40).fill(-9);
  const g = new Generator().manualSeed(0);
  fillNormal({ data, dtype: "float32", offset: 3, size: 20 }, 0, 1, g);
  expect(Array.from(data.subarray(0, 3))).toEqual([-9, -9, -9]);
  expect(Array.from(data.subarray(23)).every((x) => x === -9)).toBe(true);
});

test("fused multiply-adds round once", () => {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24: the last term is half an ulp of float32, and -2^-50 decides downwards.
  const a = 1 + 2 ** -12;
  expect(fma32(a, a, 0)).toBe(1 + 2 ** -11);
  expect(fma32(a, a, 2 ** -60)).toBe(1 + 2 ** -11 + 2 ** -23);
  // (1 + 2^-30)^2 - (1 + 2^-29) = 2^-60, which two roundings lose.
  const b = 1 + 2 ** -30;
  expect(fma64(b, b, -(1 + 2 ** -29))).toBe(2 ** -60);
});

test("half conversions", () => {
  for (let bits = 0; bits < 0x7c00; bits += 7) expect(numberToFloat16(float16ToNumber(bits))).toBe(bits);
  expect(float16ToNumber(numberToFloat16(65519))).toBe(65504);
  expect(float16ToNumber(numberToFloat16(65520))).toBe(Number.POSITIVE_INFINITY);
  expect(float16ToNumber(numberToFloat16(2 ** -25))).toBe(0);
  expect(float16ToNumber(numberToFloat16(-(2 ** -24)))).toBe(-(2 ** -24));
  expect(bfloat16ToNumber(numberToBfloat16(1.00390625))).toBe(1);
  expect(bfloat16ToNumber(numberToBfloat16(1.01171875))).toBe(1.015625);
});
