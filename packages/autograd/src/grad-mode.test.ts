import { ones, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { enableGrad, inferenceMode, isGradEnabled, isInferenceModeEnabled, noGrad, setGradEnabled } from "./index.ts";

const x = ones(2, { requiresGrad: true });
const records = (): boolean => x.mul(2).requiresGrad;
const later = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

describe("grad mode", () => {
  it("nests, and comes back after errors", () => {
    noGrad(() => {
      expect(records()).toBe(false);
      enableGrad(() => {
        expect(records()).toBe(true);
      });
      expect(isGradEnabled()).toBe(false);
    });
    expect(() =>
      noGrad(() => {
        throw new Error("boom");
      }),
    ).toThrow("boom");
    expect(records()).toBe(true);
    expect(setGradEnabled(false, records)).toBe(false);
    expect(noGrad(() => 5)).toBe(5);
  });

  it("holds in a block with using", () => {
    {
      using _off = noGrad();
      expect(records()).toBe(false);
      {
        using _on = setGradEnabled(true);
        expect(records()).toBe(true);
      }
      expect(records()).toBe(false);
    }
    expect(records()).toBe(true);
  });

  it("follows asynchronous functions across await, and them alone", async () => {
    const seen: boolean[] = [];
    const off = noGrad(async () => {
      seen.push(records());
      await later();
      seen.push(records());
      await enableGrad(async () => {
        await later();
        seen.push(records());
      });
      seen.push(noGrad(records), enableGrad(records), records());
    });
    expect(records()).toBe(true);
    await Promise.resolve();
    expect(records()).toBe(true);
    expect(noGrad(records)).toBe(false);
    await off;
    expect(seen).toEqual([false, false, true, false, true, false]);
    expect(records()).toBe(true);
  });

  it("follows a plain function that returns a promise", async () => {
    const work = async (): Promise<boolean> => {
      await later();
      return records();
    };
    expect(await noGrad(() => work())).toBe(false);
    await expect(
      noGrad(async () => {
        await later();
        throw new Error("boom");
      }),
    ).rejects.toThrow("boom");
    expect(isGradEnabled()).toBe(true);
  });
});

describe("inference mode", () => {
  it("makes tensors that stay out of graphs", () => {
    const y = inferenceMode(() => {
      expect([isInferenceModeEnabled(), isGradEnabled()]).toEqual([true, false]);
      return x.mul(2);
    });
    expect([y.requiresGrad, y.isInference(), y.view(2).isInference(), x.isInference()]).toEqual([false, true, true, false]);
    expect(() => y.add_(1)).toThrow(/^Inplace update to inference tensor outside InferenceMode is not allowed\./);
    expect(() => y.version).toThrow("Inference tensors do not track version counter.");
    expect(() => x.mul(y)).toThrow(/^Inference tensors cannot be saved for backward\./);
    expect(() => y.requiresGrad_()).toThrow("Setting requires_grad=True on inference tensor outside InferenceMode is not allowed.");
    expect(y.clone().isInference()).toBe(false);
    inferenceMode(() => y.add_(1));
    expect(y.tolist()).toEqual([3, 3]);
    expect(x.add(y).tolist()).toEqual([4, 4]);
  });

  it("may be off inside itself", () => {
    const z: Tensor = inferenceMode(() => inferenceMode(false, () => tensor([1])));
    expect(z.isInference()).toBe(false);
  });

  it("follows asynchronous functions", async () => {
    const [inside] = await Promise.all([
      inferenceMode(async () => {
        await later();
        return ones(1);
      }),
    ]);
    expect(inside.isInference()).toBe(true);
    expect(ones(1).isInference()).toBe(false);
  });
});
