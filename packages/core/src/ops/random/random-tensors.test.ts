import { beforeEach, describe, expect, test } from "vitest";
import * as torch from "../../index.ts";
import { Generator } from "../../random/generator.ts";

// Expected texts were printed by PyTorch 1.13 after the same seed.

beforeEach(() => {
  torch.manualSeed(0);
});

describe("factories", () => {
  test("rand, randn, randint, randperm", () => {
    expect(String(torch.rand(2, 3))).toBe("tensor([[0.4963, 0.7682, 0.0885],\n        [0.1320, 0.3074, 0.6341]])");
    torch.manualSeed(0);
    expect(String(torch.randn([3]))).toBe("tensor([ 1.5410, -0.2934, -2.1788])");
    torch.manualSeed(0);
    expect(torch.randint(0, 10, [10]).tolist()).toEqual([4, 9, 3, 0, 3, 9, 7, 3, 7, 3]);
    torch.manualSeed(0);
    expect(torch.randint({ high: 5, size: [4] }).tolist()).toEqual([4, 4, 3, 0]);
    torch.manualSeed(0);
    const order = torch.randperm(5);
    expect(order.tolist()).toEqual([4, 0, 1, 3, 2]);
    expect(order.dtype).toBe("int64");
  });
  test("a generator of one's own leaves the default one alone", () => {
    const before = torch.getRngState().tolist();
    const generator = new Generator().manualSeed(0);
    expect(String(torch.rand(2, { generator }))).toBe("tensor([0.4963, 0.7682])");
    expect(torch.getRngState().tolist()).toEqual(before);
  });
  test("like another tensor, in its memory order", () => {
    const like = torch.zeros(3, 2).transpose(0, 1);
    const made = torch.randLike(like);
    expect(made.stride()).toEqual([1, 2]);
    torch.manualSeed(0);
    expect(made.tolist()).toEqual(torch.rand(3, 2).transpose(0, 1).tolist());
    expect(torch.randintLike(torch.zeros(3), 2, 3).tolist()).toEqual([2, 2, 2]);
  });
  test("out receives the numbers", () => {
    const out = torch.empty(4, { dtype: "float64" });
    expect(torch.rand(2, 2, { out })).toBe(out);
    expect(out.shape).toEqual([2, 2]);
    expect(() => torch.rand(2, { out, dtype: "float32" })).toThrow("dtype Float does not match dtype of out parameter (Double)");
  });
  test("normal with tensors of means and deviations", () => {
    expect(String(torch.normal(torch.tensor([1, 2]), 1))).toBe("tensor([2.5410, 1.7066])");
    torch.manualSeed(0);
    expect(String(torch.normal(0, torch.tensor([1, 2])))).toBe("tensor([ 1.5410, -0.5869])");
    torch.manualSeed(0);
    expect(String(torch.normal(2, 3, [2]))).toBe("tensor([6.6230, 1.1197])");
    expect(() => torch.normal(0, torch.tensor([1, -1]))).toThrow("normal expects all elements of std >= 0.0");
  });
  test("mistakes", () => {
    expect(() => torch.rand(-1)).toThrow("Trying to create tensor with negative dimension -1: [-1]");
    expect(() => torch.rand(2, { dtype: "int64" })).toThrow("\"check_uniform_bounds\" not implemented for 'Long'");
    expect(() => torch.randint(7, 3, [2])).toThrow("random_ expects 'from' to be less than 'to', but got from=7 >= to=3");
    expect(() => torch.randint(0, 300, [2], { dtype: "uint8" })).toThrow("to - 1 is out of bounds for unsigned char");
    expect(() => torch.randint(3.5, [2])).toThrow("randint(): argument 'high' must be int, not float");
    expect(() => torch.randperm(3000, { dtype: "float16" })).toThrow("n cannot be greater than 2049 for Half type.");
    expect(() => torch.rand(2, { generator: 5 as never })).toThrow("argument 'generator' must be Generator");
  });
});

