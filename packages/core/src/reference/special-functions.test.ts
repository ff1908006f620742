import { describe, expect, it } from "vitest";
import { i0, i1e } from "./bessel-functions.ts";
import { erf, erfc, erfcx, erfinv, logNdtr, ndtr, ndtri } from "./error-function.ts";
import { digamma, lgamma, polygamma, zeta } from "./gamma-function.ts";
import { igamma, igammac } from "./incomplete-gamma.ts";

const near = (actual: number, expected: number): void => {
  expect(Math.abs(actual - expected)).toBeLessThanOrEqual(1e-13 * Math.abs(expected));
};

describe("error function", () => {
  it("has its known values", () => {
    near(erf(0.5), 0.5204998778130465);
    near(erf(2), 0.9953222650189527);
    near(erfc(10), 2.088487583762545e-45);
    near(erfcx(50), 0.011281536265323773);
  });

  it("is undone by its inverse", () => {
    for (const x of [-1.5, -0.3, 1e-12, 0.9, 2]) near(erfinv(erf(x)), x);
    expect(erfinv(1)).toBe(Number.POSITIVE_INFINITY);
    expect(erfinv(1.1)).toBeNaN();
  });

  it("gives the normal distribution", () => {
    near(ndtr(-1), 0.15865525393145705);
    near(ndtri(0.975), 1.959963984540054);
    near(logNdtr(-40), -804.6084420137538);
  });
});

describe("gamma function", () => {
  it("has its known values", () => {
    near(lgamma(0.5), Math.log(Math.sqrt(Math.PI)));
    near(lgamma(11), Math.log(3628800)); // Γ(11) = 10!
    near(lgamma(-0.5), Math.log(2 * Math.sqrt(Math.PI)));
    near(digamma(1), -0.5772156649015329);
    expect(digamma(-2)).toBeNaN();
  });

  it("has derivatives from the zeta function", () => {
    near(zeta(2, 1), Math.PI ** 2 / 6);
    near(polygamma(1, 1), Math.PI ** 2 / 6);
    near(polygamma(2, 1), -2 * 1.2020569031595942);
  });

  it("has incomplete halves that add up to one", () => {
    for (const [a, x] of [
      [0.3, 0.1],
      [1, 2],
      [50, 40],
      [3e5, 3.001e5],
    ] as const) {
      near(igamma(a, x) + igammac(a, x), 1);
    }
    near(igamma(1, 2), 1 - Math.exp(-2));
  });
});

describe("modified Bessel functions", () => {
  it("have their known values on both sides of the change of method", () => {
    near(i0(1), 1.2660658777520084);
    near(i0(30), 781672297823.9775);
    near(i1e(-2), -0.21526928924893768);
  });
});
