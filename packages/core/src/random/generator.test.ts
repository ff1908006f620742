import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { Generator, STATE_BYTES } from "./generator.ts";

test("the stream is the Mersenne Twister's", () => {
  const generator = new Generator().manualSeed(0);
  // The reference implementation gives 2357136044 as the first output for seed 0.
  expect(generator.random()).toBe(2357136044);
  expect(new Generator().manualSeed(5489).random()).toBe(3499211612);
});

test("random64 puts the first draw in the high half", () => {
  const a = new Generator().manualSeed(3);
  const b = new Generator().manualSeed(3);
  const [high, low] = [BigInt(a.random()), BigInt(a.random())];
  expect(b.random64()).toBe(high * 2n ** 32n + low);
});

test("the long period refills correctly", () => {
  const generator = new Generator().manualSeed(5489);
  let last = 0;
  for (let i = 0; i < 10_000; i++) last = generator.random();
  // The C++ standard fixes the 10000th output of mt19937 with its default seed.
  expect(last).toBe(4123659995);
});

test("seeds are 64 bits, negative ones count down from 2^64", () => {
  expect(new Generator().initialSeed()).toBe(67280421310721);
  expect(new Generator().manualSeed(-1).initialSeed()).toBe(2n ** 64n - 1n);
  expect(new Generator().manualSeed(1.7).initialSeed()).toBe(1);
  expect(() => new Generator().manualSeed(2n ** 64n)).toThrow("Overflow when unpacking long");
  expect(() => new Generator().manualSeed(Number.NaN)).toThrow("cannot convert float NaN to integer");
  const generator = new Generator();
  expect(generator.seed()).toBe(generator.initialSeed());
});

test("the state has PyTorch's layout and restores the stream, the kept normal included", () => {
  const generator = new Generator().manualSeed(7);
  for (let i = 0; i < 3; i++) generator.normalDouble();
  const state = generator.getState();
  expect(state.length).toBe(STATE_BYTES);
  const expected = [generator.normalDouble(), generator.random(), generator.normalDouble()];
  const restored = new Generator().setState(state);
  expect(restored.initialSeed()).toBe(7);
  expect([restored.normalDouble(), restored.random(), restored.normalDouble()]).toEqual(expected);
});

test("a fresh state is the bytes that torch.get_rng_state() gives", () => {
  const hash = createHash("sha256").update(new Generator().manualSeed(1).getState()).digest("hex");
  expect(hash.slice(0, 16)).toBe("f5defda135ec2e0d");
});

test("a state that is none is refused and changes nothing", () => {
  const generator = new Generator().manualSeed(1);
  const before = generator.getState();
  expect(() => generator.setState(new Uint8Array(STATE_BYTES))).toThrow("Invalid mt19937 state");
  expect(() => generator.setState(new Uint8Array(12))).toThrow(
    "Expected either a CPUGeneratorImplStateLegacy of size 5048 or a CPUGeneratorImplState of size 5056 but found the input RNG state size to be 12",
  );
  expect(generator.getState()).toEqual(before);
});

test("only the CPU has a generator", () => {
  expect(() => new Generator("cuda")).toThrow("Device type CUDA is not supported for torch.Generator() api.");
});
