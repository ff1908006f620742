import { signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run, runInto, runMany } from "../../dispatch/run.ts";
import { AutogradError, DTypeError } from "../../errors.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { type DType, isComplex, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import {
  type Binary,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  defineUnary,
  exactlyOne,
  notImplemented,
  operandOf,
  promoted,
  requireTensor,
  type UnaryOp,
} from "./pointwise.ts";

// Functions of the bits of a float: its exponent, its neighbours, its special values.

const double = new Float64Array(1);
const doubleBits = new BigInt64Array(double.buffer);
const single = new Float32Array(1);
const singleBits = new Int32Array(single.buffer);

function noDerivative(): never {
  throw new AutogradError("the derivative for 'nextafter' is not implemented.");
}

/** The double next to `a` towards `b`. */
function nextDouble(a: number, b: number): number {
  if (a !== a || b !== b) return Number.NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? Number.MIN_VALUE : -Number.MIN_VALUE;
  double[0] = a;
  doubleBits[0]! += a < b === a > 0 ? 1n : -1n;
  return double[0]!;
}

/** The float32 next to `a` towards `b`. */
function nextSingle(a: number, b: number): number {
  if (a !== a || b !== b) return Number.NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? 2 ** -149 : -(2 ** -149);
  single[0] = a;
  singleBits[0]! += a < b === a > 0 ? 1 : -1;
  return single[0]!;
}

/** The bfloat16 next to `a` towards `b`: its bits are the upper half of a float32's. */
function nextBfloat16(a: number, b: number): number {
  if (a !== a || b !== b) return Number.NaN;
  if (a === b) return b;
  if (a === 0) return b > 0 ? 2 ** -133 : -(2 ** -133);
  single[0] = a;
  singleBits[0]! += a < b === a > 0 ? 0x10000 : -0x10000;
  return single[0]!;
}

const defineNext = (name: string, next: (a: number, b: number) => number): BinaryOp =>
  defineBinary({
    name,
    label: "nextafter_cpu",
    refuses: { bool: true, integer: true },
    result: "same",
    backward: noDerivative,
    compute: { real: next },
  });
export const nextafterOp: BinaryOp = defineNext("nextafter", nextDouble);
/** {@link nextafterOp} among the numbers of float32. */
export const nextafterSingleOp: BinaryOp = defineNext("nextafterSingle", nextSingle);
/** {@link nextafterOp} among the numbers of bfloat16. */
export const nextafterBfloat16Op: BinaryOp = defineNext("nextafterBfloat16", nextBfloat16);

const towardsOf = operandOf("nextafter");
function nextOperands(self: Tensor, other: Parameters<Binary>[1], extra: unknown): [BinaryOp, [Tensor, Tensor]] {
  const towards = towardsOf(other, extra);
  requireTensor("nextafter", "input", self);
  requireTensor("nextafter", "other", towards);
  const operands = promoted(self, towards);
  const { dtype } = operands[0];
  if (dtype === "bfloat16") return [nextafterBfloat16Op, operands];
  if (dtype === "float16") throw new DTypeError(notImplemented("nextafter_cpu", dtype));
  return [dtype === "float32" ? nextafterSingleOp : nextafterOp, operands];
}

/** The next float after `self` towards `other`. @throws {DTypeError} unless float32 or float64 @see torch.nextafter */
export const nextafter: Binary = (self, other, extra?: unknown) => run(...nextOperands(self, other, extra), undefined);
/** In-place {@link nextafter}. @see torch.Tensor.nextafter_ */
export const nextafter_: BinaryInto = (self, other, extra?: unknown) => {
  const [op, operands] = nextOperands(self, other, extra);
  return runInto(op, self, operands, undefined);
};

/** Mantissa in [0.5, 1) and exponent, whose product `m 2^e` is `a`. */
function split(a: number): [number, number] {
  if (a === 0 || !Number.isFinite(a)) return [a, 0];
  let exponent = Math.max(-1023, Math.floor(Math.log2(Math.abs(a))) + 1);
  let mantissa = a * 2 ** -exponent;
  // The logarithm may be off by one near powers of two, and far off for subnormal numbers.
  while (Math.abs(mantissa) < 0.5) {
    mantissa *= 2;
    exponent--;
  }
  while (Math.abs(mantissa) >= 1) {
    mantissa /= 2;
    exponent++;
  }
  return [mantissa, exponent];
}

