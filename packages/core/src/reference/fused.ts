const SPLIT = 2 ** 27 + 1;
/** Above this the halves of a factor would overflow. */
const LARGEST = 2 ** 995;

/**
 * `a * b + c` rounded once, as processors with a fused multiply-add compute it: the product's rounding error and the sum's are found exactly
 * and added at the end. (Dekker 1971; Knuth's two-sum. In rare ties the last addition rounds a second time.)
 */
export function fusedMultiplyAdd(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  if (!(Math.abs(a) < LARGEST && Math.abs(b) < LARGEST && Math.abs(sum) < Number.MAX_VALUE)) return sum;
  const wideA = SPLIT * a;
  const highA = wideA - (wideA - a);
  const lowA = a - highA;
  const wideB = SPLIT * b;
  const highB = wideB - (wideB - b);
  const lowB = b - highB;
  const productError = lowA * lowB - (product - highA * highB - lowA * highB - highA * lowB);
  const added = sum - product;
  const sumError = product - (sum - added) + (c - added);
  return sum + (productError + sumError);
}
