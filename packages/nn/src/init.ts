import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import { isInitializationSkipped } from "./initialization.ts";

/** Nonlinearities that {@link calculateGain} knows. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

type Fan = "fan_in" | "fan_out";

/**
 * The factor by which weights before a nonlinearity should be larger: 1, sqrt(2) for relu, 5/3 for tanh ...
 * @param param the negative slope of leaky_relu (default 0.01) @throws {TensorError} for an unknown name @see torch.nn.init.calculate_gain
 */
export function calculateGain(nonlinearity: Nonlinearity, param: number | null = null): number {
  if (/^(linear|conv(_transpose)?[123]d|sigmoid)$/.test(nonlinearity)) return 1;
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leaky_relu") {
    if (param !== null && typeof param !== "number") throw new TensorError(`negative_slope ${String(param)} not a valid number`);
    return Math.sqrt(2 / (1 + (param ?? 0.01) ** 2));
  }
  if (nonlinearity === "selu") return 3 / 4;
  throw new TensorError(`Unsupported nonlinearity ${String(nonlinearity)}`);
}

const quietly = (tensor: Tensor, write: () => void): Tensor => {
  if (!isInitializationSkipped()) noGrad(write);
  return tensor;
};

const bindUniform = signature("uniform_", { a: 0, b: 1, generator: null });
/** Fills with numbers uniform on [a, b), default [0, 1). @see torch.nn.init.uniform_ */
export function uniform_(
  tensor: Tensor,
  ...args: [a?: number | UniformOptions, b?: number | UniformOptions, options?: UniformOptions]
): Tensor {
  const { a, b, generator } = bindUniform(args);
  return quietly(tensor, () => tensor.uniform_(a, b, { generator }));
}
export interface UniformOptions {
  a?: number;
  b?: number;
  generator?: unknown;
}

const bindNormal = signature("normal_", { mean: 0, std: 1, generator: null });
export interface NormalOptions {
  mean?: number;
  std?: number;
  generator?: unknown;
}
/** Fills with normally distributed numbers, by default of mean 0 and deviation 1. @see torch.nn.init.normal_ */
export function normal_(
  tensor: Tensor,
  ...args: [mean?: number | NormalOptions, std?: number | NormalOptions, options?: NormalOptions]
): Tensor {
  const { mean, std, generator } = bindNormal(args);
  return quietly(tensor, () => tensor.normal_(mean, std, { generator }));
}

const bindTruncNormal = signature("truncNormal_", { mean: 0, std: 1, a: -2, b: 2 });
export interface TruncNormalOptions extends NormalOptions {
  a?: number;
  b?: number;
}
/** Fills with normally distributed numbers cut to [a, b], by inversion of the distribution function. @see torch.nn.init.trunc_normal_ */
export function truncNormal_(tensor: Tensor, ...args: (number | TruncNormalOptions)[]): Tensor {
  const { mean, std, a, b } = bindTruncNormal(args);
  const erf = (x: number): number => torch.tensor(x, { dtype: "float64" }).erf().item() as number;
  const below = (x: number): number => (1 + erf(x / Math.SQRT2)) / 2;
  const low = below((a - mean) / std);
  const high = below((b - mean) / std);
  return quietly(tensor, () => {
    tensor.uniform_(2 * low - 1, 2 * high - 1);
    tensor.erfinv_();
    tensor.mul_(std * Math.SQRT2);
    tensor.add_(mean);
    tensor.clamp_({ min: a, max: b });
  });
}

/** Fills with one value. @see torch.nn.init.constant_ */
export const constant_ = (tensor: Tensor, val: number | { val: number }): Tensor =>
  quietly(tensor, () => tensor.fill_(typeof val === "number" ? val : val.val));
/** Fills with ones. @see torch.nn.init.ones_ */
export const ones_ = (tensor: Tensor): Tensor => constant_(tensor, 1);
/** Fills with zeros. @see torch.nn.init.zeros_ */
export const zeros_ = (tensor: Tensor): Tensor => constant_(tensor, 0);

/** Ones on the diagonal of a matrix, zeros elsewhere. @throws {ShapeError} unless 2-dimensional @see torch.nn.init.eye_ */
export function eye_(tensor: Tensor): Tensor {
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
  return quietly(tensor, () => {
    tensor.zero_();
    for (let i = 0; i < Math.min(tensor.shape[0]!, tensor.shape[1]!); i++) tensor.at(i, i).fill_(1);
  });
}

