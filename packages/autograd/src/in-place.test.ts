import { arange, ones, type Tensor, tensor, zeros } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { grad, noGrad } from "./index.ts";

const leaf = (data: number[] | number[][]): Tensor => tensor(data, { requiresGrad: true });
const overwritten = (what: string, from: string): string =>
  `one of the variables needed for gradient computation has been modified by an inplace operation: [${what}]${from} is at version 1; expected version 0 instead. Hint: enable anomaly detection to find the operation that failed to compute its gradient, with torch.autograd.set_detect_anomaly(True).`;

describe("writes that are forbidden", () => {
  it("into leaves and views of them", () => {
    const x = leaf([1, 2]);
    expect(() => x.add_(1)).toThrow("a leaf Variable that requires grad is being used in an in-place operation.");
    expect(() => x.select(0, 0).fill_(5)).toThrow("a view of a leaf Variable that requires grad is being used in an in-place operation.");
    noGrad(() => x.sub_(1));
    expect(x.tolist()).toEqual([0, 1]);
  });

  it("into one of several views, and into views made without recording", () => {
    const y = leaf([1, 2, 3, 4]).clone();
    const ofSeveral =
      "This view is the output of a function that returns multiple views. Such functions do not allow the output views to be modified inplace. You should replace the inplace operation by an out-of-place one.";
    expect(() => y.chunk(2)[0]!.add_(1)).toThrow(`Output 0 of SplitBackward0 is a view and is being modified inplace. ${ofSeveral}`);
    expect(() => y.unbind()[1]!.mul_(2)).toThrow(`Output 1 of UnbindBackward0 is a view and is being modified inplace. ${ofSeveral}`);
    const view = noGrad(() => y.view(2, 2));
    expect(() => view.add_(1)).toThrow(/^A view was created in no_grad mode and is being modified inplace with grad mode enabled\./);
    expect(y.tolist()).toEqual([1, 2, 3, 4]);
  });

  it("into what a derivative reads, noticed by the backward pass", () => {
    const x = leaf([1, 1]);
    const h = x.mul(2);
    const loss = h.mul(h).sum();
    h.detach().zero_();
    expect(() => loss.backward()).toThrow(overwritten("torch.FloatTensor [2]", ", which is output 0 of MulBackward0,"));
    const w = ones(3);
    const y = leaf([1, 2, 3]).mul(w);
    w.add_(1);
    expect(() => y.sum().backward()).toThrow(overwritten("torch.FloatTensor [3]", ""));
  });

  it("but not into what no wanted derivative reads, nor through data", () => {
    const x = tensor([1, 2]);
    const w = leaf([3, 4]);
    const y = x.mul(w).sum();
    noGrad(() => w.zero_());
    y.backward();
    expect(w.grad!.tolist()).toEqual([1, 2]);
    const z = w.mul(w).sum();
    w.data.fill_(5);
    z.backward();
    expect(w.grad!.tolist()).toEqual([11, 12]);
    expect(w.version).toBe(1);
  });
});

describe("writes that are recorded", () => {
  it("replace the history of what they overwrite", () => {
    const x = leaf([1, 2]);
    const y = x.clone();
    y.mul_(3);
    y.add_(x);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([4, 4]);
  });

  it("save what they overwrite where a derivative reads it", () => {
    const x = leaf([1, 2]);
    const w = leaf([5, 7]);
    const y = x.mul(1);
    y.mul_(w);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([5, 7]);
    expect(w.grad!.tolist()).toEqual([1, 2]);
  });

  it("through a view change the base's history", () => {
    const x = leaf([
      [1, 1],
      [1, 1],
    ]);
    const y = x.mul(2);
    y.select(0, 0).mul_(10);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([
      [20, 20],
      [2, 2],
    ]);
    expect(y.gradFn!.name()).toBe("torch::autograd::CopySlices");
  });

  it("fill a tensor that did not require grad", () => {
    const x = leaf([1, 1, 1]);
    const y = zeros(2, 3);
    y.select(0, 0).copy_(x);
    y.select(0, 1).copy_(x.mul(2));
    y.mul(arange(6).view(2, 3)).sum().backward();
    expect(x.grad!.tolist()).toEqual([6, 9, 12]);
  });

  it("reach other views of the base", () => {
    const x = leaf([1, 2, 3, 4]);
    const y = x.clone();
    const all = y.view(2, 2);
    const first = y.narrow(0, 0, 2);
    first.mul_(5);
    expect(all.gradFn!.name()).toBe("AsStridedBackward0");
    all
      .mul(
        tensor([
          [1, 10],
          [100, 1000],
        ]),
      )
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([5, 50, 100, 1000]);
  });

  it("through a transposed view of a base, twice", () => {
    const x = leaf([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const y = x.clone();
    y.t().select(0, 1).mul_(2).mul_(3);
    y.mul(y).sum().backward();
    // column 1: (6x)^2 -> 72x, others 2x
    expect(x.grad!.tolist()).toEqual([
      [2, 144, 6],
      [8, 360, 12],
    ]);
  });

  it("sum where an expanded view repeats elements", () => {
    const x = leaf([1, 2]);
    const y = x.clone();
    const wide = y.expand(3, 2);
    y.mul_(2);
    wide.sum().backward();
    expect(x.grad!.tolist()).toEqual([6, 6]);
  });

  it("have second derivatives", () => {
    const x = tensor([1, 2, 3], { dtype: "float64", requiresGrad: true });
    const y = x.mul(x);
    y.narrow(0, 1, 2).mul_(x.narrow(0, 0, 2));
    // sum: x0^2 + x1^2 x0 + x2^2 x1
    const [g] = grad(y.sum(), x, { createGraph: true });
    expect(g!.tolist()).toEqual([2 + 4, 2 * 2 * 1 + 9, 2 * 3 * 2]);
    const [h] = grad(g!.sum(), x);
    // row sums of the Hessian
    expect(h!.tolist()).toEqual([2 + 4, 4 + 2 + 6, 6 + 4]);
  });

  it("change layouts in place", () => {
    const x = leaf([[1, 2, 3]]);
    const y = x.mul(2);
    y.squeeze_();
    expect(y.shape).toEqual([3]);
    expect(y.version).toBe(1);
    y.mul(tensor([1, 10, 100]))
      .sum()
      .backward();
    expect(x.grad!.tolist()).toEqual([[2, 20, 200]]);
    expect(() => x.t_()).toThrow("a leaf Variable that requires grad is being used in an in-place operation.");
  });
});

describe("views", () => {
  it("require grad as their base does", () => {
    const base = zeros(2, 2);
    const view = base.select(0, 0);
    expect(view.requiresGrad).toBe(false);
    base.mul_(leaf([1, 1]));
    expect(view.requiresGrad).toBe(true);
    expect(view.isLeaf).toBe(false);
  });

  it("share the version of their base, as detached tensors do", () => {
    const x = zeros(2);
    x.view(2).add_(1);
    x.detach().add_(1);
    expect(x.version).toBe(2);
    x.data.add_(1);
    expect(x.version).toBe(2);
    expect(x.tolist()).toEqual([3, 3]);
  });

  it("cannot be detached in place", () => {
    expect(() => leaf([1, 2]).mul(2).view(2).detach_()).toThrow(/^Can't detach views in-place/);
    const y = leaf([1, 2]).mul(2).detach_();
    expect([y.requiresGrad, y.isLeaf, y.gradFn]).toEqual([false, true, null]);
  });
});
