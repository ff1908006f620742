import type { ComplexOut } from "./pointwise.ts";

/** Functions of one complex number `a + b i` that write their result to `out`, with the signed zeros and infinities of C99's Annex G where PyTorch has them. */

export function complexExp(a: number, b: number, out: ComplexOut): void {
  if (b === 0) {
    out[0] = Math.exp(a);
    out[1] = b;
    return;
  }
  if (!Number.isFinite(b)) {
    if (a === Number.NEGATIVE_INFINITY) {
      out[0] = 0;
      out[1] = 0;
    } else {
      out[0] = a === Number.POSITIVE_INFINITY ? a : Number.NaN;
      out[1] = Number.NaN;
    }
    return;
  }
  const scale = Math.exp(a);
  out[0] = scale * Math.cos(b);
  out[1] = scale * Math.sin(b);
}

/** The principal logarithm: imaginary part in (-π, π]. */
export function complexLog(a: number, b: number, out: ComplexOut): void {
  out[0] = logHypot(a, b);
  out[1] = Math.atan2(b, a);
}

/** `log(hypot(a, b))`, accurate near the unit circle too. */
export function logHypot(a: number, b: number): number {
  const x = Math.abs(a);
  const y = Math.abs(b);
  const large = Math.max(x, y);
  const small = Math.min(x, y);
  if (large > 0.5 && large < 2) return 0.5 * Math.log1p((large - 1) * (large + 1) + small * small);
  return Math.log(Math.hypot(a, b));
}

export function complexSqrt(a: number, b: number, out: ComplexOut): void {
  if (a === 0 && b === 0) {
    out[0] = 0;
    out[1] = b;
    return;
  }
  if (!Number.isFinite(b) && !Number.isNaN(b)) {
    out[0] = Number.POSITIVE_INFINITY;
    out[1] = b;
    return;
  }
  const half = Math.sqrt((Math.abs(a) + Math.hypot(a, b)) / 2);
  if (a >= 0) {
    out[0] = half;
    out[1] = b / (2 * half);
  } else {
    out[0] = Math.abs(b) / (2 * half);
    out[1] = b < 0 || Object.is(b, -0) ? -half : half;
  }
}

export function complexSinh(a: number, b: number, out: ComplexOut): void {
  out[0] = b === 0 ? Math.sinh(a) : Math.sinh(a) * Math.cos(b);
  out[1] = b === 0 ? b : Math.cosh(a) * Math.sin(b);
}

export function complexCosh(a: number, b: number, out: ComplexOut): void {
  out[0] = b === 0 ? Math.cosh(a) : Math.cosh(a) * Math.cos(b);
  out[1] = b === 0 || a === 0 ? a * b : Math.sinh(a) * Math.sin(b);
}

export function complexTanh(a: number, b: number, out: ComplexOut): void {
  if (Math.abs(a) > 22) {
    // cosh² is beyond the digits of 1 here, so the quotient is ±1 with a tiny imaginary part.
    const decay = Math.exp(-2 * Math.abs(a));
    out[0] = Math.sign(a);
    out[1] = Number.isFinite(b) ? 4 * Math.sin(b) * Math.cos(b) * decay : 0;
    return;
  }
  const sinhA = Math.sinh(a);
  const cosB = Math.cos(b);
  const scale = 1 / (sinhA * sinhA + cosB * cosB);
  out[0] = sinhA * Math.cosh(a) * scale;
  out[1] = Math.sin(b) * cosB * scale;
}

/** `out` becomes `-i out`: how a trigonometric function follows from a hyperbolic one of `i z`. */
function timesMinusI(out: ComplexOut): void {
  const re = out[0];
  out[0] = out[1];
  out[1] = -re;
}

export function complexSin(a: number, b: number, out: ComplexOut): void {
  complexSinh(-b, a, out);
  timesMinusI(out);
}

export function complexCos(a: number, b: number, out: ComplexOut): void {
  complexCosh(-b, a, out);
}

export function complexTan(a: number, b: number, out: ComplexOut): void {
  complexTanh(-b, a, out);
  timesMinusI(out);
}

