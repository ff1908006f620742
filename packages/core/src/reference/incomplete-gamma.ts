import { erfc } from "./error-function.ts";
import { lgamma, stirlingRest } from "./gamma-function.ts";

/** `x - log(1 + x)`, accurate near zero. */
function logRemainder(x: number): number {
  if (Math.abs(x) > 0.2) return x - Math.log1p(x);
  let power = x * x;
  let sum = 0;
  for (let k = 2; k < 40; k++) {
    const term = (power / k) * (k % 2 === 0 ? 1 : -1);
    sum += term;
    if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
    power *= x;
  }
  return sum;
}

/** `x ** a exp(-x) / Γ(a)`, written around `x = a` where the plain logarithms would cancel. */
function density(a: number, x: number): number {
  if (a < 10) return Math.exp(a * Math.log(x) - x - lgamma(a));
  return Math.sqrt(a / (2 * Math.PI)) * Math.exp(-a * logRemainder((x - a) / a) - stirlingRest(a));
}

/** P(a, x) by its power series, best where `x < a + 1`. */
function lowerSeries(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < 1e6; n++) {
    term *= x / (a + n);
    sum += term;
    if (term < 1e-17 * sum) break;
  }
  return sum * density(a, x);
}

/** Q(a, x) by its continued fraction, evaluated by Lentz's method; best where `x > a + 1`. */
function upperFraction(a: number, x: number): number {
  const tiny = 1e-300;
  let b = x + 1 - a;
  let c = 1 / tiny;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < 1e6; n++) {
    const numerator = -n * (n - a);
    b += 2;
    d = 1 / (numerator * d + b || tiny);
    c = b + numerator / c || tiny;
    const factor = d * c;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-16) break;
  }
  return value * density(a, x);
}

/** Temme's uniform expansion for large `a` near `x = a` (DLMF 8.12), to the second term. `upper` chooses Q over P. */
function uniform(a: number, x: number, upper: boolean): number {
  const mu = (x - a) / a;
  const eta = Math.sign(mu) * Math.sqrt(2 * logRemainder(mu));
  const small = Math.abs(eta) < 0.02;
  const c0 = small ? -1 / 3 + eta / 12 - (2 * eta * eta) / 135 + eta ** 3 / 864 : 1 / mu - 1 / eta;
  const c1 = small ? -1 / 540 - eta / 288 + eta ** 2 / 378 : 1 / eta ** 3 - 1 / mu ** 3 - 1 / mu ** 2 - 1 / (12 * mu);
  const rest = (Math.exp((-a * eta * eta) / 2) / Math.sqrt(2 * Math.PI * a)) * (c0 + c1 / a);
  const tail = 0.5 * erfc((upper ? eta : -eta) * Math.sqrt(a / 2));
  return upper ? tail + rest : tail - rest;
}

const isNear = (a: number, x: number): boolean => a > 1e5 && Math.abs(x - a) < 0.3 * a;

/** The regularized lower incomplete gamma function P(a, x). */
export function igamma(a: number, x: number): number {
  if (x < 0 || a < 0) return Number.NaN;
  if (a === 0) return x > 0 ? 1 : Number.NaN;
  if (x === 0) return 0;
  if (a === Number.POSITIVE_INFINITY) return x === Number.POSITIVE_INFINITY ? Number.NaN : 0;
  if (x === Number.POSITIVE_INFINITY) return 1;
  if (x !== x || a !== a) return Number.NaN;
  if (isNear(a, x)) return uniform(a, x, false);
  return x > 1 && x > a ? 1 - upperFraction(a, x) : lowerSeries(a, x);
}

/** The regularized upper incomplete gamma function Q(a, x) = 1 - P(a, x). */
export function igammac(a: number, x: number): number {
  if (x < 0 || a < 0) return Number.NaN;
  if (a === 0) return x > 0 ? 0 : Number.NaN;
  if (x === 0) return 1;
  if (a === Number.POSITIVE_INFINITY) return x === Number.POSITIVE_INFINITY ? Number.NaN : 1;
  if (x === Number.POSITIVE_INFINITY) return 0;
  if (x !== x || a !== a) return Number.NaN;
  if (isNear(a, x)) return uniform(a, x, true);
  if (x < 0.5) return a < 0.5 ? upperNearZero(a, x) : 1 - lowerSeries(a, x);
  return x > a + 1 || (x >= 1 && x > a) ? upperFraction(a, x) : 1 - lowerSeries(a, x);
}

/** Q(a, x) for small arguments, where 1 - P would cancel: `1 - x**a / Γ(a+1)` less the rest of the series. */
function upperNearZero(a: number, x: number): number {
  const first = -Math.expm1(a * Math.log(x) - lgamma(a + 1));
  let factor = 1;
  let sum = 0;
  for (let n = 1; n < 200; n++) {
    factor *= -x / n;
    const term = factor / (a + n);
    sum += term;
    if (Math.abs(term) <= 1e-17 * Math.abs(sum)) break;
  }
  return first - Math.exp(a * Math.log(x) - lgamma(a)) * sum;
}
