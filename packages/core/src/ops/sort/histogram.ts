import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { toDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isFloatingPoint, isIntegral } from "../../tensor/dtype.ts";
import { type NamedTuple, namedTuple } from "../../tensor/named-tuple.ts";
import { type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "../factory/arange.ts";
import { linspace } from "../factory/linspace.ts";

const bindBincount = signature("bincount", { weights: null, minlength: 0 });

/** How often each of 0, 1, 2, ... occurs in a vector of non-negative integers; with `weights`, their sums. @throws {ShapeError} @see torch.bincount */
export function bincount(
  self: Tensor,
  weights?: Tensor | null | { weights?: Tensor | null; minlength?: number },
  minlength?: number | { minlength?: number },
  ...extra: never[]
): Tensor {
  const given = bindBincount(givenArguments([weights, minlength, ...extra])) as {
    weights: Tensor | null;
    minlength: number;
  };
  if (given.minlength < 0) throw new ShapeError("minlength should be >= 0");
  if (!isIntegral(self.dtype, false)) throw new DTypeError(`"bincount_cpu" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
  const bad = "bincount only supports 1-d non-negative integral inputs.";
  if (self.ndim !== 1 && self.count > 0) throw new ShapeError(bad);
  const values = toDoubles(self.cpu());
  if (values.some((v) => v < 0)) throw new ShapeError(bad);
  if (given.weights !== null && (given.weights.ndim !== 1 || given.weights.count !== self.count)) {
    throw new ShapeError("weights should be 1-d and have the same length as input");
  }
  const size = values.reduce((most, v) => Math.max(most, v + 1), given.minlength);
  const out = new Float64Array(size);
  const weight = given.weights === null ? null : toDoubles(given.weights.detach().cpu());
  values.forEach((v, i) => {
    out[v]! += weight === null ? 1 : weight[i]!;
  });
  const dtype = given.weights === null ? "int64" : given.weights.dtype === "float32" ? "float32" : "float64";
  return fromNumbers(out, [size], dtype, { device: self.device });
}

/** The ends of a histogram: those given, or the data's where both are equal. @throws {ShapeError} in PyTorch's words */
function ends(name: string, values: Float64Array, min: number, max: number, margin: number): [number, number] {
  let [low, high] = [min, max];
  if (low === high && values.length > 0) {
    low = values.reduce((a, b) => (b < a || Number.isNaN(b) ? b : a), Number.POSITIVE_INFINITY);
    high = values.reduce((a, b) => (b > a || Number.isNaN(b) ? b : a), Number.NEGATIVE_INFINITY);
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) {
    const text = (v: number): string =>
      Number.isNaN(v) ? "nan" : v === Number.POSITIVE_INFINITY ? "inf" : v === Number.NEGATIVE_INFINITY ? "-inf" : String(v);
    throw new ShapeError(`${name}: range of [${text(low)}, ${text(high)}] is not finite`);
  }
  if (low > high) throw new ShapeError(`${name}: max must be larger than min`);
  return low === high ? [low - margin, high + margin] : [low, high];
}

const bindHistc = signature("histc", { bins: 100, min: 0, max: 0 });
export interface HistcOptions {
  /** Default 100. */
  bins?: number;
  /** Default 0; with `max` also 0: the data's own. */
  min?: Scalar;
  max?: Scalar;
}

/** How many elements fall into each of `bins` equal intervals between `min` and `max` (the data's own when both are 0). @throws {ShapeError} @see torch.histc */
export function histc(
  self: Tensor,
  bins?: number | HistcOptions,
  min?: Scalar | HistcOptions,
  max?: Scalar | HistcOptions,
  ...extra: never[]
): Tensor {
  const given = bindHistc(givenArguments([bins, min, max, ...extra])) as { bins: number; min: Scalar; max: Scalar };
  if (!isFloatingPoint(self.dtype)) throw new DTypeError(`"histogram_cpu" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
  if (given.bins <= 0) throw new ShapeError(`torch.histogram(): bins must be > 0, but got ${given.bins} for dimension 0`);
  const values = toDoubles(self.detach().cpu());
  const [low, high] = ends("torch.histc", values, scalarNumber(given.min), scalarNumber(given.max), 1);
  const out = new Float64Array(given.bins);
  for (const value of values) {
    if (!(value >= low && value <= high)) continue;
    const at = Math.floor(((value - low) * given.bins) / (high - low));
    out[Math.min(at, given.bins - 1)]!++;
  }
  return fromNumbers(out, [given.bins], self.dtype, { device: self.device });
}

const bindHistogram = signature("histogram", { bins: required, range: null, weight: null, density: false });
export interface HistogramOptions {
  /** The ends. Default: the data's own. */
  range?: readonly number[] | null;
  /** How much each element counts. */
  weight?: Tensor | null;
  /** Scale so that the integral is 1. Default false. */
  density?: boolean;
}

/** How many elements fall into intervals, `bins` equal ones or between given edges: `{ hist, binEdges }`. @throws {ShapeError} @see torch.histogram */
export function histogram(
  self: Tensor,
  bins: number | Tensor | (HistogramOptions & { bins: number | Tensor }),
  options?: HistogramOptions,
  ...extra: never[]
): NamedTuple<"hist" | "binEdges", Tensor> {
  const given = bindHistogram(givenArguments([bins, options, ...extra])) as {
    bins: number | Tensor;
  } & Required<HistogramOptions>;
  if (!isFloatingPoint(self.dtype)) throw new DTypeError(`"histogram_cpu" not implemented for '${dtypeInfo[self.dtype].scalarType}'`);
  const values = toDoubles(self.detach().cpu());
  let edges: Tensor;
  if (given.bins instanceof Tensor) {
    if (given.bins.dtype !== self.dtype)
      throw new DTypeError("torch.histogram(): input tensor and bins tensors should have the same dtype");
    edges = given.bins.detach().clone();
  } else {
    if (given.bins <= 0) throw new ShapeError(`torch.histogram(): bins must be > 0, but got ${given.bins} for dimension 0`);
    const [low, high] =
      given.range === null
        ? ends("torch.histogram", values.length === 0 ? Float64Array.of(0, 1) : values, 0, 0, 0.5)
        : ends("torch.histogram()", values, given.range[0]!, given.range[1]!, 0.5);
    edges = linspace(low, high, given.bins + 1, { dtype: self.dtype });
  }
  const bounds = toDoubles(edges);
  const count = bounds.length - 1;
  const weights = given.weight === null ? null : toDoubles(given.weight.detach().cpu());
  const out = new Float64Array(count);
  values.forEach((value, i) => {
    if (!(value >= bounds[0]! && value <= bounds[count]!)) return;
    let at = 0;
    while (at < count - 1 && value >= bounds[at + 1]!) at++;
    out[at]! += weights === null ? 1 : weights[i]!;
  });
  if (given.density) {
    const total = out.reduce((a, b) => a + b, 0);
    for (let i = 0; i < count; i++) out[i]! /= total * (bounds[i + 1]! - bounds[i]!);
  }
  return namedTuple<"hist" | "binEdges", Tensor>(
    ["hist", "binEdges"],
    [fromNumbers(out, [count], self.dtype, { device: self.device }), edges.to(self.device)],
  );
}
