import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { DTypeError } from "../errors.ts";
import { type ConvolutionParams, convolutionOp, convolutionWeightGradOp } from "../ops/conv/convolution.ts";
import { isComplex } from "../tensor/dtype.ts";
import { numelOf, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toBigInts, toDoubles, writeBigInts, writeDoubles } from "./loops.ts";

/** A convolution in three spatial dimensions (missing ones have size 1): `wide` is its input, `narrow` its result. */
interface Geometry {
  readonly N: number;
  readonly groups: number;
  /** Channels of a group. */
  readonly wideChannels: number;
  readonly narrowChannels: number;
  readonly wide: Shape;
  readonly narrow: Shape;
  readonly kernel: Shape;
  readonly stride: Shape;
  readonly padding: Shape;
  readonly dilation: Shape;
}

const three = (values: readonly number[], missing: number): number[] => [...new Array<number>(3 - values.length).fill(missing), ...values];

function geometry(wide: Shape, narrow: Shape, weight: Shape, params: ConvolutionParams): Geometry {
  return {
    N: wide[0]!,
    groups: params.groups,
    wideChannels: wide[1]! / params.groups,
    narrowChannels: narrow[1]! / params.groups,
    wide: three(wide.slice(2), 1),
    narrow: three(narrow.slice(2), 1),
    kernel: three(weight.slice(2), 1),
    stride: three(params.stride, 1),
    padding: three(params.padding, 0),
    dilation: three(params.dilation, 1),
  };
}

/** Positions of the result for which element `k` of the kernel lies inside the input, in dimension `d`. */
function range(g: Geometry, d: number, k: number): readonly [from: number, to: number, shift: number] {
  const shift = k * g.dilation[d]! - g.padding[d]!;
  const s = g.stride[d]!;
  const from = Math.max(0, Math.ceil(-shift / s));
  const to = Math.min(g.narrow[d]!, Math.floor((g.wide[d]! - 1 - shift) / s) + 1);
  return [from, to, shift];
}

/**
 * Visits every row of neighbouring products: `n` places of the result from `narrow`, of the input from `wide` in steps of
 * the last stride, that all meet at one element `weight` of the kernel.
 */
function forEachProduct(g: Geometry, visit: (narrow: number, wide: number, weight: number, n: number) => void): void {
  const wideSize = numelOf(g.wide);
  const narrowSize = numelOf(g.narrow);
  const kernelSize = numelOf(g.kernel);
  const [, wideH, wideW] = g.wide as [number, number, number];
  const [, narrowH, narrowW] = g.narrow as [number, number, number];
  for (let image = 0; image < g.N; image++) {
    for (let o = 0; o < g.groups * g.narrowChannels; o++) {
      const group = Math.floor(o / g.narrowChannels);
      const narrowBase = (image * g.groups * g.narrowChannels + o) * narrowSize;
      for (let c = 0; c < g.wideChannels; c++) {
        const wideBase = (image * g.groups * g.wideChannels + group * g.wideChannels + c) * wideSize;
        let weight = (o * g.wideChannels + c) * kernelSize;
        for (let kd = 0; kd < g.kernel[0]!; kd++) {
          const [d0, d1, dShift] = range(g, 0, kd);
          for (let kh = 0; kh < g.kernel[1]!; kh++) {
            const [h0, h1, hShift] = range(g, 1, kh);
            for (let kw = 0; kw < g.kernel[2]!; kw++, weight++) {
              const [w0, w1, wShift] = range(g, 2, kw);
              if (w1 <= w0) continue;
              for (let d = d0; d < d1; d++) {
                for (let h = h0; h < h1; h++) {
                  const row = wideBase + ((d * g.stride[0]! + dShift) * wideH + h * g.stride[1]! + hShift) * wideW;
                  visit(narrowBase + (d * narrowH + h) * narrowW + w0, row + w0 * g.stride[2]! + wShift, weight, w1 - w0);
                }
              }
            }
          }
        }
      }
    }
  }
}

function refuse(t: Tensor): void {
  if (isComplex(t.dtype) || t.dtype === "bool") throw new DTypeError(`"slow_conv2d_cpu" not implemented for '${t.dtype}'`);
}

type Values = Float64Array | BigInt64Array;
const read = (t: Tensor): Values => (t.dtype === "int64" ? toBigInts(t) : toDoubles(t));
const write = (t: Tensor, values: Values): void => (values instanceof BigInt64Array ? writeBigInts(t, values) : writeDoubles(t, values));
const room = (like: Values, n: number): Float64Array =>
  (like instanceof BigInt64Array ? new BigInt64Array(n) : new Float64Array(n)) as Float64Array;

registerReferenceKernels([
  kernel(convolutionOp, ([input, weight, bias], [out], params) => {
    refuse(input);
    // Doubles and 64-bit integers share the loops: `+=` and `*` mean the same for both.
    const x = read(input) as Float64Array;
    const w = read(weight) as Float64Array;
    const y = room(x, out!.count);
    const size = numelOf(out!.shape.slice(2));
    if (bias !== null) {
      const b = read(bias) as Float64Array;
      for (let i = 0; i < y.length; i++) y[i] = b[Math.floor(i / size) % b.length]!;
    }
    if (params.transposed) {
      const g = geometry(out!.shape, input.shape, weight.shape, params);
      const step = g.stride[2]!;
      forEachProduct(g, (narrow, wide, k, n) => {
        const factor = w[k]!;
        for (let i = 0; i < n; i++) y[wide + i * step]! += factor * x[narrow + i]!;
      });
    } else {
      const g = geometry(input.shape, out!.shape, weight.shape, params);
      const step = g.stride[2]!;
      forEachProduct(g, (narrow, wide, k, n) => {
        const factor = w[k]!;
        for (let i = 0; i < n; i++) y[narrow + i]! += factor * x[wide + i * step]!;
      });
    }
    write(out!, y);
  }),
  kernel(convolutionWeightGradOp, ([input, grad], [out], params) => {
    const x = read(input) as Float64Array;
    const dy = read(grad) as Float64Array;
    const dw = room(x, out!.count);
    const g = geometry(input.shape, grad.shape, params.weightShape, params);
    const step = g.stride[2]!;
    forEachProduct(g, (narrow, wide, k, n) => {
      let total = dw[k]!;
      for (let i = 0; i < n; i++) total += dy[narrow + i]! * x[wide + i * step]!;
      dw[k] = total;
    });
    write(out!, dw);
  }),
]);
