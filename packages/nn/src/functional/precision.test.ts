import { autocast } from "@bluedot/autograd";
import { tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import * as F from "../functional.ts";

describe("losses under autocast", () => {
  it("are computed in float32, as PyTorch computes them", () => {
    const x = tensor(
      [
        [0.5, -1],
        [2, 0.25],
      ],
      { dtype: "bfloat16" },
    );
    const y = tensor(
      [
        [1, 1],
        [0, 0.125],
      ],
      { dtype: "bfloat16" },
    );
    const classes = tensor([0, 1], { dtype: "int64" });
    const signs = tensor([1, -1], { dtype: "int64" });
    const losses = () => [
      F.l1Loss(x, y),
      F.mseLoss(x, y),
      F.klDiv(x, y),
      F.poissonNllLoss(x, y),
      F.hingeEmbeddingLoss(x, signs),
      F.cosineEmbeddingLoss(x, y, signs),
      F.tripletMarginLoss(x, y, x),
      F.marginRankingLoss(x, y, y),
      F.multiMarginLoss(x, classes),
      F.crossEntropy(x, classes),
    ];
    expect(autocast("cpu", losses).map(({ dtype }) => dtype)).toEqual(new Array(10).fill("float32"));
    expect(F.l1Loss(x, y).dtype).toBe("bfloat16");
    expect(autocast("cpu", () => F.l1Loss(x, y)).item()).toBe((0.5 + 2 + 2 + 0.125) / 4);
  });
});