/**
 * A convolution's weight that passes its input channels on unchanged, as many as there are.
 * @throws {ShapeError} unless 3- to 5-dimensional with channels divisible by `groups` @see torch.nn.init.dirac_
 */
export function dirac_(tensor: Tensor, groups: number | { groups?: number } = 1): Tensor {
  const parts = typeof groups === "number" ? groups : (groups.groups ?? 1);
  const { shape } = tensor;
  if (shape.length < 3 || shape.length > 5) throw new ShapeError("Only tensors with 3, 4, or 5 dimensions are supported");
  if (shape[0]! % parts !== 0) throw new ShapeError("dim 0 must be divisible by groups");
  const perGroup = shape[0]! / parts;
  const centre = shape.slice(2).map((n) => Math.floor(n / 2));
  return quietly(tensor, () => {
    tensor.zero_();
    for (let g = 0; g < parts; g++) {
      for (let d = 0; d < Math.min(perGroup, shape[1]!); d++) tensor.at(g * perGroup + d, d, ...centre).fill_(1);
    }
  });
}

/** Inputs and outputs of one unit of a weight [out, in, ...]. @throws {ShapeError} below two dimensions */
export function calculateFanInAndFanOut(tensor: Tensor): [fanIn: number, fanOut: number] {
  if (tensor.ndim < 2) throw new ShapeError("Fan in and fan out can not be computed for tensor with fewer than 2 dimensions");
  const field = tensor.shape.slice(2).reduce((a, b) => a * b, 1);
  return [tensor.shape[1]! * field, tensor.shape[0]! * field];
}

const gainOf = (gain: number | { gain?: number }): number => (typeof gain === "number" ? gain : (gain.gain ?? 1));

/** Uniform on [-a, a] with a = gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio, 2010). @throws {ShapeError} @see torch.nn.init.xavier_uniform_ */
export function xavierUniform_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  const bound = Math.sqrt(3) * gainOf(gain) * Math.sqrt(2 / (fanIn + fanOut));
  return quietly(tensor, () => tensor.uniform_(-bound, bound));
}
/** Normal with deviation gain * sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio, 2010). @throws {ShapeError} @see torch.nn.init.xavier_normal_ */
export function xavierNormal_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  const std = gainOf(gain) * Math.sqrt(2 / (fanIn + fanOut));
  return quietly(tensor, () => tensor.normal_(0, std));
}

export interface KaimingOptions {
  /** Negative slope of the leaky_relu that follows. Default 0. */
  a?: number;
  /** Which passes keep their size: the forward ("fan_in", default) or the backward one ("fan_out"). */
  mode?: Fan;
  /** Default "leaky_relu". */
  nonlinearity?: Nonlinearity;
}

const bindKaiming = (name: string) => signature(name, { a: 0, mode: "fan_in", nonlinearity: "leaky_relu", generator: null });
const bindKaimingUniform = bindKaiming("kaimingUniform_");
const bindKaimingNormal = bindKaiming("kaimingNormal_");

/** Deviation that keeps the size of what passes: gain / sqrt(fan). */
function kaimingStd(tensor: Tensor, { a, mode, nonlinearity }: Required<KaimingOptions>): number {
  const chosen = mode.toLowerCase();
  if (chosen !== "fan_in" && chosen !== "fan_out") {
    throw new TensorError(`Mode ${mode} not supported, please use one of ['fan_in', 'fan_out']`);
  }
  const [fanIn, fanOut] = calculateFanInAndFanOut(tensor);
  return calculateGain(nonlinearity, a) / Math.sqrt(chosen === "fan_in" ? fanIn : fanOut);
}

type KaimingArguments = [
  a?: number | KaimingOptions,
  mode?: Fan | KaimingOptions,
  nonlinearity?: Nonlinearity | KaimingOptions,
  options?: KaimingOptions,
];

/** Uniform with bound gain * sqrt(3 / fan) (He et al., 2015). @throws {ShapeError} @throws {TensorError} @see torch.nn.init.kaiming_uniform_ */
export function kaimingUniform_(tensor: Tensor, ...args: KaimingArguments): Tensor {
  const bound = bindKaimingUniform(args);
  if (tensor.shape.includes(0)) return tensor;
  const limit = Math.sqrt(3) * kaimingStd(tensor, bound);
  return quietly(tensor, () => tensor.uniform_(-limit, limit));
}
/** Normal with deviation gain / sqrt(fan) (He et al., 2015). @throws {ShapeError} @throws {TensorError} @see torch.nn.init.kaiming_normal_ */
export function kaimingNormal_(tensor: Tensor, ...args: KaimingArguments): Tensor {
  const bound = bindKaimingNormal(args);
  if (tensor.shape.includes(0)) return tensor;
  const std = kaimingStd(tensor, bound);
  return quietly(tensor, () => tensor.normal_(0, std));
}

