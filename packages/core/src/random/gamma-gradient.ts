import { digamma } from "./digamma.ts";

// Pathwise derivatives of gamma and Dirichlet samples by their parameters, as Jankowiak and Obermeyer approximate them ("Pathwise
// Derivatives Beyond the Reparameterization Trick", 2018): Taylor series near the ends, Rice's saddle point expansion (which the
// polynomials below belong to) where parameters are large, and fitted rational functions between. PyTorch uses the same coefficients.

const orZero = (value: number): number => (Number.isNaN(value) ? 0 : value);

/** d x / d alpha for a number `x` drawn from the standard gamma distribution of shape `alpha`. */
export function standardGammaGradient(alpha: number, x: number): number {
  if (x < 0.8) return gammaNearZero(alpha, x);
  return alpha > 8 ? gammaLargeShape(alpha, x) : gammaFitted(alpha, x);
}

function gammaNearZero(alpha: number, x: number): number {
  // Sums of (-x)^n / n! / (alpha + n)^k for k = 1 and 2.
  let term = 1;
  let first = 1 / alpha;
  let second = 1 / (alpha * alpha);
  for (let n = 1; n <= 5; n++) {
    const shifted = alpha + n;
    term *= -x / n;
    first += term / shifted;
    second += term / (shifted * shifted);
  }
  const power = x ** alpha;
  const density = x ** (alpha - 1) * Math.exp(-x);
  const slope = (Math.log(x) - digamma(alpha)) * power * first - power * second;
  return orZero(-slope / density);
}

function gammaLargeShape(alpha: number, x: number): number {
  if (0.9 * alpha <= x && x <= 1.1 * alpha) {
    // The expansion is singular at x = alpha; its series around there is not.
    const a2 = alpha * alpha;
    const left = 1 + 24 * alpha * (1 + 12 * alpha);
    const right = 1440 * a2 + 6 * x * (53 - 120 * x) - (65 * x * x) / alpha + alpha * (107 + 3600 * x);
    return (left * right) / (1244160 * a2 * a2);
  }
  const ratio = Math.log(x / alpha);
  const root = Math.sqrt(8 * alpha);
  const pole = root / (alpha - x);
  const saddle = (x - alpha - alpha * ratio) ** -1.5;
  const bracket = x < alpha ? pole - saddle : pole + saddle;
  const term = ratio * bracket - (Math.sqrt(2 / alpha) * (alpha + x)) / (alpha - x) ** 2;
  const stirling = 1 + (1 / (12 * alpha)) * (1 + 1 / (24 * alpha));
  return (-stirling * x * term) / root;
}

/** Rows: powers of log(x / alpha); columns: powers of log(alpha), four of the numerator and four of the denominator. */
const GAMMA_FIT = [
  [0.16009398, -0.094634809, 0.025146376, -0.0030648343, 1, 0.32668115, 0.10406089, 0.0014179084],
  [0.53487893, 0.1298071, 0.065735949, -0.0015649758, 0.16639465, 0.020070113, -0.0035938915, -0.00058392623],
  [0.040121004, -0.0065914022, -0.0026286047, -0.0013441777, 0.017050642, -0.0021309326, 0.00085092367, -1.5247877e-7],
] as const;

function gammaFitted(alpha: number, x: number): number {
  const u = Math.log(x / alpha);
  const v = Math.log(alpha);
  const inU = GAMMA_FIT[0].map((c, i) => c + u * (GAMMA_FIT[1][i]! + u * GAMMA_FIT[2][i]!));
  return Math.exp(cubic(inU, 0, v) / cubic(inU, 4, v));
}

const cubic = (c: ArrayLike<number>, from: number, x: number): number =>
  c[from]! + x * (c[from + 1]! + x * (c[from + 2]! + x * c[from + 3]!));

/**
 * The factor of coordinate `x` in the derivative of a Dirichlet point by its concentration `alpha`, the concentrations adding up to
 * `total`: d x / d alpha / (1 - x) of the Beta(alpha, total - alpha) distribution that the coordinate has.
 */
export function dirichletGradient(x: number, alpha: number, total: number): number {
  const beta = total - alpha;
  const boundary = total * x * (1 - x);
  if (x <= 0.5 && boundary < 2.5) return betaNearZero(x, alpha, beta);
  if (x >= 0.5 && boundary < 0.75) return -betaNearOne(1 - x, beta, alpha);
  if (alpha > 6 && beta > 6) return betaLarge(x, alpha, beta);
  return betaFitted(x, alpha, total, beta);
}

function betaNearZero(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha) - digamma(alpha + beta) - Math.log(x);
  let term = 1;
  let series = (1 / alpha) * (factor + 1 / alpha);
  for (let n = 1; n <= 10; n++) {
    term *= ((n - beta) * x) / n;
    series += (term / (alpha + n)) * (factor + 1 / (alpha + n));
  }
  return orZero(x * (1 - x) ** -beta * series);
}

