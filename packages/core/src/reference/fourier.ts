/** Sizes up to this are transformed by the definition, which is exact and fast enough there. */
const SMALL = 16;

/** `exp(sign * 2 pi i k / n)` for k < n, interleaved. Angles are reduced first, so that large n lose nothing. */
function roots(n: number, sign: 1 | -1): Float64Array {
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    out[2 * k] = Math.cos((2 * Math.PI * k) / n);
    out[2 * k + 1] = sign * Math.sin((2 * Math.PI * k) / n);
  }
  return out;
}

function byDefinition(x: Float64Array, n: number, w: Float64Array): Float64Array {
  const out = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    let re = 0;
    let im = 0;
    for (let j = 0; j < n; j++) {
      const t = 2 * ((j * k) % n);
      re += x[2 * j]! * w[t]! - x[2 * j + 1]! * w[t + 1]!;
      im += x[2 * j]! * w[t + 1]! + x[2 * j + 1]! * w[t]!;
    }
    out[2 * k] = re;
    out[2 * k + 1] = im;
  }
  return out;
}

/** Iterative radix-2 transform of `n` (a power of two) complex numbers, in place (Cooley & Tukey, 1965). */
function radix2(x: Float64Array, n: number, w: Float64Array): void {
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      for (const part of [0, 1]) {
        const kept = x[2 * i + part]!;
        x[2 * i + part] = x[2 * j + part]!;
        x[2 * j + part] = kept;
      }
    }
  }
  for (let size = 2; size <= n; size *= 2) {
    const half = size / 2;
    const step = n / size;
    for (let start = 0; start < n; start += size) {
      for (let k = 0; k < half; k++) {
        const a = 2 * (start + k);
        const b = a + size;
        const c = w[2 * k * step]!;
        const s = w[2 * k * step + 1]!;
        const re = x[b]! * c - x[b + 1]! * s;
        const im = x[b]! * s + x[b + 1]! * c;
        x[b] = x[a]! - re;
        x[b + 1] = x[a + 1]! - im;
        x[a]! += re;
        x[a + 1]! += im;
      }
    }
  }
}

/** A plan: the transform of one length and direction, without scaling. */
export type Transform = (x: Float64Array) => Float64Array;

/** Transform of any length as a convolution of a power of two (Bluestein, 1970). */
function chirp(n: number, sign: 1 | -1): Transform {
  let size = 1;
  while (size < 2 * n - 1) size *= 2;
  const forward = roots(size, -1);
  const backward = roots(size, 1);
  const w = new Float64Array(2 * n);
  for (let k = 0; k < n; k++) {
    const angle = (Math.PI * ((k * k) % (2 * n))) / n;
    w[2 * k] = Math.cos(angle);
    w[2 * k + 1] = sign * Math.sin(angle);
  }
  const kernel = new Float64Array(2 * size);
  for (let k = 0; k < n; k++) {
    for (const at of k === 0 ? [0] : [k, size - k]) {
      kernel[2 * at] = w[2 * k]!;
      kernel[2 * at + 1] = -w[2 * k + 1]!;
    }
  }
  radix2(kernel, size, forward);
  return (x) => {
    const a = new Float64Array(2 * size);
    for (let k = 0; k < n; k++) {
      a[2 * k] = x[2 * k]! * w[2 * k]! - x[2 * k + 1]! * w[2 * k + 1]!;
      a[2 * k + 1] = x[2 * k]! * w[2 * k + 1]! + x[2 * k + 1]! * w[2 * k]!;
    }
    radix2(a, size, forward);
    for (let k = 0; k < size; k++) {
      const re = a[2 * k]! * kernel[2 * k]! - a[2 * k + 1]! * kernel[2 * k + 1]!;
      a[2 * k + 1] = a[2 * k]! * kernel[2 * k + 1]! + a[2 * k + 1]! * kernel[2 * k]!;
      a[2 * k] = re;
    }
    radix2(a, size, backward);
    const out = new Float64Array(2 * n);
    for (let k = 0; k < n; k++) {
      out[2 * k] = (a[2 * k]! * w[2 * k]! - a[2 * k + 1]! * w[2 * k + 1]!) / size;
      out[2 * k + 1] = (a[2 * k]! * w[2 * k + 1]! + a[2 * k + 1]! * w[2 * k]!) / size;
    }
    return out;
  };
}

/** The transform of `n` interleaved complex numbers, with `exp(sign 2 pi i jk / n)`. */
export function planTransform(n: number, sign: 1 | -1): Transform {
  if (n <= SMALL) {
    const w = roots(n, sign);
    return (x) => byDefinition(x, n, w);
  }
  if ((n & (n - 1)) === 0) {
    const w = roots(n, sign);
    return (x) => {
      const out = x.slice();
      radix2(out, n, w);
      return out;
    };
  }
  return chirp(n, sign);
}

/** Transforms row-major interleaved complex values of `shape` along dimension `dim`, in place. */
export function transformAlong(values: Float64Array, shape: readonly number[], dim: number, sign: 1 | -1): void {
  const n = shape[dim]!;
  const inner = shape.slice(dim + 1).reduce((a, b) => a * b, 1);
  const outer = shape.slice(0, dim).reduce((a, b) => a * b, 1);
  const transform = planTransform(n, sign);
  const line = new Float64Array(2 * n);
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < inner; i++) {
      for (let k = 0; k < n; k++) {
        const at = 2 * ((o * n + k) * inner + i);
        line[2 * k] = values[at]!;
        line[2 * k + 1] = values[at + 1]!;
      }
      const out = transform(line);
      for (let k = 0; k < n; k++) {
        const at = 2 * ((o * n + k) * inner + i);
        values[at] = out[2 * k]!;
        values[at + 1] = out[2 * k + 1]!;
      }
    }
  }
}
