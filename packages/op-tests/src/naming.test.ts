import { describe, expect, it } from "vitest";
import { camelCase, camelPath, isClassName } from "./naming.ts";

describe("camelCase", () => {
  it.each([
    ["scatter_add", "scatterAdd"],
    ["scatter_add_", "scatterAdd_"],
    ["scaled_dot_product_attention", "scaledDotProductAttention"],
    ["max_pool2d", "maxPool2d"],
    ["atleast_2d", "atleast2d"],
    ["_version", "_version"],
    ["T", "T"],
    ["T_max", "TMax"],
    ["UPLO", "UPLO"],
    ["Conv2d", "Conv2d"],
  ])("turns %s into %s", (name, expected) => {
    expect(camelCase(name)).toBe(expected);
  });
});

describe("camelPath", () => {
  it("drops the leading torch and maps torchvision to vision", () => {
    expect(camelPath("torch.nn.functional.log_softmax")).toEqual(["nn", "functional", "logSoftmax"]);
    expect(camelPath("optim.lr_scheduler.StepLR")).toEqual(["optim", "lrScheduler", "StepLR"]);
    expect(camelPath("torchvision.ops.box_iou")).toEqual(["vision", "ops", "boxIou"]);
  });
});

describe("isClassName", () => {
  it("knows classes by their capital", () => {
    expect(["torch.nn.Linear", "torch.optim.SGD", "torch.nn.functional.relu", "torch.tensor"].map(isClassName)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
