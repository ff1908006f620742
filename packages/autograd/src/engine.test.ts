import { AutogradError, ones, type Tensor, tensor, zeros } from "@bluedot/core";
import { describe, expect, it } from "vitest";
import { backward, grad, gradcheck, gradgradcheck, noGrad } from "./index.ts";

const leaf = (data: number[] | number): Tensor => tensor(data, { requiresGrad: true });

describe("backward", () => {
  it("weights with the gradient given", () => {
    const x = leaf([1, 1]);
    x.mul(3).backward(tensor([1, 10]));
    expect(x.grad!.tolist()).toEqual([3, 30]);
  });

  it("adds up the paths to one leaf, and the passes", () => {
    const x = leaf([1, 2]);
    // d/dx (x + x + x*x) = 2 + 2x
    const run = (): void => x.add(x).add(x.mul(x)).sum().backward();
    run();
    expect(x.grad!.tolist()).toEqual([4, 6]);
    run();
    expect(x.grad!.tolist()).toEqual([8, 12]);
  });

  it("adds over several roots", () => {
    const x = leaf([1, 1]);
    backward([x.mul(2).sum(), x.mul(3).sum()]);
    expect(x.grad!.tolist()).toEqual([5, 5]);
  });

  it("sums over broadcast dimensions and casts to the leaf's dtype", () => {
    const x = leaf([1, 2, 3]);
    const column = ones(2, 1, { dtype: "float64", requiresGrad: true });
    x.mul(column).sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2, 2]);
    expect(x.grad!.dtype).toBe("float32");
    expect(column.grad!.tolist()).toEqual([[6], [6]]);
    expect(column.grad!.dtype).toBe("float64");
  });

  it("one fresh gradient may go to several inputs", () => {
    // The same tensor arrives at both leaves; adding to one must not change the other.
    const a = leaf([1]);
    const b = leaf([2]);
    const twice = a.add(b).mul(2);
    backward([twice.sum(), a.mul(5).sum(), b.mul(7).sum()]);
    expect([a.grad!.item(), b.grad!.item()]).toEqual([7, 9]);
  });

  it("accumulates only into the inputs named", () => {
    const x = leaf([1]);
    const w = leaf([2]);
    const y = x.mul(w);
    y.sum().backward({ inputs: [w] });
    expect(x.grad).toBeNull();
    expect(w.grad!.tolist()).toEqual([1]);
    expect(() => y.sum().backward({ inputs: [] })).toThrow("'inputs' argument to backward() cannot be empty.");
  });

  it("leaves the gradient given alone", () => {
    const x = leaf([1, 2]);
    const g = tensor([1, 1]);
    x.view(2).backward(g);
    x.view(2).backward(g);
    expect(g.tolist()).toEqual([1, 1]);
    expect(x.grad!.tolist()).toEqual([2, 2]);
  });

  it("survives 100,000 operations in a chain", () => {
    const x = leaf([1]);
    let y: Tensor = x;
    for (let i = 0; i < 100_000; i++) y = y.add(1);
    y.backward();
    expect(x.grad!.tolist()).toEqual([1]);
  });

  it("survives a wide graph of 200,000 nodes", () => {
    // 400 rows of 500; the million of a larger run takes the same path.
    const x = leaf([1]);
    const zero = tensor([0]);
    let row: Tensor[] = Array.from({ length: 500 }, () => x.add(zero));
    for (let i = 0; i < 400; i++) row = row.map((t) => t.add(zero));
    let sum = row[0]!;
    for (const t of row.slice(1)) sum = sum.add(t);
    sum.backward();
    expect(x.grad!.tolist()).toEqual([500]);
  });

  it("frees the graph unless told to keep it", () => {
    const x = leaf([2]);
    const y = x.mul(x);
    y.backward({ retainGraph: true });
    y.backward();
    expect(x.grad!.tolist()).toEqual([8]);
    expect(() => y.backward()).toThrow(/^Trying to backward through the graph a second time/);
    // Nothing is saved for a sum, so that it may be run again.
    const z = x.add(1).sum();
    z.backward();
    z.backward();
    expect(x.grad!.tolist()).toEqual([10]);
  });

  it("says what is wrong in PyTorch's words", () => {
    const x = leaf([1, 2]);
    expect(() => x.mul(2).backward()).toThrow("grad can be implicitly created only for scalar outputs");
    expect(() => tensor([1]).backward()).toThrow("element 0 of tensors does not require grad and does not have a grad_fn");
    expect(() => x.mul(2).backward(ones(3))).toThrow(
      "Mismatch in shape: grad_output[0] has a shape of torch.Size([3]) and output[0] has a shape of torch.Size([2]).",
    );
    expect(() => grad(x.sum(), leaf([1]))).toThrow(
      "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.",
    );
    expect(() => grad(x.sum(), tensor([1]))).toThrow("One of the differentiated Tensors does not require grad");
    expect(() => tensor([1n], { requiresGrad: true })).toThrow("Only Tensors of floating point and complex dtype can require gradients");
    expect(() => x.mul(2).requiresGrad_(false)).toThrow(/^you can only change requires_grad flags of leaf variables/);
    expect(() => {
      x.grad = ones(3);
    }).toThrow("assigned grad has data of a different size");
    expect(() => grad(x.sum(), x, { retain: true } as object)).toThrow(TypeError);
  });
});

