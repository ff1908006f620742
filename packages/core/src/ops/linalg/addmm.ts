import { isOptions, required, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { type DType, dtypeInfo, isComplex, isFloatingPoint } from "../../tensor/dtype.ts";
import { promoteTypes } from "../../tensor/promotion.ts";
import { type Scalar, scalarCategory, scalarNumber } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { noExtra } from "./matrices.ts";
import { bmm, mm, mv } from "./mm.ts";

export interface BetaAlpha {
  /** Factor of the added tensor; 0 ignores it, NaN and all. Default 1. */
  beta?: Scalar;
  /** Factor of the product. Default 1. */
  alpha?: Scalar;
}

type Combine = (self: Tensor, product: Tensor, beta: Scalar, alpha: Scalar) => Tensor;

const holdsFractions = (dtype: DType): boolean => isFloatingPoint(dtype) || isComplex(dtype);

/** A factor of integers is cut to an integer, as PyTorch's kernels do. */
const factorFor = (dtype: DType, factor: Scalar): Scalar =>
  scalarCategory(factor) === 2 && !holdsFractions(dtype) ? BigInt(Math.trunc(scalarNumber(factor))) : factor;

/** `beta * self + alpha * product`, `self` expanded to the product's shape. */
const combine: Combine = (self, product, beta, alpha) => {
  if (self.dtype !== product.dtype) {
    throw new DTypeError(`expected scalar type ${dtypeInfo[self.dtype].scalarType} but found ${dtypeInfo[product.dtype].scalarType}`);
  }
  const [ofSelf, ofProduct] = [factorFor(self.dtype, beta), factorFor(self.dtype, alpha)];
  const added = expandIfNeeded(self, product.shape);
  const scaled = Number(ofProduct) === 1 ? product : product.mul(ofProduct);
  if (Number(ofSelf) === 0) return scaled;
  return Number(ofSelf) === 1 ? added.add(scaled) : added.mul(ofSelf).add(scaled);
};

/** {@link combine} for an outer product: it promotes, refuses fractions of integers, and takes bool for logical values. */
const combineOuter: Combine = (self, product, beta, alpha) => {
  const dtype = promoteTypes(self.dtype, product.dtype);
  for (const [name, factor] of [
    ["beta", beta],
    ["alpha", alpha],
  ] as const) {
    if (scalarCategory(factor) === 2 && !holdsFractions(dtype)) {
      throw new DTypeError(`For integral input tensors, argument ${name} must not be a floating point number.`);
    }
  }
  if (dtype !== "bool") return combine(self.to(dtype), product.to(dtype), beta, alpha);
  const scaled = Number(alpha) === 0 ? product.logicalXor(product) : product;
  return Number(beta) === 0 ? scaled : expandIfNeeded(self, product.shape).logicalOr(scaled);
};

/** A function `self, a, b, { beta, alpha }` around a product of `a` and `b`, and its in-place form. */
function fused(name: string, first: string, second: string, product: (a: Tensor, b: Tensor) => Tensor, merge: Combine = combine) {
  const bind = signature(name, { [first]: required, [second]: required, beta: 1, alpha: 1 });
  const arguments_ = (args: readonly unknown[]): [Tensor, Tensor, Scalar, Scalar] => {
    const bound = bind(args.filter((a) => a !== undefined));
    return [bound[first], bound[second], bound.beta, bound.alpha];
  };
  return {
    call: castAsWhole(name, (self: Tensor, ...args: readonly unknown[]): Tensor => {
      const [a, b, beta, alpha] = arguments_(args);
      return merge(self, product(a, b), beta, alpha);
    }),
    into: (self: Tensor, ...args: readonly unknown[]): Tensor => {
      const [a, b, beta, alpha] = arguments_(args);
      return self.copy_(merge(self, product(a, b), beta, alpha));
    },
  };
}

type Fused = (self: Tensor, a: Tensor, b: Tensor, options?: BetaAlpha) => Tensor;

const addmmForms = fused("addmm", "mat1", "mat2", mm);
/** `beta * self + alpha * (mat1 @ mat2)`. @throws {ShapeError} @see torch.addmm */
export const addmm: Fused = addmmForms.call;
/** In-place {@link addmm}. */
export const addmm_: Fused = addmmForms.into;

const addmvForms = fused("addmv", "mat", "vec", mv);
/** `beta * self + alpha * (mat @ vec)`. @see torch.addmv */
export const addmv: Fused = addmvForms.call;
/** In-place {@link addmv}. */
export const addmv_: Fused = addmvForms.into;

const baddbmmForms = fused("baddbmm", "batch1", "batch2", bmm);
/** `beta * self + alpha * (batch1 @ batch2)` for each matrix of a batch. @see torch.baddbmm */
export const baddbmm: Fused = baddbmmForms.call;
/** In-place {@link baddbmm}. */
export const baddbmm_: Fused = baddbmmForms.into;

const addbmmForms = fused("addbmm", "batch1", "batch2", (a, b) => bmm(a, b).sum(0, { dtype: a.dtype }));
/** `beta * self + alpha * sum_i(batch1[i] @ batch2[i])`. @see torch.addbmm */
export const addbmm: Fused = addbmmForms.call;
/** In-place {@link addbmm}. */
export const addbmm_: Fused = addbmmForms.into;

const addrForms = fused("addr", "vec1", "vec2", (a, b) => outer(a, b), combineOuter);
/** `beta * self + alpha * outer(vec1, vec2)`. @see torch.addr */
export const addr: Fused = addrForms.call;
/** In-place {@link addr}. */
export const addr_: Fused = addrForms.into;

/** All products of the elements of two vectors, `[N], [M] -> [N, M]`. @throws {ShapeError} unless both are 1-d @see torch.outer */
export function outer(self: Tensor, vec2: Tensor | { vec2: Tensor }, ...extra: readonly []): Tensor {
  noExtra("outer", extra);
  const other = isOptions(vec2) ? (vec2 as { vec2: Tensor }).vec2 : (vec2 as Tensor);
  if (self.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument self, but got ${self.ndim}-D`);
  if (other.ndim !== 1) throw new ShapeError(`outer: Expected 1-D argument vec2, but got ${other.ndim}-D`);
  return self.unsqueeze(1).mul(other.unsqueeze(0));
}
/** Another name of {@link outer}. @see torch.ger */
export const ger: (self: Tensor, vec2: Tensor | { vec2: Tensor }) => Tensor = outer;

/** Sums of products over the last dimensions, which must be equal; a 0-d operand scales. @throws {ShapeError} @see torch.inner */
export function inner(self: Tensor, other: Tensor | { other: Tensor }, ...extra: readonly []): Tensor {
  noExtra("inner", extra);
  const b = isOptions(other) ? (other as { other: Tensor }).other : (other as Tensor);
  if (self.ndim === 0 || b.ndim === 0) return self.mul(b);
  const K = self.shape[self.ndim - 1]!;
  if (K !== b.shape[b.ndim - 1]) {
    throw new ShapeError(
      `inner() the last dimension must match on both input tensors but got shapes [${self.shape.join(", ")}] and [${b.shape.join(", ")}]`,
    );
  }
  return mm(self.reshape(-1, K), b.reshape(-1, K).t()).reshape([...self.shape.slice(0, -1), ...b.shape.slice(0, -1)]);
}
