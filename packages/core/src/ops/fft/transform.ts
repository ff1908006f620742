import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { transformAlong } from "../../reference/fourier.ts";
import { toComplexDoubles, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex, isIntegral, toComplexDType } from "../../tensor/dtype.ts";
import { floatType } from "../../tensor/promotion.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { cat } from "../view/cat.ts";

/** Where a transform divides by the number of points: the inverse one, both by the root, or the forward one. */
export type FftNorm = "backward" | "ortho" | "forward";

interface Transform {
  readonly dims: readonly number[];
  /** Sign of the exponent: -1 forward, 1 inverse. */
  readonly sign: 1 | -1;
  readonly scale: number;
}

/** Complex transform along several dimensions. Its adjoint is the one with the other sign. */
const transformOp: Op<readonly [Tensor], Transform> = defineOp<readonly [Tensor], Transform>({
  name: "fftC2C",
  gradName: "FftC2CBackward0",
  infer: ([self]) => self,
  backward: [({ grad, params }) => run(transformOp, [grad], { ...params, sign: params.sign === 1 ? -1 : 1 })],
});

registerReferenceKernels([
  kernel(transformOp, ([self], [out], { dims, sign, scale }) => {
    const values = toComplexDoubles(self);
    for (const dim of dims) transformAlong(values, self.shape, dim, sign);
    if (scale !== 1) for (let i = 0; i < values.length; i++) values[i]! *= scale;
    writeDoubles(out!, values);
  }),
]);

/** @throws {ShapeError} for another word */
export function checkNorm(norm: string | null): FftNorm {
  if (norm === null) return "backward";
  if (norm !== "backward" && norm !== "ortho" && norm !== "forward") throw new ShapeError(`Invalid normalization mode: "${norm}"`);
  return norm;
}

/** The factor that `norm` puts on a transform of `points` numbers. */
function scaleOf(norm: FftNorm, points: number, inverse: boolean): number {
  if (norm === "ortho") return 1 / Math.sqrt(points);
  return (norm === "forward") === inverse ? 1 : 1 / points;
}

/** As complex numbers: integers by way of the default dtype. @throws {DTypeError} for half precision */
export function asComplex(self: Tensor): Tensor {
  if (isComplex(self.dtype)) return self;
  if (self.dtype === "float16" || self.dtype === "bfloat16") {
    throw new DTypeError(`Unsupported dtype ${dtypeInfo[self.dtype].scalarType}`);
  }
  return to(self, toComplexDType(isIntegral(self.dtype) ? floatType(self.dtype) : self.dtype));
}

/** `self` cut, or continued with zeros, to `sizes` along `dims`. @throws {ShapeError} for a size below 1 */
export function resized(self: Tensor, dims: readonly number[], sizes: readonly (number | null)[]): Tensor {
  return dims.reduce((t, dim, i) => {
    const n = sizes[i] ?? t.shape[dim]!;
    if (n < 1) throw new ShapeError(`Invalid number of data points (${n}) specified`);
    const own = t.shape[dim]!;
    if (n === own) return t;
    if (n < own) return t.narrow(dim, 0, n);
    return cat([t, t.newZeros(t.shape.map((s, d) => (d === dim ? n - own : s)))], dim);
  }, self);
}

/** Complex to complex. */
export function complexTransform(self: Tensor, dims: readonly number[], norm: FftNorm, inverse: boolean): Tensor {
  const x = asComplex(self);
  const points = dims.reduce((n, d) => n * x.shape[d]!, 1);
  return run(transformOp, [x], { dims, sign: inverse ? 1 : -1, scale: scaleOf(norm, points, inverse) });
}

/** Real to the first half of the spectrum along the last of `dims`; the rest follows by symmetry. @throws {DTypeError} for complex input */
export function halfSpectrum(name: string, self: Tensor, dims: readonly number[], norm: FftNorm, inverse = false): Tensor {
  if (isComplex(self.dtype)) throw new DTypeError(`${name} expects a real input tensor, but got ${dtypeInfo[self.dtype].scalarType}`);
  const last = dims[dims.length - 1]!;
  return complexTransform(self, dims, norm, inverse).narrow(last, 0, Math.floor(self.shape[last]! / 2) + 1);
}

/** From half a spectrum, of which `n` points along the last of `dims` are meant, to real numbers. */
export function realFromHalf(self: Tensor, dims: readonly number[], n: number, norm: FftNorm, inverse = true): Tensor {
  const last = dims[dims.length - 1]!;
  const others = dims.slice(0, -1);
  const x = asComplex(self);
  const points = dims.reduce((total, d) => total * (d === last ? n : x.shape[d]!), 1);
  // The other dimensions first: only a spectrum of a real sequence continues by conjugation.
  const sign = inverse ? 1 : -1;
  const partly = others.length === 0 ? x : run(transformOp, [x], { dims: others, sign, scale: 1 });
  const mirrored = n - partly.shape[last]!;
  const full = mirrored <= 0 ? partly : cat([partly, partly.narrow(last, 1, mirrored).conj().flip(last)], last);
  return run(transformOp, [full], { dims: [last], sign, scale: scaleOf(norm, points, inverse) }).real;
}

/** Dimensions and sizes of a transform of several dimensions, as NumPy fills in what is not given. @throws {ShapeError} */
export function planDims(
  self: Tensor,
  size: number | readonly number[] | null,
  along: number | readonly number[] | null,
): readonly [dims: number[], sizes: (number | null)[]] {
  const s = typeof size === "number" ? [size] : size;
  const dim = typeof along === "number" ? [along] : along;
  if (s !== null && dim !== null && s.length !== dim.length)
    throw new ShapeError("When given, dim and shape arguments must have the same length");
  const dims =
    dim !== null
      ? dim.map((d) => wrapDim(d, self.ndim))
      : s === null
        ? self.shape.map((_, i) => i)
        : s.map((_, i) => self.ndim - s.length + i);
  if (new Set(dims).size !== dims.length) throw new ShapeError("FFT dims must be unique");
  if (s !== null && s.length > self.ndim)
    throw new ShapeError(`Got shape with ${s.length} values but input tensor only has ${self.ndim} dimensions.`);
  return [dims, dims.map((_, i) => (s === null || s[i] === -1 ? null : s[i]!))];
}
