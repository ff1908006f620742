import { isOptions, required, signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { floatType } from "../../tensor/promotion.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import type { OutOptions } from "./out.ts";
import {
  type Binary,
  type BinaryBothWays,
  type BinaryInto,
  type BinaryOp,
  defineBinary,
  delivered,
  type Operand,
  promoted,
  promotedBinary,
  promotedBinaryInto,
  promotedBothWays,
} from "./pointwise.ts";

/** Smith's method, which does not overflow where the quotient does not. */
export function divideComplex(a: number, b: number, c: number, d: number, out: ComplexOut): void {
  if (Math.abs(c) >= Math.abs(d)) {
    const ratio = d / c;
    const scale = 1 / (c + d * ratio);
    out[0] = (a + b * ratio) * scale;
    out[1] = (b - a * ratio) * scale;
  } else {
    const ratio = c / d;
    const scale = 1 / (c * ratio + d);
    out[0] = (a * ratio + b) * scale;
    out[1] = (b * ratio - a) * scale;
  }
}

export const divOp: BinaryOp = defineBinary({
  name: "div",
  result: "same",
  saves: { inputs: "all", readBy: [[1], [0, 1]] },
  backward: [
    ({ grad, inputs: [, other] }) => grad.div(other.conj()),
    ({ grad, inputs: [self, other] }) => grad.neg().mul(self.div(other).div(other).conj()),
  ],
  compute: {
    real: (a, b) => a / b,
    complex: divideComplex,
  },
});

/** Division of integers by zero, which PyTorch reports by Python's name for it. */
function refuseZero(): never {
  throw new TensorError("ZeroDivisionError");
}

const floorDivide64 = (a: bigint, b: bigint): bigint => {
  if (b === 0n) refuseZero();
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};

/** Python's floor division, exact for quotients near an integer. */
export function floorDivideNumber(a: number, b: number): number {
  if (b === 0) return a / b;
  let mod = a % b;
  let quotient = (a - mod) / b;
  if (mod !== 0 && b < 0 !== mod < 0) quotient -= 1;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  mod = Math.floor(quotient);
  return quotient - mod > 0.5 ? mod + 1 : mod;
}

const integerBy = (f: (a: number, b: number) => number) => (a: number, b: number) => {
  if (b === 0) refuseZero();
  return f(a, b);
};

export const divFloorOp: BinaryOp = defineBinary({
  name: "floorDivide",
  label: "div_floor_cpu",
  refuses: { bool: true },
  gradName: "DivBackward1",
  result: "same",
  backward: [({ grad }) => zerosLike(grad), ({ grad }) => zerosLike(grad)],
  compute: { real: (a, b) => floorDivideNumber(a, b), integer: integerBy((a, b) => Math.floor(a / b)), int64: floorDivide64 },
});

export const divTruncOp: BinaryOp = defineBinary({
  name: "divTrunc",
  label: "div_trunc_cpu",
  refuses: { bool: true },
  gradName: "DivBackward1",
  result: "same",
  backward: [({ grad }) => zerosLike(grad), ({ grad }) => zerosLike(grad)],
  compute: {
    real: (a, b) => Math.trunc(a / b),
    integer: integerBy((a, b) => Math.trunc(a / b)),
    int64: (a: bigint, b: bigint) => {
      if (b === 0n) refuseZero();
      return a / b;
    },
  },
});

/** Python's remainder: of the divisor's sign. */
function remainderNumber(a: number, b: number): number {
  const rest = a % b;
  return rest !== 0 && rest < 0 !== b < 0 ? rest + b : rest;
}

export const remainderOp: BinaryOp = defineBinary({
  name: "remainder",
  label: "remainder_cpu",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad }) => grad, ({ grad, inputs: [self, other] }) => grad.neg().mul(run(divFloorOp, [self, other], undefined))],
  compute: {
    real: remainderNumber,
    integer: integerBy(remainderNumber),
    int64: (a: bigint, b: bigint) => {
      if (b === 0n) refuseZero();
      const rest = a % b;
      return rest !== 0n && rest < 0n !== b < 0n ? rest + b : rest;
    },
  },
});

