import { maxPool2d, memoryStats, ones, randn, type Tensor, tensor } from "@bluedot/core";
import { borrowGrad } from "@bluedot/core/extend";
import { describe, expect, it } from "vitest";
import { checkpoint, grad, noGrad } from "./index.ts";

const KB = 4096;
/** 4 KiB of float32. */
const leaf = (): Tensor => ones(1024, { requiresGrad: true });
const allocated = (): number => memoryStats().allocated;

describe("a backward pass gives back", () => {
  it("all gradients but those of leaves", () => {
    const x = leaf();
    const factor = ones(1024).mul(1.5);
    let y: Tensor = x;
    for (let i = 0; i < 200; i++) y = y.mul(factor).neg();
    const seed = ones(1024);
    const before = allocated();
    y.backward(seed);
    expect(allocated() - before).toBe(KB);
    // Gradients of two operations at a time, and what the allocator had seen before.
    expect(memoryStats().peak - before).toBeLessThanOrEqual(4 * KB);
  });

  it("everything, once the leaves have their gradients", () => {
    const x = leaf();
    const w = leaf();
    const step = (): number => {
      const h = x.mul(w).add(x);
      const loss = h.mul(h).div(w.add(2)).sum();
      const before = allocated();
      loss.backward();
      return allocated() - before;
    };
    expect(step()).toBe(2 * KB);
    for (let i = 0; i < 5; i++) expect(step()).toBe(0);
  });

  it("copies that were saved because of writes in place", () => {
    const x = leaf();
    const w = leaf();
    const y = x.mul(1);
    const before = allocated();
    y.mul_(w);
    expect(allocated() - before).toBe(KB);
    y.sum().backward();
    const kept = allocated() - before;
    // The leaves' gradients and the sum itself.
    expect(kept).toBeLessThan(2 * KB + 512);
    expect([x.grad!.sum().item(), w.grad!.sum().item()]).toEqual([1024, 1024]);
  });

  it("sums of gradients where paths meet", () => {
    const x = leaf();
    const h = x.mul(2);
    let total = h.mul(1);
    for (let i = 0; i < 20; i++) total = total.add(h.mul(i));
    const seed = ones(1024);
    const before = allocated();
    total.backward(seed);
    expect(allocated() - before).toBe(KB);
    // 2 * (1 + 0 + ... + 19)
    expect(x.grad!.at(0).item()).toBe(382);
    expect(seed.sum().item()).toBe(1024);
  });

  it("nothing that somebody may hold", () => {
    const x = leaf();
    const h = x.mul(3);
    const held: Tensor[] = [];
    h.retainGrad();
    h.registerHook((g) => {
      held.push(g, g.view(32, 32));
    });
    const [gh, gx] = grad(h.mul(h).add(h).sum(), [h, x], { retainGraph: true });
    h.mul(h).sum().backward();
    for (let i = 0; i < 10; i++) x.mul(x).add(randn(1024)).sum().backward();
    expect(held.map((g) => g.sum().item())).toEqual([7168, 7168, 6144, 6144]);
    expect([gh!.sum().item(), gx!.sum().item(), h.grad!.sum().item()]).toEqual([7168, 21504, 7168 + 6144]);
  });
});

describe("outputs that only the derivative reads", () => {
  const image = (): Tensor => ones(1, 1, 64, 64).requiresGrad_();

  it("are given back with the graph, or at once where nothing is recorded", () => {
    const x = image();
    const before = allocated();
    noGrad(() => maxPool2d(x, 2));
    expect(allocated() - before).toBe(KB);
    const y = maxPool2d(x, 2);
    // Two results, and the places of the second one's maxima as int64.
    expect(allocated() - before).toBe(4 * KB);
    y.sum().backward();
    expect(x.grad!.sum().item()).toBe(1024);
    // Both results, the gradient, two sums.
    expect(allocated() - before).toBe(2 * KB + 4 * KB + 2 * 64);
  });

  it("live on in a derivative that is itself recorded", () => {
    const x = image();
    const y = maxPool2d(x.mul(x), 2);
    const [first] = grad(y.sum(), [x], { createGraph: true });
    for (let i = 0; i < 5; i++) maxPool2d(randn(1, 1, 64, 64), 2);
    const [second] = grad(first!.sum(), [x]);
    expect(second!.sum().item()).toBe(2 * 1024);
  });
});

describe("a gradient that is cleared", () => {
  it("gives its memory back where nobody has seen it", () => {
    const x = leaf();
    x.mul(2).sum().backward();
    expect(borrowGrad(x)!.sum().item()).toBe(2048);
    const before = allocated();
    x.grad = null;
    expect(before - allocated()).toBe(KB);
  });

  it("stays with those who have seen it", () => {
    const x = leaf();
    x.mul(2).sum().backward();
    const seen = x.grad!;
    x.grad = null;
    for (let i = 0; i < 5; i++) x.mul(3).sum().backward();
    expect(seen.sum().item()).toBe(2048);
  });
});

it("a long training loop keeps its memory flat", () => {
  const data = randn(32, 64);
  const target = randn(32, 10);
  const first = randn(64, 32).mul(0.05).requiresGrad_();
  const second = randn(32, 10).mul(0.05).requiresGrad_();
  const parameters = [first, second];
  const step = (): number => {
    const h = data.mm(first).relu();
    const hidden = checkpoint((t: Tensor) => t.mul(t).add(t), h, { preserveRngState: false });
    const error = hidden.mm(second).sub(target);
    const loss = error.mul(error).mean();
    loss.backward();
    noGrad(() => {
      for (const p of parameters) {
        p.sub_(p.grad!, { alpha: 0.01 });
        p.grad = null;
      }
    });
    return loss.item() as number;
  };
  const before = step();
  for (let i = 0; i < 100; i++) step();
  const start = process.memoryUsage().arrayBuffers;
  for (let i = 0; i < 300; i++) step();
  expect(process.memoryUsage().arrayBuffers - start).toBeLessThan(16 * 1024 * 1024);
  expect(step()).toBeLessThan(before);
});

it("keeps a gradient beyond the pass that made it", () => {
  const x = tensor([1, 2], { requiresGrad: true });
  x.mul(x).sum().backward();
  const first = x.grad!;
  x.mul(x).mul(x).sum().backward();
  expect(x.grad === first).toBe(true);
  expect(first.tolist()).toEqual([2 + 3, 4 + 12]);
});
