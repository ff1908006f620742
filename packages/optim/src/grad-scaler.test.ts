import "@bluedot/autograd";
import { tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { GradScaler } from "./grad-scaler.ts";
import { SGD } from "./sgd.ts";

const start = () => {
  const w = tensor([1, 2], { requiresGrad: true });
  return { w, optimizer: new SGD([w], 0.5) };
};

describe("GradScaler", () => {
  it("takes the steps that unscaled gradients would take, and grows", () => {
    const { w, optimizer } = start();
    const scaler = new GradScaler("cpu", { initScale: 1024, growthInterval: 2 });
    for (let i = 0; i < 2; i++) {
      optimizer.zeroGrad();
      scaler.scale(w.mul(tensor([1, 3])).sum()).backward();
      expect(w.grad!.tolist()).toEqual([1024, 3072]);
      scaler.step(optimizer);
      scaler.update();
    }
    expect(w.tolist()).toEqual([0, -1]);
    expect(scaler.getScale()).toBe(2048);
  });

  it("skips steps with infinite gradients, and shrinks", () => {
    const { w, optimizer } = start();
    const scaler = new GradScaler();
    scaler.scale(w.mul(Number.POSITIVE_INFINITY).sum()).backward();
    scaler.unscale_(optimizer);
    expect(() => scaler.unscale_(optimizer)).toThrow("unscale_() has already been called on this optimizer since the last update().");
    scaler.step(optimizer);
    scaler.update();
    expect(w.tolist()).toEqual([1, 2]);
    expect(scaler.getScale()).toBe(32768);
    expect(Object.fromEntries(scaler.stateDict())).toEqual({
      scale: 32768,
      growth_factor: 2,
      backoff_factor: 0.5,
      growth_interval: 2000,
      _growth_tracker: 0,
    });
  });

  it("does nothing when disabled, and wants a scaled loss otherwise", () => {
    const { w, optimizer } = start();
    const off = new GradScaler({ enabled: false });
    off.scale(w.sum()).backward();
    off.step(optimizer);
    off.update();
    expect(w.tolist()).toEqual([0.5, 1.5]);
    expect(off.getScale()).toBe(1);
    expect(() => new GradScaler().step(optimizer)).toThrow("Attempted step but _scale is None.");
  });
});