export const fmodOp: BinaryOp = defineBinary({
  name: "fmod",
  label: "fmod_cpu",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad }) => grad, ({ grad, inputs: [self, other] }) => grad.neg().mul(run(divTruncOp, [self, other], undefined))],
  compute: {
    real: (a, b) => a % b,
    integer: integerBy((a, b) => a % b),
    int64: (a: bigint, b: bigint) => (b === 0n ? refuseZero() : a % b),
  },
});

function roundedOp(mode: string): BinaryOp {
  if (mode === "floor") return divFloorOp;
  if (mode === "trunc") return divTruncOp;
  throw new DTypeError(`div expected rounding_mode to be one of None, 'trunc', or 'floor' but found '${mode}'`);
}

export interface RoundingOptions extends OutOptions {
  /** `null` true division (integers give floats), `"trunc"` towards zero, `"floor"` downwards. */
  roundingMode?: "trunc" | "floor" | null;
}

type Quotient = (self: Tensor, other: Operand | (RoundingOptions & { other: Operand }), options?: RoundingOptions) => Tensor;
const bindDiv = signature("div", { other: required, roundingMode: null, out: null });

/** The operator and operands of a division, with or without rounding. */
function quotient(
  self: Tensor,
  other: Operand | (RoundingOptions & { other: Operand }),
  options?: RoundingOptions,
): [BinaryOp, [Tensor, Tensor]] {
  if (options === undefined && (other instanceof Tensor || !isOptions(other))) return [divOp, promoted(self, other as Operand, floatType)];
  const { other: by, roundingMode } = bindDiv(options === undefined ? [other] : [other, options]) as {
    other: Operand;
    roundingMode: string | null;
  };
  if (roundingMode === null) return [divOp, promoted(self, by, floatType)];
  return [roundedOp(roundingMode), promoted(self, by)];
}

/** Elementwise quotient; integers give floats unless `roundingMode` says otherwise. @throws {TensorError} for an integer divided by zero @see torch.div */
export const div: Quotient = (self, other, options) => {
  const [op, operands] = quotient(self, other, options);
  return delivered("div", run(op, operands, undefined), other, options);
};
/** In-place {@link div}. @see torch.Tensor.div_ */
export const div_: Quotient = (self, other, options) => {
  const [op, operands] = quotient(self, other, options);
  return runInto(op, self, operands, undefined);
};

/** Another name of {@link div}. @see torch.divide */
export const divide: typeof div = div;
/** Another name of {@link div_}. @see torch.Tensor.divide_ */
export const divide_: typeof div_ = div_;
/** {@link div} without rounding. @see torch.true_divide */
export const trueDivide: Binary = promotedBinary(divOp, floatType);
/** In-place {@link trueDivide}. @see torch.Tensor.true_divide_ */
export const trueDivide_: BinaryInto = promotedBinaryInto(divOp, floatType);
/** Elementwise quotient rounded downwards. @throws {TensorError} for an integer divided by zero @see torch.floor_divide */
export const floorDivide: Binary = promotedBinary(divFloorOp);
/** In-place {@link floorDivide}. @see torch.Tensor.floor_divide_ */
export const floorDivide_: BinaryInto = promotedBinaryInto(divFloorOp);
/** Python's remainder: of the divisor's sign. Either operand may be a number. @throws {TensorError} for an integer divided by zero @see torch.remainder */
export const remainder: BinaryBothWays = promotedBothWays(remainderOp);
/** In-place {@link remainder}. @see torch.Tensor.remainder_ */
export const remainder_: BinaryInto = promotedBinaryInto(remainderOp);
/** C's remainder: of the dividend's sign. @throws {TensorError} for an integer divided by zero @see torch.fmod */
export const fmod: Binary = promotedBinary(fmodOp);
/** In-place {@link fmod}. @see torch.Tensor.fmod_ */
export const fmod_: BinaryInto = promotedBinaryInto(fmodOp);
