import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { isIntegral } from "../../tensor/dtype.ts";
import { isScalar, type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { cat } from "../view/cat.ts";
import { sliceAlong } from "../view/slice.ts";
import { cumsum } from "./cumulative.ts";

export interface DiffOptions {
  /** How many times. Default 1. */
  n?: number;
  /** Default: the last. */
  dim?: number;
  /** Goes before the input along `dim`. */
  prepend?: Tensor | null;
  /** Goes after the input along `dim`. */
  append?: Tensor | null;
}

const bindDiff = signature("diff", { n: 1, dim: -1, prepend: null, append: null });

/** Differences of neighbours along `dim`, `n` times. @throws {ShapeError} @see torch.diff */
export function diff(
  self: Tensor,
  n?: number | DiffOptions,
  dim?: number | DiffOptions,
  prepend?: Tensor | null | DiffOptions,
  append?: Tensor | null,
  ...extra: never[]
): Tensor {
  const given = bindDiff(givenArguments([n, dim, prepend, append, ...extra])) as Required<DiffOptions>;
  if (self.ndim === 0) throw new ShapeError("diff expects input to be at least one-dimensional");
  const d = wrapDim(given.dim, self.ndim);
  if (given.n < 0) throw new ShapeError(`order must be non-negative but got ${given.n}`);
  for (const extra of [given.prepend, given.append]) {
    if (extra === null) continue;
    if (extra.ndim !== self.ndim) throw new ShapeError("diff expects prepend or append to be the same dimension as input");
    extra.shape.forEach((size, i) => {
      if (i !== d && size !== self.shape[i]) {
        throw new ShapeError(
          `diff expects the shape of tensor to prepend or append to match that of input except along the differencing dimension; input.size(${i}) = ${self.shape[i]}, but got tensor.size(${i}) = ${size}`,
        );
      }
    });
  }
  const parts = [given.prepend, self, given.append].filter((t): t is Tensor => t !== null);
  let out = parts.length === 1 ? self : cat(parts, d);
  if (given.n === 0) return self.clone();
  for (let i = 0; i < Math.min(given.n, out.shape[d]! + i); i++) {
    const size = out.shape[d]!;
    if (size === 0) break;
    const later = sliceAlong(out, d, 1, size);
    const earlier = sliceAlong(out, d, 0, size - 1);
    out = out.dtype === "bool" ? later.logicalXor(earlier) : later.sub(earlier);
  }
  return out;
}

type Spacing = Scalar | Tensor | readonly (Scalar | Tensor)[];
export interface GradientOptions {
  /** Distance between samples: a number for all dimensions, or numbers or coordinates for each. Default 1. */
  spacing?: Spacing | null;
  /** Dimensions. Default: all. */
  dim?: number | readonly number[] | null;
  /** 1 or 2: how well the ends are estimated. Default 1. */
  edgeOrder?: number;
}
const bindGradient = signature("gradient", { spacing: null, dim: null, edgeOrder: 1 });

/** Numerical derivatives along dimensions, by central differences, one tensor for each. @throws {ShapeError} @see torch.gradient */
export function gradient(self: Tensor, options: GradientOptions = {}, ...extra: never[]): Tensor[] {
  const { spacing, dim, edgeOrder } = bindGradient(givenArguments([options, ...extra])) as {
    spacing: Spacing | null;
    dim: number | readonly number[] | null;
    edgeOrder: number;
  };
  const dims = dim === null ? self.shape.map((_, i) => i) : typeof dim === "number" ? [dim] : [...dim];
  if (edgeOrder !== 1 && edgeOrder !== 2) throw new ShapeError("torch.gradient only supports edge_order=1 and edge_order=2.");
  const wrapped = dims.map((d) => wrapDim(d, self.ndim));
  for (const d of wrapped) {
    if (self.shape[d]! < edgeOrder + 1) throw new ShapeError("torch.gradient expected each dimension size to be at least edge_order+1");
  }
  const steps: readonly (Scalar | Tensor)[] =
    spacing === null || isScalar(spacing) ? wrapped.map(() => spacing ?? 1) : spacing instanceof Tensor ? [spacing] : spacing;
  if (steps.length !== wrapped.length) {
    throw new ShapeError(
      `torch.gradient expected spacing to be unspecified, a scalar or a list of length ${wrapped.length} but got a list of length ${steps.length}`,
    );
  }
  return wrapped.map((d, i) => {
    const step = steps[i]!;
    return isScalar(step) ? evenGradient(self, d, scalarNumber(step), edgeOrder) : unevenGradient(self, d, step, edgeOrder);
  });
}

/** Samples at equal distances. */
function evenGradient(self: Tensor, dim: number, step: number, edgeOrder: number): Tensor {
  const n = self.shape[dim]!;
  const at = (start: number, length = 1): Tensor => sliceAlong(self, dim, start, start + length);
  const centre = at(2, n - 2)
    .sub(at(0, n - 2))
    .div(2 * step);
  if (edgeOrder === 1)
    return cat(
      [
        at(1).sub(at(0)).div(step),
        centre,
        at(n - 1)
          .sub(at(n - 2))
          .div(step),
      ],
      dim,
    );
  const first = at(0).mul(-1.5).add(at(1).mul(2)).add(at(2).mul(-0.5)).div(step);
  const last = at(n - 1)
    .mul(1.5)
    .add(at(n - 2).mul(-2))
    .add(at(n - 3).mul(0.5))
    .div(step);
  return cat([first, centre, last], dim);
}

/** Samples at given coordinates. */
function unevenGradient(self: Tensor, dim: number, coordinates: Tensor, edgeOrder: number): Tensor {
  const n = self.shape[dim]!;
  const at = (start: number, length = 1): Tensor => sliceAlong(self, dim, start, start + length);
  const shape = self.shape.map((_, i) => (i === dim ? -1 : 1));
  const spans = coordinates.narrow(0, 1, n - 1).sub(coordinates.narrow(0, 0, n - 1));
  const span = (start: number, length = 1): Tensor => spans.narrow(0, start, length).reshape(shape);
  const [left, right] = [span(0, n - 2), span(1, n - 2)];
  const a = right.neg().div(left.mul(left.add(right)));
  const b = right.sub(left).div(left.mul(right));
  const c = left.div(right.mul(left.add(right)));
  const centre = a
    .mul(at(0, n - 2))
    .add(b.mul(at(1, n - 2)))
    .add(c.mul(at(2, n - 2)));
  const ends = (x0: number, x1: number, x2: number, d0: Tensor, d1: Tensor, sign: number): Tensor => {
    const both = d0.add(d1);
    const w0 = d0.mul(2).add(d1).neg().div(d0.mul(both));
    const w1 = both.div(d0.mul(d1));
    const w2 = d0.neg().div(d1.mul(both));
    return w0
      .mul(at(x0))
      .add(w1.mul(at(x1)))
      .add(w2.mul(at(x2)))
      .mul(sign);
  };
  if (edgeOrder === 1) {
    return cat(
      [
        at(1).sub(at(0)).div(span(0)),
        centre,
        at(n - 1)
          .sub(at(n - 2))
          .div(span(n - 2)),
      ],
      dim,
    );
  }
  return cat([ends(0, 1, 2, span(0), span(1), 1), centre, ends(n - 1, n - 2, n - 3, span(n - 2), span(n - 3), -1)], dim);
}

export interface TrapezoidOptions {
  /** Coordinates of the samples. */
  x?: Tensor | null;
  /** Distance between samples. Default 1. */
  dx?: number;
  /** Default: the last. */
  dim?: number;
}
export type Trapezoid = (y: Tensor, x?: Tensor | TrapezoidOptions, options?: TrapezoidOptions) => Tensor;
const bindTrapezoid = signature("trapezoid", { y: required, x: null, dx: 1, dim: -1 });

/** The areas of the strips between neighbouring samples, twice over, and the dimension. */
function strips(args: readonly unknown[], name: string): { areas: Tensor; dim: number } {
  const { y, x, dx, dim } = bindTrapezoid(givenArguments(args)) as {
    y: Tensor;
    x: Tensor | Scalar | null;
    dx: Scalar;
    dim: number;
  };
  if (y.dtype === "bool") throw new DTypeError(`${name}: received a bool input for \`y\`, but bool is not supported`);
  if (y.ndim === 0) return { areas: y.mul(0).reshape([1]), dim: 0 };
  const d = wrapDim(dim, y.ndim);
  const n = y.shape[d]!;
  const later = sliceAlong(y, d, 1, n);
  const earlier = sliceAlong(y, d, 0, Math.max(n - 1, 0));
  const heights = later.add(earlier);
  if (!(x instanceof Tensor)) return { areas: heights.mul(scalarNumber(x ?? dx)), dim: d };
  if (x.dtype === "bool") throw new DTypeError(`${name}: received a bool input for \`x\`, but bool is not supported`);
  if (x.ndim === 1) {
    if (x.shape[0] !== n) throw new ShapeError(`${name}: There must be one \`x\` value for each sample point`);
    const widths = diff(x).reshape(y.shape.map((_, i) => (i === d ? -1 : 1)));
    return { areas: heights.mul(widths), dim: d };
  }
  const wide = x.ndim < y.ndim ? x.reshape([...new Array<number>(y.ndim - x.ndim).fill(1), ...x.shape]) : x;
  const at = d + wide.ndim - y.ndim;
  const size = wide.shape[at]!;
  if (size === 0) throw new ShapeError(`${name}: x ${formatShape(x.shape)} has no samples`);
  const widths = sliceAlong(wide, at, 1, size).sub(sliceAlong(wide, at, 0, size - 1));
  return { areas: heights.mul(widths), dim: d - y.ndim };
}

/** A float result: integers give the default dtype. */
const half = (t: Tensor): Tensor => (isIntegral(t.dtype) ? t.div(2) : t.mul(0.5));

/** The integral of samples along `dim` by the trapezoidal rule, at distance `dx` or coordinates `x`. @throws {ShapeError} @see torch.trapezoid */
export const trapezoid: Trapezoid = (...args) => {
  const { areas, dim } = strips(args, "trapezoid");
  return half(areas.sum(dim));
};
/** Alias of `trapezoid`. @see torch.trapz */
export const trapz: Trapezoid = trapezoid;
/** Running `trapezoid`: the integral up to each sample but the first. @throws {ShapeError} @see torch.cumulative_trapezoid */
export const cumulativeTrapezoid: Trapezoid = (...args) => {
  const { areas, dim } = strips(args, "cumulative_trapezoid");
  return half(cumsum(areas, dim));
};
