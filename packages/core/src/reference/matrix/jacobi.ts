import { factorQr, formQ } from "./qr.ts";

const SWEEPS = 60;

/** Eigenvalues in ascending order, and eigenvectors as columns. */
export interface Eigen {
  readonly values: Float64Array;
  readonly vectors: Float64Array;
}

/** Cosine and sine of the rotation that makes the off-diagonal element of `[[a, b], [b, c]]` zero. */
function rotation(a: number, b: number, c: number): readonly [cosine: number, sine: number] {
  const theta = (c - a) / (2 * b);
  const t = Number.isFinite(theta) ? Math.sign(theta || 1) / (Math.abs(theta) + Math.hypot(theta, 1)) : 0;
  const cosine = 1 / Math.hypot(t, 1);
  return [cosine, t * cosine];
}

/** Columns `p` and `q` of a row-major matrix turned against each other. */
function turn(a: Float64Array, rows: number, width: number, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0; i < rows; i++) {
    const x = a[i * width + p]!;
    const y = a[i * width + q]!;
    a[i * width + p] = cosine * x - sine * y;
    a[i * width + q] = sine * x + cosine * y;
  }
}

/** Eigen-decomposition of a symmetric matrix by cyclic Jacobi rotations (Golub & Van Loan, Matrix Computations, 8.5). */
export function eigenSymmetric(symmetric: Float64Array, n: number): Eigen {
  const a = symmetric.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) {
        const square = a[i * n + j]! ** 2;
        all += square;
        if (i !== j) off += square;
      }
    if (!(off > all * 1e-32)) break;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        const b = a[p * n + q]!;
        if (b === 0) continue;
        const [cosine, sine] = rotation(a[p * n + p]!, b, a[q * n + q]!);
        turn(a, n, n, p, q, cosine, sine);
        for (let j = 0; j < n; j++) {
          const x = a[p * n + j]!;
          const y = a[q * n + j]!;
          a[p * n + j] = cosine * x - sine * y;
          a[q * n + j] = sine * x + cosine * y;
        }
        turn(v, n, n, p, q, cosine, sine);
      }
    }
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => a[i * n + i]! - a[j * n + j]!);
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    order.forEach((from, j) => {
      vectors[i * n + j] = v[i * n + from]!;
    });
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors };
}

/** Singular values in descending order; `u` is `m` x `m`, `vh` `n` x `n`. */
export interface Svd {
  readonly u: Float64Array;
  readonly s: Float64Array;
  readonly vh: Float64Array;
}

/** Singular value decomposition by one-sided Jacobi rotations (Golub & Van Loan, 8.6), with complete orthogonal factors. */
export function singularValues(matrix: Float64Array, m: number, n: number): Svd {
  if (m < n) {
    const { u, s, vh } = singularValues(transposed(matrix, m, n), n, m);
    return { u: transposed(vh, m, m), s, vh: transposed(u, n, n) };
  }
  const w = matrix.slice();
  const v = new Float64Array(n * n);
  for (let i = 0; i < n; i++) v[i * n + i] = 1;
  for (let sweep = 0, turned = true; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        let a = 0;
        let b = 0;
        let c = 0;
        for (let i = 0; i < m; i++) {
          const x = w[i * n + p]!;
          const y = w[i * n + q]!;
          a += x * x;
          b += x * y;
          c += y * y;
        }
        if (!(Math.abs(b) > 1e-16 * Math.sqrt(a * c))) continue;
        turned = true;
        const [cosine, sine] = rotation(a, b, c);
        turn(w, m, n, p, q, cosine, sine);
        turn(v, n, n, p, q, cosine, sine);
      }
    }
  }
  const norms = Array.from({ length: n }, (_, j) => {
    let norm = 0;
    for (let i = 0; i < m; i++) norm = Math.hypot(norm, w[i * n + j]!);
    return norm;
  });
  const order = norms.map((_, j) => j).sort((i, j) => norms[j]! - norms[i]!);
  const s = Float64Array.from(order, (j) => norms[j]!);
  const vh = new Float64Array(n * n);
  const columns = new Float64Array(m * n);
  const tiny = (s[0] ?? 0) * Number.EPSILON * Math.max(m, n) * 1e-3;
  order.forEach((from, j) => {
    for (let i = 0; i < n; i++) vh[j * n + i] = v[i * n + from]!;
    if (s[j]! > tiny) for (let i = 0; i < m; i++) columns[i * n + j] = w[i * n + from]! / s[j]!;
  });
  const rank = s.filter((value) => value > tiny).length;
  return { u: completed(columns, m, n, rank), s, vh };
}

/** The first `rank` columns (orthonormal) of `m` x `n`, completed to an orthogonal `m` x `m` matrix. */
function completed(columns: Float64Array, m: number, n: number, rank: number): Float64Array {
  const kept = new Float64Array(m * rank);
  for (let i = 0; i < m; i++) for (let j = 0; j < rank; j++) kept[i * rank + j] = columns[i * n + j]!;
  const packed = kept.slice();
  const tau = factorQr(packed, m, rank);
  const q = formQ(packed, tau, m, rank, m);
  for (let i = 0; i < m; i++) for (let j = 0; j < rank; j++) q[i * m + j] = kept[i * rank + j]!;
  return q;
}

export function transposed(a: Float64Array, m: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) for (let j = 0; j < n; j++) out[j * m + i] = a[i * n + j]!;
  return out;
}
