import { ones, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { detectAnomaly, enableGrad, type Node, savedTensorsHooks } from "./index.ts";

const leaf = (data: number[]): Tensor => tensor(data, { requiresGrad: true });
const node = (t: Tensor): Node => t.gradFn as Node;

describe("tensor hooks", () => {
  it("see and replace the gradient, until removed", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    const run = (): void => {
      const h = x.mul(2);
      h.registerHook((g) => {
        seen.push(g.tolist());
        return g.mul(10);
      });
      h.sum().backward();
    };
    const handle = x.registerHook((g) => g.add(1));
    run();
    expect(seen).toEqual([[1, 1]]);
    expect(x.grad!.tolist()).toEqual([21, 21]);
    handle.remove();
    run();
    expect(x.grad!.tolist()).toEqual([41, 41]);
  });

  it("see the sum of all paths, once", () => {
    const x = leaf([1]);
    const seen: unknown[] = [];
    x.registerHook((g) => {
      seen.push(g.item());
    });
    x.add(x).add(x.mul(x)).sum().backward();
    expect(seen).toEqual([4]);
  });

  it("may keep gradients, which nothing overwrites later", () => {
    const x = leaf([1, 2]);
    const kept: Tensor[] = [];
    const h = x.mul(3);
    h.registerHook((g) => {
      kept.push(g);
    });
    h.mul(h).add(h).sum().backward();
    for (let i = 0; i < 20; i++) x.mul(i).mul(x).sum().backward();
    expect(kept[0]!.tolist()).toEqual([7, 13]);
  });

  it("refuse tensors without gradient and results of another shape", () => {
    expect(() => tensor([1]).registerHook(() => null)).toThrow("cannot register a hook on a tensor that doesn't require gradient");
    const x = leaf([1, 2]);
    x.registerHook(() => ones(3));
    expect(() => x.sum().backward()).toThrow("hook has changed the size of value");
  });

  it("run after the gradient was added, if post-accumulate", () => {
    const x = leaf([1, 2]);
    const seen: unknown[] = [];
    x.registerPostAccumulateGradHook((t) => {
      seen.push(t.grad!.tolist());
      t.grad = null;
    });
    x.mul(x).sum().backward();
    expect(seen).toEqual([[2, 4]]);
    expect(x.grad).toBeNull();
    expect(() => x.mul(2).registerPostAccumulateGradHook(() => {})).toThrow(
      "post accumulate grad hooks cannot be registered on non-leaf tensors",
    );
  });

  it("keep the gradient of what is no leaf", () => {
    const x = leaf([1, 2]);
    const h = x.mul(2);
    h.retainGrad();
    h.mul(h).sum().backward();
    expect(h.grad!.tolist()).toEqual([4, 8]);
    expect(() => tensor([1]).retainGrad()).toThrow("can't retain_grad on Tensor that has requires_grad=False");
  });
});

it("a kept gradient is that of the tensor's last value", () => {
  const x = leaf([1, 2]);
  const h = x.mul(2);
  h.retainGrad();
  h.mul_(3);
  h.mul(h).sum().backward();
  // dl/dh = 2h = 12x
  expect(h.grad!.tolist()).toEqual([12, 24]);
  expect(x.grad!.tolist()).toEqual([72, 144]);
});

describe("nodes", () => {
  it("name themselves and lead on", () => {
    const x = leaf([1]);
    const y = x.add(1).exp();
    expect(node(y).name()).toBe("ExpBackward0");
    const [[add, nr]] = node(y).nextFunctions as [readonly [Node, number]];
    expect([add.name(), nr]).toEqual(["AddBackward0", 0]);
    expect(add.nextFunctions.map(([next]) => next?.name() ?? null)).toEqual(["torch::autograd::AccumulateGrad", null]);
    expect(x.gradFn).toBeNull();
  });

  it("have hooks before and after", () => {
    const x = leaf([1, 2]);
    const y = x.mul(tensor([3, 4]));
    node(y).registerPrehook(([g]) => [g!.mul(2)]);
    node(y).registerHook(([gx], [gy]) => [gx!.add(gy!), null]);
    y.sum().backward();
    // 2 * [3, 4] + 2
    expect(x.grad!.tolist()).toEqual([8, 10]);
  });
});

it("a backward pass inside a hook leaves the outer one alone", () => {
  const x = leaf([2]);
  const h = x.mul(3);
  h.registerHook(() => {
    enableGrad(() => x.mul(x).sum().backward());
  });
  h.mul(h).sum().backward();
  // inner 2x = 4, outer 2 * 9x = 36
  expect(x.grad!.tolist()).toEqual([40]);
});

describe("saved tensors", () => {
  it("go through pack and unpack", () => {
    const x = leaf([1, 2]);
    const packed: unknown[] = [];
    const y = savedTensorsHooks(
      (t) => {
        packed.push(t.tolist());
        return t.tolist() as number[];
      },
      (data) => tensor(data),
      () => x.mul(x),
    );
    y.sum().backward({ createGraph: true });
    expect(packed).toEqual([
      [1, 2],
      [1, 2],
    ]);
    expect(x.grad!.tolist()).toEqual([2, 4]);
    const [g] = [x.grad!];
    x.grad = null;
    g.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it("must not be changed by pack, nor be anything else after unpack", () => {
    const x = leaf([1]);
    expect(() =>
      savedTensorsHooks(
        (t) => t.add_(1),
        (t) => t,
        () => x.mul(x),
      ),
    ).toThrow(/^A saved tensor pack hook is modifying its input in place\./);
    const y = savedTensorsHooks(
      () => 1,
      (n) => n as unknown as Tensor,
      () => x.mul(x),
    );
    expect(() => y.sum().backward()).toThrow("Output of saved tensor unpack_hook expected to be a Tensor but got result of type number");
  });
});

describe("anomaly mode", () => {
  function culprit(x: Tensor): Tensor {
    return x.sqrt();
  }

  it("names the forward call that failed", () => {
    const x = leaf([-1]);
    let error: Error | undefined;
    try {
      detectAnomaly(() => culprit(x).sum().backward());
    } catch (caught) {
      error = caught as Error;
    }
    expect(error!.message).toBe("Function 'SqrtBackward0' returned nan values in its 0th output.");
    expect(error!.stack).toContain("Traceback of forward call that caused the error");
    expect(error!.stack).toContain("culprit");
    expect((error as unknown as { forwardTrace: string }).forwardTrace).toContain("hooks.test.ts");
  });

  it("is off otherwise", () => {
    const x = leaf([-1]);
    culprit(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([Number.NaN]);
  });
});
