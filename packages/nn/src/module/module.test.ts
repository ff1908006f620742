import "@bluedot/autograd";
import { noGrad } from "@bluedot/autograd";
import { manualSeed, ones, type Tensor, tensor, zeros } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import * as nn from "../index.ts";

class Net extends nn.Module {
  fc1 = new nn.Linear(2, 3);
  act = new nn.ReLU();
  fc2 = new nn.Linear(3, 1);
  override forward(x: Tensor): Tensor {
    return this.fc2(this.act(this.fc1(x)));
  }
}

describe("Module", () => {
  it("is callable, typed from its forward", () => {
    const net = new Net();
    const out: Tensor = net(zeros(4, 2));
    expect(out.shape).toEqual([4, 1]);
    expect(net).toBeInstanceOf(Net);
    expect(net).toBeInstanceOf(nn.Module);
  });

  it("finds parameters, children and modules in the order of assignment", () => {
    const net = new Net();
    expect(net.namedParameters().map(([name]) => name)).toEqual(["fc1.weight", "fc1.bias", "fc2.weight", "fc2.bias"]);
    expect(net.parameters().map((p) => p.shape)).toEqual([[3, 2], [3], [1, 3], [1]]);
    expect(net.namedChildren().map(([name]) => name)).toEqual(["fc1", "act", "fc2"]);
    expect(net.namedModules().map(([name]) => name)).toEqual(["", "fc1", "act", "fc2"]);
  });

  it("lists a shared parameter once, but saves it under both names", () => {
    const net = new Net();
    const tied = new nn.Sequential(net.fc1, net.fc1);
    expect(tied.parameters()).toHaveLength(2);
    expect([...tied.stateDict().keys()]).toEqual(["0.weight", "0.bias", "1.weight", "1.bias"]);
  });

  it("prints the tree as PyTorch does", () => {
    expect(String(new Net())).toBe(
      "Net(\n  (fc1): Linear(in_features=2, out_features=3, bias=True)\n  (act): ReLU()\n  (fc2): Linear(in_features=3, out_features=1, bias=True)\n)",
    );
    expect(String(new nn.Sequential())).toBe("Sequential()");
  });

  it("initialises as PyTorch does after manualSeed(0)", () => {
    manualSeed(0);
    const layer = new nn.Linear(3, 4);
    const weight = layer.weight.tolist() as number[][];
    // recorded from PyTorch 1.13
    expect(weight[0]).toEqual([-0.0043225177, 0.30971584, -0.47518533].map(Math.fround));
    expect((layer.bias as Tensor).at(3).item()).toBe(Math.fround(0.021387115));
  });

  it("keeps non-persistent buffers out of the state", () => {
    const module = new nn.Module();
    module.registerBuffer("kept", zeros(1));
    module.registerBuffer("scratch", zeros(1), { persistent: false });
    expect([...module.stateDict().keys()]).toEqual(["kept"]);
    expect(module.namedBuffers().map(([name]) => name)).toEqual(["kept", "scratch"]);
    expect(() => module.registerBuffer("a.b", zeros(1))).toThrow('buffer name can\'t contain "."');
    expect(() => module.registerBuffer("forward", zeros(1))).toThrow("attribute 'forward' already exists");
  });

  it("replaces integer-like names in the order of registration", () => {
    const dict = new nn.ModuleDict([
      ["10", new nn.ReLU()],
      ["2", new nn.Tanh()],
    ]);
    expect(dict.keys()).toEqual(["10", "2"]);
  });

  it("switches training mode below it", () => {
    const net = new nn.Sequential(new nn.Dropout(0.5), new nn.Sequential(new nn.Dropout(0.5)));
    net.eval();
    expect(net.modules().map((m) => m.training)).toEqual([false, false, false, false]);
    expect(net(ones(3)).tolist()).toEqual([1, 1, 1]);
  });

  it("casts parameters in place, keeping their identity", () => {
    const layer = new nn.Linear(2, 2);
    const { weight } = layer;
    layer.double();
    expect(layer.weight).toBe(weight);
    expect(weight.dtype).toBe("float64");
    expect(() => layer.to("int64")).toThrow(
      "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64",
    );
  });

  it("runs hooks around forward", () => {
    const layer = new nn.Identity();
    const before = layer.registerForwardPreHook((_, [x]) => [x.mul(2)]);
    const after = layer.registerForwardHook((_, __, out) => out.add(1));
    expect(layer(tensor([1, 2])).tolist()).toEqual([3, 5]);
    before.remove();
    expect(layer(tensor([1, 2])).tolist()).toEqual([2, 3]);
    after.remove();
    expect(layer(tensor([1, 2])).tolist()).toEqual([1, 2]);
  });

  it("gives gradients of inputs and outputs to backward hooks", () => {
    const layer = new nn.Linear(2, 2);
    noGrad(() => void layer.weight.fill_(1));
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => {
      seen.push([gradInput[0]?.tolist(), gradOutput[0]?.tolist()]);
    });
    layer(ones(1, 2, { requiresGrad: true }))
      .sum()
      .backward();
    // d(sum)/dx = column sums of the weight
    expect(seen).toEqual([[[[2, 2]], [[1, 1]]]]);
  });

  it("copies deeply", () => {
    const net = new Net();
    const copy = nn.deepcopy(net);
    noGrad(() => void copy.fc1.weight.fill_(7));
    expect(copy).toBeInstanceOf(Net);
    expect(copy.fc1).not.toBe(net.fc1);
    expect(net.fc1.weight.at(0, 0).item()).not.toBe(7);
    expect(copy(zeros(1, 2)).shape).toEqual([1, 1]);
    expect(copy.fc2.weight.requiresGrad).toBe(true);
  });
});

describe("loadStateDict", () => {
  it("copies by name and tells what doesn't fit, before anything is written", () => {
    const layer = new nn.Linear(2, 1);
    const before = layer.weight.tolist();
    expect(() => layer.loadStateDict({ weight: zeros(1, 2), extra: zeros(1) })).toThrow(
      'Error(s) in loading state_dict for Linear:\n\tMissing key(s) in state_dict: "bias". \n\tUnexpected key(s) in state_dict: "extra". ',
    );
    expect(layer.weight.tolist()).toEqual(before);
    expect(() => layer.loadStateDict({ weight: zeros(3, 2), bias: zeros(1) })).toThrow(
      "size mismatch for weight: copying a param with shape torch.Size([3, 2]) from checkpoint, the shape in current model is torch.Size([1, 2]).",
    );
    expect(layer.loadStateDict({ weight: ones(1, 2), extra: zeros(1) }, { strict: false })).toEqual({
      missingKeys: ["bias"],
      unexpectedKeys: ["extra"],
    });
    expect(layer.weight.tolist()).toEqual([[1, 1]]);
  });
});

describe("options", () => {
  it("come by position or name, and unknown ones are refused", () => {
    expect(new nn.Linear(2, 3, false).bias).toBeNull();
    expect(new nn.Linear(2, 3, { bias: false }).bias).toBeNull();
    expect(new nn.Linear({ inFeatures: 2, outFeatures: 3 }).weight.shape).toEqual([3, 2]);
    // @ts-expect-error no such option
    expect(() => new nn.Linear(2, 3, { biass: false })).toThrow("Linear() got an unexpected keyword argument 'biass'");
    expect(String(new nn.Conv2d(3, 6, 5, { stride: 2, padding: "valid" }))).toBe(
      "Conv2d(3, 6, kernel_size=(5, 5), stride=(2, 2), padding=valid)",
    );
  });
});