describe("grad", () => {
  it("gives derivatives of derivatives", () => {
    const x = leaf(3);
    const y = x.mul(x).mul(x).mul(x);
    const [first] = grad(y, x, { createGraph: true });
    const [second] = grad(first!, x, { createGraph: true });
    const [third] = grad(second!, x, { createGraph: true });
    // x^4: 4x^3, 12x^2, 24x
    expect([first!.item(), second!.item(), third!.item()]).toEqual([108, 108, 72]);
    expect(x.grad).toBeNull();
  });

  it("gives null for what takes no part, and gradients of what lies between", () => {
    const x = leaf([1, 2]);
    const h = x.mul(2);
    const [g, none] = grad(h.mul(h).sum(), [h, leaf([1])], { allowUnused: true });
    expect(g!.tolist()).toEqual([4, 8]);
    expect(none).toBeNull();
  });

  it("gives gradients of a node and of what lies behind it", () => {
    const x = leaf([1, 2]);
    const h = x.mul(3);
    const [gh, gx] = grad(h.mul(h).sum(), [h, x]);
    expect(gh!.tolist()).toEqual([6, 12]);
    expect(gx!.tolist()).toEqual([18, 36]);
  });

  it("keeps what it returns apart from what is reused", () => {
    const x = leaf([1, 2]);
    const kept: Tensor[] = [];
    for (let i = 0; i < 50; i++) kept.push(grad(x.mul(x).mul(i).sum(), x)[0]!);
    kept.forEach((g, i) => {
      expect(g.tolist()).toEqual([2 * i, 4 * i]);
    });
  });

  it("records the pass under createGraph only", () => {
    const x = leaf([1]);
    const y = x.mul(x).sum();
    y.backward({ createGraph: true });
    expect(x.grad!.requiresGrad).toBe(true);
    noGrad(() => x.grad!.zero_());
    x.mul(x).sum().backward();
    expect(x.grad!.tolist()).toEqual([2]);
  });
});

describe("gradcheck", () => {
  it("accepts right derivatives, first and second", () => {
    const x = tensor([0.5, -1.5, 2], { dtype: "float64", requiresGrad: true });
    const y = tensor([[1.5], [0.25]], { dtype: "float64", requiresGrad: true });
    const fn = (a: Tensor, b: Tensor): Tensor => a.mul(b).div(b.add(3)).sum(0);
    expect(gradcheck(fn, [x, y])).toBe(true);
    expect(gradgradcheck(fn, [x, y])).toBe(true);
    expect(x.tolist()).toEqual([0.5, -1.5, 2]);
  });

  it("rejects wrong ones", () => {
    const x = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    // The detached factor hides half of the derivative of x*x.
    const wrong = (a: Tensor): Tensor => a.mul(a.detach());
    expect(() => gradcheck(wrong, x)).toThrow(/^Jacobian mismatch for output 0 with respect to input 0/);
    expect(gradcheck(wrong, x, { raiseException: false })).toBe(false);
    expect(() => gradcheck(wrong, zeros(1))).toThrow("gradcheck expects at least one input tensor to require gradient");
  });

  it("handles complex numbers", () => {
    const z = tensor([1, 2], { dtype: "complex128", requiresGrad: true });
    expect(gradcheck((a) => a.mul(a).mul(tensor([1, 0.5], { dtype: "complex128" })), z)).toBe(true);
  });
});

it("is an AutogradError", () => {
  expect(() => tensor([1]).backward()).toThrow(AutogradError);
});
