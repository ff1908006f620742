import { expect, it } from "vitest";
import { fusedMultiplyAdd } from "./fused.ts";

it("rounds a product and a sum once", () => {
  // (1 + 2^-52)^2 - 1: the square of the small part survives.
  const x = 1 + Number.EPSILON;
  expect(fusedMultiplyAdd(x, x, -1)).toBe(2 * Number.EPSILON + Number.EPSILON ** 2);
  expect(fusedMultiplyAdd(0.1, 10, -1)).toBe(5.551115123125783e-17);
  expect(fusedMultiplyAdd(2, 3, 4)).toBe(10);
});

it("keeps infinities, NaN and overflow", () => {
  expect(fusedMultiplyAdd(Number.POSITIVE_INFINITY, 1, 1)).toBe(Number.POSITIVE_INFINITY);
  expect(fusedMultiplyAdd(1e308, 10, 0)).toBe(Number.POSITIVE_INFINITY);
  expect(fusedMultiplyAdd(0, Number.POSITIVE_INFINITY, 0)).toBeNaN();
});
