/** A family of polynomials: the one of degree 1, and each from the two before it. */
export interface Family {
  readonly first: (x: number) => number;
  /** Degree `k + 1` from degrees `k` (`p`) and `k - 1` (`q`). */
  readonly next: (k: number, x: number, p: number, q: number) => number;
}

const chebyshev = (first: (x: number) => number): Family => ({ first, next: (_k, x, p, q) => 2 * x * p - q });
/** The same polynomials on [0, 1] instead of [-1, 1]. */
const shifted = ({ first, next }: Family): Family => ({
  first: (x) => first(2 * x - 1),
  next: (k, x, p, q) => next(k, 2 * x - 1, p, q),
});

/** Recurrences of the classical families (DLMF 18.9). */
export const chebyshevT: Family = chebyshev((x) => x);
export const chebyshevU: Family = chebyshev((x) => 2 * x);
export const chebyshevV: Family = chebyshev((x) => 2 * x - 1);
export const chebyshevW: Family = chebyshev((x) => 2 * x + 1);
export const shiftedChebyshevT: Family = shifted(chebyshevT);
export const shiftedChebyshevU: Family = shifted(chebyshevU);
export const shiftedChebyshevV: Family = shifted(chebyshevV);
export const shiftedChebyshevW: Family = shifted(chebyshevW);
export const hermiteH: Family = { first: (x) => 2 * x, next: (k, x, p, q) => 2 * (x * p - k * q) };
export const hermiteHe: Family = { first: (x) => x, next: (k, x, p, q) => x * p - k * q };
export const laguerreL: Family = { first: (x) => 1 - x, next: (k, x, p, q) => ((2 * k + 1 - x) * p - k * q) / (k + 1) };
export const legendreP: Family = { first: (x) => x, next: (k, x, p, q) => ((2 * k + 1) * x * p - k * q) / (k + 1) };

/** The polynomial of degree `n` (truncated; 0 for a negative one) at `x`. */
export function polynomial({ first, next }: Family, x: number, n: number): number {
  const degree = Math.trunc(n);
  if (!(degree >= 0)) return 0;
  if (degree === 0) return 1;
  let q = 1;
  let p = first(x);
  for (let k = 1; k < degree; k++) [q, p] = [p, next(k, x, p, q)];
  return p;
}
