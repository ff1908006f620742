import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { castAsWhole, required, signature } from "@bluedot/core/extend";
import { type PerDim, perDim, type Rest } from "../arguments.ts";

export {
  adaptiveAvgPool1d,
  adaptiveAvgPool2d,
  adaptiveMaxPool1d,
  adaptiveMaxPool2d,
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
} from "@bluedot/core";

/** Mean of each window of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.avg_pool3d */
export const avgPool3d: typeof torch.avgPool3d = castAsWhole("avgPool3d", torch.avgPool3d);
/** Maximum of each window of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.max_pool3d */
export const maxPool3d: typeof torch.maxPool3d = castAsWhole("maxPool3d", torch.maxPool3d);
/** Means over a grid of `outputSize` parts of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.adaptive_avg_pool3d */
export const adaptiveAvgPool3d: typeof torch.adaptiveAvgPool3d = castAsWhole("adaptiveAvgPool3d", torch.adaptiveAvgPool3d);
/** Maxima over a grid of `outputSize` parts of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.adaptive_max_pool3d */
export const adaptiveMaxPool3d: typeof torch.adaptiveMaxPool3d = castAsWhole("adaptiveMaxPool3d", torch.adaptiveMaxPool3d);

export interface LpPoolOptions {
  normType?: number;
  kernelSize?: PerDim;
  /** Default: the kernel's size. */
  stride?: PerDim | null;
  /** Let the last window reach over the edge. Default false. */
  ceilMode?: boolean;
}

function lpPool(n: number) {
  const bind = signature(`lpPool${n}d`, { normType: required, kernelSize: required, stride: null, ceilMode: false });
  return (input: Tensor, ...args: unknown[]): Tensor => {
    const { normType, kernelSize, stride, ceilMode } = bind(args);
    const size = perDim(kernelSize, n);
    const average = n === 1 ? torch.avgPool1d : n === 2 ? torch.avgPool2d : torch.avgPool3d;
    const means = average(input.pow(normType), kernelSize, stride, 0, ceilMode);
    const elements = size.reduce((a, b) => a * b, 1);
    return means
      .sign()
      .mul(means.abs().relu())
      .mul(elements)
      .pow(1 / normType);
  };
}

type LpPool = (
  input: Tensor,
  normType: number | LpPoolOptions,
  ...rest: Rest<[kernelSize: PerDim, stride: PerDim | null, ceilMode: boolean], LpPoolOptions>
) => Tensor;
/** `(sum x^p)^(1/p)` of each window of `[N, C, L]`. @throws {ShapeError} @see torch.nn.functional.lp_pool1d */
export const lpPool1d: LpPool = lpPool(1);
/** `(sum x^p)^(1/p)` of each window of `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.functional.lp_pool2d */
export const lpPool2d: LpPool = lpPool(2);
/** `(sum x^p)^(1/p)` of each window of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.lp_pool3d */
export const lpPool3d: LpPool = lpPool(3);

export interface MaxUnpoolOptions {
  kernelSize?: PerDim;
  stride?: PerDim | null;
  padding?: PerDim;
  /** Chooses among the sizes that pool to one. */
  outputSize?: readonly number[] | null;
}

/** The spatial sizes that unpooling gives. @throws {ShapeError} for an output size out of reach */
export function unpooledSize(
  input: Tensor,
  kernel: readonly number[],
  stride: readonly number[],
  padding: readonly number[],
  outputSize: readonly number[] | null,
): readonly number[] {
  const n = kernel.length;
  const spatial = input.shape.slice(-n);
  const implied = spatial.map((size, d) => (size - 1) * stride[d]! + kernel[d]! - 2 * padding[d]!);
  if (outputSize === null) return implied;
  const given = outputSize.length === n + 2 ? outputSize.slice(2) : outputSize;
  if (given.length !== n) {
    throw new ShapeError(
      `output_size should be a sequence containing ${n} or ${n + 2} elements, but it has a length of '${outputSize.length}'`,
    );
  }
  given.forEach((size, d) => {
    const least = implied[d]! - stride[d]!;
    const most = implied[d]! + stride[d]!;
    if (!(least < size && size < most)) {
      throw new ShapeError(`invalid output_size "[${given.join(", ")}]" (dim ${d} must be between ${least} and ${most})`);
    }
  });
  return given;
}

