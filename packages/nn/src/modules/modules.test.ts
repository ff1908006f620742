import "@bluedot/autograd";
import { manualSeed, ones, randn, type Tensor, tensor, zeros } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

describe("containers", () => {
  it("index, slice, insert and iterate", () => {
    const net = new nn.Sequential(new nn.Linear(2, 3), new nn.ReLU(), new nn.Linear(3, 1));
    expect(net.length).toBe(3);
    expect(net[1]).toBeInstanceOf(nn.ReLU);
    expect(net.at(-1)).toBe(net[2]);
    expect(String(net.slice(1))).toBe("Sequential(\n  (1): ReLU()\n  (2): Linear(in_features=3, out_features=1, bias=True)\n)");
    net.insert(1, new nn.Tanh());
    expect([...net].map((m) => m.typeName())).toEqual(["Linear", "Tanh", "ReLU", "Linear"]);
    expect([...net.stateDict().keys()]).toEqual(["0.weight", "0.bias", "3.weight", "3.bias"]);
    expect(() => net.at(9)).toThrow("index 9 is out of range");
  });

  it("take named modules", () => {
    const net = new nn.Sequential({ hidden: new nn.Linear(2, 2), act: new nn.ReLU() });
    expect([...net.stateDict().keys()]).toEqual(["hidden.weight", "hidden.bias"]);
    const list = new nn.ModuleList([new nn.ReLU()]).append(new nn.Tanh());
    expect(String(list)).toBe("ModuleList(\n  (0): ReLU()\n  (1): Tanh()\n)");
    expect(String(new nn.ParameterList([zeros(2, 3), zeros(1)]))).toBe(
      "ParameterList(\n    (0): Parameter containing: [torch.float32 of size 2x3]\n    (1): Parameter containing: [torch.float32 of size 1]\n)",
    );
  });
});

describe("layers", () => {
  it("batch normalisation tracks statistics in training only", () => {
    const norm = new nn.BatchNorm1d(1);
    const x = tensor([[1], [3]]);
    // mean 2, unbiased variance 2: running mean 0.1 * 2, running variance 0.9 + 0.1 * 2
    norm(x);
    expect(norm.runningMean?.item()).toBeCloseTo(0.2, 6);
    expect(norm.runningVar?.item()).toBeCloseTo(1.1, 6);
    expect(norm.numBatchesTracked?.item()).toBe(1);
    norm.eval();
    norm(x);
    expect(norm.numBatchesTracked?.item()).toBe(1);
    expect(() => norm(zeros(1, 1, 1, 1))).toThrow("expected 2D or 3D input (got 4D input)");
  });

  it("lazy layers become ordinary ones at the first input", () => {
    const layer = new nn.LazyLinear(3);
    expect(String(layer)).toBe("LazyLinear(in_features=0, out_features=3, bias=True)");
    expect(layer(zeros(2, 5)).shape).toEqual([2, 3]);
    expect(String(layer)).toBe("Linear(in_features=5, out_features=3, bias=True)");
    expect(layer.weight.shape).toEqual([3, 5]);
  });

  it("attention gives weights that add up to one", () => {
    manualSeed(0);
    const attention = new nn.MultiheadAttention(4, 2, { batchFirst: true });
    const x = randn(2, 3, 4);
    const [out, weights] = attention(x, x, x);
    expect(out.shape).toEqual([2, 3, 4]);
    for (const row of (weights as Tensor).sum(-1).flatten().tolist() as number[]) expect(row).toBeCloseTo(1, 5);
    expect(attention(x, x, x, { needWeights: false })[1]).toBeNull();
  });

  it("a transformer's causal mask hides later elements", () => {
    manualSeed(0);
    const layer = new nn.TransformerEncoderLayer(4, 2, 8, { dropout: 0 });
    const mask = nn.Transformer.generateSquareSubsequentMask(3);
    const x = randn(3, 1, 4);
    const changed = x.clone();
    changed.at(2).fill_(9);
    const first = layer(x, mask).at(0).tolist();
    expect(layer(changed, mask).at(0).tolist()).toEqual(first);
  });

  it("losses reduce as asked", () => {
    const input = tensor([1, 2]);
    const target = tensor([0, 4]);
    expect(new nn.MSELoss()(input, target).item()).toBe(2.5);
    expect(new nn.MSELoss({ reduction: "sum" })(input, target).item()).toBe(5);
    expect(new nn.L1Loss({ reduction: "none" })(input, target).tolist()).toEqual([1, 2]);
    expect(() => new nn.HuberLoss({ delta: -1 })(input, target)).toThrow("huber_loss does not support non-positive values for delta.");
    expect(String(new nn.MSELoss()(ones(1, { requiresGrad: true }), zeros(1)))).toBe("tensor(1., grad_fn=<MseLossBackward0>)");
  });
});
