import { describe, expect, it } from "vitest";
import * as torch from "../../index.ts";

const int8 = (...values: number[]) => torch.tensor(values, { dtype: "int8" });
const long = (...values: bigint[]) => torch.tensor(values);

describe("dtypes of pointwise operators", () => {
  it("keeps integers with an integral number and makes floats with a fractional one", () => {
    expect(long(1n, 2n).add(1).dtype).toBe("int64");
    expect(long(1n, 2n).add(0.5).dtype).toBe("float32");
    expect(long(1n, 2n).div(2).tolist()).toEqual([0.5, 1]);
  });

  it("lets dimensioned tensors outrank 0-d ones of the same kind", () => {
    expect(torch.tensor([1, 2]).mul(torch.tensor(2, { dtype: "float64" })).dtype).toBe("float32");
  });

  it("wraps integers around and is exact beyond 2 ** 53", () => {
    expect(int8(127).add(int8(1)).tolist()).toEqual([-128]); // 127 + 1 = 128 = -128 mod 256
    expect(long(9007199254740993n).mul(long(3n)).eq(long(27021597764222979n)).tolist()).toEqual([true]);
    expect(long(3n).pow(41).item()).toBe(BigInt.asIntN(64, 3n ** 41n));
  });

  it("rounds half precision through float32", () => {
    // 2049 lies between 2048 and 2050, the neighbours in float16; the even one wins.
    expect(torch.tensor([2048], { dtype: "float16" }).add(1).tolist()).toEqual([2048]);
  });

  it("refuses what PyTorch refuses, in its words", () => {
    const bools = torch.tensor([true, false]);
    expect(() => bools.neg()).toThrow("Negation, the `-` operator, on a bool tensor is not supported");
    expect(() => bools.sub(bools)).toThrow("Subtraction, the `-` operator, with two bool tensors is not supported");
    expect(() => bools.floor()).toThrow("\"floor_vml_cpu\" not implemented for 'Bool'");
    expect(() => long(1n).exp_()).toThrow("result type Float can't be cast to the desired output type Long");
    expect(() => long(2n).pow(-1)).toThrow("Integers to negative integer powers are not allowed.");
    expect(() => long(2n).remainder(0)).toThrow("ZeroDivisionError");
  });

  it("refuses options that do not exist", () => {
    const exp = torch.exp as (...args: unknown[]) => unknown;
    expect(() => exp(torch.tensor([1]), { axis: 0 })).toThrow(/unexpected keyword argument 'axis'/);
    const add = torch.add as (...args: unknown[]) => unknown;
    expect(() => add(torch.tensor([1]), 1, { beta: 2 })).toThrow(/unexpected keyword argument 'beta'; it takes other, alpha/);
  });
});

describe("where", () => {
  it("is a function of the condition and a method of the first choice", () => {
    const x = torch.tensor([-1, 2]);
    expect(torch.where(x.gt(0), x, 0).tolist()).toEqual([0, 2]);
    expect(x.where(x.gt(0), 0).tolist()).toEqual([0, 2]);
  });

  it("wants a bool condition", () => {
    expect(() => torch.where(long(1n), 1, 2)).toThrow("where expected condition to be a boolean tensor, but got a tensor with dtype Long");
  });
});

describe("clamp", () => {
  it("takes numbers, tensors and options", () => {
    const x = torch.tensor([-2, 0.5, 3]);
    expect(x.clamp(-1, 1).tolist()).toEqual([-1, 0.5, 1]);
    expect(x.clamp({ min: 0 }).tolist()).toEqual([0, 0.5, 3]);
    expect(x.clamp(torch.tensor([0, 1, 2]), torch.tensor([5, 5, 2])).tolist()).toEqual([0, 1, 2]);
  });

  it("lets the upper bound win over the lower", () => {
    expect(torch.tensor([1]).clamp(3, 0).tolist()).toEqual([0]);
  });
});

describe("complex numbers", () => {
  it("multiplies and takes roots", () => {
    const z = torch.complex(torch.tensor([3], { dtype: "float64" }), torch.tensor([4], { dtype: "float64" }));
    const product = torch.viewAsReal(z.mul(z)); // (3 + 4i)² = -7 + 24i
    expect(product.tolist()).toEqual([[-7, 24]]);
    expect(torch.viewAsReal(z.sqrt()).tolist()).toEqual([[2, 1]]); // (2 + i)² = 3 + 4i
    expect(z.abs().tolist()).toEqual([5]);
  });

  it("gives parts that share memory", () => {
    const z = torch.complex(torch.tensor([1]), torch.tensor([2]));
    z.real.fill_(7);
    expect(torch.viewAsReal(z).tolist()).toEqual([[7, 2]]);
  });
});

describe("callbacks", () => {
  it("replace elements in place", () => {
    const x = torch.tensor([1, 2, 3]);
    expect(x.apply_((v) => Number(v) ** 2).tolist()).toEqual([1, 4, 9]);
    expect(x.map_(torch.tensor([10]), (a, b) => Number(a) + Number(b)).tolist()).toEqual([11, 14, 19]);
  });
});

describe("out", () => {
  it("takes the result, cast and resized", () => {
    const out = torch.empty(0);
    expect(torch.mul(torch.tensor([1, 2]), 3, { out })).toBe(out);
    expect(out.tolist()).toEqual([3, 6]);
    expect(torch.exp(torch.tensor([0]), { out }).tolist()).toEqual([1]);
  });

  it("refuses a dtype that does not hold the result", () => {
    const out = torch.zeros(1, { dtype: "int64" });
    expect(() => torch.add(torch.tensor([0.5]), 1, { out })).toThrow("result type Float can't be cast to the desired output type Long");
  });
});
