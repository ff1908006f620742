import { ones, rand, randn, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { forwardAd, func, grad } from "./index.ts";

const { dualLevel, makeDual, unpackDual } = forwardAd;

describe("forward mode", () => {
  it("carries tangents", () => {
    const x = tensor([1, 2, 3]);
    dualLevel(() => {
      const dual = makeDual(x, tensor([1, 0, 10]));
      const { primal, tangent } = unpackDual(dual.mul(dual).add(1));
      expect(primal.tolist()).toEqual([2, 5, 10]);
      expect(tangent!.tolist()).toEqual([2, 0, 60]);
      expect(unpackDual(x).tangent).toBeNull();
      expect(unpackDual(dual).tangent!.tolist()).toEqual([1, 0, 10]);
      dual.mul_(2);
      expect(unpackDual(dual).tangent!.tolist()).toEqual([2, 0, 20]);
    });
    expect(x.requiresGrad).toBe(false);
    expect(() => makeDual(x, x)).toThrow(/^Trying to create a dual Tensor for forward AD but no level exists/);
    expect(() => dualLevel(() => makeDual(x, ones(2)))).toThrow(/^Trying to set a forward gradient that has a different size/);
    expect(() => dualLevel(() => dualLevel(() => 0))).toThrow("Nested forward mode AD is not supported at the moment");
  });

  it("is itself differentiable", () => {
    const x = tensor([3], { requiresGrad: true });
    dualLevel(() => {
      const dual = makeDual(x, tensor([2]));
      const { tangent } = unpackDual(dual.mul(dual).mul(dual));
      // 3x^2 * 2, and by x: 12x
      expect(tangent!.item()).toBe(54);
      expect(grad(tangent!.sum(), x)[0]!.item()).toBe(36);
    });
  });
});

describe("transforms", () => {
  const cubes = (x: Tensor): Tensor => x.mul(x).mul(x).sum();

  it("grad, once and twice, by chosen arguments, with values", () => {
    const x = tensor([1, 2]);
    expect(func.grad(cubes)(x).tolist()).toEqual([3, 12]);
    const second = func.grad((t: Tensor) => func.grad(cubes)(t).sum());
    expect(second(x).tolist()).toEqual([6, 12]);
    const dot = (a: Tensor, b: Tensor): Tensor => a.mul(b).sum();
    expect(func.grad(dot, { argnums: 1 })(x, ones(2)).tolist()).toEqual([1, 2]);
    const [g, value] = func.gradAndValue(cubes)(x);
    expect([g.tolist(), value.item(), value.requiresGrad]).toEqual([[3, 12], 9, false]);
    expect(() => func.grad((t: Tensor) => t)(x)).toThrow(/^Expected f\(\*args\) to return a scalar tensor, got tensor with 1 dims/);
  });

  it("products and matrices", () => {
    const x = tensor([1, 2]);
    const square = (t: Tensor): Tensor => t.mul(t);
    const [out, pull] = func.vjp(square, x);
    expect([(out as Tensor).tolist(), pull(tensor([1, 10]))[0]!.tolist()]).toEqual([
      [1, 4],
      [2, 40],
    ]);
    expect(func.jvp(square, [x], [tensor([1, 10])])[1].tolist()).toEqual([2, 40]);
    const diagonal = [
      [2, 0],
      [0, 4],
    ];
    expect(func.jacrev(square)(x).tolist()).toEqual(diagonal);
    expect(func.jacfwd(square)(x).tolist()).toEqual(diagonal);
    expect(func.hessian(cubes)(x).tolist()).toEqual([
      [6, 0],
      [0, 12],
    ]);
  });

  it("vmap", () => {
    const a = tensor([
      [1, 2],
      [3, 4],
    ]);
    const dot = func.vmap((x: Tensor, y: Tensor) => x.mul(y).sum());
    expectTypeOf(dot).returns.toEqualTypeOf<Tensor>();
    expect(dot(a, a).tolist()).toEqual([5, 25]);
    expect(
      func
        .vmap((x: Tensor, y: Tensor) => x.mul(y), { inDims: [1, null], outDims: 1 })(a, tensor([1, 10]))
        .tolist(),
    ).toEqual([
      [1, 2],
      [30, 40],
    ]);
    // Gradients of each example on its own.
    expect(
      func
        .vmap(func.grad((x: Tensor) => x.mul(x).sum()))(a)
        .tolist(),
    ).toEqual([
      [2, 4],
      [6, 8],
    ]);
    const [same] = func.vmap((x: Tensor) => [rand(2).add(x)], { randomness: "same" })(ones(2, 1));
    expect((same as unknown as Tensor).select(0, 0).tolist()).toEqual((same as unknown as Tensor).select(0, 1).tolist());
    expect(() => dot(a, randn(3, 2))).toThrow(
      "vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [2, 3] for the mapped dimension",
    );
    expect(() => func.vmap((x: Tensor) => x, { inDims: 2 })(a)).toThrow(
      /Got in_dim=2 for some input, but that input is a Tensor of dimensionality 2/,
    );
    expect(() => func.vmap((_: Tensor) => 3)(a)).toThrow("vmap(f): `f` must only return Tensors, got type number as a return.");
  });
});
