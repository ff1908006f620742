/**
 * Householder factorisation in LAPACK's packed form, in place: R on and above the diagonal, below it the vectors of the
 * reflections (their first element, 1, left out). Returns the factors `tau` of the reflections `I - tau v v^T`.
 */
export function factorQr(a: Float64Array, m: number, n: number): Float64Array {
  const k = Math.min(m, n);
  const tau = new Float64Array(k);
  for (let j = 0; j < k; j++) {
    let below = 0;
    for (let i = j + 1; i < m; i++) below = Math.hypot(below, a[i * n + j]!);
    const alpha = a[j * n + j]!;
    // LAPACK leaves a column alone that has nothing below the diagonal.
    if (below === 0) continue;
    const beta = -Math.sign(alpha || 1) * Math.hypot(alpha, below);
    tau[j] = (beta - alpha) / beta;
    for (let i = j + 1; i < m; i++) a[i * n + j]! /= alpha - beta;
    a[j * n + j] = beta;
    for (let c = j + 1; c < n; c++) {
      let product = a[j * n + c]!;
      for (let i = j + 1; i < m; i++) product += a[i * n + j]! * a[i * n + c]!;
      product *= tau[j]!;
      a[j * n + c]! -= product;
      for (let i = j + 1; i < m; i++) a[i * n + c]! -= product * a[i * n + j]!;
    }
  }
  return tau;
}

/** The first `columns` columns of the orthogonal factor, `m` x `columns`, from the packed form with rows of `n`. */
export function formQ(packed: Float64Array, tau: Float64Array, m: number, n: number, columns: number): Float64Array {
  const q = new Float64Array(m * columns);
  for (let i = 0; i < Math.min(m, columns); i++) q[i * columns + i] = 1;
  for (let j = tau.length - 1; j >= 0; j--) {
    for (let c = 0; c < columns; c++) {
      let product = q[j * columns + c]!;
      for (let i = j + 1; i < m; i++) product += packed[i * n + j]! * q[i * columns + c]!;
      product *= tau[j]!;
      q[j * columns + c]! -= product;
      for (let i = j + 1; i < m; i++) q[i * columns + c]! -= product * packed[i * n + j]!;
    }
  }
  return q;
}