export const frexpOp: Op<readonly [Tensor], undefined> = defineOp<readonly [Tensor]>({
  name: "frexp",
  infer: ([self]) => {
    if (!isFloatingPoint(self.dtype)) throw new DTypeError("torch.frexp() only supports floating-point dtypes");
    return [
      { shape: self.shape, dtype: self.dtype },
      { shape: self.shape, dtype: "int32" },
    ];
  },
  elementwise: true,
  saves: { outputs: [1] },
  backward: [({ grads, outputs }) => (grads[0] == null ? null : grads[0].div(outputs[1]!.exp2()))],
});
registerReferenceKernels([
  kernel(frexpOp, ([self], [mantissa, exponent]) => {
    const parts = Array.from(toDoubles(self), split);
    writeDoubles(
      mantissa!,
      parts.map((p) => p[0]),
    );
    writeDoubles(
      exponent!,
      parts.map((p) => p[1]),
    );
  }),
]);

/** What {@link frexp} gives, by name and in order. */
export interface Frexp extends Iterable<Tensor> {
  readonly mantissa: Tensor;
  readonly exponent: Tensor;
}

/** Mantissa in [0.5, 1) and int32 exponent with `self = mantissa * 2 ** exponent`. @throws {DTypeError} unless floats @see torch.frexp */
export const frexp: (self: Tensor) => Frexp = exactlyOne("frexp", (self) => {
  const [mantissa, exponent] = runMany(frexpOp, [self], undefined) as [Tensor, Tensor];
  return {
    mantissa,
    exponent,
    *[Symbol.iterator]() {
      yield mantissa;
      yield exponent;
    },
  };
});

/** What replaces NaN, +∞ and -∞. */
export interface Replacements {
  readonly nan: number;
  readonly posinf: number;
  readonly neginf: number;
}

export const nanToNumOp: UnaryOp<Replacements> = defineUnary<Replacements>({
  name: "nanToNum",
  label: "nan_to_num",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.isfinite())],
  compute: {
    real: (a, { nan, posinf, neginf }) =>
      a !== a ? nan : a === Number.POSITIVE_INFINITY ? posinf : a === Number.NEGATIVE_INFINITY ? neginf : a,
  },
});

const largest: Partial<Record<DType, number>> = {
  float16: 65504,
  bfloat16: 3.3895313892515355e38,
  float32: 3.4028234663852886e38,
  float64: Number.MAX_VALUE,
};

export interface NanToNumOptions {
  /** Replaces NaN. Default 0. */
  nan?: number | null;
  /** Replaces +∞. Default the dtype's largest number. */
  posinf?: number | null;
  /** Replaces -∞. Default the dtype's smallest number. */
  neginf?: number | null;
}
type Replacement = number | null | NanToNumOptions;
const bindNanToNum = signature("nanToNum", { nan: null, posinf: null, neginf: null });

function replacements(self: Tensor, args: readonly unknown[]): Replacements {
  const { nan, posinf, neginf } = bindNanToNum(args.filter((v) => v !== undefined)) as NanToNumOptions;
  if (isComplex(self.dtype)) throw new DTypeError(notImplemented("nan_to_num", self.dtype));
  const limit = largest[self.dtype]!;
  return { nan: nan ?? 0, posinf: posinf ?? limit, neginf: neginf ?? -limit };
}

/** `self` with NaN and infinities replaced; integers as they are. @throws {DTypeError} for complex @see torch.nan_to_num */
export function nanToNum(self: Tensor, nan?: Replacement, posinf?: Replacement, neginf?: Replacement, options?: NanToNumOptions): Tensor {
  const values = replacements(self, [nan, posinf, neginf, options]);
  return isIntegral(self.dtype) ? self.clone() : run(nanToNumOp, [self], values);
}
/** In-place {@link nanToNum}. @see torch.Tensor.nan_to_num_ */
export function nanToNum_(self: Tensor, nan?: Replacement, posinf?: Replacement, neginf?: Replacement, options?: NanToNumOptions): Tensor {
  const values = replacements(self, [nan, posinf, neginf, options]);
  return isIntegral(self.dtype) ? self : runInto(nanToNumOp, self, [self], values);
}
