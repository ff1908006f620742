import { signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError } from "../../errors.ts";
import { isFloatingPoint } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zerosLike } from "../factory/filled.ts";
import {
  type Derivation,
  defineUnary,
  exactlyOne,
  notImplemented,
  sameUnary,
  sameUnaryInto,
  type Unary,
  type Unary1,
  type UnaryOp,
} from "./pointwise.ts";

const flat: Derivation = [({ grad }) => zerosLike(grad)];

/** To the nearest integer, halves to the even one. Keeps the sign of zero. */
export function roundHalfEven(a: number): number {
  const floor = Math.floor(a);
  const rest = a - floor;
  if (rest < 0.5) return floor === 0 && (a < 0 || Object.is(a, -0)) ? -0 : floor;
  if (rest > 0.5 || floor % 2 !== 0) return floor + 1 === 0 ? -0 : floor + 1;
  return floor;
}

export const floorOp: UnaryOp = defineUnary({
  name: "floor",
  label: "floor_vml_cpu",
  refuses: { bool: true, complex: "floor is not supported for complex inputs" },
  result: "same",
  backward: flat,
  compute: { real: Math.floor },
});
export const ceilOp: UnaryOp = defineUnary({
  name: "ceil",
  label: "ceil_vml_cpu",
  refuses: { bool: true, complex: "ceil is not supported for complex inputs" },
  result: "same",
  backward: flat,
  compute: { real: Math.ceil },
});
export const truncOp: UnaryOp = defineUnary({
  name: "trunc",
  label: "trunc_vml_cpu",
  refuses: { bool: true, complex: "trunc is not supported for complex inputs" },
  result: "same",
  backward: flat,
  compute: { real: Math.trunc },
});
export const fracOp: UnaryOp = defineUnary({
  name: "frac",
  label: "frac_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  backward: [({ grad }) => grad],
  compute: { real: (a) => a - Math.trunc(a) },
});
export const roundOp: UnaryOp = defineUnary({
  name: "round",
  label: "round_vml_cpu",
  refuses: { bool: true },
  result: "same",
  backward: flat,
  compute: { real: roundHalfEven },
});

/** Parameters of rounding to decimal places. */
export interface Decimals {
  readonly decimals: number;
}

export const roundDecimalsOp: UnaryOp<Decimals> = defineUnary<Decimals>({
  name: "roundDecimals",
  gradName: "RoundBackward1",
  label: "round_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  backward: [({ grad }) => zerosLike(grad)],
  compute: {
    real: (a, { decimals }) => {
      const scale = 10 ** Math.abs(decimals);
      return decimals < 0 ? roundHalfEven(a / scale) * scale : roundHalfEven(a * scale) / scale;
    },
  },
});

/** The rounding of an operator: integers are whole already. bool is refused, as in PyTorch. */
const whole = (op: UnaryOp): Unary =>
  exactlyOne(op.name, (self) => (isFloatingPoint(self.dtype) ? run(op, [self], undefined) : wholeAlready(op, self)));
const wholeInto = (op: UnaryOp): Unary =>
  exactlyOne(op.name, (self) => (isFloatingPoint(self.dtype) ? runInto(op, self, [self], undefined) : wholeAlready(op, self, true)));

function wholeAlready(op: UnaryOp, self: Tensor, inPlace = false): Tensor {
  op.infer([self], undefined);
  return inPlace ? self : self.clone();
}

/** The largest integer not above each element. @see torch.floor */
export const floor: Unary = whole(floorOp);
/** In-place {@link floor}. @see torch.Tensor.floor_ */
export const floor_: Unary1 = wholeInto(floorOp);
/** The smallest integer not below each element. @see torch.ceil */
export const ceil: Unary = whole(ceilOp);
/** In-place {@link ceil}. @see torch.Tensor.ceil_ */
export const ceil_: Unary1 = wholeInto(ceilOp);
/** Each element without its fraction. @see torch.trunc */
export const trunc: Unary = whole(truncOp);
/** In-place {@link trunc}. @see torch.Tensor.trunc_ */
export const trunc_: Unary1 = wholeInto(truncOp);
/** Another name of {@link trunc}. @see torch.fix */
export const fix: Unary = trunc;
/** Another name of {@link trunc_}. @see torch.Tensor.fix_ */
export const fix_: Unary1 = trunc_;
/** The fraction of each element, with its sign. @throws {DTypeError} for integers @see torch.frac */
export const frac: Unary = sameUnary(fracOp);
/** In-place {@link frac}. @throws {DTypeError} for integers @see torch.Tensor.frac_ */
export const frac_: Unary1 = sameUnaryInto(fracOp);

export interface RoundOptions {
  /** Decimal places to keep; negative ones round to tens, hundreds... Default 0. */
  decimals?: number;
}
const roundWhole: Unary = whole(roundOp);
const roundWholeInto: Unary1 = wholeInto(roundOp);
const bindRound = signature("round", { decimals: 0 });

/** @throws {DTypeError} for integers, which rounding to places does not take in PyTorch, not even to 0 */
function refuseIntegers(self: Tensor): void {
  if (!isFloatingPoint(self.dtype)) throw new DTypeError(notImplemented("round_vml_cpu", self.dtype));
}

/** To the nearest integer, halves to the even one; or to `decimals` places. @see torch.round */
export function round(self: Tensor, options?: RoundOptions): Tensor {
  if (options === undefined) return roundWhole(self);
  const { decimals } = bindRound([options]) as Decimals;
  if (decimals !== 0) return run(roundDecimalsOp, [self], { decimals });
  refuseIntegers(self);
  return roundWhole(self);
}
/** In-place {@link round}. @see torch.Tensor.round_ */
export function round_(self: Tensor, options?: RoundOptions): Tensor {
  if (options === undefined) return roundWholeInto(self);
  const { decimals } = bindRound([options]) as Decimals;
  if (decimals !== 0) return runInto(roundDecimalsOp, self, [self], { decimals });
  refuseIntegers(self);
  return roundWholeInto(self);
}
/** {@link round} of floats alone. @throws {DTypeError} for integers @see torch.special.round */
export const specialRound = (self: Tensor, options: RoundOptions = {}): Tensor => round(self, options);
