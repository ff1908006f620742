import { ones, type Tensor, tensor, zeros } from "@bluedot/core";
import "@bluedot/autograd";
import { afterEach, describe, expect, it } from "vitest";
import * as nn from "../index.ts";

const lists = (grads: readonly (Tensor | null)[]): unknown[] => grads.map((grad) => grad?.tolist() ?? null);

class Two extends nn.Module {
  override forward(x: Tensor, factor: number): [Tensor, Tensor] {
    return [x.mul(factor), x.mul(2)];
  }
}
class Scaled extends nn.Module {
  override forward(x: Tensor, { by = 1 }: { by?: number } = {}): Tensor {
    if (by === 0) throw new RangeError("by nothing");
    return x.mul(by);
  }
}

describe("hooks of a call", () => {
  it("see and change the options object with withKwargs", () => {
    const module = new Scaled();
    module.registerForwardPreHook((_, args, kwargs) => [args, { by: (kwargs["by"] ?? 1) * 10 }], { withKwargs: true });
    module.registerForwardHook((_, __, kwargs, output) => output.add(kwargs["by"]), { withKwargs: true });
    expect(module(ones(1), { by: 2 }).tolist()).toEqual([40]);
    expect(module(ones(1)).tolist()).toEqual([20]);
    module.registerForwardPreHook((_, args) => args, { withKwargs: true });
    expect(() => module(tensor([1, 2, 3]))).toThrow("forward pre-hook must return None or a tuple of (new_args, new_kwargs)");
  });

  it("come before others with prepend", () => {
    const module = new Scaled();
    const order: number[] = [];
    module.registerForwardHook(() => void order.push(1));
    module.registerForwardHook(() => void order.push(2), { prepend: true });
    module(ones(1));
    expect(order).toEqual([2, 1]);
  });

  it("run after a failure too with alwaysCall", () => {
    const module = new Scaled();
    const seen: unknown[] = [];
    module.registerForwardHook(() => void seen.push("not"));
    module.registerForwardHook((_, __, output) => void seen.push(output), { alwaysCall: true });
    expect(() => module(ones(1), { by: 0 })).toThrow("by nothing");
    expect(seen).toEqual([undefined]);
  });
});

describe("full backward hooks", () => {
  it("have a place for every argument and every result", () => {
    const module = new Two();
    const seen: unknown[] = [];
    module.registerFullBackwardHook((_, gradInput, gradOutput) => void seen.push([lists(gradInput), lists(gradOutput)]));
    const x = ones(2, { requiresGrad: true });
    module(x, 3)[0].sum().backward();
    expect(seen).toEqual([
      [
        [[3, 3], null],
        [[1, 1], null],
      ],
    ]);
    const [a, b] = module(x, 3);
    a.sum().add(b.sum()).backward();
    expect(seen[1]).toEqual([
      [[5, 5], null],
      [
        [1, 1],
        [1, 1],
      ],
    ]);
  });

  it("replace gradients, and are told when they give too many", () => {
    const layer = new nn.Linear(2, 1);
    nn.init.constant_(layer.weight, 2);
    const handle = layer.registerFullBackwardHook((_, [grad]) => [grad!.mul(10)]);
    const pre = layer.registerFullBackwardPreHook((_, [grad]) => [grad!.mul(3)]);
    const x = ones(1, 2, { requiresGrad: true });
    layer(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([[60, 60]]);
    pre.remove();
    handle.remove();
    layer.registerFullBackwardHook((_, [grad]) => [grad!, grad!]);
    expect(() => layer(x).sum().backward()).toThrow("Backward hook returned an invalid number of grad_input, got 2, but expected 1");
    expect(() => layer.registerBackwardHook(() => undefined)).toThrow("Cannot use both regular backward hooks and full backward hooks");
  });

  it("run where no argument wants a gradient", () => {
    const layer = new nn.Linear(2, 1);
    const seen: unknown[] = [];
    layer.registerFullBackwardHook((_, gradInput, gradOutput) => void seen.push([lists(gradInput), lists(gradOutput)]));
    layer(ones(1, 2)).sum().backward();
    expect(seen).toEqual([[[null], [[[1]]]]]);
  });
});

describe("hooks of all modules", () => {
  const handles: { remove(): void }[] = [];
  afterEach(() => {
    for (const handle of handles.splice(0)) handle.remove();
  });

  it("run around every call, before the module's own", () => {
    const order: string[] = [];
    const module = new Scaled();
    module.registerForwardHook(() => void order.push("own"));
    handles.push(
      nn.modules.registerModuleForwardPreHook((called) => void order.push(`before ${called.typeName()}`)),
      nn.modules.registerModuleForwardHook((_, __, output) => {
        order.push("after");
        return output.add(1);
      }),
      nn.modules.registerModuleFullBackwardHook((_, gradInput) => void order.push(`backward ${gradInput[0]!.item()}`)),
    );
    const out = module(ones(1, { requiresGrad: true }), { by: 4 });
    out.sum().backward();
    expect(out.tolist()).toEqual([5]);
    expect(order).toEqual(["before Scaled", "after", "own", "backward 4"]);
    handles.splice(0).forEach((handle) => {
      handle.remove();
    });
    expect(module(ones(1)).tolist()).toEqual([1]);
    expect(order.length).toBe(5);
  });

  it("see what is registered", () => {
    const names: string[] = [];
    handles.push(
      nn.modules.registerModuleBufferRegistrationHook((_, name) => void names.push(name)),
      nn.modules.registerModuleModuleRegistrationHook((_, name, child) => {
        names.push(name);
        return child instanceof nn.ReLU ? new nn.Tanh() : child;
      }),
    );
    const list = new nn.ModuleList([new nn.ReLU()]);
    list.registerBuffer("mean", zeros(1));
    expect(names).toEqual(["0", "mean"]);
    expect(list[0]).toBeInstanceOf(nn.Tanh);
  });
});

it("calls hooks of state dictionaries with prefixes and versions", () => {
  const net = new nn.Sequential(new nn.BatchNorm1d(1));
  const seen: unknown[] = [];
  net[0]!.registerStateDictPreHook((_, prefix, keepVars) => void seen.push([prefix, keepVars]));
  net[0]!.registerStateDictPostHook((_, state, prefix, meta) => void seen.push([state.size, prefix, meta]));
  const state = net.stateDict({ keepVars: true });
  net[0]!.registerLoadStateDictPreHook((_, given, prefix, meta, strict) => void seen.push([given.size, prefix, meta, strict]));
  net[0]!.registerLoadStateDictPostHook((_, keys) => void keys.missingKeys.push("told"));
  expect(net.loadStateDict(state, false).missingKeys).toEqual(["told"]);
  expect(seen).toEqual([
    ["0.", true],
    [5, "0.", { version: 2 }],
    [5, "0.", { version: 2 }, false],
  ]);
});
