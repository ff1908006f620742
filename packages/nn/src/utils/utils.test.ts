import "@bluedot/autograd";
import { eye, manualSeed, ones, rand, type Tensor, tensor, zeros } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

const keys = (module: nn.Module): string[] => [...module.stateDict().keys()];
const { rnn, prune, parametrizations, parametrize } = nn.utils;

describe("packed sequences", () => {
  it("pack, run and pad back", () => {
    const padded = tensor([
      [1, 2, 0],
      [3, 4, 5],
    ]).unsqueeze(-1);
    const packed = rnn.packPaddedSequence(padded, [2, 3], { batchFirst: true, enforceSorted: false });
    expect(packed.data.flatten().tolist()).toEqual([3, 1, 4, 2, 5]);
    expect(packed.batchSizes.tolist()).toEqual([2, 2, 1]);
    const [back, lengths] = rnn.padPackedSequence(packed, { batchFirst: true });
    expect(back.tolist()).toEqual(padded.tolist());
    expect(lengths.tolist()).toEqual([2, 3]);
    const gru = new nn.GRU(1, 4, { bidirectional: true });
    const [output, last] = gru(packed);
    expect(output.data.shape).toEqual([5, 8]);
    expect(last.shape).toEqual([2, 2, 4]);
  });

  it("gives each sequence the last state it has alone", () => {
    manualSeed(0);
    const lstm = new nn.LSTM(2, 3);
    const sequences = [ones(3, 2), ones(1, 2).mul(2)];
    const [, [h]] = lstm(rnn.packSequence(sequences));
    const [, [alone]] = lstm(sequences[1]!.unsqueeze(1));
    expect(h.select(1, 1).tolist()).toEqual(alone.select(1, 0).tolist());
  });

  it("refuses unsorted lengths", () => {
    expect(() => rnn.packPaddedSequence(zeros(3, 2, 1), [1, 3])).toThrow("must be sorted in decreasing order");
  });
});

describe("gradients", () => {
  it("are clipped together by norm", () => {
    const a = zeros(1, { requiresGrad: true });
    const b = zeros(1, { requiresGrad: true });
    a.grad = tensor([3]);
    b.grad = tensor([4]);
    expect(nn.utils.clipGradNorm_([a, b], 1).item()).toBe(5);
    expect((a.grad as Tensor).item()).toBeCloseTo(0.6, 5);
    nn.utils.clipGradValue_([a, b], 0.5);
    expect((b.grad as Tensor).item()).toBe(0.5);
  });
});

describe("parametrizations", () => {
  it("replace a weight by a function of another tensor", () => {
    const layer = parametrizations.weightNorm(new nn.Linear(2, 2));
    expect(keys(layer)).toEqual(["bias", "parametrizations.weight.original0", "parametrizations.weight.original1"]);
    expect(String(layer)).toBe(
      "ParametrizedLinear(\n  in_features=2, out_features=2, bias=True\n  (parametrizations): ModuleDict(\n    (weight): ParametrizationList(\n      (0): _WeightNorm()\n    )\n  )\n)",
    );
    layer(ones(1, 2)).sum().backward();
    expect(layer.parameters().every((p) => p.grad !== null)).toBe(true);
    parametrize.removeParametrizations(layer, "weight");
    expect(keys(layer)).toEqual(["bias", "weight"]);
    expect(layer.weight).toBeInstanceOf(nn.Parameter);
  });

  it("keep the largest singular value at 1", () => {
    manualSeed(0);
    const layer = parametrizations.spectralNorm(new nn.Linear(3, 3));
    layer.eval();
    const w = layer.weight;
    // The largest eigenvalue of w w^T, by repeated squaring of the matrix.
    let m = w.matmul(w.t());
    for (let i = 0; i < 6; i++) m = m.matmul(m);
    expect((m.diagonal().sum().item() as number) ** (1 / 64)).toBeCloseTo(1, 2);
  });
});

