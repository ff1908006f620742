import { addmm, cdist, convTranspose1d, fft, float64, linalg, linear, mm, nllLoss, ones, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { autocast, getAutocastDtype, isAutocastEnabled } from "./autocast.ts";
import "./index.ts";

const x = tensor([
  [1, 2],
  [3, 4.001],
]);

describe("autocast", () => {
  it("lowers the precision of products inside the scope only", () => {
    expect(autocast("cpu", { dtype: "bfloat16" }, () => mm(x, x).dtype)).toBe("bfloat16");
    expect(mm(x, x).dtype).toBe("float32");
    expect(autocast("cpu", () => x.add(x).dtype)).toBe("float32");
    expect(autocast("cpu", () => mm(x.double(), x.double()).dtype)).toBe("float64");
    // Products round their inputs as PyTorch does: 4.001 is 4 in bfloat16.
    expect(autocast("cpu", () => mm(x, x).float().tolist())).toEqual([
      [7, 10],
      [15, 22],
    ]);
  });

  it("computes losses in float32", () => {
    const target = tensor([0, 1], { dtype: "int64" });
    const loss = autocast("cpu", () => nllLoss(mm(x, x).logSoftmax(1), target));
    expect(loss.dtype).toBe("float32");
  });

  it("computes in float32 what PyTorch has no kernel for on the CPU, whole", () => {
    const low = x.bfloat16();
    const vector = x.select(0, 0);
    const dtypes = autocast("cpu", () => [
      low.trace(),
      cdist(low, low),
      linalg.inv(low),
      linalg.lstsq(x, x).solution,
      fft.rfft(low).abs(),
      convTranspose1d(ones(1, 2, 3).bfloat16(), ones(2, 1, 2).bfloat16()),
      x.mv(vector),
    ]).map(({ dtype }) => dtype);
    expect(dtypes).toEqual(new Array(7).fill("float32"));
    expect(autocast("cpu", () => [x.matmul(vector), addmm(x, x, x)]).map(({ dtype }) => dtype)).toEqual(["bfloat16", "bfloat16"]);
  });

  it("gives gradients in the dtype of parameters, casting each once", () => {
    const w = ones(3, 2).requiresGrad_();
    const b = ones(3).requiresGrad_();
    const loss = autocast("cpu", () =>
      linear(x, w, b)
        .add(linear(x, w, b))
        .sum(),
    );
    loss.backward();
    expect([w.grad!.dtype, b.grad!.dtype]).toEqual(["float32", "float32"]);
    expect(w.grad!.tolist()).toEqual([
      [8, 12],
      [8, 12],
      [8, 12],
    ]);
    expect(b.grad!.tolist()).toEqual([4, 4, 4]);
  });

  it("sees parameters that were written within the scope", () => {
    const w = ones(2, 2).requiresGrad_();
    const [before, after] = autocast("cpu", () => {
      const first = mm(x, w).detach();
      w.detach().mul_(2);
      return [first, mm(x, w).detach()];
    });
    expect(after.float().tolist()).toEqual(before.mul(2).float().tolist());
  });

  it("nests, and is switched off inside", () => {
    autocast("cpu", () => {
      expect(isAutocastEnabled("cpu")).toBe(true);
      expect(isAutocastEnabled("cuda")).toBe(false);
      expect(getAutocastDtype("cpu")).toBe("bfloat16");
      expect(autocast("cpu", { enabled: false }, () => mm(x, x).dtype)).toBe("float32");
      expect(autocast("cuda", () => mm(x, x).dtype)).toBe("bfloat16");
    });
    expect(isAutocastEnabled("cpu")).toBe(false);
  });

  it("holds for a block, and across await", async () => {
    {
      using _ = autocast("cpu");
      expect(mm(x, x).dtype).toBe("bfloat16");
    }
    const pending = autocast("cpu", async () => {
      await Promise.resolve();
      return mm(x, x).dtype;
    });
    expect(mm(x, x).dtype).toBe("float32");
    expect(await pending).toBe("bfloat16");
    expect(mm(x, x).dtype).toBe("float32");
  });

  it("refuses other devices and dtypes", () => {
    expect(() => autocast("tpu")).toThrow("User specified autocast device_type must be 'cuda' or 'cpu'");
    expect(() => autocast("cpu", { dtype: float64 })).toThrow("autocast computes in bfloat16 or float16, not in float64");
  });
});
