import type { Generator } from "./generator.ts";

// Constants that PyTorch writes in single precision.
const THIRD = Math.fround(1 / 3);
const SQUEEZE = Math.fround(0.0331);

/**
 * One number of the standard gamma distribution in double precision, by the rejection of Marsaglia and Tsang (2000); a shape below 1 is
 * boosted by a power of a uniform number. `round` is the rounding of the dtype of `alpha`.
 * @see torch._standard_gamma
 */
export function drawGamma(alpha: number, round: (value: number) => number, generator: Generator): number {
  let scale = 1;
  let shape = alpha;
  if (alpha < 1) {
    if (alpha === 0) return 0;
    scale = (1 - generator.uniformDouble()) ** round(1 / alpha);
    shape = round(alpha + 1);
  }
  const d = round(shape - THIRD);
  const c = 1 / Math.sqrt(9 * d);
  for (;;) {
    let x: number;
    let y: number;
    do {
      x = generator.normalDouble();
      y = 1 + c * x;
    } while (y <= 0);
    const v = y * y * y;
    const u = 1 - generator.uniformDouble();
    const xx = x * x;
    if (u < 1 - SQUEEZE * xx * xx || Math.log(u) < 0.5 * xx + d * (1 - v + Math.log(v))) return scale * d * v;
  }
}

const TINY_DOUBLE = 2.2250738585072014e-308;
const TINY_SINGLE = 1.1754943508222875e-38;

/** The smallest normal number of a dtype: samples of positive quantities are kept at least this large. */
export function smallestNormal(single: boolean): number {
  return single ? TINY_SINGLE : TINY_DOUBLE;
}

/**
 * One point of the Dirichlet distribution: gamma numbers in double precision over their sum, kept inside the open interval (0, 1).
 * @see torch._sample_dirichlet
 */
export function drawDirichlet(concentration: ArrayLike<number>, single: boolean, generator: Generator): Float64Array {
  const point = new Float64Array(concentration.length);
  let sum = 0;
  for (let i = 0; i < point.length; i++) {
    point[i] = Math.max(
      TINY_DOUBLE,
      drawGamma(concentration[i]!, (x) => x, generator),
    );
    sum += point[i]!;
  }
  const below1 = 1 - (single ? 2 ** -24 : 2 ** -53);
  const tiny = smallestNormal(single);
  for (let i = 0; i < point.length; i++) {
    const share = point[i]! / sum;
    point[i] = Math.min(below1, Math.max(tiny, single ? Math.fround(share) : share));
  }
  return point;
}
