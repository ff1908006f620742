import { signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, TensorError } from "../../errors.ts";
import { dtypeInfo, isComplex, isFloatingPoint } from "../../tensor/dtype.ts";
import { canCast, resultTypeOf } from "../../tensor/promotion.ts";
import { type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { scalarTensor } from "../factory/scalar-tensor.ts";
import { cppName } from "./cpp-names.ts";
import {
  type Binary,
  type BinaryOp,
  defineBinary,
  defineTernary,
  defineUnary,
  notImplemented,
  type Operand,
  operandOf,
  requireTensor,
  type TernaryOp,
  tensorBinary,
  type UnaryOp,
} from "./pointwise.ts";
import { to } from "./to.ts";
import { where } from "./where.ts";

/** As `Math.max` and `Math.min`: NaN if either is. */
const larger = (a: number, b: number): number => Math.max(a, b);
const smaller = (a: number, b: number): number => Math.min(a, b);
const larger64 = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const smaller64 = (a: bigint, b: bigint): bigint => (a < b ? a : b);

/** Where both are equal each takes half of the gradient. */
const share = (grad: Tensor, equal: Tensor, lost: Tensor): Tensor => where(lost, 0, where(equal, grad.div(2), grad));

export const maximumOp: BinaryOp = defineBinary({
  name: "maximum",
  label: "maximum_cpu",
  refuses: { complex: "maximum not implemented for complex tensors." },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => share(grad, self.eq(other), self.lt(other)),
    ({ grad, inputs: [self, other] }) => share(grad, self.eq(other), self.gt(other)),
  ],
  compute: { real: larger, int64: larger64 },
});

export const minimumOp: BinaryOp = defineBinary({
  name: "minimum",
  label: "minimum_cpu",
  refuses: { complex: "minimum not implemented for complex tensors." },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => share(grad, self.eq(other), self.gt(other)),
    ({ grad, inputs: [self, other] }) => share(grad, self.eq(other), self.lt(other)),
  ],
  compute: { real: smaller, int64: smaller64 },
});

export const fmaxOp: BinaryOp = defineBinary({
  name: "fmax",
  label: "fmax_cpu",
  refuses: { complex: "fmax not implemented for complex tensors." },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => where(self.ge(other).logicalOr(other.isnan()), grad, 0),
    ({ grad, inputs: [self, other] }) => where(self.ge(other).logicalOr(other.isnan()), 0, grad),
  ],
  compute: { real: (a, b) => (a !== a ? b : b !== b ? a : Math.max(a, b)), int64: larger64 },
});

export const fminOp: BinaryOp = defineBinary({
  name: "fmin",
  label: "fmin_cpu",
  refuses: { complex: "fmin not implemented for complex tensors." },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, other] }) => where(self.le(other).logicalOr(other.isnan()), grad, 0),
    ({ grad, inputs: [self, other] }) => where(self.le(other).logicalOr(other.isnan()), 0, grad),
  ],
  compute: { real: (a, b) => (a !== a ? b : b !== b ? a : Math.min(a, b)), int64: smaller64 },
});

/** Bounds of a clamp; infinite where absent. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** Clamps floats between two numbers. Integers go through `maximum` and `minimum`, which are exact. */
export const clampOp: UnaryOp<Bounds> = defineUnary<Bounds>({
  name: "clamp",
  label: "clamp_cpu",
  gradName: "ClampBackward1",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params: { min, max } }) => {
      // A bound that is NaN lets nothing through but keeps the gradient, as PyTorch's comparisons happen to say.
      const inside =
        min === Number.NEGATIVE_INFINITY
          ? self.le(max)
          : max === Number.POSITIVE_INFINITY
            ? self.ge(min)
            : self.ge(min).logicalAnd(self.le(max));
      return where(inside, grad, 0);
    },
  ],
  compute: {
    // A bound of NaN bounds nothing, which rules out Math.max and Math.min.
    real: (a, { min, max }) => {
      if (a < min && !(max < min)) return min;
      return a > max || max < min ? max : a;
    },
  },
});

/** Clamps between two tensors. */
export const clampTensorOp: TernaryOp = defineTernary({
  name: "clampTensor",
  label: "clamp_cpu",
  gradName: "ClampBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: ({ grad, inputs: [self, min, max] }) => [
    where(self.ge(min).logicalAnd(self.le(max)), grad, 0),
    where(min.lt(max).logicalAnd(self.lt(min)), grad, 0),
    where(self.gt(max).logicalOr(max.lt(min)), grad, 0),
  ],
  compute: {
    real: (a, min, max) => smaller(larger(a, min), max),
    int64: (a: bigint, min: bigint, max: bigint) => smaller64(larger64(a, min), max),
  },
});

export const clampMinTensorOp: BinaryOp = defineBinary({
  name: "clampMin",
  label: "maximum_cpu",
  gradName: "ClampMinBackward1",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, min] }) => where(self.ge(min), grad, 0),
    ({ grad, inputs: [self, min] }) => where(self.lt(min), grad, 0),
  ],
  compute: { real: larger, int64: larger64 },
});

export const clampMaxTensorOp: BinaryOp = defineBinary({
  name: "clampMax",
  label: "minimum_cpu",
  gradName: "ClampMaxBackward1",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, max] }) => where(self.le(max), grad, 0),
    ({ grad, inputs: [self, max] }) => where(self.gt(max), grad, 0),
  ],
  compute: { real: smaller, int64: smaller64 },
});

