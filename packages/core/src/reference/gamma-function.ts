/** The gamma function's logarithm and its derivatives, and the Hurwitz zeta function they rest on. */

/** Bernoulli numbers B2, B4, ... B24. */
const BERNOULLI = [
  1 / 6,
  -1 / 30,
  1 / 42,
  -1 / 30,
  5 / 66,
  -691 / 2730,
  7 / 6,
  -3617 / 510,
  43867 / 798,
  -174611 / 330,
  854513 / 138,
  -236364091 / 2730,
];

/** sin(π x), exact at whole and half numbers. */
export function sinPi(x: number): number {
  const rest = x % 2;
  if (Math.abs(rest) === 1 || rest === 0) return 0;
  return Math.sin(Math.PI * (rest > 1 ? rest - 2 : rest < -1 ? rest + 2 : rest));
}

/** π / tan(π x). */
function piCotangent(x: number): number {
  const rest = x - Math.round(x);
  return Math.abs(rest) === 0.5 ? 0 : Math.PI / Math.tan(Math.PI * rest);
}

/**
 * The Hurwitz zeta function, the sum of `(q + k) ** -s` over k >= 0, for `s > 1`: some terms, then the Euler-Maclaurin formula.
 * Infinite at the poles; NaN for `s < 1` and infinite `q`, and below zero unless `s` is whole, as in Cephes.
 */
export function zeta(s: number, q: number): number {
  if (s === 1) return Number.POSITIVE_INFINITY;
  if (s < 1 || q !== q) return Number.NaN;
  if (q <= 0) {
    if (q === Math.floor(q)) return Number.POSITIVE_INFINITY;
    if (s !== Math.floor(s)) return Number.NaN;
  }
  let at = q;
  let sum = 0;
  while (at < 10) {
    const term = at === 1 ? 1 : at ** -s;
    sum += term;
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) return sum;
    at += 1;
  }
  const power = at ** -s;
  sum += (power * at) / (s - 1) + power / 2;
  let factor = (s * power) / at;
  let factorial = 2;
  for (let j = 0; j < BERNOULLI.length; j++) {
    const term = (BERNOULLI[j]! * factor) / factorial;
    sum += term;
    if (Math.abs(term) < 1e-17 * Math.abs(sum)) break;
    factor *= ((s + 2 * j + 1) * (s + 2 * j + 2)) / (at * at);
    factorial *= (2 * j + 3) * (2 * j + 4);
  }
  return sum;
}

const EULER = 0.57721566490153286;
/** `ζ(n) - 1` for n = 2, 3, ...: the coefficients of `lgamma(2 + z)`; made when first needed. */
let zetaMinusOne: readonly number[] | undefined;

/** `lgamma(2 + z)` for `|z| <= 1/2` by its Taylor series. */
function lgammaNearTwo(z: number): number {
  zetaMinusOne ??= Array.from({ length: 44 }, (_, i) => zeta(i + 2, 2));
  let power = -z;
  let sum = z * (1 - EULER);
  for (let i = 0; i < zetaMinusOne.length; i++) {
    power *= -z;
    const term = (zetaMinusOne[i]! * power) / (i + 2);
    sum += term;
    if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
  }
  return sum;
}

/** Stirling's series: what `lgamma(x)` has beyond `(x - 1/2) log x - x + log(2π)/2`. */
export function stirlingRest(x: number): number {
  const square = x * x;
  let power = x;
  let sum = 0;
  for (let i = 0; i < 8; i++) {
    const n = 2 * (i + 1);
    sum += BERNOULLI[i]! / (n * (n - 1) * power);
    power *= square;
  }
  return sum;
}

/** Logarithm of the absolute value of the gamma function. */
export function lgamma(x: number): number {
  if (x !== x) return x;
  if (!Number.isFinite(x)) return Number.POSITIVE_INFINITY;
  if (x < 0.5) {
    if (x === Math.floor(x) && x <= 0) return Number.POSITIVE_INFINITY;
    if (Math.abs(x) < 1e-20) return -Math.log(Math.abs(x));
    return Math.log(Math.PI / Math.abs(sinPi(x) * x)) - lgamma(1 - x) + Math.log(Math.abs(x));
  }
  if (x < 1.5) return lgammaNearTwo(x - 1) - Math.log1p(x - 1);
  if (x < 10) {
    let product = 1;
    let at = x;
    while (at > 2.5) {
      at -= 1;
      product *= at;
    }
    return Math.log(product) + lgammaNearTwo(at - 2);
  }
  return (x - 0.5) * Math.log(x) - x + 0.91893853320467274 + stirlingRest(x);
}

/** Logarithmic derivative of the gamma function; NaN at negative integers, infinite at zero. */
export function digamma(x: number): number {
  if (x === 0) return Object.is(x, -0) ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (x < 0) {
    if (x === Math.floor(x)) return Number.NaN;
    return digamma(1 - x) - piCotangent(x);
  }
  if (x === Number.POSITIVE_INFINITY) return x;
  let sum = 0;
  let at = x;
  while (at < 10) {
    sum -= 1 / at;
    at += 1;
  }
  const square = 1 / (at * at);
  let power = square;
  let rest = 0;
  for (let i = 0; i < 9; i++) {
    rest += (BERNOULLI[i]! / (2 * (i + 1))) * power;
    power *= square;
  }
  return sum + Math.log(at) - 0.5 / at - rest;
}

/**
 * Second derivative of {@link lgamma}, reflected below 1/2. The sine is that of the rounded π x, in float32 where `single`, so that
 * the poles give large numbers as in PyTorch instead of infinity.
 */
function trigamma(x: number, single: boolean): number {
  if (x >= 0.5 || x !== x) return zeta(2, x);
  const round = single ? Math.fround : (v: number): number => v;
  const sine = round(Math.sin(round(round(Math.PI) * x)));
  return (Math.PI * Math.PI) / (sine * sine) - zeta(2, 1 - x);
}

const factorial = (n: number): number => {
  let product = 1;
  for (let i = 2; i <= n; i++) product *= i;
  return product;
};

/** The `n`-th derivative of {@link digamma}. */
export function polygamma(n: number, x: number, single = false): number {
  if (n === 0) return digamma(x);
  if (n === 1) return trigamma(x, single);
  return (n % 2 === 0 ? -1 : 1) * factorial(n) * zeta(n + 1, x);
}
