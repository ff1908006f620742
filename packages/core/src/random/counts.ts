import type { Generator } from "./generator.ts";
import { logGamma } from "./log-gamma.ts";

/**
 * One Poisson number: by multiplying uniform numbers below a rate of 10, by transformed rejection (PTRS, Hörmann 1993) from there on.
 * @see torch.poisson
 */
export function drawPoisson(rate: number, generator: Generator): number {
  if (rate === 0) return 0;
  if (rate < 10) {
    const limit = Math.exp(-rate);
    let product = generator.uniformDouble();
    let count = 0;
    while (product > limit) {
      count++;
      product *= generator.uniformDouble();
    }
    return count;
  }
  const logRate = Math.log(rate);
  const b = 0.931 + 2.53 * Math.sqrt(rate);
  const a = -0.059 + 0.02483 * b;
  const inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  const box = 0.9277 - 3.6224 / (b - 2);
  for (;;) {
    const u = generator.uniformDouble() - 0.5;
    const v = generator.uniformDouble();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + rate + 0.43);
    if (us >= 0.07 && v <= box) return k;
    if (k < 0 || (us < 0.013 && v > us)) continue;
    if (Math.log(v) + Math.log(inverseAlpha) - Math.log(a / (us * us) + b) <= -rate + k * logRate - logGamma(k + 1)) return k;
  }
}

/**
 * One binomial number: geometric gaps below an expected count of 10, transformed rejection (BTRS, Hörmann 1993) from there on; counted
 * from the rarer outcome. `round` is the rounding of the dtype of `count` and `probability`.
 * @see torch.binomial
 */
export function drawBinomial(count: number, probability: number, round: (value: number) => number, generator: Generator): number {
  if (count <= 0 || probability <= 0) return 0;
  if (probability >= 1) return count;
  if (probability <= 0.5) return drawRare(count, probability, round, generator);
  if (probability > 0.5) return count - drawRare(count, round(1 - probability), round, generator);
  return Number.NaN;
}

function drawRare(count: number, probability: number, round: (value: number) => number, generator: Generator): number {
  return round(count * probability) >= 10
    ? drawByRejection(count, probability, round, generator)
    : drawByGaps(count, probability, round, generator);
}

function drawByGaps(count: number, probability: number, round: (value: number) => number, generator: Generator): number {
  const logFailure = round(Math.log1p(-probability));
  let position = 0;
  for (let successes = 0; ; successes++) {
    position += Math.ceil(Math.log(generator.uniformDouble()) / logFailure);
    if (position > count) return successes;
  }
}

function drawByRejection(count: number, probability: number, round: (value: number) => number, generator: Generator): number {
  const expected = round(count * probability);
  const deviation = round(Math.sqrt(round(expected * round(1 - probability))));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * probability;
  const c = expected + 0.5;
  const box = 0.92 - 4.2 / b;
  const odds = round(probability / round(1 - probability));
  const alpha = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor(round(round(count + 1) * probability));
  for (;;) {
    const u = generator.uniformDouble() - 0.5;
    const v = generator.uniformDouble();
    const us = 0.5 - Math.abs(u);
    const k = Math.floor(((2 * a) / us + b) * u + c);
    if (k < 0 || k > count) continue;
    if (us >= 0.07 && v <= box) return k;
    const bound =
      (mode + 0.5) * Math.log((mode + 1) / (odds * (count - mode + 1))) +
      (count + 1) * Math.log((count - mode + 1) / (count - k + 1)) +
      (k + 0.5) * Math.log((odds * (count - k + 1)) / (k + 1)) +
      stirlingTail(mode) +
      stirlingTail(count - mode) -
      stirlingTail(k) -
      stirlingTail(count - k);
    if (Math.log((v * alpha) / (a / (us * us) + b)) <= bound) return k;
  }
}

const TAILS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211, 0.0138761288230707,
  0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
];

/** log(k!) less Stirling's approximation of it. */
function stirlingTail(k: number): number {
  if (k <= 9) return TAILS[k]!;
  const square = (k + 1) * (k + 1);
  return (1 / 12 - (1 / 360 - 1 / 1260 / square) / square) / (k + 1);
}
