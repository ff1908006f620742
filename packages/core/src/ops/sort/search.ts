import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { comparable } from "../../reference/arg-reduce.ts";
import { toDoubles } from "../../reference/loops.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { promoteTypes } from "../../tensor/promotion.ts";
import { isScalar, type Scalar, scalarDType } from "../../tensor/scalar.ts";
import { formatShape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { to } from "../elementwise/to.ts";
import { fromNumbers } from "../factory/arange.ts";
import { newScalarTensor } from "../factory/scalar-tensor.ts";

export interface SearchOptions {
  /** int32 rather than int64 indices. Default false. */
  outInt32?: boolean;
  /** Behind equal elements rather than before them. Default false. */
  right?: boolean;
  /** `"left"` or `"right"`: the same as `right`. */
  side?: string | null;
  /** Indices that sort the sequence, where it is not sorted. */
  sorter?: Tensor | null;
}

type Numbers = Float64Array;

/** How many of the `n` sorted values from `start` lie before `value`. NaN counts as the largest. */
function place(data: Numbers, start: number, n: number, value: number, right: boolean, sorter: Float64Array | null): number {
  let low = 0;
  let high = n;
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = sorter === null ? middle : sorter[start + middle]!;
    const element = data[start + at]!;
    const before = right ? !(element > value) : !(element >= value);
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}

function search(name: string, sequence: Tensor, values: Tensor, options: Required<SearchOptions>): Tensor {
  if (isComplex(sequence.dtype) || isComplex(values.dtype)) throw new DTypeError(`${name}(): complex numbers have no order`);
  if (options.side !== null && options.side !== "left" && options.side !== "right") {
    throw new ShapeError(`torch.searchsorted(): side can only be 'left' or 'right' but got ${options.side}`);
  }
  if (options.side === "left" && options.right) {
    throw new ShapeError("torch.searchsorted(): side and right can't be set to opposites, got side of left while right was True");
  }
  const right = options.right || options.side === "right";
  const dtype = promoteTypes(sequence.dtype, values.dtype);
  const read = (t: Tensor): Numbers => {
    const { data, offset } = comparable(to(t, dtype).cpu().contiguous()) as { data: Numbers; offset: number };
    return data.subarray(offset, offset + t.count);
  };
  const [data, wanted] = [read(sequence), read(values)];
  const sorter = options.sorter === null ? null : toDoubles(options.sorter.cpu());
  const n = sequence.shape[sequence.ndim - 1] ?? 1;
  const perRow = sequence.ndim === 1 || values.ndim === 0 ? Math.max(values.count, 1) : values.shape[values.ndim - 1]!;
  const out = new Float64Array(values.count);
  for (let i = 0; i < out.length; i++) {
    const row = sequence.ndim === 1 ? 0 : Math.floor(i / perRow);
    out[i] = place(data, row * n, n, wanted[i]!, right, sorter);
  }
  return fromNumbers(out, values.shape, options.outInt32 ? "int32" : "int64", { device: values.device });
}

const bindSearch = signature("searchsorted", {
  sortedSequence: required,
  input: null,
  outInt32: false,
  right: false,
  side: null,
  sorter: null,
  self: null,
  values: null,
});
const bindBucketize = signature("bucketize", { boundaries: required, outInt32: false, right: false });

const asTensor = (value: Tensor | Scalar): Tensor => (isScalar(value) ? newScalarTensor(value, scalarDType(value)) : value);

/** Where each value would go in a sorted sequence (in the last dimension, its rows matching those of the values) to keep it sorted; int64. @throws {ShapeError} @see torch.searchsorted */
export function searchsorted(
  sortedSequence: Tensor | (SearchOptions & { sortedSequence: Tensor; input: Tensor | Scalar }),
  input?: Tensor | Scalar | (SearchOptions & { input: Tensor | Scalar }),
  options: SearchOptions = {},
): Tensor {
  const bound = bindSearch(
    [sortedSequence, input, options].filter((a) => a !== undefined && (a !== options || Object.keys(options).length > 0)),
  );
  const given = asTensor(bound.input ?? bound.self ?? bound.values);
  const sequence = bound.sortedSequence as Tensor;
  if (sequence.ndim === 0)
    throw new ShapeError(
      "torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(0)",
    );
  if (given.ndim === 0 && sequence.ndim !== 1) {
    throw new ShapeError(
      `torch.searchsorted(): input value can be a scalar only when boundaries tensor dimension is 1, but we got boundaries tensor dim(${sequence.ndim}) and input value's dim(${given.ndim}) numel(${given.count})`,
    );
  }
  if (sequence.ndim !== 1 && !(sequence.ndim === given.ndim && sameShape(sequence.shape.slice(0, -1), given.shape.slice(0, -1)))) {
    throw new ShapeError(
      `torch.searchsorted(): boundaries tensor should be 1 dimension or the first N-1 dimensions of boundaries tensor and input value tensor must match, but we got boundaries tensor ${formatShape(sequence.shape)} and input value tensor ${formatShape(given.shape)}`,
    );
  }
  const sorter = bound.sorter as Tensor | null;
  if (sorter !== null && !sameShape(sorter.shape, sequence.shape)) {
    throw new ShapeError(
      `torch.searchsorted(): boundary and sorter must have the same size, but got boundary tensor ${formatShape(sequence.shape)}and got sorter tensor ${formatShape(sorter.shape)}`,
    );
  }
  if (sorter !== null && sorter.dtype !== "int64")
    throw new DTypeError(`torch.searchsorted(): sorter must be a tensor of long dtype but got dtype ${sorter.dtype}`);
  return search("torch.searchsorted", sequence, given, bound);
}

/** For each element the bucket between sorted `boundaries` it falls into; int64. @throws {ShapeError} unless `boundaries` is a vector @see torch.bucketize */
export function bucketize(
  self: Tensor | Scalar,
  boundaries: Tensor | (SearchOptions & { boundaries: Tensor }),
  options?: SearchOptions,
  ...extra: never[]
): Tensor {
  const bound = bindBucketize(givenArguments([boundaries, options, ...extra]));
  if (bound.boundaries.ndim !== 1) {
    throw new ShapeError(`boundaries tensor must be 1 dimension, but got dim(${bound.boundaries.ndim})`);
  }
  return search("torch.bucketize", bound.boundaries, asTensor(self), { ...bound, side: null, sorter: null });
}