/** Inverse sine by Hull, Fairgrieve and Tang's formulas in the form of Kahan: products of square roots, which keep the branch cuts. */
export function complexAsin(a: number, b: number, out: ComplexOut): void {
  const minus: ComplexOut = [0, 0];
  const plus: ComplexOut = [0, 0];
  complexSqrt(1 - a, -b, minus);
  complexSqrt(1 + a, b, plus);
  out[0] = Math.atan2(a, minus[0] * plus[0] - minus[1] * plus[1]);
  out[1] = Math.asinh(minus[0] * plus[1] - minus[1] * plus[0]);
  if (!Number.isFinite(out[1]) || Number.isNaN(out[0])) asinFar(a, b, out);
}

/** Inverse sine where squares overflow: `asin z ~ -i log(2 i z)`. */
function asinFar(a: number, b: number, out: ComplexOut): void {
  out[0] = Math.atan2(a, Math.abs(b));
  const size = Math.log(Math.hypot(a, b)) + Math.LN2;
  out[1] = b < 0 || Object.is(b, -0) ? -size : size;
}

export function complexAcos(a: number, b: number, out: ComplexOut): void {
  const minus: ComplexOut = [0, 0];
  const plus: ComplexOut = [0, 0];
  complexSqrt(1 - a, -b, minus);
  complexSqrt(1 + a, b, plus);
  out[0] = 2 * Math.atan2(minus[0], plus[0]);
  out[1] = Math.asinh(plus[0] * minus[1] - plus[1] * minus[0]);
}

export function complexAsinh(a: number, b: number, out: ComplexOut): void {
  // asinh z = i asin(-i z)
  complexAsin(b, -a, out);
  const re = out[0];
  out[0] = -out[1];
  out[1] = re;
}

export function complexAcosh(a: number, b: number, out: ComplexOut): void {
  const minus: ComplexOut = [0, 0];
  const plus: ComplexOut = [0, 0];
  complexSqrt(a - 1, b, minus);
  complexSqrt(a + 1, b, plus);
  out[0] = Math.asinh(minus[0] * plus[0] + minus[1] * plus[1]);
  out[1] = 2 * Math.atan2(minus[1], plus[0]);
}

export function complexAtanh(a: number, b: number, out: ComplexOut): void {
  if (Math.hypot(a, b) > 1e150) {
    out[0] = 0 * a;
    out[1] = b < 0 || Object.is(b, -0) ? -Math.PI / 2 : Math.PI / 2;
    return;
  }
  // By |a|, since log1p loses everything near -1.
  const size = Math.abs(a);
  const far = (1 - size) * (1 - size) + b * b;
  const real = far === 0 ? Number.POSITIVE_INFINITY : 0.25 * Math.log1p((4 * size) / far);
  out[0] = a < 0 || Object.is(a, -0) ? -real : real;
  out[1] = 0.5 * Math.atan2(2 * b, (1 - a) * (1 + a) - b * b);
}

export function complexAtan(a: number, b: number, out: ComplexOut): void {
  // atan z = -i atanh(i z)
  complexAtanh(-b, a, out);
  timesMinusI(out);
}

/** `(a + b i) ** (c + d i)` through the logarithm; zero to any power but zero is zero. */
export function complexPow(a: number, b: number, c: number, d: number, out: ComplexOut): void {
  if (c === 0 && d === 0) {
    out[0] = 1;
    out[1] = 0;
    return;
  }
  if (a === 0 && b === 0) {
    out[0] = d === 0 && c < 0 ? Number.POSITIVE_INFINITY : d === 0 ? 0 : Number.NaN;
    out[1] = d === 0 && c > 0 ? 0 : Number.NaN;
    return;
  }
  const log = logHypot(a, b);
  const angle = Math.atan2(b, a);
  const size = Math.exp(c * log - d * angle);
  const turn = d * log + c * angle;
  out[0] = size * Math.cos(turn);
  out[1] = size * Math.sin(turn);
}

/** The number scaled to length 1; zero stays. */
export function complexSgn(a: number, b: number, out: ComplexOut): void {
  const size = Math.hypot(a, b);
  out[0] = size === 0 ? 0 : a / size;
  out[1] = size === 0 ? 0 : b / size;
}
