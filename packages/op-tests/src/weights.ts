/**
 * The weights that turn an output into the scalar whose gradient is recorded:
 * `w[k] = (2 * ((37 * (k + 17 * j) + 11) % 101) - 101) / 100` for element `k` of output `j`.
 */
export function gradientWeights(count: number, output: number): Float64Array {
  return Float64Array.from({ length: count }, (_, k) => (2 * ((37 * (k + 17 * output) + 11) % 101) - 101) / 100);
}