function maxUnpool(n: number) {
  const bind = signature(`maxUnpool${n}d`, { indices: required, kernelSize: required, stride: null, padding: 0, outputSize: null });
  return (input: Tensor, ...args: unknown[]): Tensor => {
    const { indices, kernelSize, stride, padding, outputSize } = bind(args);
    const kernel = perDim(kernelSize, n);
    const size = unpooledSize(input, kernel, stride === null ? kernel : perDim(stride, n), perDim(padding, n), outputSize);
    if (indices.dtype !== "int64") throw new torch.DTypeError("elements in indices should be type int64");
    if (input.ndim !== n + 1 && input.ndim !== n + 2) {
      throw new ShapeError(`Input to max_unpooling${n}d should be a ${n + 1}d or ${n + 2}d Tensor, but got tensor with dim: ${input.ndim}`);
    }
    if (indices.shape.length !== input.ndim || indices.shape.some((s: number, i: number) => s !== input.shape[i])) {
      throw new ShapeError(
        `Expected shape of indices to be same as that of the input tensor ([${input.shape.join(", ")}]) but got indices tensor with shape: [${indices.shape.join(", ")}]`,
      );
    }
    const lead = input.shape.slice(0, input.ndim - n);
    const places = size.reduce((a, b) => a * b, 1);
    const outside = indices.lt(0).logicalOr(indices.ge(places));
    if (outside.any().item()) {
      const worst = Number(indices.maskedSelect(outside).at(-1).item());
      throw new ShapeError(`Found an invalid max index: ${worst} (output volumes are of size ${(n === 1 ? [...size, 1] : size).join("x")}`);
    }
    const flat = input.reshape([...lead, -1]);
    const zeros = torch.zeros([...lead, places], { dtype: input.dtype, device: input.device });
    return zeros.scatter(-1, indices.reshape([...lead, -1]), flat).reshape([...lead, ...size]);
  };
}

type MaxUnpool = (
  input: Tensor,
  indices: Tensor | (MaxUnpoolOptions & { indices: Tensor }),
  ...rest: Rest<[kernelSize: PerDim, stride: PerDim | null, padding: PerDim, outputSize: readonly number[] | null], MaxUnpoolOptions>
) => Tensor;
/** Puts elements back where `maxPool1d` took them from, zeros elsewhere. @throws {ShapeError} @see torch.nn.functional.max_unpool1d */
export const maxUnpool1d: MaxUnpool = maxUnpool(1);
/** Puts elements back where `maxPool2d` took them from, zeros elsewhere. @throws {ShapeError} @see torch.nn.functional.max_unpool2d */
export const maxUnpool2d: MaxUnpool = maxUnpool(2);
/** Puts elements back where `maxPool3d` took them from, zeros elsewhere. @throws {ShapeError} @see torch.nn.functional.max_unpool3d */
export const maxUnpool3d: MaxUnpool = maxUnpool(3);

export interface FractionalMaxPoolOptions {
  kernelSize?: PerDim;
  outputSize?: PerDim | null;
  /** Output sizes as fractions of the input's. */
  outputRatio?: PerDim | null;
  returnIndices?: boolean;
  /** `[N, C, n]` in [0, 1): shifts the windows. Default: drawn at random. */
  _randomSamples?: Tensor | null;
}

/** Starts of windows: distances of about `alpha`, shifted by `sample` (Graham, 2015). */
function windowStarts(sample: number, input: number, output: number, kernel: number): number[] {
  const starts: number[] = [];
  if (output > 1) {
    const alpha = (input - kernel) / (output - 1);
    for (let i = 0; i < output - 1; i++) starts.push(Math.floor((i + sample) * alpha) - Math.floor(sample * alpha));
  }
  if (output > 0) starts.push(input - kernel);
  return starts;
}

