import { createHash } from "node:crypto";
import { empty, Generator, manualSeed, rand, randint, randn, randperm, type Tensor, zeros } from "@bluedot/core";
import { allOps, type DType, type Op } from "@bluedot/core/extend";
import { describe, expect, test } from "vitest";
import { registerCpuBackend } from "../index.ts";

const native = registerCpuBackend();

/** Runs `make` with the reference kernels in place of the native ones of `names`. */
function byReference<T>(names: readonly string[], make: () => T): T {
  const ops = names.map((name) => allOps().get(name) as Op);
  const kept = ops.map((op) => op.cpu);
  try {
    for (const op of ops) op.cpu = op.reference;
    return make();
  } finally {
    ops.forEach((op, i) => {
      op.cpu = kept[i]!;
    });
  }
}

const names = ["uniform_", "normal_", "exponential_", "bernoulli_", "dropoutMask", "random_from_to_", "random_to_", "randperm"];
const sizes = [1, 5, 15, 16, 17, 100, 623, 624, 625, 1248, 1249, 5000];
const draws: readonly [string, (size: number, dtype: DType, generator: Generator) => Tensor, readonly DType[]][] = [
  ["uniform on [0, 1)", (n, dtype, generator) => rand(n, { dtype, generator }), ["float32", "float64"]],
  ["uniform", (n, dtype, generator) => empty(n, { dtype }).uniform_(-0.3, 0.71, { generator }), ["float32", "float64"]],
  ["normal", (n, dtype, generator) => empty(n, { dtype }).normal_(0.3, 1.7, { generator }), ["float32", "float64"]],
  ["exponential", (n, dtype, generator) => empty(n, { dtype }).exponential_(1.3, { generator }), ["float32", "float64"]],
  ["bernoulli", (n, dtype, generator) => empty(n, { dtype }).bernoulli_(0.3, { generator }), ["float32", "int64", "uint8", "bool"]],
  ["integers", (n, dtype, generator) => randint(-5, 100, [n], { dtype, generator }), ["int64", "int32", "int8", "float32", "float64"]],
  ["permutation", (n, dtype, generator) => randperm(n, { dtype, generator }), ["int64", "int32", "float64"]],
];

describe.skipIf(!native)("native random fills", () => {
  for (const [name, draw, dtypes] of draws) {
    test.each(dtypes)(`${name} in %s: the numbers and the state of the reference`, (dtype) => {
      const a = new Generator().manualSeed(5);
      const b = new Generator().manualSeed(5);
      for (const n of sizes) {
        const actual = draw(n, dtype, a).tolist() as number[];
        const expected = byReference(names, () => draw(n, dtype, b)).tolist() as number[];
        // The C library and V8 round logarithms and sines of doubles differently in the last place.
        if (dtype === "float64") actual.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(1e-13));
        else expect(actual).toEqual(expected);
      }
      expect(a.getState()).toEqual(b.getState());
    });
  }

  test("the bits that PyTorch draws", () => {
    const hash = (t: Tensor): string =>
      createHash("sha256")
        .update(new Uint8Array((t.typedArray() as Float32Array).slice().buffer))
        .digest("hex")
        .slice(0, 16);
    manualSeed(0);
    // Doubles before go through the stream only: their last bits depend on the C library.
    randn(100_003, { dtype: "float64" });
    empty(5000, { dtype: "float64" }).normal_(0.3, 1.7).exponential_(1.3);
    expect(hash(randn(100_003))).toBe("add410bd35576060");
    expect(hash(empty(3000, { dtype: "int32" }).random_(-5, 100))).toBe("9b5d082bd1a16af1");
  });

  test("strided tensors are filled in memory order by the reference", () => {
    manualSeed(1);
    const strided = zeros(40, 50).t().uniform_();
    manualSeed(1);
    expect(strided.tolist()).toEqual(rand(40, 50).t().tolist());
  });
});
