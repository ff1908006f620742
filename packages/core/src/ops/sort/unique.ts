import { given as givenArguments, signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { comparable } from "../../reference/arg-reduce.ts";
import { around } from "../../reference/flat.ts";
import { wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "../factory/arange.ts";
import { indexSelect } from "../indexing/index-select.ts";
import { reshape } from "../view/reshape.ts";

export interface UniqueOptions {
  /** In ascending order; always so here. */
  sorted?: boolean;
  /** Also give, for each element, which unique one it is. Default false. */
  returnInverse?: boolean;
  /** Also give how often each occurs. Default false. */
  returnCounts?: boolean;
  /** Compare slices along this dimension. Default: all elements, as one vector. */
  dim?: number | null;
}

/** Slices of a row-major tensor along `dim`, compared element by element. */
function comparer(self: Tensor, dim: number): (a: number, b: number) => number {
  const { data, offset } = comparable(self.contiguous()) as { data: Float64Array; offset: number };
  const { outer, size, inner } = around(self.shape, dim);
  return (a, b) => {
    for (let i = 0; i < outer; i++) {
      for (let j = 0; j < inner; j++) {
        const x = data[offset + (i * size + a) * inner + j]!;
        const y = data[offset + (i * size + b) * inner + j]!;
        if (x < y) return -1;
        if (x > y) return 1;
        // NaN differs from itself, and is sorted last.
        if (x !== x || y !== y) return y === y ? 1 : x === x ? -1 : a - b;
      }
    }
    return 0;
  };
}

interface Grouped {
  /** The first of each group, in order. */
  readonly firsts: number[];
  readonly counts: number[];
  readonly inverse: number[];
}

/** Runs of equal slices in the order given. */
function group(order: readonly number[], compare: (a: number, b: number) => number): Grouped {
  const firsts: number[] = [];
  const counts: number[] = [];
  const inverse = new Array<number>(order.length);
  order.forEach((at, i) => {
    if (i === 0 || compare(order[i - 1]!, at) !== 0) {
      firsts.push(at);
      counts.push(0);
    }
    counts[counts.length - 1]!++;
    inverse[at] = firsts.length - 1;
  });
  return { firsts, counts, inverse };
}

function bySlices(self: Tensor, dim: number, size: number, inOrder: boolean): Grouped {
  const compare = comparer(self, dim);
  const order = Array.from({ length: size }, (_, i) => i);
  if (inOrder) order.sort((a, b) => compare(a, b) || a - b);
  return group(order, compare);
}

/** Numbers grouped with a hash table; null where there is NaN, which equals nothing. */
function byValue(self: Tensor): Grouped | null {
  const { data, offset } = comparable(self.contiguous()) as { data: Float64Array; offset: number };
  const groups = new Map<number, number>();
  const first: number[] = [];
  const counts: number[] = [];
  const group = new Array<number>(self.count);
  for (let i = 0; i < self.count; i++) {
    const value = data[offset + i]!;
    if (value !== value) return null;
    let at = groups.get(value);
    if (at === undefined) {
      at = first.push(i) - 1;
      groups.set(value, at);
      counts.push(0);
    }
    counts[at]!++;
    group[i] = at;
  }
  const order = first.map((_, g) => g).sort((a, b) => (data[offset + first[a]!]! < data[offset + first[b]!]! ? -1 : 1));
  const rank = new Array<number>(order.length);
  order.forEach((g, r) => {
    rank[g] = r;
  });
  return { firsts: order.map((g) => first[g]!), counts: order.map((g) => counts[g]!), inverse: group.map((g) => rank[g]!) };
}

function finish(self: Tensor, dim: number | null, inOrder: boolean, wanted: UniqueOptions): Tensor | Tensor[] {
  const source = dim === null ? reshape(self, [-1]) : self;
  const along = wrapDim(dim ?? 0, source.ndim);
  const host = source.device === "cpu" ? source : source.cpu();
  const size = host.shape[along] ?? 1;
  if (dim !== null && source.count === 0 && size !== 0) {
    throw new ShapeError("There are 0 sized dimensions, and they aren't selected, so unique cannot be applied");
  }
  const quick = dim === null && inOrder ? byValue(host) : null;
  const { firsts, counts, inverse } = quick ?? bySlices(host, along, size, inOrder);
  const int64 = (values: readonly number[], shape: readonly number[]): Tensor =>
    fromNumbers(Float64Array.from(values), shape, "int64", { device: self.device });
  const out = [indexSelect(source.detach(), along, int64(firsts, [firsts.length]))];
  if (wanted.returnInverse) out.push(int64(inverse, dim === null ? self.shape : [size]));
  if (wanted.returnCounts) out.push(int64(counts, [counts.length]));
  return out.length === 1 ? out[0]! : out;
}

/** The result is one tensor, or several when inverse or counts are asked for. */
export interface Unique {
  (self: Tensor): Tensor;
  (self: Tensor, options: UniqueOptions & { returnInverse?: false; returnCounts?: false }): Tensor;
  (self: Tensor, options: UniqueOptions): Tensor[];
  (
    self: Tensor,
    sorted: boolean,
    returnInverse?: boolean | UniqueOptions,
    returnCounts?: boolean | UniqueOptions,
    dim?: number | null,
  ): Tensor[] | Tensor;
}

const bindUnique = signature("unique", { sorted: true, returnInverse: false, returnCounts: false, dim: null });
const bindConsecutive = signature("uniqueConsecutive", { returnInverse: false, returnCounts: false, dim: null });

/** The distinct elements (or slices along `dim`) in ascending order, with `inverse` and `counts` when asked for. @throws {ShapeError} @see torch.unique */
export const unique: Unique = ((self: Tensor, ...args: unknown[]) => {
  const given = bindUnique(givenArguments(args)) as Required<UniqueOptions>;
  return finish(self, given.dim, true, given);
}) as Unique;

export interface UniqueConsecutive {
  (self: Tensor): Tensor;
  (self: Tensor, options: UniqueOptions & { returnInverse?: false; returnCounts?: false }): Tensor;
  (self: Tensor, options: UniqueOptions): Tensor[];
}

/** The elements (or slices along `dim`) without those equal to the one before, with `inverse` and `counts` when asked for. @see torch.unique_consecutive */
export const uniqueConsecutive: UniqueConsecutive = ((self: Tensor, ...args: unknown[]) => {
  const given = bindConsecutive(givenArguments(args)) as Required<UniqueOptions>;
  return finish(self, given.dim, false, given);
}) as UniqueConsecutive;
