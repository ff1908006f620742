/**
 * Modified Bessel functions of the first kind, scaled by exp(-|x|): the power series, whose terms are all positive, up to 25,
 * then the asymptotic series (DLMF 10.25.2 and 10.40.1), which at 25 reaches the last bit before it diverges.
 */
function scaledModified(order: 0 | 1, x: number): number {
  const size = Math.abs(x);
  if (size === Number.POSITIVE_INFINITY) return 0;
  if (size <= 25) {
    const quarter = (size * size) / 4;
    let term = order === 0 ? 1 : size / 2;
    let sum = term;
    for (let k = 1; k < 200; k++) {
      term *= quarter / (k * (k + order));
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    return sum * Math.exp(-size);
  }
  const mu = 4 * order * order;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 40; k++) {
    const next = (-term * (mu - (2 * k - 1) ** 2)) / (8 * k * size);
    if (Math.abs(next) >= Math.abs(term)) break;
    term = next;
    sum += term;
    if (Math.abs(term) < 1e-17) break;
  }
  return sum / Math.sqrt(2 * Math.PI * size);
}

/** exp(|x|) times a scaled value, in two steps so that it overflows no sooner than the product. NaN at infinity, as in PyTorch. */
const unscaled = (x: number, scaled: number): number => {
  const half = Math.exp(Math.abs(x) / 2);
  return half * scaled * half;
};

/** I0(x) exp(-|x|). */
export const i0e = (x: number): number => scaledModified(0, x);
/** I0(x). */
export const i0 = (x: number): number => unscaled(x, scaledModified(0, x));
/** I1(x) exp(-|x|). */
export const i1e = (x: number): number => (x < 0 ? -scaledModified(1, x) : scaledModified(1, x));
/** I1(x). */
export const i1 = (x: number): number => (x < 0 ? -unscaled(x, scaledModified(1, x)) : unscaled(x, scaledModified(1, x)));

/** Up to here the integrals are summed; beyond, Hankel's expansion has all digits. */
const FAR = 25;

/** J of a whole order by Bessel's integral: the trapezoidal rule converges exponentially for a periodic function. */
function integralJ(order: number, x: number): number {
  const steps = 128;
  let sum = 0;
  for (let k = 0; k < steps; k++) {
    const t = ((k + 0.5) * Math.PI) / steps;
    sum += Math.cos(order * t - x * Math.sin(t));
  }
  return sum / steps;
}

/** Hankel's expansion (DLMF 10.17): amplitude and phase of J and Y of order `nu` for large `x`. */
function hankel(nu: number, x: number, wanted: "J" | "Y"): number {
  const mu = 4 * nu * nu;
  let term = 1;
  let p = 1;
  let q = 0;
  for (let k = 1; k < 60; k++) {
    const next = (term * (mu - (2 * k - 1) ** 2)) / (8 * k * x);
    if (Math.abs(next) >= Math.abs(term)) break;
    term = next;
    const signed = Math.floor(k / 2) % 2 === 0 ? term : -term;
    if (k % 2 === 0) p += signed;
    else q += signed;
    if (Math.abs(term) < 1e-17) break;
  }
  const phase = x - (nu / 2 + 0.25) * Math.PI;
  const size = Math.sqrt(2 / (Math.PI * x));
  return wanted === "J" ? size * (p * Math.cos(phase) - q * Math.sin(phase)) : size * (p * Math.sin(phase) + q * Math.cos(phase));
}

/** J0(x) or J1(x); NaN at infinity, as in PyTorch. */
function besselJ(order: 0 | 1, x: number): number {
  const size = Math.abs(x);
  if (!(size < Number.POSITIVE_INFINITY)) return Number.NaN;
  const value = size < 0.01 ? smallJ(order, size) : size <= FAR ? integralJ(order, size) : hankel(order, size, "J");
  return order === 1 && x < 0 ? -value : value;
}
/** Bessel function of the first kind, order 0. */
export const besselJ0 = (x: number): number => besselJ(0, x);
/** Bessel function of the first kind, order 1. */
export const besselJ1 = (x: number): number => besselJ(1, x);

const EULER_GAMMA = 0.57721566490153286;

/** Y0(x) or Y1(x) for `x > 0`: Neumann's series of Y0 in J of even order (A&S 9.1.89), and the derivative of that series. */
function besselY(order: 0 | 1, x: number): number {
  if (x === 0) return Number.NEGATIVE_INFINITY;
  if (!(x > 0 && x < Number.POSITIVE_INFINITY)) return Number.NaN;
  if (x > FAR) return hankel(order, x, "Y");
  const log = Math.log(x / 2) + EULER_GAMMA;
  let sum = 0;
  for (let k = 1; 2 * k < x + 30; k++) {
    const sign = k % 2 === 0 ? -1 : 1;
    sum += (sign * (order === 0 ? 2 * smallJ(2 * k, x) : smallJ(2 * k + 1, x) - smallJ(2 * k - 1, x))) / k;
  }
  const known = order === 0 ? log * besselJ(0, x) : log * besselJ(1, x) - besselJ(0, x) / x;
  return (2 / Math.PI) * (known + sum);
}

