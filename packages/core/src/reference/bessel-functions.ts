/**
 * Modified Bessel functions of the first kind, scaled by exp(-|x|): the power series, whose terms are all positive, up to 25,
 * then the asymptotic series (DLMF 10.25.2 and 10.40.1), which at 25 reaches the last bit before it diverges.
 */
function scaledModified(order: 0 | 1, x: number): number {
  const size = Math.abs(x);
  if (size === Number.POSITIVE_INFINITY) return 0;
  if (size <= 25) {
    const quarter = (size * size) / 4;
    let term = order === 0 ? 1 : size / 2;
    let sum = term;
    for (let k = 1; k < 200; k++) {
      term *= quarter / (k * (k + order));
      sum += term;
      if (term < 1e-17 * sum) break;
    }
    return sum * Math.exp(-size);
  }
  const mu = 4 * order * order;
  let term = 1;
  let sum = 1;
  for (let k = 1; k < 40; k++) {
    const next = (-term * (mu - (2 * k - 1) ** 2)) / (8 * k * size);
    if (Math.abs(next) >= Math.abs(term)) break;
    term = next;
    sum += term;
    if (Math.abs(term) < 1e-17) break;
  }
  return sum / Math.sqrt(2 * Math.PI * size);
}

/** exp(|x|) times a scaled value, in two steps so that it overflows no sooner than the product. NaN at infinity, as in PyTorch. */
const unscaled = (x: number, scaled: number): number => {
  const half = Math.exp(Math.abs(x) / 2);
  return half * scaled * half;
};

/** I0(x) exp(-|x|). */
export const i0e = (x: number): number => scaledModified(0, x);
/** I0(x). */
export const i0 = (x: number): number => unscaled(x, scaledModified(0, x));
/** I1(x) exp(-|x|). */
export const i1e = (x: number): number => (x < 0 ? -scaledModified(1, x) : scaledModified(1, x));
/** I1(x). */
export const i1 = (x: number): number => (x < 0 ? -unscaled(x, scaledModified(1, x)) : unscaled(x, scaledModified(1, x)));
