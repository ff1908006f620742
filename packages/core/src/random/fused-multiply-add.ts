const { fround } = Math;

/**
 * `a * b + c` rounded once to single precision, for arguments that are single precision already: what one FMA instruction gives.
 * The product of two float32 is exact in double precision, so only a sum that lies midway between two float32 can round wrongly.
 */
export function fma32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const rounded = fround(sum);
  const off = sum - rounded;
  if (off !== 0) {
    const neighbour = rounded + 2 * off;
    if (fround(neighbour) === neighbour) {
      // A tie in double precision: the part of the sum that was lost decides, if there is one.
      const virtual = sum - product;
      const lost = product - (sum - virtual) + (c - virtual);
      if (lost !== 0) return lost > 0 === neighbour > rounded ? neighbour : rounded;
    }
  }
  return rounded;
}

const SPLITTER = 134217729; // 2^27 + 1

/**
 * `a * b + c` with the rounding error of the product carried along (Dekker 1971, Knuth's two-sum), as a double precision FMA computes it.
 * Beyond 2^970 in size it falls back to two roundings.
 */
export function fma64(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const bigA = SPLITTER * a;
  const bigB = SPLITTER * b;
  const highA = bigA - (bigA - a);
  const highB = bigB - (bigB - b);
  const lowA = a - highA;
  const lowB = b - highB;
  const productError = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
  const virtual = sum - product;
  const sumError = product - (sum - virtual) + (c - virtual);
  const fused = sum + (sumError + productError);
  return Number.isFinite(fused) ? fused : sum;
}