describe("in place", () => {
  test("undefined leaves a place to the default", () => {
    expect(String(torch.zeros(3).normal_(undefined, 0.5))).toBe("tensor([ 0.7705, -0.1467, -1.0894])");
    torch.manualSeed(0);
    expect(String(torch.zeros(2).uniform_(undefined, 3))).toBe("tensor([1.4888, 2.3047])");
  });
  test("elements are visited along memory", () => {
    const x = torch.zeros(2, 2).transpose(0, 1).uniform_();
    torch.manualSeed(0);
    expect(x.tolist()).toEqual(torch.rand(2, 2).transpose(0, 1).tolist());
    torch.manualSeed(0);
    const wide = torch.zeros(2, 4);
    expect(wide.t().select(0, 1).uniform_().tolist()).toEqual([0.49625658988952637, 0.7682217955589294]);
    expect(wide.tolist()).toEqual([
      [0, 0.49625658988952637, 0, 0],
      [0, 0.7682217955589294, 0, 0],
    ]);
  });
  test("random_ by none, one and two bounds", () => {
    expect(torch.zeros(3).random_(3).tolist()).toEqual([2, 0, 2]);
    expect(torch.zeros(2, { dtype: "uint8" }).random_(5, null).ge(5).all().item()).toBe(true);
    expect(() => torch.zeros(3).random_(3, 3)).toThrow("random_ expects 'from' to be less than 'to', but got from=3 >= to=3");
  });
  test("a mistake changes nothing", () => {
    const x = torch.ones(3);
    const before = torch.getRngState().tolist();
    expect(() => x.uniform_(2, 1)).toThrow("uniform_ expects to return a [from, to) range, but found from=2 > to=1");
    expect(() => x.normal_(0, -1)).toThrow("normal expects std >= 0.0, but found std -1");
    expect(() => x.geometric_(1)).toThrow("geometric_ expects p to be in (0, 1), but got p=1");
    expect(() => x.bernoulli_(torch.tensor([0.5, 2, 0.1]))).toThrow("Expected p_in >= 0 && p_in <= 1 to be true, but got false.");
    expect(() => x.expand(2, 3).normal_()).toThrow("more than one element of the written-to tensor refers to a single memory location");
    expect(x.tolist()).toEqual([1, 1, 1]);
    expect(torch.getRngState().tolist()).toEqual(before);
  });
});

describe("draws", () => {
  test("bernoulli by numbers and tensors", () => {
    torch.manualSeed(20);
    expect(torch.zeros(5, { dtype: "int64" }).bernoulli_(0.5).tolist()).toEqual([1, 0, 0, 0, 0]);
    torch.manualSeed(20);
    expect(torch.bernoulli(torch.tensor([0, 0.25, 0.5, 0.75, 1])).tolist()).toEqual([0, 1, 0, 1, 1]);
  });
  test("multinomial", () => {
    expect(torch.multinomial(torch.tensor([1, 2, 3, 4]), 10, true).tolist()).toEqual([3, 3, 2, 3, 3, 3, 1, 2, 2, 1]);
    torch.manualSeed(0);
    expect(torch.multinomial(torch.tensor([1, 2, 3, 4]), 3).tolist()).toEqual([2, 1, 3]);
    expect(() => torch.multinomial(torch.ones(3), 4)).toThrow("cannot sample n_sample > prob_dist.size(-1) samples without replacement");
    expect(() => torch.multinomial(torch.tensor([0, 0]), 1)).toThrow("invalid multinomial distribution (sum of probabilities <= 0)");
  });
  test("dropout scales what it keeps", () => {
    torch.manualSeed(21);
    expect(String(torch.dropout(torch.ones(5), 0.4, true))).toBe("tensor([0.0000, 1.6667, 1.6667, 1.6667, 0.0000])");
    torch.manualSeed(21);
    expect(torch.featureDropout(torch.ones(1, 5, 2), { p: 0.5 }).shape).toEqual([1, 5, 2]);
    const x = torch.ones(3);
    expect(torch.dropout(x, 0.5, false)).toBe(x);
    expect(() => torch.dropout(x, 1.5, true)).toThrow("dropout probability has to be between 0 and 1, but got 1.5");
  });
});

describe("the default stream", () => {
  test("its state can be kept and restored", () => {
    torch.randn(1);
    const state = torch.getRngState();
    const next = torch.randn(2).tolist();
    torch.setRngState(state);
    expect(torch.randn(2).tolist()).toEqual(next);
    expect(torch.initialSeed()).toBe(0);
    expect(() => torch.setRngState(torch.zeros(5056))).toThrow("RNG state must be a torch.ByteTensor");
  });
  test("forkRng puts it back, after a promise too", async () => {
    torch.forkRng(() => torch.rand(3));
    await torch.forkRng(async () => torch.rand(3));
    expect(torch.rand(1).item()).toBe(0.49625658988952637);
  });
});
