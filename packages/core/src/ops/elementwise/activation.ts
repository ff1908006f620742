import { required, signature } from "../../dispatch/arguments.ts";
import { run, runInto } from "../../dispatch/run.ts";
import { DTypeError, ShapeError, TensorError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { narrow } from "../view/slice.ts";
import { type EluParams, eluOp, leakyReluOp, logSigmoidOp, mishOp, type SoftplusParams, siluOp, softplusOp } from "./activation-ops.ts";
import { exactlyOne, sameUnary, type Unary, type UnaryOp } from "./pointwise.ts";
import { hardshrinkOp, hardsigmoidOp, hardswishOp, hardtanhOp, preluOp, softshrinkOp, thresholdOp } from "./shrink-ops.ts";

export interface InplaceOptions {
  /** Write over the input. Default false. */
  inplace?: boolean;
}

/** Into a new tensor, or over `self`. */
const apply = <P>(op: UnaryOp<P>, self: Tensor, params: P, inplace: boolean): Tensor =>
  inplace ? runInto(op, self, [self], params) : run(op, [self], params);

const given = (...args: readonly unknown[]): unknown[] => args.filter((v) => v !== undefined);

export interface LeakyReluOptions extends InplaceOptions {
  /** Slope below zero. Default 0.01. */
  negativeSlope?: number;
}
const bindLeakyRelu = signature("leakyRelu", { negativeSlope: 0.01, inplace: false });
/** `x` above zero, `negativeSlope * x` below. @see torch.nn.functional.leaky_relu */
export function leakyRelu(self: Tensor, negativeSlope?: number | LeakyReluOptions, options?: LeakyReluOptions): Tensor {
  const { inplace, negativeSlope: slope } = bindLeakyRelu(given(negativeSlope, options)) as { inplace: boolean; negativeSlope: number };
  return apply(leakyReluOp, self, { negativeSlope: slope }, inplace);
}
/** In-place {@link leakyRelu}. @see torch.nn.functional.leaky_relu_ */
export const leakyRelu_ = (self: Tensor, negativeSlope = 0.01): Tensor => runInto(leakyReluOp, self, [self], { negativeSlope });

export interface EluOptions extends InplaceOptions {
  /** Depth reached far below zero. Default 1. */
  alpha?: number;
}
const bindElu = signature("elu", { alpha: 1, inplace: false });
/** `x` above zero, `alpha (exp(x) - 1)` below. @see torch.nn.functional.elu */
export function elu(self: Tensor, alpha?: number | EluOptions, options?: EluOptions): Tensor {
  const bound = bindElu(given(alpha, options)) as { alpha: number; inplace: boolean };
  return apply(eluOp, self, { alpha: bound.alpha, scale: 1, inputScale: 1 }, bound.inplace);
}
/** In-place {@link elu}. @see torch.nn.functional.elu_ */
export const elu_ = (self: Tensor, alpha = 1): Tensor => runInto(eluOp, self, [self], { alpha, scale: 1, inputScale: 1 });

const celuParams = (alpha: number): EluParams => {
  if (alpha === 0) throw new TensorError("ZeroDivisionError: alpha cannot be 0 for CELU");
  return { alpha, scale: 1, inputScale: 1 / alpha, gradInputScale: 1 / Math.fround(alpha) };
};
const bindCelu = signature("celu", { alpha: 1, inplace: false });
/** `x` above zero, `alpha (exp(x / alpha) - 1)` below. @throws {TensorError} for alpha 0 @see torch.nn.functional.celu */
export function celu(self: Tensor, alpha?: number | EluOptions, options?: EluOptions): Tensor {
  const bound = bindCelu(given(alpha, options)) as { alpha: number; inplace: boolean };
  return apply(eluOp, self, celuParams(bound.alpha), bound.inplace);
}
/** In-place {@link celu}. @see torch.celu_ */
export const celu_ = (self: Tensor, alpha = 1): Tensor => runInto(eluOp, self, [self], celuParams(alpha));

/** The constants of Klambauer et al., "Self-Normalizing Neural Networks", which keep mean 0 and variance 1 from layer to layer. */
const SELU: EluParams = { alpha: 1.6732632423543772848170429916717, scale: 1.0507009873554804934193349852946, inputScale: 1 };
const bindInplace = signature("activation", { inplace: false });
const isInplace = (...args: readonly unknown[]): boolean => (bindInplace(given(...args)) as { inplace: boolean }).inplace;

/** Scaled elu whose outputs keep mean 0 and variance 1. @see torch.nn.functional.selu */
export const selu = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(eluOp, self, SELU, isInplace(inplace, ...extra));
/** In-place {@link selu}. @see torch.selu_ */
export const selu_ = (self: Tensor): Tensor => runInto(eluOp, self, [self], SELU);
/** `x sigmoid(x)`. @see torch.nn.functional.silu */
export const silu = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(siluOp, self, undefined, isInplace(inplace, ...extra));
/** `x tanh(softplus(x))`. @see torch.nn.functional.mish */
export const mish = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(mishOp, self, undefined, isInplace(inplace, ...extra));
/** `clamp(x + 3, 0, 6) / 6`. @see torch.nn.functional.hardsigmoid */
export const hardsigmoid = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(hardsigmoidOp, self, undefined, isInplace(inplace, ...extra));
/** `x hardsigmoid(x)`. @see torch.nn.functional.hardswish */
export const hardswish = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(hardswishOp, self, undefined, isInplace(inplace, ...extra));
/** `log(sigmoid(x))`, without overflow. @see torch.nn.functional.logsigmoid */
export const logsigmoid: Unary = sameUnary(logSigmoidOp);

export interface SoftplusOptions {
  /** Sharpness. Default 1. */
  beta?: number;
  /** `beta * x` from which the function is the identity, for numerical stability. Default 20. */
  threshold?: number;
}
const bindSoftplus = signature("softplus", { beta: 1, threshold: 20 });
/** `log(1 + exp(beta x)) / beta`: a smooth relu. @see torch.nn.functional.softplus */
export function softplus(
  self: Tensor,
  beta?: number | SoftplusOptions,
  threshold?: number | SoftplusOptions,
  options?: SoftplusOptions,
): Tensor {
  return run(softplusOp, [self], bindSoftplus(given(beta, threshold, options)) as SoftplusParams);
}

export interface HardtanhOptions extends InplaceOptions {
  /** Lower bound. Default -1. */
  minVal?: number;
  /** Upper bound. Default 1. */
  maxVal?: number;
}
const bindHardtanh = signature("hardtanh", { minVal: -1, maxVal: 1, inplace: false });
function checkHardtanh(self: Tensor, min: number): void {
  if (self.dtype === "uint8" && min < 0) throw new DTypeError("cannot do hardtanh on an unsigned type with negative limits");
}
/** Each element between `minVal` and `maxVal`; the gradient is 0 at the bounds. @throws {DTypeError} for bool @see torch.nn.functional.hardtanh */
export function hardtanh(
  self: Tensor,
  minVal?: number | HardtanhOptions,
  maxVal?: number | HardtanhOptions,
  options?: HardtanhOptions,
): Tensor {
  const bound = bindHardtanh(given(minVal, maxVal, options)) as { minVal: number; maxVal: number; inplace: boolean };
  checkHardtanh(self, bound.minVal);
  return apply(hardtanhOp, self, { min: bound.minVal, max: bound.maxVal }, bound.inplace);
}
/** In-place {@link hardtanh}. @see torch.nn.functional.hardtanh_ */
export const hardtanh_ = (self: Tensor, minVal = -1, maxVal = 1): Tensor => hardtanh(self, minVal, maxVal, { inplace: true });
/** Each element between 0 and 6. @throws {DTypeError} for bool @see torch.nn.functional.relu6 */
export const relu6 = (self: Tensor, inplace?: boolean | InplaceOptions, ...extra: []): Tensor =>
  apply(hardtanhOp, self, { min: 0, max: 6 }, isInplace(inplace, ...extra));

export interface LambdOptions {
  /** Half the width of the interval that becomes 0. Default 0.5. */
  lambd?: number;
}
const bindLambd = signature("shrink", { lambd: 0.5 });
const lambdOf = (...args: readonly unknown[]): { lambd: number } => bindLambd(given(...args)) as { lambd: number };
/** 0 within `lambd` of 0, else `x`. @see torch.nn.functional.hardshrink */
export const hardshrink = (self: Tensor, lambd?: number | LambdOptions, ...extra: []): Tensor =>
  run(hardshrinkOp, [self], lambdOf(lambd, ...extra));
/** 0 within `lambd` of 0, else `x` moved towards 0 by `lambd`. @throws {TensorError} for a negative `lambd` @see torch.nn.functional.softshrink */
export function softshrink(self: Tensor, lambd?: number | LambdOptions, ...extra: []): Tensor {
  const params = lambdOf(lambd, ...extra);
  if (params.lambd < 0) throw new TensorError(`lambda must be greater or equal to 0, but found to be ${params.lambd}.`);
  return run(softshrinkOp, [self], params);
}

export interface ThresholdOptions extends InplaceOptions {
  threshold?: number;
  value?: number;
}
const bindThreshold = signature("threshold", { threshold: 0, value: 0, inplace: false });
/** `x` above `threshold`, else `value`. @throws {DTypeError} for bool @see torch.nn.functional.threshold */
export function threshold(
  self: Tensor,
  limit: number | ThresholdOptions,
  value?: number | ThresholdOptions,
  inplace?: boolean | ThresholdOptions,
): Tensor {
  const bound = bindThreshold(given(limit, value, inplace)) as { threshold: number; value: number; inplace: boolean };
  return apply(thresholdOp, self, { threshold: bound.threshold, value: bound.value }, bound.inplace);
}
/** In-place {@link threshold}. @see torch.nn.functional.threshold_ */
export const threshold_ = (self: Tensor, limit: number, value: number): Tensor =>
  runInto(thresholdOp, self, [self], { threshold: limit, value });

/** `x / (1 + |x|)`. @see torch.nn.functional.softsign */
export const softsign: Unary = exactlyOne("softsign", (self) => self.div(self.abs().add(1)));
/** `x - tanh(x)`. @see torch.nn.functional.tanhshrink */
export const tanhshrink: Unary = exactlyOne("tanhshrink", (self) => self.sub(self.tanh()));

const bindWeight = signature("prelu", { weight: required });
/** `x` above zero, else `weight * x`, with one weight or one a channel (dimension 1). @throws {ShapeError} @see torch.nn.functional.prelu */
export function prelu(self: Tensor, weight: Tensor | { weight: Tensor }, ...extra: []): Tensor {
  const { weight: slopes } = bindWeight(given(weight, ...extra)) as { weight: Tensor };
  if (self.dtype !== slopes.dtype) {
    throw new DTypeError(`Found dtype ${dtypeInfo[slopes.dtype].scalarType} but expected ${dtypeInfo[self.dtype].scalarType}`);
  }
  if (slopes.count !== 1) {
    if (self.ndim === 0) throw new ShapeError("Not allow zero-dim input tensor.");
    const channels = self.ndim > 1 ? self.shape[1]! : 1;
    if (channels !== slopes.count) {
      throw new ShapeError(
        `Mismatch of parameter numbers and input channel size. Found parameter numbers = ${slopes.count} and channel size = ${channels}.`,
      );
    }
  }
  if (slopes.ndim > 1) throw new ShapeError(`prelu: Expected \`weight\` to be a scalar or 1D tensor, but got ndim = ${slopes.ndim}`);
  const shape = self.shape.map((_, i) => (i === 1 ? slopes.count : 1));
  return run(preluOp, [self, slopes.reshape(slopes.count === 1 ? shape.map(() => 1) : shape)], undefined);
}

const bindGlu = signature("glu", { dim: -1 });
/** The first half along `dim`, times the sigmoid of the second. @throws {ShapeError} for an odd size @see torch.nn.functional.glu */
export function glu(self: Tensor, dim?: number | { dim?: number }, ...extra: []): Tensor {
  const { dim: along } = bindGlu(given(dim, ...extra)) as { dim: number };
  if (self.ndim === 0) throw new ShapeError("glu does not support scalars because halving size must be even");
  const d = wrapDim(along, self.ndim);
  const size = self.shape[d]!;
  if (size % 2 !== 0) throw new ShapeError(`Halving dimension must be even, but dimension ${d} is size ${size}`);
  return narrow(self, d, 0, size / 2).mul(narrow(self, d, size / 2, size / 2).sigmoid());
}
