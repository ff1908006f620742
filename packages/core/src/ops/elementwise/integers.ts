import { type Binary, type BinaryInto, type BinaryOp, defineBinary, tensorBinary, tensorBinaryInto } from "./pointwise.ts";

/** Euclid's algorithm. */
function gcdNumber(a: number, b: number): number {
  let x = Math.abs(a);
  let y = Math.abs(b);
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}
function gcdBigInt(a: bigint, b: bigint): bigint {
  let x = a < 0n ? -a : a;
  let y = b < 0n ? -b : b;
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

export const gcdOp: BinaryOp = defineBinary({
  name: "gcd",
  label: "gcd_cpu",
  refuses: { bool: true },
  result: "same",
  compute: { integer: gcdNumber, int64: gcdBigInt },
});

export const lcmOp: BinaryOp = defineBinary({
  name: "lcm",
  label: "lcm_cpu",
  refuses: { bool: true },
  result: "same",
  compute: {
    integer: (a, b) => (a === 0 && b === 0 ? 0 : Math.abs(Math.imul(a / gcdNumber(a, b), b))),
    int64: (a: bigint, b: bigint) => {
      if (a === 0n && b === 0n) return 0n;
      const product = BigInt.asIntN(64, (a / gcdBigInt(a, b)) * b);
      return product < 0n ? -product : product;
    },
  },
});

/** Greatest common divisor of integers. @throws {DTypeError} unless integers @see torch.gcd */
export const gcd: Binary = tensorBinary(gcdOp);
/** In-place {@link gcd}. @see torch.Tensor.gcd_ */
export const gcd_: BinaryInto = tensorBinaryInto(gcdOp);
/** Least common multiple of integers. @throws {DTypeError} unless integers @see torch.lcm */
export const lcm: Binary = tensorBinary(lcmOp);
/** In-place {@link lcm}. @see torch.Tensor.lcm_ */
export const lcm_: BinaryInto = tensorBinaryInto(lcmOp);
