/** Coefficients of the Stirling series B(2n) / (2n (2n - 1)). */
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156];
const HALF_LOG_2_PI = 0.9189385332046727;

/** Natural logarithm of the gamma function of a positive number, by Stirling's series after shifting the argument above 10. */
export function logGamma(x: number): number {
  let shift = 0;
  let z = x;
  if (z < 10) {
    let product = 1;
    while (z < 10) product *= z++;
    shift = Math.log(product);
  }
  const inverse = 1 / z;
  const square = inverse * inverse;
  let series = 0;
  for (let i = STIRLING.length - 1; i >= 0; i--) series = series * square + STIRLING[i]!;
  return (z - 0.5) * Math.log(z) - z + HALF_LOG_2_PI + series * inverse - shift;
}
