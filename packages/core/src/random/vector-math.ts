import { fma32 } from "./fused-multiply-add.ts";

// The single precision logarithm, sine and cosine that PyTorch's AVX2 kernel for normal numbers uses: Moshier's Cephes polynomials
// (logf, sinf, cosf), evaluated with fused multiply-adds where the compiler fuses them. Every step is rounded to float32, so that the
// results are the same bits.

const { fround } = Math;
const word = new Float32Array(1);
const wordBits = new Int32Array(word.buffer);

const [L0, L1, L2, L3, L4, L5, L6, L7, L8] = [
  7.0376836292e-2, -1.151461031e-1, 1.167699874e-1, -1.2420140846e-1, 1.4249322787e-1, -1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1,
  3.3333331174e-1,
].map(fround) as [number, number, number, number, number, number, number, number, number];
const SQRT_HALF = fround(Math.SQRT1_2);
/** ln 2 in two pieces, the larger with few bits, so that its products with an exponent are exact. */
const LN2_LOW = fround(-2.1219444e-4);
const LN2_HIGH = fround(0.693359375);

/** Natural logarithm in float32 of a normal positive float32. */
export function log32(value: number): number {
  word[0] = value;
  const bits = wordBits[0]!;
  // value = x * 2^e with x in [0.5, 1).
  let e = (bits >>> 23) - 126;
  wordBits[0] = (bits & 0x007fffff) | 0x3f000000;
  let x = word[0]!;
  if (x < SQRT_HALF) {
    e -= 1;
    x = fround(fround(x - 1) + x);
  } else {
    x = fround(x - 1);
  }
  const z = fround(x * x);
  let y = fma32(L0, x, L1);
  y = fma32(y, x, L2);
  y = fma32(y, x, L3);
  y = fma32(y, x, L4);
  y = fma32(y, x, L5);
  y = fma32(y, x, L6);
  y = fma32(y, x, L7);
  y = fma32(y, x, L8);
  y = fround(y * x);
  y = fma32(y, z, fround(e * LN2_LOW));
  y = fma32(-z, 0.5, y);
  x = fround(x + y);
  return fma32(e, LN2_HIGH, x);
}

const FOUR_OVER_PI = fround(1.27323954473516);
/** -pi/4 in three pieces of few bits (Cody and Waite). */
const [D1, D2, D3] = [-0.78515625, -2.4187564849853516e-4, -3.774894977445941e-8].map(fround) as [number, number, number];
const [S0, S1, S2] = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(fround) as [number, number, number];
const [C0, C1, C2] = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(fround) as [number, number, number];

/** Sine and cosine in float32 of a float32 that is not negative: `result[0]` and `result[1]` receive them. */
export function sinCos32(value: number, result: Float32Array): void {
  // Octants, rounded up to an even number.
  const j = (Math.trunc(fround(value * FOUR_OVER_PI)) + 1) & ~1;
  let x = fma32(j, D1, value);
  x = fma32(j, D2, x);
  x = fma32(j, D3, x);
  const z = fround(x * x);

  let cosine = fma32(C0, z, C1);
  cosine = fma32(cosine, z, C2);
  cosine = fround(cosine * z);
  cosine = fma32(cosine, z, -(z * 0.5));
  cosine = fround(cosine + 1);

  let sine = fma32(S0, z, S1);
  sine = fma32(sine, z, S2);
  sine = fround(sine * z);
  sine = fma32(sine, x, x);

  const swapped = (j & 2) !== 0;
  const s = swapped ? cosine : sine;
  const c = swapped ? sine : cosine;
  result[0] = j & 4 ? -s : s;
  result[1] = (j - 2) & 4 ? c : -c;
}