/** J of any order, by its power series where that has no cancellation and the integral would round to noise. */
function smallJ(order: number, x: number): number {
  if (x * x > 4 * (order + 1)) return integralJ(order, x);
  let term = 1;
  for (let k = 1; k <= order; k++) term *= x / 2 / k;
  let sum = term;
  for (let k = 1; k < 60; k++) {
    term *= (-x * x) / 4 / (k * (k + order));
    sum += term;
    if (Math.abs(term) < 1e-18 * Math.abs(sum)) break;
  }
  return sum;
}
/** Bessel function of the second kind, order 0: -∞ at zero, NaN below. */
export const besselY0 = (x: number): number => besselY(0, x);
/** Bessel function of the second kind, order 1: -∞ at zero, NaN below. */
export const besselY1 = (x: number): number => besselY(1, x);

/** K of order `nu`, times exp(x), by the integral of exp(x - x cosh t) cosh(nu t), whose trapezoidal rule converges exponentially. */
export function scaledK(nu: number, x: number): number {
  if (x === 0) return Number.POSITIVE_INFINITY;
  if (!(x > 0)) return Number.NaN;
  if (x === Number.POSITIVE_INFINITY) return 0;
  // A step in proportion to the width of the peak, which narrows as 1 / sqrt(x).
  const step = Math.min(0.125, 0.5 / Math.sqrt(x));
  let sum = 0.5;
  for (let k = 1; k < 1e5; k++) {
    const t = k * step;
    const half = Math.sinh(t / 2);
    const term = Math.exp(-2 * x * half * half) * Math.cosh(nu * t);
    sum += term;
    if (term < 1e-18 * sum && 2 * x * half * half > 1) break;
  }
  return sum * step;
}
const unscaledK = (nu: number, x: number): number => (x > 745 ? 0 : scaledK(nu, x) * Math.exp(-x));
/** Modified Bessel function of the second kind, order 0: ∞ at zero, NaN below. */
export const besselK0 = (x: number): number => unscaledK(0, x);
/** Modified Bessel function of the second kind, order 1: ∞ at zero, NaN below. */
export const besselK1 = (x: number): number => unscaledK(1, x);
/** K0(x) exp(x). */
export const besselK0e = (x: number): number => scaledK(0, x);
/** K1(x) exp(x). */
export const besselK1e = (x: number): number => scaledK(1, x);

/** sin(x) / x: the spherical Bessel function of order 0. */
export const sphericalJ0 = (x: number): number =>
  Math.abs(x) === Number.POSITIVE_INFINITY ? 0 : Math.abs(x) < 1e-4 ? 1 - (x * x) / 6 : Math.sin(x) / x;

const AIRY_ZERO = 0.35502805388781723926;
const AIRY_SLOPE = -0.25881940379280679841;

/** One Taylor step of length `h` along y″ = x y from `x`. */
function airyStep(x: number, y: number, slope: number, h: number): [number, number] {
  const coefficients = [y, slope, (x * y) / 2];
  let value = y + slope * h + coefficients[2]! * h * h;
  let gradient = slope + 2 * coefficients[2]! * h;
  let power = h * h;
  for (let n = 1; n < 40; n++) {
    const next = (x * coefficients[n]! + coefficients[n - 1]!) / ((n + 2) * (n + 1));
    coefficients.push(next);
    gradient += (n + 2) * next * power;
    power *= h;
    value += next * power;
  }
  return [value, gradient];
}

/** Airy function Ai: through K of order 1/3 above 1, by Taylor steps from 0 down to -30, then its asymptotic expansion (DLMF 9.7.9). */
export function airyAi(x: number): number {
  if (!Number.isFinite(x)) return Number.NaN;
  const zeta = (2 / 3) * Math.abs(x) * Math.sqrt(Math.abs(x));
  if (x > 1) return (Math.sqrt(x / 3) / Math.PI) * scaledK(1 / 3, zeta) * Math.exp(-zeta);
  if (x < -30) {
    const size = Math.PI ** -0.5 * (-x) ** -0.25;
    const phase = zeta - Math.PI / 4;
    let term = 1;
    let even = 1;
    let odd = 0;
    for (let k = 1; k < 20; k++) {
      term *= ((6 * k - 5) * (6 * k - 3) * (6 * k - 1)) / (216 * k * (2 * k - 1) * zeta);
      const signed = Math.floor(k / 2) % 2 === 0 ? term : -term;
      if (k % 2 === 0) even += signed;
      else odd += signed;
    }
    return size * (even * Math.cos(phase) + odd * Math.sin(phase));
  }
  let at = 0;
  let state: [number, number] = [AIRY_ZERO, AIRY_SLOPE];
  while (at !== x) {
    const h = Math.max(-0.5, Math.min(0.5, x - at));
    state = airyStep(at, state[0], state[1], h);
    at = Math.abs(x - at) <= 0.5 ? x : at + h;
  }
  return state[0];
}