/** The derivative by the second parameter, for a coordinate near zero. */
function betaNearOne(x: number, alpha: number, beta: number): number {
  const factor = digamma(alpha + beta) - digamma(beta);
  let term = 1;
  // The falling product (beta - 1) ... (beta - n) and its derivative by beta.
  let product = 1;
  let slope = 0;
  let series = factor / alpha;
  for (let n = 1; n <= 8; n++) {
    term *= -x / n;
    slope = slope * (beta - n) + product;
    product *= beta - n;
    series += (term / (alpha + n)) * (slope + factor * product);
  }
  return orZero(-((1 - x) ** (1 - beta)) * series);
}

function betaLarge(x: number, alpha: number, beta: number): number {
  const total = alpha + beta;
  const mean = alpha / total;
  const std = Math.sqrt((alpha * beta) / (total + 1)) / total;
  if (mean - 0.1 * std <= x && x <= mean + 0.1 * std) {
    const b2 = beta * beta;
    const inner = 8 * (1 - x) * (135 * beta - 11);
    const cube = (453 + 1620 * beta * (1 - x) - 455 * x) * beta + alpha * inner;
    const square = 3 * (59 + 180 * beta - 90 * x) * b2 + alpha * cube;
    const polynomial = 47 * x * b2 * b2 + alpha * ((43 + 20 * (16 + 27 * beta) * x) * b2 * beta + alpha * square);
    const numerator = ((1 + 12 * alpha) * (1 + 12 * beta)) / (total * total);
    const denominator = 12960 * alpha * alpha * alpha * b2 * (1 + 12 * total);
    return ((numerator / (1 - x)) * polynomial) / denominator;
  }
  const stirlingOf = (z: number): number => 1 + 1 / (12 * z) + 1 / (288 * z * z);
  const prefactor = -x / Math.sqrt((2 * alpha * beta) / total);
  const stirling = (stirlingOf(alpha) * stirlingOf(beta)) / stirlingOf(total);
  const off = alpha * (x - 1) + beta * x;
  const leading = 2 * alpha * alpha * (x - 1) + alpha * beta * (x - 1) - x * beta * beta;
  const first = leading / (Math.sqrt((2 * alpha) / beta) * total ** 1.5 * off * off);
  const second = 0.5 * Math.log(alpha / (total * x));
  const third = Math.sqrt((8 * alpha * beta) / total) / off;
  const exponent = beta * Math.log(beta / (total * (1 - x))) + alpha * Math.log(alpha / (total * x));
  const fourth = exponent ** -1.5;
  return stirling * prefactor * (first + second * (third + (x < mean ? fourth : -fourth)));
}

/** Numerator and denominator; by powers of log x, then of log(alpha / x), then of log(total x / alpha). */
const BETA_FIT = [
  [
    [
      [1.003668233, -0.01061107488, -0.0657888334, 0.01201642863],
      [0.6336835991, -0.3557432599, 0.05486251648, -0.001465281033],
      [-0.03276231906, 0.004474107445, 0.002429354597, -0.0001557569013],
    ],
    [
      [0.221950385, -0.3187676331, 0.01799915743, 0.01074823814],
      [-0.2951249643, 0.06219954479, 0.01535556598, 0.001550077057],
      [0.02155310298, 0.004170831599, 0.001292462449, 6.976601077e-5],
    ],
    [
      [-0.05980841433, 0.008441916499, 0.01085618172, 0.002319392565],
      [0.02911413504, 0.01400243777, -0.002721828457, 0.000751041181],
      [0.005900514878, -0.001936558688, -9.495446725e-6, 5.385558597e-5],
    ],
  ],
  [
    [
      [1, -0.02924021934, -0.04438342661, 0.007285809825],
      [0.6357567472, -0.3473456711, 0.05454656494, -0.002407477521],
      [-0.03301322327, 0.004845219414, 0.00231480583, -0.0002307248149],
    ],
    [
      [0.5925320577, -0.1757678135, 0.01505928619, 0.000564515273],
      [0.1014815858, -0.06589186703, 0.01272886114, -0.0007316646956],
      [-0.007258481865, 0.001096195486, 0.0003934994223, -4.12701925e-5],
    ],
    [
      [0.06469649321, -0.0236701437, 0.002902096474, -5.896963079e-5],
      [0.001925008108, -0.002869809258, 0.0008000589141, -6.063713228e-5],
      [-0.0003477407336, 6.959756487e-5, 1.097287507e-5, -1.650964693e-6],
    ],
  ],
] as const;

function betaFitted(x: number, alpha: number, total: number, beta: number): number {
  const u = Math.log(x);
  const a = Math.log(alpha) - u;
  const b = Math.log(total) - a;
  const [numerator, denominator] = BETA_FIT.map((table) => {
    let sum = 0;
    for (let i = 0; i < 3; i++) for (let j = 0; j < 3; j++) sum += u ** i * a ** j * cubic(table[i]![j]!, 0, b);
    return sum;
  });
  return (numerator! / denominator!) * ((x * (digamma(total) - digamma(alpha))) / beta);
}
