import { type Tensor, tensor, zeros } from "@bluedot/core";
import "@bluedot/autograd";
import { expect, it } from "vitest";
import * as nn from "../index.ts";

const values = (x: { flatten(): { tolist(): unknown } } | null): unknown => x?.flatten().tolist();

it("normalises across maps with PyTorch's sums", () => {
  const x = tensor([1, 2, 3, 4, 5, 6], { dtype: "float64" }).reshape(1, 3, 1, 2).requiresGrad_();
  const out = new nn.CrossMapLRN2d(2, { alpha: 0.5, beta: 1, k: 1 })(x);
  expect(values(out)).toEqual([0.8, 1, 0.8571428571428571, 0.6666666666666666, 0.6666666666666666, 0.5454545454545454]);
  out.sum().backward();
  const grad = values(x.grad) as number[];
  [0.48, 0, -1.0416326530612245, -1.0555555555555556, -0.7011337868480725, -0.391184573002755].forEach((g, i) => {
    expect(grad[i]).toBeCloseTo(g, 13);
  });
});

it("bounds the norms of a cosine in value alone", () => {
  const x = tensor([[3, 4]], { dtype: "float64", requiresGrad: true });
  const similarity = nn.functional.cosineSimilarity(x, tensor([[1, 2]], { dtype: "float64" }), { eps: 10 });
  similarity.sum().backward();
  expect(similarity.item()).toBeCloseTo(0.11, 15);
  expect(values(x.grad)).toEqual([expect.closeTo(0.0067, 15), expect.closeTo(0.0156, 15)]);
});

it("divides gradients of bags by the frequencies that PyTorch takes", () => {
  const bag = new nn.EmbeddingBag(4, 1, { mode: "sum", scaleGradByFreq: true });
  bag(
    tensor([
      [1n, 1n, 2n],
      [1n, 0n, 2n],
    ]),
  )
    .sum()
    .backward();
  expect(values(bag.weight.grad)).toEqual([1, 1, Math.fround(2 / 3), 0]);
});

it("tells of paddings and places that don't fit in PyTorch's words", () => {
  const F = nn.functional;
  const picture = tensor([
    [
      [
        [1, 2],
        [3, 4],
      ],
    ],
  ]);
  expect(() => F.pad(picture, [2, 0, 0, 0], "reflect")).toThrow("padding (2, 0) at dimension 3 of input 4");
  expect(() => F.pad(picture.select(0, 0), [1, 1, 1, 1], "circular")).toThrow("Invalid padding size, expected 2 but got 4");
  const places = tensor([
    [
      [
        [0n, 9n],
        [20n, 3n],
      ],
    ],
  ]);
  expect(() => F.maxUnpool2d(picture, places, 2)).toThrow("Found an invalid max index: 20 (output volumes are of size 4x4");
});

it("gives a bias without a weight the sum of its channel's gradients", () => {
  const F = nn.functional;
  const x = tensor([1, 4, 2, 8, 5, 7, 3, 9, 6, 0, 2, 1]).reshape(2, 3, 2);
  const g = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]).reshape(2, 3, 2);
  const gradOf = (normalized: (bias: Tensor) => Tensor): unknown => {
    const bias = zeros(3, { requiresGrad: true });
    normalized(bias).mul(g).sum().backward();
    return bias.grad!.tolist();
  };
  const sums = [1 + 2 + 7 + 8, 3 + 4 + 9 + 10, 5 + 6 + 11 + 12];
  expect(gradOf((bias) => F.batchNorm(x, null, null, { bias, training: true }))).toEqual(sums);
  expect(gradOf((bias) => F.instanceNorm(x, { bias }))).toEqual(sums);
  expect(gradOf((bias) => F.groupNorm(x, 1, { bias }))).toEqual(sums);
});

it("gives bags without members a gradient of zeros", () => {
  const weight = tensor(
    [
      [1, 2],
      [3, 4],
    ],
    { requiresGrad: true },
  );
  const F = nn.functional;
  F.embeddingBag(tensor([0n, 0n]), weight, tensor([0n, 1n]), { mode: "max", paddingIdx: 0 })
    .sum()
    .backward();
  expect(weight.grad!.tolist()).toEqual([
    [0, 0],
    [0, 0],
  ]);
  expect(() => F.glu(tensor([1, 2]), -2)).toThrow("Dimension out of range (expected to be in range of [-1, 0], but got -2)");
  expect(() => F.multilabelSoftMarginLoss(tensor([1]), tensor([1]), { reduction: "all" as "sum" })).toThrow("all is not valid");
});