describe("pruning", () => {
  it("masks the smallest elements until it is made permanent", () => {
    const layer = new nn.Linear(4, 1, { bias: false });
    layer.loadStateDict({ weight: tensor([[1, -4, 3, 2]]) });
    prune.l1Unstructured(layer, "weight", 0.5);
    expect(keys(layer)).toEqual(["weight_orig", "weight_mask"]);
    expect(layer(ones(1, 4)).item()).toBe(-1);
    prune.remove(layer, "weight");
    expect(layer.weight.tolist()).toEqual([[0, -4, 3, 0]]);
    expect(prune.isPruned(layer)).toBe(false);
  });
});

describe("fusion", () => {
  it("folds batch normalisation into the convolution before it", () => {
    manualSeed(1);
    const conv = new nn.Conv2d(2, 3, 3).eval();
    const norm = new nn.BatchNorm2d(3).eval();
    norm.runningMean?.fill_(0.5);
    norm.runningVar?.fill_(2);
    const x = ones(1, 2, 4, 4);
    const fused = nn.utils.fuseConvBnEval(conv, norm);
    expect(
      fused(x)
        .sub(norm(conv(x)))
        .abs()
        .max()
        .item(),
    ).toBeLessThan(1e-6);
  });
});

describe("pruning methods", () => {
  it("choose what PyTorch chooses, also one after the other", () => {
    manualSeed(3);
    const layer = new nn.Linear(6, 5);
    prune.l1Unstructured(layer, "weight", 0.2);
    const method = prune.LnStructured.apply(layer, "weight", 0.5, 1, -2);
    expect(method).toBeInstanceOf(prune.PruningContainer);
    expect((layer as unknown as { weight_mask: Tensor }).weight_mask.tolist()).toEqual([
      [1, 1, 1, 1, 0, 1],
      [0, 0, 0, 0, 0, 0],
      [0, 0, 0, 0, 0, 0],
      [1, 1, 1, 1, 1, 1],
      [1, 1, 1, 0, 1, 1],
    ]);
    method.remove(layer);
    expect([...layer.stateDict().keys()]).toEqual(["bias", "weight"]);
  });

  it("can be one's own", () => {
    class EveryOther extends prune.BasePruningMethod {
      override computeMask(_: Tensor, mask: Tensor): Tensor {
        return mask.mul(tensor([0, 1, 0, 1]));
      }
    }
    const layer = new nn.Linear(4, 1);
    new EveryOther().attach(layer, "weight");
    expect((layer.weight.tolist() as number[][])[0]!.map((w) => w !== 0)).toEqual([false, true, false, true]);
  });
});

it("makes a weight orthogonal by reflections", () => {
  manualSeed(1);
  const layer = new nn.Linear(3, 5);
  parametrizations.orthogonal(layer, { orthogonalMap: "householder", useTrivialization: false });
  expect(layer.weight.at(0, 0).item()).toBeCloseTo(0.626458, 5);
  const identity = layer.weight.t().matmul(layer.weight);
  expect(identity.sub(eye(3)).abs().max().item()).toBeLessThan(1e-6);
});

it("skips initialisation", () => {
  manualSeed(0);
  nn.utils.skipInit(nn.Linear, 5, 1);
  const next = rand(1).item();
  manualSeed(0);
  expect(rand(1).item()).toBe(next);
});

it("takes options of the older normalisations by name", () => {
  const layer = nn.utils.weightNorm(new nn.Linear(3, 4), { dim: null });
  expect(layer.stateDict().get("weight_g")!.shape).toEqual([]);
  expect(keys(nn.utils.spectralNorm(new nn.Linear(3, 4), { nPowerIterations: 2 }))).toEqual([
    "bias",
    "weight_orig",
    "weight_u",
    "weight_v",
  ]);
  // @ts-expect-error no such option
  expect(() => nn.utils.weightNorm(new nn.Linear(3, 4), { axis: 1 })).toThrow("unexpected keyword argument 'axis'");
});