/** Rows (or columns, where fewer) orthogonal and of length `gain` (Saxe et al., 2013). @throws {ShapeError} below two dimensions @see torch.nn.init.orthogonal_ */
export function orthogonal_(tensor: Tensor, gain: number | { gain?: number } = 1): Tensor {
  if (tensor.ndim < 2) throw new ShapeError("Only tensors with 2 or more dimensions are supported");
  if (tensor.count === 0) return tensor;
  const rows = tensor.shape[0]!;
  const cols = tensor.count / rows;
  return quietly(tensor, () => {
    let flat = torch.empty(rows, cols, { dtype: tensor.dtype, device: tensor.device }).normal_(0, 1);
    if (rows < cols) flat = flat.t();
    const [q, r] = torch.linalg.qr(flat);
    // The signs of R's diagonal make the distribution uniform (arXiv math-ph/0609050).
    let signed = q.mul(r.diagonal().sign());
    if (rows < cols) signed = signed.t();
    tensor.copy_(signed.reshape(tensor.shape));
    tensor.mul_(gainOf(gain));
  });
}

const bindSparse = signature("sparse_", { sparsity: null, std: 0.01 });
export interface SparseOptions {
  sparsity?: number;
  std?: number;
}
/** Normal numbers, a fraction `sparsity` of each column set to zero (Martens, 2010). @throws {ShapeError} unless 2-dimensional @see torch.nn.init.sparse_ */
export function sparse_(
  tensor: Tensor,
  ...args: [sparsity: number | SparseOptions, std?: number | SparseOptions, options?: SparseOptions]
): Tensor {
  const { sparsity, std } = bindSparse(args);
  if (tensor.ndim !== 2) throw new ShapeError("Only tensors with 2 dimensions are supported");
  const [rows, cols] = tensor.shape as [number, number];
  const zeros = Math.ceil(sparsity * rows);
  return quietly(tensor, () => {
    tensor.normal_(0, std);
    for (let column = 0; column < cols; column++) {
      const order = torch.randperm(rows).tolist() as number[];
      for (const row of order.slice(0, zeros)) tensor.at(row, column).fill_(0);
    }
  });
}

/** An older name of a function that changes its argument. */
function olderName<F extends (...args: never[]) => Tensor>(name: string, newer: F): F {
  return ((...args: Parameters<F>) => {
    console.warn(`nn.init.${name} is now deprecated in favor of nn.init.${name}_.`);
    return newer(...args);
  }) as F;
}
/** @deprecated use {@link uniform_} */
export const uniform: typeof uniform_ = olderName("uniform", uniform_);
/** @deprecated use {@link normal_} */
export const normal: typeof normal_ = olderName("normal", normal_);
/** @deprecated use {@link constant_} */
export const constant: typeof constant_ = olderName("constant", constant_);
/** @deprecated use {@link eye_} */
export const eye: typeof eye_ = olderName("eye", eye_);
/** @deprecated use {@link dirac_} */
export const dirac: typeof dirac_ = olderName("dirac", dirac_);
/** @deprecated use {@link xavierUniform_} */
export const xavierUniform: typeof xavierUniform_ = olderName("xavier_uniform", xavierUniform_);
/** @deprecated use {@link xavierNormal_} */
export const xavierNormal: typeof xavierNormal_ = olderName("xavier_normal", xavierNormal_);
/** @deprecated use {@link kaimingUniform_} */
export const kaimingUniform: typeof kaimingUniform_ = olderName("kaiming_uniform", kaimingUniform_);
/** @deprecated use {@link kaimingNormal_} */
export const kaimingNormal: typeof kaimingNormal_ = olderName("kaiming_normal", kaimingNormal_);
/** @deprecated use {@link orthogonal_} */
export const orthogonal: typeof orthogonal_ = olderName("orthogonal", orthogonal_);
/** @deprecated use {@link sparse_} */
export const sparse: typeof sparse_ = olderName("sparse", sparse_);
