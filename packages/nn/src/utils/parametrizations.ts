import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { IndexError, isTensor, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { normalize } from "../functional/distance.ts";
import { Module } from "../module/module.ts";
import { ConvTranspose1d, ConvTranspose2d, ConvTranspose3d } from "../modules/conv.ts";
import { NotInvertibleError, registerParametrization } from "./parametrize.ts";

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

/** How {@link orthogonal} makes a matrix orthogonal. */
export type OrthogonalMap = "matrix_exp" | "cayley" | "householder";

/** An orthonormal basis of the columns, the diagonal of R positive: an orthogonal matrix stays as it is. */
function orthonormalized(matrix: Tensor): Tensor {
  const { a, tau } = torch.geqrf(matrix);
  return torch.linalg.householderProduct(a, tau).mul(a.diagonal(0, -2, -1).sign().unsqueeze(-2));
}

/** Matrices with orthonormal columns (or rows, where fewer): the exponential or Cayley map of skew-symmetric ones, or products of reflections. */
class _Orthogonal extends Module {
  private readonly shape: readonly number[];
  private readonly map: OrthogonalMap;
  /** Whether the map is taken around a matrix, `base`, that is set when a value is assigned. */
  private readonly moves: boolean;
  base!: Tensor | null;

  constructor(weight: Tensor, map: OrthogonalMap, useTrivialization: boolean) {
    super();
    if (map === "householder" && weight.isComplex()) {
      throw new TensorError("The householder parametrization does not support complex tensors.");
    }
    this.shape = weight.shape;
    this.map = map;
    this.moves = useTrivialization;
    if (useTrivialization) this.registerBuffer("base", null);
  }

  override forward(given: Tensor): Tensor {
    const transposed = given.shape.at(-2)! < given.shape.at(-1)!;
    const x = transposed ? given.mT : given;
    let q = this.map === "householder" ? reflected(x) : rotated(x, this.map);
    if (this.moves) q = torch.matmul(this.base!, q);
    return transposed ? q.mT : q;
  }

  rightInverse(value: Tensor): Tensor {
    if (value.shape.join() !== this.shape.join()) {
      const size = (t: readonly number[]): string => `torch.Size([${t.join(", ")}])`;
      throw new ShapeError(
        `Expected a matrix or batch of matrices of shape ${size(this.shape)}. Got a tensor of shape ${size(value.shape)}.`,
      );
    }
    const transposed = value.shape.at(-2)! < value.shape.at(-1)!;
    const q = transposed ? value.mT : value;
    if (!this.moves) {
      if (this.map !== "householder") {
        throw new NotInvertibleError(
          "It is not possible to assign to the matrix exponential or the Cayley parametrizations when use_trivialization=False.",
        );
      }
      const { a, tau } = torch.geqrf(q);
      const diagonal = a.diagonal(0, -2, -1);
      diagonal.copy_(diagonal.sign().mul(tau.eq(0).to(a.dtype).mul(-2).add(1)));
      return transposed ? a.mT : a;
    }
    const [n, k] = q.shape.slice(-2) as [number, number];
    const whole = n === k ? q : torch.cat([q, torch.randn([...q.shape.slice(0, -2), n, n - k], { dtype: q.dtype })], -1);
    this.base = orthonormalized(whole);
    // Minus one, since the diagonal holds the signs of the reflections.
    return torch.zerosLike(value).sub(torch.eye(value.shape.at(-2)!, value.shape.at(-1)!, { dtype: value.dtype }));
  }
}

/** The first columns of a rotation, from the triangle below the diagonal. */
function rotated(given: Tensor, map: "matrix_exp" | "cayley"): Tensor {
  let x = given.tril();
  const [n, k] = x.shape.slice(-2) as [number, number];
  if (n !== k) x = torch.cat([x, torch.zeros([...x.shape.slice(0, -2), n, n - k], { dtype: x.dtype })], -1);
  const a = x.sub(x.mT.conj());
  if (map === "matrix_exp") return torch.linalg.matrixExp(a).narrow(-1, 0, k);
  const one = torch.eye(n, { dtype: a.dtype });
  return torch.linalg.solve(one.add(a, { alpha: -0.5 }), one.add(a, { alpha: 0.5 })).narrow(-1, 0, k);
}

/** The first columns of a product of reflections, whose vectors lie below the diagonal; the diagonal holds signs. */
function reflected(x: Tensor): Tensor {
  const a = x.tril(-1);
  const tau = a.mul(a).sum(-2).add(1).reciprocal().mul(2);
  return torch.linalg.householderProduct(a, tau).mul(x.detach().diagonal(0, -2, -1).trunc().unsqueeze(-2));
}

export interface OrthogonalOptions {
  /** Default "weight". */
  name?: string;
  /** Default "matrix_exp" for square and complex matrices, "householder" for others. */
  orthogonalMap?: OrthogonalMap | null;
  /** Take the map around the matrix that is there, rather than around 1. Default true. */
  useTrivialization?: boolean;
}
/** Keeps a weight's columns (or rows, where fewer) orthonormal. @throws {TensorError} below two dimensions @see torch.nn.utils.parametrizations.orthogonal */
export function orthogonal<M extends Module>(module: M, name: string | OrthogonalOptions = "weight", options: OrthogonalOptions = {}): M {
  const { name: field = "weight", orthogonalMap = null, useTrivialization = true } = typeof name === "string" ? { ...options, name } : name;
  const weight = tensorNamed(module, field);
  if (weight.ndim < 2) throw new TensorError(`Expected a matrix or batch of matrices. Got a tensor of ${weight.ndim} dimensions.`);
  const square = weight.shape.at(-2) === weight.shape.at(-1) || weight.isComplex();
  const map = orthogonalMap ?? (square ? "matrix_exp" : "householder");
  if (!["matrix_exp", "cayley", "householder"].includes(map)) {
    throw new TensorError(`orthogonal_map has to be one of "matrix_exp", "cayley", "householder". Got: ${String(map)}`);
  }
  return registerParametrization(module, field, new _Orthogonal(weight, map, useTrivialization), { unsafe: true });
}
