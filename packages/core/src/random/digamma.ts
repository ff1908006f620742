/** Coefficients B(2n) / (2n) of the asymptotic series, n = 1 ... 7. */
const SERIES = [1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12];

/** Derivative of the logarithm of the gamma function: recurrence up to 10, then the asymptotic series. */
export function digamma(x: number): number {
  if (x === 0) return Number.POSITIVE_INFINITY;
  let sum = 0;
  let z = x;
  if (z < 0) {
    if (Number.isInteger(z)) return Number.POSITIVE_INFINITY;
    sum = -Math.PI / Math.tan(Math.PI * z);
    z = 1 - z;
  }
  while (z < 10) sum -= 1 / z++;
  const inverseSquare = 1 / (z * z);
  let series = 0;
  for (let i = SERIES.length - 1; i >= 0; i--) series = series * inverseSquare + SERIES[i]!;
  return sum + Math.log(z) - 0.5 / z - series * inverseSquare;
}