type Bound = Operand | null;
export interface ClampOptions {
  /** Lower bound: a number, or a tensor that broadcasts. Default none. */
  min?: Bound;
  /** Upper bound. Default none. */
  max?: Bound;
}

type Apply = <I extends readonly Tensor[], P>(op: import("../../dispatch/op.ts").Op<I, P>, inputs: I, params: P) => Tensor;

/** Clamps with numbers or tensors, into a new tensor or in place, as `apply` says. */
function clampWith(self: Tensor, min: Bound, max: Bound, inPlace = false): Tensor {
  const apply: Apply = inPlace ? (op, inputs, params) => runInto(op, self, inputs, params) : run;
  if (min === null && max === null) throw new TensorError("torch.clamp: At least one of 'min' or 'max' must not be None");
  if (isComplex(self.dtype)) throw new DTypeError("clamp is not supported for complex types");
  const dtype = resultTypeOf([self, min, max].filter((v): v is Operand => v !== null));
  if (isComplex(dtype)) throw new DTypeError(`value cannot be converted to type ${cppName(self.dtype)} without overflow`);
  const cast = (v: Operand): Tensor => (v instanceof Tensor ? to(v, dtype) : scalarTensor(v, dtype));
  const numbers = !(min instanceof Tensor) && !(max instanceof Tensor);
  if (dtype === "bool" && (numbers || (min !== null && max !== null))) {
    const kernel = numbers ? (min === null ? "clamp_max_scalar" : max === null ? "clamp_min" : "clamp_scalar") : "clamp";
    throw new DTypeError(notImplemented(`${kernel}_cpu`, dtype));
  }
  if (numbers && inPlace && !canCast(dtype, self.dtype)) {
    throw new DTypeError(`result type ${dtypeInfo[dtype].scalarType} can't be cast to the desired output type ${cppName(self.dtype)}`);
  }
  if (numbers && isFloatingPoint(dtype)) {
    const low = min === null ? Number.NEGATIVE_INFINITY : scalarNumber(min as Scalar);
    const high = max === null ? Number.POSITIVE_INFINITY : scalarNumber(max as Scalar);
    return apply(clampOp, [cast(self)], { min: low, max: high });
  }
  if (min === null) return apply(clampMaxTensorOp, [cast(self), cast(max!)], undefined);
  if (max === null) return apply(clampMinTensorOp, [cast(self), cast(min)], undefined);
  return apply(clampTensorOp, [cast(self), cast(min), cast(max)], undefined);
}

const bindClamp = signature("clamp", { min: null, max: null });
const bounds = (args: readonly unknown[]): [Bound, Bound] => {
  const { min, max } = bindClamp(args.filter((v) => v !== undefined)) as { min: Bound; max: Bound };
  return [min, max];
};
type Clamp = (self: Tensor, min?: Bound | ClampOptions, max?: Bound | ClampOptions, ...extra: []) => Tensor;
/** Each element, at least `min` and at most `max`: numbers, or tensors that broadcast. @throws {TensorError} without any bound @see torch.clamp */
export const clamp: Clamp = (self, ...args) => {
  const [min, max] = args;
  if (args.length === 2 && typeof min === "number" && typeof max === "number" && (self.dtype === "float32" || self.dtype === "float64")) {
    return run(clampOp, [self], { min, max });
  }
  return clampWith(self, ...bounds(args));
};
/** In-place {@link clamp}. @see torch.Tensor.clamp_ */
export const clamp_: Clamp = (self, ...args) => clampWith(self, ...bounds(args), true);
/** Another name of {@link clamp}. @see torch.clip */
export const clip: Clamp = clamp;
/** Another name of {@link clamp_}. @see torch.Tensor.clip_ */
export const clip_: Clamp = clamp_;

const minOf = operandOf("clampMin", "min");
const maxOf = operandOf("clampMax", "max");
type ClampMin = (self: Tensor, min: Operand | { min: Operand }) => Tensor;
type ClampMax = (self: Tensor, max: Operand | { max: Operand }) => Tensor;
/** Each element, at least `min`. @see torch.clamp_min */
export const clampMin: ClampMin = (self, min, extra?: unknown) => {
  requireTensor("clamp_min", "input", self);
  return clampWith(self, minOf(min, extra), null);
};
/** In-place {@link clampMin}. @see torch.Tensor.clamp_min_ */
export const clampMin_: ClampMin = (self, min, extra?: unknown) => clampWith(self, minOf(min, extra), null, true);
/** Each element, at most `max`. @see torch.clamp_max */
export const clampMax: ClampMax = (self, max, extra?: unknown) => {
  requireTensor("clamp_max", "input", self);
  return clampWith(self, null, maxOf(max, extra));
};
/** In-place {@link clampMax}. @see torch.Tensor.clamp_max_ */
export const clampMax_: ClampMax = (self, max, extra?: unknown) => clampWith(self, null, maxOf(max, extra), true);

/** The larger of two elements; NaN if either is. Shapes broadcast, dtypes promote. @throws {DTypeError} for complex @see torch.maximum */
export const maximum: Binary = tensorBinary(maximumOp);
/** The smaller of two elements; NaN if either is. @throws {DTypeError} for complex @see torch.minimum */
export const minimum: Binary = tensorBinary(minimumOp);
/** The larger of two elements, or the one that is not NaN. @throws {DTypeError} for complex @see torch.fmax */
export const fmax: Binary = tensorBinary(fmaxOp);
/** The smaller of two elements, or the one that is not NaN. @throws {DTypeError} for complex @see torch.fmin */
export const fmin: Binary = tensorBinary(fminOp);
