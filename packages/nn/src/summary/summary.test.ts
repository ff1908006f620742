import type { Tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";
import { summary } from "./summary.ts";

class Block extends nn.Module {
  conv = new nn.Conv2d(3, 8, 3);
  layers = new nn.ModuleList([new nn.ReLU(), new nn.BatchNorm2d(8)]);
  head = new nn.Sequential(new nn.Flatten(), new nn.Linear(8 * 6 * 6, 10));
  override forward(x: Tensor): Tensor {
    let y = this.conv(x);
    for (const layer of this.layers) y = layer(y) as Tensor;
    return this.head(y) as Tensor;
  }
}

describe("summary", () => {
  it("prints layers, shapes, parameters, multiply-adds and memory", () => {
    const net = new Block();
    for (const p of net.conv.parameters()) p.requiresGrad_(false);
    const found = summary(net, [2, 3, 8, 8]);
    expect(found.totalParams).toBe(224 + 16 + 2890);
    expect(found.totalMultAdds).toBe(224 * 2 * 36 + 16 * 2 + 2890 * 2);
    expect(`${found}`).toBe(`${"=".repeat(90)}
Layer (type:depth-idx)                   Output Shape             Param #
${"=".repeat(90)}
Block                                    [2, 10]                  --
├─Conv2d: 1-1                            [2, 8, 6, 6]             (224)
├─ModuleList: 1-2                        --                       --
│    └─ReLU: 2-1                         [2, 8, 6, 6]             --
│    └─BatchNorm2d: 2-2                  [2, 8, 6, 6]             16
├─Sequential: 1-3                        [2, 10]                  --
│    └─Flatten: 2-3                      [2, 288]                 --
│    └─Linear: 2-4                       [2, 10]                  2,890
${"=".repeat(90)}
Total params: 3,130
Trainable params: 2,906
Non-trainable params: 224
Total mult-adds (M): 0.02
${"=".repeat(90)}
Input size (MB): 0.00
Forward/backward pass size (MB): 0.01
Params size (MB): 0.01
Estimated Total Size (MB): 0.02
${"=".repeat(90)}`);
    expect(net.training).toBe(true);
    expect(net.layers.training).toBe(true);
  });

  it("has the columns and rows that are asked for", () => {
    const text = `${summary(new Block(), [2, 3, 8, 8], {
      colNames: ["inputSize", "outputSize", "kernelSize", "paramsPercent", "multAdds", "trainable"],
      colWidth: 16,
      rowSettings: ["varNames", "depth", "asciiOnly"],
    })}`;
    expect(
      text
        .split("\n")
        .slice(0, 7)
        .map((line) => line.trimEnd()),
    ).toEqual([
      "=".repeat(40 + 6 * 16),
      "Layer (type (var_name):depth-idx)        Input Shape     Output Shape    Kernel Shape    Param %         Mult-Adds       Trainable",
      "=".repeat(40 + 6 * 16),
      "Block (Block)                            [2, 3, 8, 8]    [2, 10]         --              --              --              True",
      "+ Conv2d (conv): 1-1                     [2, 3, 8, 8]    [2, 8, 6, 6]    [3, 3]          7.16%           16,128          True",
      "+ ModuleList (layers): 1-2               --              --              --              --              --              True",
      "|    + ReLU (0): 2-1                     [2, 8, 6, 6]    [2, 8, 6, 6]    --              --              --              --",
    ]);
    expect(() => summary(new Block(), [2, 3, 8, 8], { colNames: ["size" as "inputSize"] })).toThrow("summary() has no column 'size'");
  });

  it("takes several inputs, other dtypes, and stops at a depth", () => {
    class Two extends nn.Module {
      embedding = new nn.Embedding(10, 4);
      inner = new nn.Sequential(new nn.Linear(4, 4), new nn.Linear(4, 2));
      override forward(words: Tensor, scale: Tensor): Tensor {
        return (this.inner(this.embedding(words)) as Tensor).mul(scale);
      }
    }
    const text = `${summary(new Two(), [[2, 5], [1]], { depth: 1, dtypes: ["int64", "float32"] })}`;
    expect(text).toContain("├─Embedding: 1-1                         [2, 5, 4]                40");
    expect(text).toContain("├─Sequential: 1-2                        [2, 5, 2]                30");
    expect(text).not.toContain("2-1");
  });
});
