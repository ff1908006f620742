/** Row-major `m` x `n` matrix factored in place: L below the diagonal (unit), U on and above it, rows exchanged for the largest pivot. */
export interface Lu {
  /** Row exchanged with row `i`, counted from 1 as LAPACK does. */
  readonly pivots: Int32Array;
  /** 0, or the place (from 1) of the first zero pivot. */
  readonly info: number;
}

/** Gaussian elimination; without `pivot`, rows stay where they are. */
export function factorLu(a: Float64Array, m: number, n: number, pivot = true): Lu {
  const k = Math.min(m, n);
  const pivots = new Int32Array(k);
  let info = 0;
  for (let j = 0; j < k; j++) {
    let p = j;
    if (pivot) for (let i = j + 1; i < m; i++) if (Math.abs(a[i * n + j]!) > Math.abs(a[p * n + j]!)) p = i;
    pivots[j] = p + 1;
    if (p !== j) {
      for (let c = 0; c < n; c++) {
        const kept = a[j * n + c]!;
        a[j * n + c] = a[p * n + c]!;
        a[p * n + c] = kept;
      }
    }
    const diagonal = a[j * n + j]!;
    if (diagonal === 0) {
      if (info === 0) info = j + 1;
      continue;
    }
    for (let i = j + 1; i < m; i++) {
      const factor = a[i * n + j]! / diagonal;
      a[i * n + j] = factor;
      if (factor === 0) continue;
      for (let c = j + 1; c < n; c++) a[i * n + c]! -= factor * a[j * n + c]!;
    }
  }
  return { pivots, info };
}

/** The order of rows that the exchanges lead to: row `i` of the result was row `order[i]`. */
export function rowOrder(pivots: ArrayLike<number>, m: number): Int32Array {
  const order = Int32Array.from({ length: m }, (_, i) => i);
  for (let i = 0; i < pivots.length; i++) {
    const p = pivots[i]! - 1;
    const kept = order[i]!;
    order[i] = order[p]!;
    order[p] = kept;
  }
  return order;
}

/** Solves `T X = B` in place of `b` (`n` x `columns`) for triangular `t` (`n` x `n`). */
export function solveTriangularInPlace(t: Float64Array, b: Float64Array, n: number, columns: number, upper: boolean, unit: boolean): void {
  for (let step = 0; step < n; step++) {
    const i = upper ? n - 1 - step : step;
    const [from, to] = upper ? [i + 1, n] : [0, i];
    for (let j = from; j < to; j++) {
      const factor = t[i * n + j]!;
      if (factor === 0) continue;
      for (let c = 0; c < columns; c++) b[i * columns + c]! -= factor * b[j * columns + c]!;
    }
    if (!unit) for (let c = 0; c < columns; c++) b[i * columns + c]! /= t[i * n + i]!;
  }
}

/** Solves `A X = B` in place of `b`, given the factors of `A`. */
export function solveLuInPlace(lu: Float64Array, pivots: ArrayLike<number>, b: Float64Array, n: number, columns: number): void {
  const order = rowOrder(pivots, n);
  const source = b.slice();
  for (let i = 0; i < n; i++) b.set(source.subarray(order[i]! * columns, (order[i]! + 1) * columns), i * columns);
  solveTriangularInPlace(lu, b, n, columns, false, true);
  solveTriangularInPlace(lu, b, n, columns, true, false);
}
