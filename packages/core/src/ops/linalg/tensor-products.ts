import { type Arguments, isOptions, nothingElse, required, signature } from "../../dispatch/arguments.ts";
import { castAsWhole } from "../../dispatch/autocast-hook.ts";
import { DTypeError, IndexError, ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { broadcastShapes, formatShape, numelOf, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { eye } from "../factory/eye.ts";
import { cat, stack } from "../view/cat.ts";
import { expandIfNeeded } from "../view/expand.ts";
import { matmul } from "./matmul.ts";
import { checkMatrix, checkSquare, noExtra, rowsOf } from "./matrices.ts";
import { inv } from "./solve.ts";

const second = (name: string, given: unknown): Tensor => (isOptions(given) ? (given as Record<string, Tensor>)[name]! : (given as Tensor));

/** Sum of the diagonal of a matrix. @throws {ShapeError} @see torch.trace */
export const trace: (self: Tensor, ...extra: readonly []) => Tensor = castAsWhole("trace", (self: Tensor, ...extra: readonly []) => {
  noExtra("trace", extra);
  if (self.ndim !== 2) throw new ShapeError(`trace: expected a matrix, but got tensor with dim ${self.ndim}`);
  return self.diagonal().sum();
});

const bindTensordot = signature("tensordot", { b: required, dims: 2 });

/** Sums of products over `dims`: the last of `self` with the first of `other`, or two lists of dimensions. @throws {ShapeError} @see torch.tensordot */
export function tensordot(
  self: Tensor,
  ...args: Arguments<
    [b: Tensor],
    [dims: number | readonly [readonly number[], readonly number[]]],
    { dims?: number | readonly [readonly number[], readonly number[]] }
  >
): Tensor {
  const { b: other, dims } = bindTensordot(args) as { b: Tensor; dims: number | readonly [readonly number[], readonly number[]] };
  if (typeof dims === "number" && dims < 0) throw new ShapeError(`tensordot expects dims >= 0, but got dims=${dims}`);
  const [first, other_] =
    typeof dims === "number"
      ? [Array.from({ length: dims }, (_, i) => self.ndim - dims + i), Array.from({ length: dims }, (_, i) => i)]
      : ([dims[0].map((d) => wrapDim(d, self.ndim)), dims[1].map((d) => wrapDim(d, other.ndim))] as const);
  if (first.length !== other_.length) throw new ShapeError("both dimension lists should have same length");
  first.forEach((d, i) => {
    const [x, y] = [self.shape[d]!, other.shape[other_[i]!]!];
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(
        `contracted dimensions need to match, but first has size ${x} in dim ${d} and second has size ${y} in dim ${other_[i]}`,
      );
    }
  });
  // A contracted dimension of size 1 against a longer one: the longer is summed first.
  let a = self;
  let b = other;
  first.forEach((d, i) => {
    const e = other_[i]!;
    if (a.shape[d] === 1 && b.shape[e] !== 1) b = b.sum(e, true);
    else if (b.shape[e] === 1 && a.shape[d] !== 1) a = a.sum(d, true);
  });
  const freeA = a.shape.map((_, i) => i).filter((i) => !first.includes(i));
  const freeB = b.shape.map((_, i) => i).filter((i) => !other_.includes(i));
  const K = numelOf(first.map((d) => a.shape[d]!));
  const left = a.permute([...freeA, ...first]).reshape(numelOf(freeA.map((i) => a.shape[i]!)), K);
  const right = b.permute([...other_, ...freeB]).reshape(K, numelOf(freeB.map((i) => b.shape[i]!)));
  return left.mm(right).reshape([...freeA.map((i) => a.shape[i]!), ...freeB.map((i) => b.shape[i]!)]);
}

/** Products of every element of `self` with all of `other`, as blocks. @see torch.kron */
export function kron(self: Tensor, other: Tensor | { other: Tensor }, ...extra: readonly []): Tensor {
  noExtra("kron", extra);
  const b = second("other", other);
  const n = Math.max(self.ndim, b.ndim);
  const padded = (t: Tensor): number[] => [...new Array<number>(n - t.ndim).fill(1), ...t.shape];
  const [x, y] = [padded(self), padded(b)];
  const blocks = self.reshape(x.flatMap((s) => [s, 1])).mul(b.reshape(y.flatMap((s) => [1, s])));
  return blocks.reshape(x.map((s, i) => s * y[i]!));
}

const bindCross = signature("linalg.cross", { other: required, dim: -1 });

/** Cross products of vectors of three elements along `dim`. @throws {ShapeError} @see torch.linalg.cross */
export function crossLinalg(self: Tensor, ...args: Arguments<[other: Tensor], [dim: number], { dim?: number }>): Tensor {
  const { other, dim } = bindCross(args) as { other: Tensor; dim: number };
  if (self.ndim !== other.ndim) throw new ShapeError("linalg.cross: inputs must have the same number of dimensions.");
  const d = wrapDim(dim, self.ndim);
  if (self.shape[d] !== 3 || other.shape[d] !== 3) {
    throw new ShapeError(`linalg.cross: inputs dimension ${dim} must have length 3. Got ${self.shape[d]} and ${other.shape[d]}`);
  }
  const shape = broadcastShapes(self.shape, other.shape);
  const [a1, a2, a3] = [0, 1, 2].map((i) => expandIfNeeded(self, shape).select(d, i)) as [Tensor, Tensor, Tensor];
  const [b1, b2, b3] = [0, 1, 2].map((i) => expandIfNeeded(other, shape).select(d, i)) as [Tensor, Tensor, Tensor];
  return stack([a2.mul(b3).sub(a3.mul(b2)), a3.mul(b1).sub(a1.mul(b3)), a1.mul(b2).sub(a2.mul(b1))], d);
}

const bindOldCross = signature("cross", { other: required, dim: null });

/** Cross products along `dim`, by default the first dimension of size 3. @throws {ShapeError} @see torch.cross */
export function cross(self: Tensor, ...args: Arguments<[other: Tensor], [dim: number | null], { dim?: number | null }>): Tensor {
  const { other, dim } = bindOldCross(args) as { other: Tensor; dim: number | null };
  if (dim !== null) return crossLinalg(self, other, dim);
  const shape = self.ndim === other.ndim ? broadcastShapes(self.shape, other.shape) : self.shape;
  const found = shape.indexOf(3);
  if (found < 0) throw new ShapeError("no dimension of size 3 in input");
  return crossLinalg(self, other, found);
}

const bindVecdot = signature("linalg.vecdot", { y: required, dim: -1 });

/** Inner products along `dim`, the first vector conjugated. @see torch.linalg.vecdot */
export function vecdot(x: Tensor, ...args: Arguments<[y: Tensor], [dim: number], { dim?: number }>): Tensor {
  const { y, dim } = bindVecdot(args) as { y: Tensor; dim: number };
  return x.conj().mul(y).sum(dim);
}

/** Product of two or more matrices in the order that takes the fewest operations; the first and last may be vectors. @throws {ShapeError} @see torch.linalg.multi_dot */
export function multiDot(tensors: readonly Tensor[], ...extra: readonly []): Tensor {
  noExtra("linalg.multi_dot", extra);
  const n = tensors.length;
  if (n < 2) throw new ShapeError(`multi_dot(): expected at least 2 tensors but got ${n}`);
  const [first, last] = [tensors[0]!, tensors[n - 1]!];
  tensors.forEach((t, i) => {
    const end = i === 0 || i === n - 1;
    if (t.ndim !== 2 && !(end && t.ndim === 1)) {
      throw new ShapeError(`multi_dot(): tensor ${i} must be ${end ? "1D or 2D" : "2D"} but got ${t.ndim}D`);
    }
    if (t.dtype !== first.dtype) {
      throw new DTypeError(
        `multi_dot(): all tensors must have be the same dtype but tensor 0 is ${dtypeInfo[first.dtype].scalarType} and tensor ${i} ${dtypeInfo[t.dtype].scalarType}`,
      );
    }
  });
  const matrices = tensors.map((t, i) => (t.ndim === 2 ? t : t.unsqueeze(i === 0 ? 0 : 1)));
  for (let i = 1; i < n; i++) {
    if (matrices[i - 1]!.shape[1] !== matrices[i]!.shape[0]) {
      throw new ShapeError(
        `multi_dot(): tensors ${i - 1} and ${i} with shapes ${formatShape(tensors[i - 1]!.shape)} and ${formatShape(tensors[i]!.shape)} cannot be multiplied`,
      );
    }
  }
  let out = chained(matrices);
  if (first.ndim === 1) out = out.squeeze(0);
  if (last.ndim === 1) out = out.squeeze(-1);
  return out;
}

/** The cheapest order, by dynamic programming (Cormen et al., Introduction to Algorithms, 15.2). */
function chained(matrices: readonly Tensor[]): Tensor {
  const sizes = [matrices[0]!.shape[0]!, ...matrices.map((t) => t.shape[1]!)];
  const n = matrices.length;
  const cost = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  const split = Array.from({ length: n }, () => new Array<number>(n).fill(0));
  for (let length = 2; length <= n; length++) {
    for (let i = 0; i + length <= n; i++) {
      const j = i + length - 1;
      cost[i]![j] = Number.POSITIVE_INFINITY;
      for (let k = i; k < j; k++) {
        const each = cost[i]![k]! + cost[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!;
        if (each < cost[i]![j]!) {
          cost[i]![j] = each;
          split[i]![j] = k;
        }
      }
    }
  }
  const product = (i: number, j: number): Tensor => (i === j ? matrices[i]! : product(i, split[i]![j]!).mm(product(split[i]![j]! + 1, j)));
  return product(0, n - 1);
}

/** Product of matrices in the cheapest order. @throws {ShapeError} @see torch.chain_matmul */
export function chainMatmul(...matrices: readonly Tensor[]): Tensor {
  nothingElse(
    "chainMatmul",
    matrices.filter((matrix) => !(matrix instanceof Tensor)),
  );
  for (const t of matrices) if (t.ndim !== 2) throw new ShapeError(`Tensor dimension is ${t.ndim}, expected 2 instead.`);
  return matrices.length === 1 ? matrices[0]! : multiDot(matrices);
}

const bindPower = signature("linalg.matrixPower", { n: required });

/** A square matrix to an integer power, negative ones by its inverse. @throws {ShapeError} @see torch.linalg.matrix_power */
export function matrixPower(self: Tensor, ...args: readonly [n: number]): Tensor {
  const { n } = bindPower(args) as { n: number };
  checkSquare("linalg.matrix_power", self);
  if (n === 0) return eye(rowsOf(self), { dtype: self.dtype }).expand(self.shape).add(self.mul(0).nanToNum());
  if (n === 1) return self.clone();
  let square = n < 0 ? inv(self) : self;
  let out: Tensor | null = null;
  for (let k = Math.abs(n); k > 0; k = Math.floor(k / 2)) {
    if (k % 2 === 1) out = out === null ? square : matmul(out, square);
    if (k > 1) square = matmul(square, square);
  }
  return out!;
}

const TERMS = 18;

/** The exponential of square matrices: a Taylor polynomial of the matrix scaled down by a power of two, squared back up. @throws {ShapeError} @see torch.matrix_exp */
export function matrixExp(self: Tensor, ...extra: readonly []): Tensor {
  noExtra("matrixExp", extra);
  checkMatrix("linalg.matrix_exp", self);
  checkSquare("linalg.matrix_exp", self);
  const identity = eye(rowsOf(self), { dtype: self.dtype }).expand(self.shape);
  if (self.count === 0) return self.clone();
  const norm = self.detach().abs().sum(-2).max().item();
  const squarings = Math.max(0, Math.ceil(Math.log2(norm)) + 2);
  const scaled = self.div(2 ** squarings);
  // Horner's rule: I + A (I + A/2 (I + A/3 ...)).
  let out = identity;
  for (let k = TERMS; k >= 1; k--) out = identity.add(matmul(scaled, out).div(k));
  for (let i = 0; i < squarings; i++) out = matmul(out, out);
  return out;
}

const bindVander = signature("linalg.vander", { N: null });

/** Powers 0 to `N - 1` of each element, as a new last dimension. @throws {ShapeError} @see torch.linalg.vander */
export function vanderLinalg(x: Tensor, ...args: Arguments<[], [N: number | null], { N?: number | null }>): Tensor {
  const { N } = bindVander(args) as { N: number | null };
  if (x.ndim === 0) return vanderLinalg(x.unsqueeze(0), ...args);
  const n = N ?? x.shape[x.ndim - 1]!;
  if (n <= 1) throw new IndexError("N must be greater than 1.");
  // Integers of every size become int64.
  const source = dtypeInfo[x.dtype].category < 2 ? x.to("int64") : x;
  const columns = source
    .unsqueeze(-1)
    .expand([...x.shape, n - 1])
    .cumprod(-1);
  const ones = source.newOnes([...x.shape, 1]);
  return cat([ones, columns], -1);
}
