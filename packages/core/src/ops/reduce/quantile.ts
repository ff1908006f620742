import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import { wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { newScalarTensor } from "../factory/scalar-tensor.ts";
import { gather } from "../indexing/gather.ts";
import { sort } from "../sort/sort.ts";
import { reshape } from "../view/reshape.ts";

export interface QuantileOptions {
  q?: number | Tensor;
  /** Default: all elements. */
  dim?: number | null;
  /** Keep the dimension with size 1. Default false. */
  keepdim?: boolean;
  /** Between two elements: `"linear"` (default), `"lower"`, `"higher"`, `"midpoint"` or `"nearest"`. */
  interpolation?: string;
}
export interface Quantile {
  (
    self: Tensor,
    q: number | Tensor,
    dim?: number | null | QuantileOptions,
    keepdim?: boolean | QuantileOptions,
    options?: QuantileOptions,
  ): Tensor;
  (self: Tensor, options: QuantileOptions & { q: number | Tensor }): Tensor;
}

const bind = signature("quantile", { q: required, dim: null, keepdim: false, interpolation: "linear" });

function check(self: Tensor, q: Tensor, interpolation: string): void {
  if (self.count === 0) throw new ShapeError("quantile() input tensor must be non-empty");
  if (q.ndim > 1) throw new ShapeError("quantile() q must be a scalar or 1D tensor");
  if (self.dtype !== "float32" && self.dtype !== "float64")
    throw new DTypeError("quantile() input tensor must be either float or double dtype");
  if (self.dtype !== q.dtype) throw new DTypeError("quantile() q tensor must be same dtype as the input tensor");
  if (!["linear", "lower", "higher", "midpoint", "nearest"].includes(interpolation)) {
    throw new ShapeError(
      "quantile() interpolation must be one of linear, lower, higher, midpoint or nearest, but got ".concat(interpolation),
    );
  }
  if (!(q.detach().ge(0).all().item() && q.detach().le(1).all().item()))
    throw new ShapeError("quantile() q values must be in the range [0, 1]");
}

/** Quantiles by sorting, from which ranks are gathered and interpolated. */
function quantiles(self: Tensor, args: readonly unknown[], ignoreNaN: boolean): Tensor {
  const given = bind(givenArguments(args)) as {
    q: Scalar | Tensor;
    dim: number | null;
    keepdim: boolean;
    interpolation: string;
  };
  const q = given.q instanceof Tensor ? given.q : newScalarTensor(scalarNumber(given.q), self.dtype).to(self.device);
  if (!(given.q instanceof Tensor) && !(scalarNumber(given.q) >= 0 && scalarNumber(given.q) <= 1)) {
    throw new ShapeError(`quantile() q must be in the range [0, 1] but got ${scalarNumber(given.q)}`);
  }
  check(self, q, given.interpolation);
  const dim = wrapDim(given.dim ?? 0, self.ndim);
  const source = given.dim === null ? reshape(self, [-1]) : self.ndim === 0 ? reshape(self, [1]) : self.movedim(dim, -1);
  const values = sort(source, -1)[0]!;
  const size = values.shape[values.ndim - 1]!;
  const last = values.isnan().logicalNot().sum(-1, true).sub(1);
  const scale = (ignoreNaN ? last.clampMin(0) : last.mul(0).add(size - 1)).to(self.dtype);
  let ranks = q.reshape([-1]).mul(scale);
  if (!ignoreNaN) {
    // One NaN makes the quantile NaN: it is sorted last.
    ranks = ranks.maskedFill(last.lt(size - 1), size - 1);
  }
  if (given.interpolation === "lower") ranks = ranks.floor();
  else if (given.interpolation === "higher") ranks = ranks.ceil();
  else if (given.interpolation === "nearest") ranks = ranks.round();
  const below = ranks.floor().to("int64");
  let out = gather(values, -1, below);
  if (given.interpolation === "linear" || given.interpolation === "midpoint") {
    const weight = given.interpolation === "midpoint" ? ranks.sub(below).ne(0).to(self.dtype).mul(0.5) : ranks.sub(below);
    const above = gather(values, -1, ranks.ceil().to("int64"));
    out = out.lerp(above, weight);
  }
  if (q.ndim === 0) out = out.squeeze(-1);
  else out = out.movedim(-1, 0);
  if (!given.keepdim) return out;
  if (given.dim === null) return out.reshape([...(q.ndim === 0 ? [] : [q.count]), ...new Array<number>(self.ndim).fill(1)]);
  return self.ndim === 0 ? out.reshape(q.ndim === 0 ? [] : [q.count]) : out.unsqueeze(dim + (q.ndim === 0 ? 0 : 1));
}

/** The `q`-th quantiles, q in [0, 1], of all elements or along `dim`; several `q` make a leading dimension. NaN where there is one. @throws {ShapeError} @throws {DTypeError} @see torch.quantile */
export const quantile: Quantile = castAsWhole("quantile", (self: Tensor, ...args: unknown[]): Tensor => quantiles(self, args, false));
/** `quantile` of the elements that are not NaN. @throws {ShapeError} @throws {DTypeError} @see torch.nanquantile */
export const nanquantile: Quantile = castAsWhole("nanquantile", (self: Tensor, ...args: unknown[]): Tensor => quantiles(self, args, true));
