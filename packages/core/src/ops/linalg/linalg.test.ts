import { describe, expect, expectTypeOf, it } from "vitest";
import { einsum, eye, linalg, type Tensor, tensor } from "../../index.ts";

const near = (actual: Tensor, expected: unknown): void => {
  expect(
    actual
      .sub(tensor(expected as number[]))
      .abs()
      .max()
      .item(),
  ).toBeLessThan(1e-5);
};

describe("decompositions", () => {
  const A = tensor([
    [4, 3],
    [6, 3],
  ]);

  it("factors with the largest pivot first", () => {
    // Row 2 comes first: 4/6 of it is taken from row 1, which leaves 3 - 2 = 1.
    const { P, L, U } = linalg.lu(A);
    near(L, [
      [1, 0],
      [2 / 3, 1],
    ]);
    near(U, [
      [6, 3],
      [0, 1],
    ]);
    near(P.matmul(L).matmul(U), A.tolist());
  });

  it("solves and inverts", () => {
    // 4x + 3y = 10 and 6x + 3y = 12: x = 1, y = 2.
    near(linalg.solve(A, tensor([10, 12])), [1, 2]);
    near(linalg.inv(A).matmul(A), eye(2).tolist());
    expect(linalg.det(A).item()).toBeCloseTo(-6, 5);
    expect(() =>
      linalg.inv(
        tensor([
          [1, 2],
          [2, 4],
        ]),
      ),
    ).toThrow("linalg.inv: The diagonal element 2 is zero");
  });

  it("gives eigenvalues in ascending and singular values in descending order", () => {
    const symmetric = tensor([
      [2, 1],
      [1, 2],
    ]);
    near(linalg.eigh(symmetric).eigenvalues, [1, 3]);
    near(linalg.svdvals(symmetric), [3, 1]);
    near(linalg.cholesky(symmetric), [
      [Math.SQRT2, 0],
      [1 / Math.SQRT2, Math.sqrt(1.5)],
    ]);
    expect(() => linalg.cholesky(symmetric.neg())).toThrow("the leading minor of order 1 is not positive-definite");
  });
});

it("contracts by names", () => {
  const a = tensor([
    [1, 2],
    [3, 4],
  ]);
  expect(einsum("ij,jk->ik", a, a).tolist()).toEqual([
    [7, 10],
    [15, 22],
  ]);
  expect(einsum("ii", a).item()).toBe(5);
  expect(() => einsum("ij->ijk", a)).toThrow("output subscript k does not appear");
});

it("refuses what it does not know, and says so to the compiler", () => {
  const a = eye(2);
  // @ts-expect-error no such option
  expect(() => linalg.svd(a, { full: true })).toThrow("unexpected keyword argument 'full'");
  expectTypeOf(linalg.svd).parameter(1).toEqualTypeOf<boolean | { fullMatrices?: boolean; driver?: string | null } | undefined>();
  expectTypeOf(linalg.svd(a).Vh).toEqualTypeOf<Tensor>();
  expectTypeOf(linalg.eigh(a, "U").eigenvectors).toEqualTypeOf<Tensor>();
  expectTypeOf(a.matrixPower).parameters.toEqualTypeOf<[n: number]>();
});
