import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { IndexError, isTensor, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { normalize } from "../functional/distance.ts";
import { Module } from "../module/module.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../modules/conv.ts";
import { registerParametrization } from "./parametrize.ts";

/** A weight as a matrix whose rows are along `dim`. */
export const asMatrix = (weight: Tensor, dim: number): Tensor => {
  const others = weight.shape.map((_, d) => d).filter((d) => d !== dim);
  return (dim === 0 ? weight : weight.permute([dim, ...others])).flatten(1);
};

/** Whether a module's outputs lie along its weight's second dimension. */
export const outputDim = (module: Module): number =>
  module instanceof ConvTranspose1d || module instanceof ConvTranspose2d || module instanceof ConvTranspose3d ? 1 : 0;

/** Norms along all dimensions but `dim` (-1: one norm of all), which stay with size 1. */
export function normExceptDim(v: Tensor, dim: number): Tensor {
  if (dim === -1) return v.norm(2);
  const others = v.shape.map((_, d) => d).filter((d) => d !== (dim < 0 ? dim + v.ndim : dim));
  return v.norm(2, others, true);
}

/** Divides a weight by its largest singular value, found by power iteration (Miyato et al., 2018). */
class _SpectralNorm extends Module {
  private readonly dim: number;
  private readonly eps: number;
  private readonly iterations: number;
  _u!: Tensor;
  _v!: Tensor;

  constructor(weight: Tensor, iterations: number, dim: number, eps: number) {
    super();
    const { ndim } = weight;
    if (dim >= ndim || dim < -ndim) {
      throw new IndexError(`Dimension out of range (expected to be in range of [-${ndim}, ${ndim - 1}] but got ${dim})`);
    }
    if (iterations <= 0) {
      throw new TensorError(`Expected n_power_iterations to be positive, but got n_power_iterations=${iterations}`);
    }
    this.dim = dim >= 0 ? dim : dim + ndim;
    this.eps = eps;
    this.iterations = iterations;
    if (ndim <= 1) return;
    const matrix = asMatrix(weight.detach(), this.dim);
    const drawn = (n: number): Tensor =>
      normalize(torch.empty([n], { dtype: weight.dtype, device: weight.device }).normal_(0, 1), { dim: 0, eps });
    const u = drawn(matrix.shape[0]!);
    const v = drawn(matrix.shape[1]!);
    this.registerBuffer("_u", u);
    this.registerBuffer("_v", v);
    this.iterate(matrix, 15);
  }

  private iterate(matrix: Tensor, times: number): void {
    const { eps } = this;
    noGrad(() => {
      for (let i = 0; i < times; i++) {
        this._u.copy_(normalize(torch.mv(matrix, this._v), { dim: 0, eps }));
        this._v.copy_(normalize(torch.mv(matrix.t(), this._u), { dim: 0, eps }));
      }
    });
  }

  override forward(weight: Tensor): Tensor {
    if (weight.ndim === 1) return normalize(weight, { dim: 0, eps: this.eps });
    const matrix = asMatrix(weight, this.dim);
    if (this.training) this.iterate(matrix.detach(), this.iterations);
    const sigma = torch.dot(this._u.clone(), torch.mv(matrix, this._v.clone()));
    return weight.div(sigma);
  }

  rightInverse(value: Tensor): Tensor {
    return value;
  }
}

export interface SpectralNormOptions {
  /** Default "weight". */
  name?: string;
  /** Steps of power iteration at every use in training. Default 1. */
  nPowerIterations?: number;
  eps?: number;
  /** Dimension of the outputs. Default 0, for transposed convolutions 1. */
  dim?: number | null;
}

function tensorNamed(module: Module, name: string): Tensor {
  const value = (module as unknown as Record<string, unknown>)[name];
  if (!isTensor(value)) throw new TensorError(`Module '${String(module)}' has no parameter or buffer with name '${name}'`);
  return value;
}

/** Keeps the largest singular value of a weight at 1 (Miyato et al., 2018). @throws {TensorError} @see torch.nn.utils.parametrizations.spectral_norm */
export function spectralNorm<M extends Module>(
  module: M,
  name: string | SpectralNormOptions = "weight",
  options: SpectralNormOptions = {},
): M {
  const { name: field = "weight", nPowerIterations = 1, eps = 1e-12, dim = null } = typeof name === "string" ? { ...options, name } : name;
  const weight = tensorNamed(module, field);
  return registerParametrization(module, field, new _SpectralNorm(weight, nPowerIterations, dim ?? outputDim(module), eps));
}

/** Direction and length of a weight apart (Salimans and Kingma, 2016). */
class _WeightNorm extends Module {
  private readonly dim: number;
  constructor(dim: number) {
    super();
    this.dim = dim;
  }
  override forward(g: Tensor, v: Tensor): Tensor {
    return v.mul(g.div(normExceptDim(v, this.dim)));
  }
  rightInverse(weight: Tensor): readonly Tensor[] {
    return [normExceptDim(weight, this.dim), weight];
  }
}

export interface WeightNormOptions {
  /** Default "weight". */
  name?: string;
  /** Dimension along which lengths differ; null for one length. Default 0. */
  dim?: number | null;
}
/** Learns direction and length of a weight apart (Salimans and Kingma, 2016). @throws {TensorError} @see torch.nn.utils.parametrizations.weight_norm */
export function weightNorm<M extends Module>(module: M, name: string | WeightNormOptions = "weight", options: WeightNormOptions = {}): M {
  const { name: field = "weight", dim = 0 } = typeof name === "string" ? { ...options, name } : name;
  tensorNamed(module, field);
  return registerParametrization(module, field, new _WeightNorm(dim ?? -1), { unsafe: true });
}

/** Matrices with orthonormal columns (or rows, where fewer), by the exponential or Cayley map of skew-symmetric ones. */
class _Orthogonal extends Module {
  private readonly shape: readonly number[];
  private readonly map: "matrix_exp" | "cayley";
  base!: Tensor | null;

  constructor(weight: Tensor, map: "matrix_exp" | "cayley") {
    super();
    this.shape = weight.shape;
    this.map = map;
    this.registerBuffer("base", null);
  }

  override forward(given: Tensor): Tensor {
    const transposed = given.shape.at(-2)! < given.shape.at(-1)!;
    let x = (transposed ? given.mT : given).tril();
    const [n, k] = x.shape.slice(-2) as [number, number];
    if (n !== k) x = torch.cat([x, torch.zeros([...x.shape.slice(0, -2), n, n - k], { dtype: x.dtype })], -1);
    const a = x.sub(x.mT);
    let q: Tensor;
    if (this.map === "matrix_exp") q = torch.linalg.matrixExp(a);
    else {
      const one = torch.eye(n, { dtype: a.dtype });
      q = torch.linalg.solve(one.sub(a.mul(0.5)), one.add(a.mul(0.5)));
    }
    if (n !== k) q = q.narrow(-1, 0, k);
    if (this.base !== null) q = torch.matmul(this.base, q);
    return transposed ? q.mT : q;
  }

  rightInverse(value: Tensor): Tensor {
    if (value.shape.join() !== this.shape.join()) {
      throw new ShapeError(
        `Expected a matrix or batch of matrices of shape torch.Size([${this.shape.join(", ")}]). Got a tensor of shape torch.Size([${value.shape.join(", ")}]).`,
      );
    }
    const transposed = value.shape.at(-2)! < value.shape.at(-1)!;
    let q = transposed ? value.mT : value;
    const [n, k] = q.shape.slice(-2) as [number, number];
    if (n !== k) q = torch.cat([q, torch.randn([...q.shape.slice(0, -2), n, n - k], { dtype: q.dtype })], -1);
    const [orthonormal, r] = torch.linalg.qr(q);
    // QR with a positive diagonal is unique and keeps an orthogonal matrix as it is.
    this.base = orthonormal.mul(r.diagonal(0, -2, -1).sign().unsqueeze(-2));
    return torch.zerosLike(value).sub(torch.eye(value.shape.at(-2)!, value.shape.at(-1)!, { dtype: value.dtype }));
  }
}

export interface OrthogonalOptions {
  /** Default "weight". */
  name?: string;
  /** Default "matrix_exp". */
  orthogonalMap?: "matrix_exp" | "cayley" | null;
}
/** Keeps a weight's columns (or rows, where fewer) orthonormal. @throws {TensorError} below two dimensions @see torch.nn.utils.parametrizations.orthogonal */
export function orthogonal<M extends Module>(module: M, name: string | OrthogonalOptions = "weight", options: OrthogonalOptions = {}): M {
  const { name: field = "weight", orthogonalMap = null } = typeof name === "string" ? { ...options, name } : name;
  const weight = tensorNamed(module, field);
  if (weight.ndim < 2) throw new TensorError(`Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`);
  const map = orthogonalMap ?? "matrix_exp";
  if (map !== "matrix_exp" && map !== "cayley") {
    throw new TensorError(`orthogonal_map has to be one of "matrix_exp", "cayley". Got: ${String(map)}`);
  }
  return registerParametrization(module, field, new _Orthogonal(weight, map), { unsafe: true });
}
