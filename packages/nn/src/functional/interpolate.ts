import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { resampleOp, run, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

export type InterpolationMode = "nearest" | "nearest-exact" | "linear" | "bilinear" | "bicubic" | "trilinear" | "area";

export interface InterpolateOptions {
  /** Size of the result. Either this or `scaleFactor`. */
  size?: number | readonly number[] | null;
  scaleFactor?: number | readonly number[] | null;
  /** Default "nearest". */
  mode?: InterpolationMode;
  /** Let the centres of the corner pixels, rather than the corners, lie at the same place. Default false. */
  alignCorners?: boolean | null;
  recomputeScaleFactor?: boolean | null;
  /** Average over what a smaller image leaves out, as Pillow does. For "bilinear" and "bicubic". Default false. */
  antialias?: boolean;
}
const bind = signature("interpolate", {
  size: null,
  scaleFactor: null,
  mode: "nearest",
  alignCorners: null,
  recomputeScaleFactor: null,
  antialias: false,
});

const linearModes: Partial<Record<string, number>> = { linear: 3, bilinear: 4, trilinear: 5 };
const list = (v: readonly number[]): string => `[${v.join(", ")}]`;
const tuple = (v: readonly number[]): string => (v.length === 1 ? `(${v[0]},)` : `(${v.join(", ")})`);

/**
 * Resizes `[N, C, L]`, `[N, C, H, W]` or `[N, C, D, H, W]`.
 * @throws {ShapeError} for sizes that don't fit @throws {TensorError} for modes that don't @see torch.nn.functional.interpolate
 */
export function interpolate(
  input: Tensor,
  ...rest: Rest<
    [
      size: number | readonly number[] | null,
      scaleFactor: number | readonly number[] | null,
      mode: InterpolationMode,
      alignCorners: boolean | null,
      recomputeScaleFactor: boolean | null,
      antialias: boolean,
    ],
    InterpolateOptions
  >
): Tensor {
  const { size, scaleFactor, mode, alignCorners, recomputeScaleFactor, antialias } = bind(rest);
  const nearest = mode === "nearest" || mode === "nearest-exact";
  if ((nearest || mode === "area") && alignCorners !== null) {
    throw new TensorError("align_corners option can only be set with the interpolating modes: linear | bilinear | bicubic | trilinear");
  }
  const n = input.ndim - 2;
  const spatial = input.shape.slice(2);
  if (size !== null && scaleFactor !== null) throw new TensorError("only one of size or scale_factor should be defined");
  if (size === null && scaleFactor === null) throw new TensorError("either size or scale_factor should be defined");
  if (Array.isArray(size) && size.length !== n) {
    throw new ShapeError(
      `Input and output must have the same number of spatial dimensions, but got input with spatial dimensions of ${list(spatial)} and output size of ${list(size)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.`,
    );
  }
  if (Array.isArray(scaleFactor) && scaleFactor.length !== n) {
    throw new ShapeError(
      `Input and scale_factor must have the same number of spatial dimensions, but got input with spatial dimensions of ${list(spatial)} and scale_factor of shape ${tuple(scaleFactor)}. Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, ...,sK) format.`,
    );
  }
  if (recomputeScaleFactor === true && size !== null) {
    throw new TensorError("recompute_scale_factor is not meaningful with an explicit size.");
  }
  if (antialias && !((mode === "bilinear" || mode === "bicubic") && input.ndim === 4)) {
    throw new TensorError("Anti-alias option is only supported for bilinear and bicubic modes");
  }
  checkMode(input, mode);
  let factors: readonly number[] | null = null;
  if (scaleFactor !== null) factors = typeof scaleFactor === "number" ? new Array<number>(n).fill(scaleFactor) : scaleFactor;
  const sizes: readonly number[] =
    size !== null
      ? typeof size === "number"
        ? new Array<number>(n).fill(size)
        : size
      : spatial.map((s, i) => Math.floor(s * factors![i]!));
  if (recomputeScaleFactor === true) factors = null;
  if (mode === "area") {
    const pool = [torch.adaptiveAvgPool1d, torch.adaptiveAvgPool2d, torch.adaptiveAvgPool3d][n - 1]!;
    return pool(input, sizes);
  }
  if (spatial.some((s) => s <= 0) || sizes.some((s) => s <= 0)) {
    throw new ShapeError(
      `Input and output sizes should be greater than 0, but got input (${spatial.map((s, i) => `${"DHW"[3 - n + i]}: ${s}`).join(", ")}) output (${sizes.map((s, i) => `${"DHW"[3 - n + i]}: ${s}`).join(", ")})`,
    );
  }
  // Places are computed in the precision of the input; nearest neighbours always in float32.
  const round = input.dtype === "float64" && !nearest ? (x: number): number => x : Math.fround;
  let result = input;
  for (let i = n - 1; i >= 0; i--) {
    const inputSize = spatial[i]!;
    const outputSize = sizes[i]!;
    if (inputSize === outputSize && (factors === null || factors[i] === 1)) continue;
    const scale = scaleOf(inputSize, outputSize, alignCorners === true, factors?.[i] ?? null, round);
    const { taps, places, weights } = antialias
      ? smoothTaps(mode, inputSize, outputSize, scale)
      : tapsOf(mode, inputSize, outputSize, scale, alignCorners === true, round);
    result = run(resampleOp, [result], { dim: i + 2, inputSize, outputSize, taps, places, weights, transposed: false });
  }
  return result === input ? input.clone() : result;
}

function checkMode(input: Tensor, mode: string): void {
  const dims = input.ndim;
  const wanted = mode === "bicubic" ? 4 : linearModes[mode];
  const known = wanted !== undefined || mode === "nearest" || mode === "nearest-exact" || mode === "area";
  if (!known || dims < 3 || dims > 5 || (mode === "bicubic" && dims !== 4)) {
    throw new TensorError(
      `Input Error: Only 3D, 4D and 5D input Tensors supported (got ${dims}D) for the modes: nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact (got ${mode})`,
    );
  }
  if (wanted !== undefined && wanted !== dims) throw new TensorError(`Got ${dims}D input, but ${mode} mode needs ${wanted}D input`);
}

type Round = (x: number) => number;

/** Distance of the output's places in the input. */
function scaleOf(input: number, output: number, alignCorners: boolean, factor: number | null, round: Round): number {
  if (alignCorners) return output > 1 ? round((input - 1) / (output - 1)) : 0;
  return factor !== null && factor > 0 ? round(1 / factor) : round(input / output);
}

interface Taps {
  readonly taps: number;
  readonly places: Int32Array;
  readonly weights: Float64Array;
}

/** Keys' cubic convolution with a = -0.75: weights of the four neighbours at distance `t` behind the second. */
function cubicWeights(t: number): readonly number[] {
  const a = -0.75;
  const inner = (x: number): number => ((a + 2) * x - (a + 3)) * x * x + 1;
  const outer = (x: number): number => ((a * x - 5 * a) * x + 8 * a) * x - 4 * a;
  return [outer(t + 1), inner(t), inner(1 - t), outer(2 - t)];
}

function tapsOf(mode: string, input: number, output: number, scale: number, alignCorners: boolean, round: Round): Taps {
  const taps = mode.startsWith("nearest") ? 1 : mode === "bicubic" ? 4 : 2;
  const places = new Int32Array(output * taps);
  const weights = new Float64Array(output * taps);
  for (let i = 0; i < output; i++) {
    if (taps === 1) {
      const at = mode === "nearest" ? round(i * scale) : round(round(i + 0.5) * scale);
      places[i] = Math.min(Math.floor(at), input - 1);
      weights[i] = 1;
      continue;
    }
    let source = alignCorners ? round(scale * i) : round(round(scale * round(i + 0.5)) - 0.5);
    if (taps === 2) {
      if (source < 0) source = 0;
      const first = Math.min(Math.floor(source), input - 1);
      const share = Math.min(Math.max(round(source - first), 0), 1);
      places[2 * i] = first;
      places[2 * i + 1] = first + (first < input - 1 ? 1 : 0);
      weights[2 * i] = round(1 - share);
      weights[2 * i + 1] = share;
      continue;
    }
    const first = Math.floor(source);
    cubicWeights(round(source - first)).forEach((weight, k) => {
      places[4 * i + k] = Math.min(Math.max(first - 1 + k, 0), input - 1);
      weights[4 * i + k] = weight;
    });
  }
  return { taps, places, weights };
}

/** Taps of a triangle or cubic filter that widens where the image shrinks. */
function smoothTaps(mode: string, input: number, output: number, scale: number): Taps {
  const cubic = mode === "bicubic";
  const reach = (cubic ? 2 : 1) * Math.max(scale, 1);
  const narrow = scale >= 1 ? 1 / scale : 1;
  const taps = Math.ceil(reach) * 2 + 1;
  const places = new Int32Array(output * taps);
  const weights = new Float64Array(output * taps);
  const filter = (distance: number): number => {
    const x = Math.abs(distance);
    if (!cubic) return x < 1 ? 1 - x : 0;
    const a = -0.5;
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };
  for (let i = 0; i < output; i++) {
    const centre = scale * (i + 0.5);
    const first = Math.max(Math.trunc(centre - reach + 0.5), 0);
    const count = Math.min(Math.min(Math.trunc(centre + reach + 0.5), input) - first, taps);
    let total = 0;
    for (let k = 0; k < count; k++) {
      const weight = filter((k + first - centre + 0.5) * narrow);
      places[i * taps + k] = first + k;
      weights[i * taps + k] = weight;
      total += weight;
    }
    if (total !== 0) for (let k = 0; k < count; k++) weights[i * taps + k]! /= total;
  }
  return { taps, places, weights };
}

export interface UpsampleOptions {
  size?: number | readonly number[] | null;
  scaleFactor?: number | readonly number[] | null;
  mode?: InterpolationMode;
  alignCorners?: boolean | null;
}
type UpsampleRest = Rest<[size: number | readonly number[] | null, scaleFactor: number | readonly number[] | null], UpsampleOptions>;
/** {@link interpolate} under its old name. @see torch.nn.functional.upsample */
export function upsample(
  input: Tensor,
  ...rest: Rest<
    [
      size: number | readonly number[] | null,
      scaleFactor: number | readonly number[] | null,
      mode: InterpolationMode,
      alignCorners: boolean | null,
    ],
    UpsampleOptions
  >
): Tensor {
  return interpolate(input, ...(rest as []));
}
/** {@link interpolate} with mode "nearest". @see torch.nn.functional.upsample_nearest */
export function upsampleNearest(input: Tensor, ...rest: UpsampleRest): Tensor {
  const { size, scaleFactor } = bind(rest);
  return interpolate(input, { size, scaleFactor, mode: "nearest" });
}
/** {@link interpolate} with mode "bilinear" and aligned corners. @see torch.nn.functional.upsample_bilinear */
export function upsampleBilinear(input: Tensor, ...rest: UpsampleRest): Tensor {
  const { size, scaleFactor } = bind(rest);
  return interpolate(input, { size, scaleFactor, mode: "bilinear", alignCorners: true });
}
