import { ones, type Tensor, tensor } from "@bluedot/core";
import { describe, expect, expectTypeOf, it } from "vitest";
import * as autograd from "./index.ts";
import { type FunctionContext, grad, gradcheck, gradgradcheck, noGrad } from "./index.ts";

class Cube extends autograd.Function {
  static override forward(ctx: FunctionContext, x: Tensor): Tensor {
    ctx.saveForBackward(x);
    return x.mul(x).mul(x);
  }
  static override backward(ctx: FunctionContext, g: Tensor): Tensor {
    const [x] = ctx.savedTensors;
    return g.mul(x!.mul(x!).mul(3));
  }
}

describe("a custom function", () => {
  it("has the derivative it defines, and that one's", () => {
    const x = tensor([1, 2], { dtype: "float64", requiresGrad: true });
    const y = Cube.apply(x);
    expectTypeOf(y).toEqualTypeOf<Tensor>();
    expect(y.gradFn!.name()).toBe("CubeBackward");
    const [g] = grad(y.sum(), x, { createGraph: true });
    expect(g!.tolist()).toEqual([3, 12]);
    expect(grad(g!.sum(), x)[0]!.tolist()).toEqual([6, 12]);
    expect(gradcheck(Cube.apply.bind(Cube) as (x: Tensor) => Tensor, x)).toBe(true);
    expect(gradgradcheck((t) => Cube.apply(t), x)).toBe(true);
  });

  it("frees what it saved, and notices writes to it", () => {
    const x = tensor([1, 2], { requiresGrad: true });
    const y = Cube.apply(x).sum();
    y.backward();
    expect(() => y.backward()).toThrow(/^Trying to backward through the graph a second time/);
    const z = Cube.apply(x).sum();
    noGrad(() => x.add_(1));
    expect(() => z.backward()).toThrow(/\[torch.FloatTensor \[2\]\] is at version 1; expected version 0 instead/);
  });

  it("is not recorded without need", () => {
    expect(Cube.apply(ones(2)).requiresGrad).toBe(false);
    const x = ones(2, { requiresGrad: true });
    expect(noGrad(() => Cube.apply(x)).requiresGrad).toBe(false);
  });

  it("keeps settings, several arguments and several outputs", () => {
    class Affine extends autograd.Function {
      static override forward(ctx: FunctionContext, x: Tensor, scale: number, shift: Tensor): [Tensor, Tensor, number] {
        ctx.scale = scale;
        expect(ctx.needsInputGrad).toEqual([true, false, false]);
        const count = x.ne(0).to("int64");
        ctx.markNonDifferentiable(count);
        return [x.mul(scale).add(shift), count, 7];
      }
      static override backward(ctx: FunctionContext, g: Tensor, none: Tensor | null): [Tensor, null, null] {
        expect(none!.tolist()).toEqual([0, 0]);
        return [g.mul(ctx.scale as number), null, null];
      }
    }
    const x = tensor([1, 0], { requiresGrad: true });
    const [y, count, seven] = Affine.apply(x, 3, tensor([1, 1]));
    expectTypeOf(seven).toEqualTypeOf<number>();
    expect([y.tolist(), count.tolist(), seven, count.requiresGrad]).toEqual([[4, 1], [1, 0], 7, false]);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });

  it("gets null instead of zeros when it asks for it", () => {
    const seen: (Tensor | null)[][] = [];
    class Two extends autograd.Function {
      static override forward(ctx: FunctionContext, x: Tensor): [Tensor, Tensor] {
        ctx.setMaterializeGrads(false);
        return [x.mul(2), x.mul(3)];
      }
      static override backward(_ctx: FunctionContext, a: Tensor | null, b: Tensor | null): Tensor {
        seen.push([a, b]);
        return b!.mul(3);
      }
    }
    const x = ones(2, { requiresGrad: true });
    Two.apply(x)[1].sum().backward();
    expect(seen[0]![0]).toBeNull();
    expect(x.grad!.tolist()).toEqual([3, 3]);
  });

  it("may write into its inputs when it says so", () => {
    class Double extends autograd.Function {
      static override forward(ctx: FunctionContext, x: Tensor): Tensor {
        x.mul_(2);
        ctx.markDirty(x);
        return x;
      }
      static override backward(_ctx: FunctionContext, g: Tensor): Tensor {
        return g.mul(2);
      }
    }
    const x = ones(2, { requiresGrad: true });
    const h = x.mul(1);
    expect(Double.apply(h) === h).toBe(true);
    h.sum().backward();
    expect(x.grad!.tolist()).toEqual([2, 2]);
    expect(() => Double.apply(ones(2, { requiresGrad: true }))).toThrow(
      "a leaf Variable that requires grad has been used in an in-place operation.",
    );
    // Through a view: only the row is doubled.
    const base = ones(2, 2, { requiresGrad: true });
    const y = base.clone();
    Double.apply(y.select(0, 1));
    y.sum().backward();
    expect(base.grad!.tolist()).toEqual([
      [1, 1],
      [2, 2],
    ]);
  });

  it("may return an input, as a new tensor", () => {
    class Reverse extends autograd.Function {
      static override forward(_ctx: FunctionContext, x: Tensor): Tensor {
        return x;
      }
      static override backward(_ctx: FunctionContext, g: Tensor): Tensor {
        return g.neg();
      }
    }
    const x = ones(2, { requiresGrad: true });
    const y = Reverse.apply(x);
    expect(y === x).toBe(false);
    y.sum().backward();
    expect(x.grad!.tolist()).toEqual([-1, -1]);
    expect(() => Reverse.apply(x.mul(1)).add_(1)).toThrow(/This view was created inside a custom Function/);
  });

  it("must return as many gradients as it has arguments", () => {
    class Wrong extends autograd.Function {
      static override forward(_ctx: FunctionContext, x: Tensor, _k: number): Tensor {
        return x.mul(2);
      }
      static override backward(_ctx: FunctionContext, g: Tensor): Tensor {
        return g;
      }
    }
    expect(() =>
      Wrong.apply(ones(1, { requiresGrad: true }), 2)
        .sum()
        .backward(),
    ).toThrow("function WrongBackward returned an incorrect number of gradients (expected 2, got 1)");
  });
});