function fractionalMaxPool(n: number) {
  const bind = signature(`fractionalMaxPool${n}d`, {
    kernelSize: required,
    outputSize: null,
    outputRatio: null,
    returnIndices: false,
    _randomSamples: null,
  });
  return (input: Tensor, ...args: unknown[]): [Tensor, Tensor, boolean] => {
    const { kernelSize, outputSize, outputRatio, returnIndices, _randomSamples } = bind(args);
    const name = `fractional_max_pool${n}d`;
    if (outputSize === null && outputRatio === null) {
      throw new ShapeError(`${name} requires specifying either an output_size or an output_ratio`);
    }
    const kernel = perDim(kernelSize, n);
    const spatial = input.shape.slice(-n);
    const size = outputSize !== null ? perDim(outputSize, n) : perDim(outputRatio, n).map((ratio, d) => Math.floor(spatial[d]! * ratio));
    const batched = input.ndim === n + 2;
    const x = batched ? input : input.unsqueeze(0);
    const [N, C] = x.shape as [number, number];
    const samples: Tensor = _randomSamples ?? torch.rand([N, C, n], { dtype: input.dtype, device: input.device });
    const shifts = samples.reshape([-1]).tolist() as number[];
    spatial.forEach((extent, d) => {
      // PyTorch wants one element to spare in three dimensions.
      if (size[d]! + kernel[d]! - (n === 2 ? 1 : 0) > extent) {
        const side = ["time", "height", "width"].slice(3 - n)[d];
        throw new ShapeError(`${name}${n === 2 ? "" : "_out"}(): pool ${side} ${kernel[d]} too large relative to input ${side} ${extent}`);
      }
    });
    const places = fractionalPlaces(shifts, N * C, spatial, size, kernel);
    const count = size.reduce((a, b) => a * b, 1);
    const window = kernel.reduce((a, b) => a * b, 1);
    const index = torch.fromTypedArray(places, [N, C, count * window]);
    const flat = x.reshape([N, C, -1]);
    const { values, indices } = flat.gather(-1, index).reshape([N, C, count, window]).max(-1);
    const chosen = index.reshape([N, C, count, window]).gather(-1, indices.unsqueeze(-1)).squeeze(-1);
    const shape = batched ? [N, C, ...size] : [C, ...size];
    return [values.reshape(shape), chosen.reshape(shape), returnIndices];
  };
}

/** Flat places of all elements of all windows. PyTorch draws one sample a dimension, the last dimension's first. */
function fractionalPlaces(
  shifts: readonly number[],
  planes: number,
  spatial: readonly number[],
  size: readonly number[],
  kernel: readonly number[],
): BigInt64Array {
  const n = spatial.length;
  const count = size.reduce((a, b) => a * b, 1);
  const window = kernel.reduce((a, b) => a * b, 1);
  const places = new BigInt64Array(planes * count * window);
  let at = 0;
  for (let plane = 0; plane < planes; plane++) {
    // In two dimensions samples are ordered width, height; in three time, height, width.
    const starts = spatial.map((extent, d) => {
      const sample = shifts[plane * n + (n === 2 ? 1 - d : d)]!;
      return windowStarts(sample, extent, size[d]!, kernel[d]!);
    });
    for (let out = 0; out < count; out++) {
      const base: number[] = [];
      for (let d = n - 1, rest = out; d >= 0; d--) {
        base[d] = starts[d]![rest % size[d]!]!;
        rest = Math.floor(rest / size[d]!);
      }
      for (let element = 0; element < window; element++) {
        let place = 0;
        for (let d = n - 1, rest = element, step = 1; d >= 0; d--) {
          place += (base[d]! + (rest % kernel[d]!)) * step;
          rest = Math.floor(rest / kernel[d]!);
          step *= spatial[d]!;
        }
        places[at++] = BigInt(place);
      }
    }
  }
  return places;
}

type FractionalRest = Rest<
  [outputSize: PerDim | null, outputRatio: PerDim | null, returnIndices: boolean, randomSamples: Tensor | null],
  FractionalMaxPoolOptions
>;
interface FractionalMaxPool {
  (input: Tensor, kernelSize: PerDim, options: FractionalMaxPoolOptions & { returnIndices: true }): [Tensor, Tensor];
  (input: Tensor, kernelSize: PerDim | FractionalMaxPoolOptions, ...rest: FractionalRest): Tensor;
}
const fractional2 = fractionalMaxPool(2);
const fractional3 = fractionalMaxPool(3);
const choose = ([values, indices, both]: [Tensor, Tensor, boolean]): Tensor | [Tensor, Tensor] => (both ? [values, indices] : values);
/** Maximum of windows of `[N, C, H, W]` placed at random (Graham, 2015). @throws {ShapeError} @see torch.nn.functional.fractional_max_pool2d */
export const fractionalMaxPool2d = castAsWhole("fractionalMaxPool2d", ((input: Tensor, ...args: unknown[]) =>
  choose(fractional2(input, ...args))) as FractionalMaxPool);
/** Maximum of windows of `[N, C, D, H, W]` placed at random. @throws {ShapeError} @see torch.nn.functional.fractional_max_pool3d */
export const fractionalMaxPool3d = castAsWhole("fractionalMaxPool3d", ((input: Tensor, ...args: unknown[]) =>
  choose(fractional3(input, ...args))) as FractionalMaxPool);
