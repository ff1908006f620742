/** `a ** b` as C has it, which differs from JavaScript where the result does not depend on one argument: `1 ** NaN` and `(-1) ** ∞` are 1. */
export function power(a: number, b: number): number {
  if (a === 1 || (a === -1 && (b === Number.POSITIVE_INFINITY || b === Number.NEGATIVE_INFINITY))) return 1;
  return a ** b;
}

/** `a ** b` of 32-bit integers, which wraps; a negative power is 0 except of 1 and -1. */
export function powerInt32(a: number, b: number): number {
  if (b < 0) return a === 1 ? 1 : a === -1 ? (b % 2 === 0 ? 1 : -1) : 0;
  let result = 1;
  for (let base = a, rest = b; rest > 0; rest >>>= 1, base = Math.imul(base, base)) if (rest & 1) result = Math.imul(result, base);
  return result;
}

/** `a ** b` of 64-bit integers, which wraps; a negative power is 0 except of 1 and -1. */
export function powerInt64(a: bigint, b: bigint): bigint {
  if (b < 0n) return a === 1n ? 1n : a === -1n ? (b % 2n === 0n ? 1n : -1n) : 0n;
  let result = 1n;
  for (let base = a, rest = b; rest > 0n; rest >>= 1n, base = BigInt.asIntN(64, base * base)) {
    if (rest & 1n) result = BigInt.asIntN(64, result * base);
  }
  return result;
}

/** A function of a fixed power, in the cheaper form where there is one: so that `x ** 0.5` is `sqrt(x)` for -∞ and -0 too. */
export function powerOf(exponent: number): (a: number) => number {
  switch (exponent) {
    case 0.5:
      return Math.sqrt;
    case -0.5:
      return (a) => 1 / Math.sqrt(a);
    case 2:
      return (a) => a * a;
    case 3:
      return (a) => a * a * a;
    case -1:
      return (a) => 1 / a;
    case -2:
      return (a) => 1 / (a * a);
    default:
      return (a) => power(a, exponent);
  }
}
