import { signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { DTypeError } from "../../errors.ts";
import { dtypeInfo, isComplex } from "../../tensor/dtype.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { arange } from "../factory/arange.ts";
import type { FactoryOptions } from "../factory/filled.ts";
import { asComplex, checkNorm, complexTransform, type FftNorm, halfSpectrum, planDims, realFromHalf, resized } from "./transform.ts";

/** Discrete Fourier transforms. @see torch.fft */

export interface FftOptions {
  /** Points: the input is cut, or continued with zeros. Default: its size. */
  n?: number | null;
  /** Default the last. */
  dim?: number;
  norm?: FftNorm | null;
}

export interface FftnOptions {
  /** Points of each dimension. */
  s?: number | readonly number[] | null;
  dim?: number | readonly number[] | null;
  norm?: FftNorm | null;
}

type Fft = (input: Tensor, n?: number | null | FftOptions, dim?: number | FftOptions, norm?: FftNorm | null | FftOptions) => Tensor;
type Fftn = (
  input: Tensor,
  s?: readonly number[] | null | FftnOptions,
  dim?: readonly number[] | null | FftnOptions,
  norm?: FftNorm | null | FftnOptions,
) => Tensor;

interface One {
  n: number | null;
  dim: number;
  norm: string | null;
}

interface Many {
  s: number | readonly number[] | null;
  dim: number | readonly number[] | null;
  norm: string | null;
}

/** A transform along one dimension. */
function along(name: string, call: (input: Tensor, dim: number, n: number | null, norm: FftNorm) => Tensor): Fft {
  const bind = signature(`fft.${name}`, { n: null, dim: -1, norm: null });
  return castAsWhole(`fft.${name}`, (input: Tensor, ...args: readonly unknown[]) => {
    const { n, dim, norm } = bind(args.filter((a) => a !== undefined)) as One;
    return call(input, wrapDim(dim, input.ndim), n, checkNorm(norm));
  });
}

/** A transform along several dimensions, by default `dims`. */
function over(
  name: string,
  dims: readonly number[] | null,
  call: (input: Tensor, dims: number[], sizes: (number | null)[], norm: FftNorm) => Tensor,
): Fftn {
  const bind = signature(`fft.${name}`, { s: null, dim: dims, norm: null });
  return castAsWhole(`fft.${name}`, (input: Tensor, ...args: readonly unknown[]) => {
    const { s, dim, norm } = bind(args.filter((a) => a !== undefined)) as Many;
    const [planned, sizes] = planDims(input, s, dim);
    return call(input, planned, sizes, checkNorm(norm));
  });
}

const complex =
  (inverse: boolean) =>
  (input: Tensor, dims: readonly number[], sizes: readonly (number | null)[], norm: FftNorm): Tensor =>
    complexTransform(resized(asComplex(input), dims, sizes), dims, norm, inverse);

const real =
  (name: string) =>
  (input: Tensor, dims: readonly number[], sizes: readonly (number | null)[], norm: FftNorm): Tensor =>
    halfSpectrum(name, resized(input, dims, sizes), dims, norm);

/** Half a spectrum resized so that its last dimension stands for `n` points. */
function inverseReal(input: Tensor, dims: readonly number[], sizes: readonly (number | null)[], norm: FftNorm): Tensor {
  const last = dims.length - 1;
  const n = sizes[last] ?? 2 * (input.shape[dims[last]!]! - 1);
  const half = resized(
    asComplex(input),
    dims,
    sizes.map((size, i) => (i === last ? Math.floor(n / 2) + 1 : size)),
  );
  return realFromHalf(half, dims, n, norm);
}

/** The transform of each line along `dim`; complex. @throws {ShapeError} for fewer than one point @see torch.fft.fft */
export const fft: Fft = along("fft", (input, dim, n, norm) => complex(false)(input, [dim], [n], norm));
/** The inverse of {@link fft}. @see torch.fft.ifft */
export const ifft: Fft = along("ifft", (input, dim, n, norm) => complex(true)(input, [dim], [n], norm));
/** The first half of the spectrum of real lines. @throws {DTypeError} for complex input @see torch.fft.rfft */
export const rfft: Fft = along("rfft", (input, dim, n, norm) => real("rfft")(input, [dim], [n], norm));
/** The inverse of {@link rfft}: real lines of `n` points, by default an even number. @see torch.fft.irfft */
export const irfft: Fft = along("irfft", (input, dim, n, norm) => inverseReal(input, [dim], [n], norm));
/** The real spectrum of a line that is half of a symmetric one. @see torch.fft.hfft */
export const hfft: Fft = along("hfft", (input, dim, given, norm) => {
  const n = given ?? 2 * (input.shape[dim]! - 1);
  return realFromHalf(resized(asComplex(input), [dim], [Math.floor(n / 2) + 1]), [dim], n, norm, false);
});
/** The inverse of {@link hfft}. @see torch.fft.ihfft */
export const ihfft: Fft = along("ihfft", (input, dim, n, norm) => {
  if (isComplex(input.dtype)) throw new DTypeError(`ihfft expects a real input tensor, but got ${dtypeInfo[input.dtype].scalarType}`);
  return halfSpectrum("ihfft", resized(input, [dim], [n]), [dim], norm, true);
});

/** The transform along two dimensions, by default the last. @see torch.fft.fft2 */
export const fft2: Fftn = over("fft2", [-2, -1], complex(false));
/** The inverse of {@link fft2}. @see torch.fft.ifft2 */
export const ifft2: Fftn = over("ifft2", [-2, -1], complex(true));
/** Half the spectrum of real input along two dimensions. @see torch.fft.rfft2 */
export const rfft2: Fftn = over("rfft2", [-2, -1], real("rfftn"));
/** The inverse of {@link rfft2}. @see torch.fft.irfft2 */
export const irfft2: Fftn = over("irfft2", [-2, -1], inverseReal);
/** The transform along `dim`, by default all dimensions. @see torch.fft.fftn */
export const fftn: Fftn = over("fftn", null, complex(false));
/** The inverse of {@link fftn}. @see torch.fft.ifftn */
export const ifftn: Fftn = over("ifftn", null, complex(true));
/** Half the spectrum of real input along `dim`. @see torch.fft.rfftn */
export const rfftn: Fftn = over("rfftn", null, real("rfftn"));
/** The inverse of {@link rfftn}. @see torch.fft.irfftn */
export const irfftn: Fftn = over("irfftn", null, inverseReal);

type Shift = (input: Tensor, dim?: number | readonly number[] | null | { dim?: number | readonly number[] | null }) => Tensor;

function shift(name: string, by: (n: number) => number): Shift {
  const bind = signature(`fft.${name}`, { dim: null });
  return castAsWhole(`fft.${name}`, (input: Tensor, ...args: readonly unknown[]) => {
    const { dim } = bind(args.filter((a) => a !== undefined)) as { dim: number | readonly number[] | null };
    const dims = dim === null ? input.shape.map((_, i) => i) : typeof dim === "number" ? [dim] : dim;
    return input.roll(
      dims.map((d) => by(input.shape[wrapDim(d, input.ndim)]!)),
      [...dims],
    );
  });
}

/** Moves the zero frequency to the middle. @see torch.fft.fftshift */
export const fftshift: Shift = shift("fftshift", (n) => Math.floor(n / 2));
/** The inverse of {@link fftshift}. @see torch.fft.ifftshift */
export const ifftshift: Shift = shift("ifftshift", (n) => Math.floor((n + 1) / 2));

const bindFreq = signature("fft.fftfreq", { d: 1 });
const splitFactory = (args: readonly unknown[]): readonly [number, FactoryOptions] => {
  const last = args[args.length - 1];
  const { d, ...options } = (typeof last === "object" && last !== null ? last : {}) as FactoryOptions & { d?: number };
  return [d ?? (bindFreq(args.filter((a) => typeof a === "number")).d as number), options];
};

/** Frequencies of the points of {@link fft} of `n` samples `d` apart. @see torch.fft.fftfreq */
export function fftfreq(n: number, ...args: readonly unknown[]): Tensor {
  const [d, options] = splitFactory(args);
  // 0, 1, ... up to the middle, then the negative ones.
  const points = arange(0, n, { dtype: "float32", ...options });
  const negative = points.ge(Math.floor((n + 1) / 2));
  return points.sub(negative.to(points.dtype).mul(n)).div(n * d);
}

/** Frequencies of the points of {@link rfft}. @see torch.fft.rfftfreq */
export function rfftfreq(n: number, ...args: readonly unknown[]): Tensor {
  const [d, options] = splitFactory(args);
  return arange(0, Math.floor(n / 2) + 1, { dtype: "float32", ...options }).div(n * d);
}
