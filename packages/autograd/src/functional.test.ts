import { ones, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import { functional } from "./index.ts";

const { hessian, hvp, jacobian, jvp, vhp, vjp } = functional;
const x = tensor([1, 2]);
const y = tensor([3, 5]);

describe("functional", () => {
  it("jacobian", () => {
    const j = jacobian((a: Tensor) => a.mul(a), x);
    expectTypeOf(j).toEqualTypeOf<Tensor>();
    expect(j.tolist()).toEqual([
      [2, 0],
      [0, 4],
    ]);
    const pair = jacobian((a: Tensor, b: Tensor) => a.mul(b).sum(), [x, y]);
    expectTypeOf(pair).toEqualTypeOf<Tensor[]>();
    expect(pair.map((t) => t.tolist())).toEqual([
      [3, 5],
      [1, 2],
    ]);
    const nested = jacobian((a: Tensor) => [a.sum(), a.mul(2)], x);
    expect(nested.map((t) => t.tolist())).toEqual([
      [1, 1],
      [
        [2, 0],
        [0, 2],
      ],
    ]);
    expect(jacobian(() => ones(1), x).tolist()).toEqual([[0, 0]]);
    expect(() => jacobian(() => ones(1), x, { strict: true })).toThrow(
      /^Output 0 of the user-provided function does not require gradients\./,
    );
    expect(() => jacobian((a: Tensor, _: Tensor) => a.mul(2), [x, y], { strict: true })).toThrow(
      "Output 0 of the user-provided function is independent of input 1. This is not allowed in strict mode.",
    );
  });

  it("hessian", () => {
    // sum(a^3): diagonal 6a
    const cubes = (a: Tensor): Tensor => a.mul(a).mul(a).sum();
    expect(hessian(cubes, x).tolist()).toEqual([
      [6, 0],
      [0, 12],
    ]);
    const blocks = hessian((a: Tensor, b: Tensor) => a.mul(b).sum(), [x, y]);
    expect(blocks.map((row) => row.map((t) => t.tolist()))).toEqual([
      [
        [
          [0, 0],
          [0, 0],
        ],
        [
          [1, 0],
          [0, 1],
        ],
      ],
      [
        [
          [1, 0],
          [0, 1],
        ],
        [
          [0, 0],
          [0, 0],
        ],
      ],
    ]);
    expect(() => hessian((a: Tensor) => a.mul(2), x)).toThrow(
      "The Tensor returned by the function given to hessian should contain a single element",
    );
  });

  it("products with vectors", () => {
    const square = (a: Tensor): Tensor => a.mul(a);
    const cubes = (a: Tensor): Tensor => a.mul(a).mul(a).sum();
    const v = tensor([1, 10]);
    const [value, back] = vjp(square, x, v);
    expect([value.tolist(), back.tolist(), value.requiresGrad]).toEqual([[1, 4], [2, 40], false]);
    expect(jvp(square, x, v)[1].tolist()).toEqual([2, 40]);
    expect(hvp(cubes, x, v)[1].tolist()).toEqual([6, 120]);
    expect(vhp(cubes, x, v)[1].tolist()).toEqual([6, 120]);
    expect(() => vjp(square, x)).toThrow(/^The vector v can only be None if/);
    expect(() => vjp(square, x, ones(3))).toThrow("v has invalid size: should be torch.Size([2]) but got torch.Size([3]).");
  });
});
