import { manualSeed, randn, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { checkpoint, checkpointSequential, grad } from "./index.ts";

describe("checkpoint", () => {
  it("runs again in the backward pass, with the same random numbers", () => {
    manualSeed(0);
    const x = tensor([1, 2, 3], { requiresGrad: true });
    const w = tensor([4, 5, 6], { requiresGrad: true });
    let runs = 0;
    const noise: number[][] = [];
    const block = (h: Tensor, k: number): Tensor => {
      runs++;
      const r = randn(3);
      noise.push(r.tolist() as number[]);
      return h.mul(w).mul(r).mul(k);
    };
    const y = checkpoint(block, x, 2);
    expect(runs).toBe(1);
    randn(5);
    y.sum().backward();
    expect(runs).toBe(2);
    expect(noise[1]).toEqual(noise[0]);
    x.grad!.tolist();
    const expected = (noise[0] as number[]).map((r, i) => r * [4, 5, 6][i]! * 2);
    (x.grad!.tolist() as number[]).forEach((g, i) => {
      expect(g).toBeCloseTo(expected[i]!, 4);
    });
    expect(w.grad).not.toBeNull();
  });

  it("allows second derivatives and grad()", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = checkpoint((h: Tensor) => h.mul(h).mul(h), x, { preserveRngState: false });
    const [g] = grad(y.sum(), x, { createGraph: true });
    expect(g!.tolist()).toEqual([3, 12]);
    expect(grad(g!.sum(), x)[0]!.tolist()).toEqual([6, 12]);
  });

  it("takes a sequence in parts", () => {
    const x = tensor([2], { requiresGrad: true });
    let runs = 0;
    const square = (h: Tensor): Tensor => {
      runs++;
      return h.mul(h);
    };
    checkpointSequential([square, square, square], 3, x).backward();
    // x^8: 8 x^7; two of the three parts ran twice
    expect(x.grad!.tolist()).toEqual([1024]);
    expect(runs).toBe(5);
  });
});
