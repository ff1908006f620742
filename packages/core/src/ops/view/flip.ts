import { given as givenArguments, isOptions, nothingElse, signature, variadic } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { around, flat } from "../../reference/flat.ts";
import { forEachRow } from "../../reference/loops.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { stridesIn } from "../../tensor/memory-format.ts";
import { type Shape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { transpose } from "./transpose.ts";

/** Copies `self` read with other strides and offset (in elements), which may run backwards. */
function copyAs(self: Tensor, strides: readonly number[], offset: number, out: Tensor): void {
  const from = self.elements as Float64Array;
  const to = out.elements as Float64Array;
  const width = isComplex(self.dtype) ? 2 : 1;
  forEachRow(out.shape, [out.strides, strides], [out.offset, offset], ([p, q], [u, v], n) => {
    if (u === 1 && v === 1) return to.set(from.subarray(q! * width, (q! + n) * width), p! * width);
    for (let i = 0, o = p! * width, k = q! * width; i < n; i++, o += u! * width, k += v! * width) {
      to[o] = from[k]!;
      if (width === 2) to[o + 1] = from[k + 1]!;
    }
  });
}

function flipped(self: Tensor, dims: readonly number[], out: Tensor): void {
  const last = dims.reduce((at, d) => at + Math.max(self.shape[d]! - 1, 0) * self.strides[d]!, self.offset);
  copyAs(
    self,
    self.strides.map((s, d) => (dims.includes(d) ? -s : s)),
    last,
    out,
  );
}

/** Moves blocks around each dimension in turn. */
function rolled(self: Tensor, { shifts, dims }: Shifts, out: Tensor): void {
  const { data, width } = flat(self);
  let from = data;
  dims.forEach((dim, k) => {
    const { outer, size, inner } = around(self.shape, dim);
    const to = new (from.constructor as new (n: number) => Float64Array)(from.length);
    const row = size * inner * width;
    const head = (size === 0 ? 0 : ((shifts[k]! % size) + size) % size) * inner * width;
    for (let i = 0; i < outer; i++) {
      to.set(from.subarray(i * row, (i + 1) * row - head), i * row + head);
      to.set(from.subarray((i + 1) * row - head, (i + 1) * row), i * row);
    }
    from = to;
  });
  flat(out).data.set(from);
}

const flipOp: Op<readonly [Tensor], readonly number[]> = defineOp<readonly [Tensor], readonly number[]>({
  name: "flip",
  infer: ([self]) => self,
  strides: ([self]) => stridesIn("preserve_format", self),
  backward: [({ grad, params }) => run(flipOp, [grad], params)],
  names: ([self]) => [self.dimNames],
});

interface Shifts {
  readonly shifts: readonly number[];
  readonly dims: readonly number[];
}

const rollOp: Op<readonly [Tensor], Shifts> = defineOp<readonly [Tensor], Shifts>({
  name: "roll",
  infer: ([self]) => self,
  backward: [({ grad, params: { shifts, dims } }) => run(rollOp, [grad], { shifts: shifts.map((s) => -s), dims })],
  names: ([self]) => [self.dimNames],
});

registerReferenceKernels([
  kernel(flipOp, ([self], [out], dims) => flipped(self, dims, out!)),
  kernel(rollOp, ([self], [out], params) => rolled(self, params, out!)),
]);

/** A copy with the order along `dims` reversed. @throws {IndexError} @throws {ShapeError} on a repeated dimension @see torch.flip */
export function flip(self: Tensor, ...dims: number[] | [Shape] | [{ dims: Shape }]): Tensor {
  const list =
    isOptions(dims[0]) && typeof (dims[0] as { dims: unknown }).dims === "number"
      ? [(dims[0] as unknown as { dims: number }).dims]
      : variadic("flip", "dims", dims);
  const wrapped = list.map((d) => wrapDim(d, self.ndim));
  wrapped.forEach((d, i) => {
    if (wrapped.indexOf(d) !== i) throw new ShapeError(`dim ${d} appears multiple times in the list of dims`);
  });
  return run(flipOp, [self], self.ndim === 0 ? [] : wrapped);
}
/** Columns reversed: `flip(1)`. @throws {ShapeError} below two dimensions @see torch.fliplr */
export function fliplr(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("fliplr", extra);
  if (self.ndim < 2) throw new ShapeError("Input must be >= 2-d.");
  return flip(self, 1);
}
/** Rows reversed: `flip(0)`. @throws {ShapeError} for a 0-d tensor @see torch.flipud */
export function flipud(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("flipud", extra);
  if (self.ndim < 1) throw new ShapeError("Input must be >= 1-d.");
  return flip(self, 0);
}

export interface RollOptions {
  shifts?: number | readonly number[];
  /** Dimensions to shift. Default: all elements in row-major order. */
  dims?: number | readonly number[];
}

const bindRoll = signature("roll", { shifts: null, dims: [] });
const asList = (v: number | readonly number[] | null): readonly number[] => (v === null ? [] : typeof v === "number" ? [v] : v);

/** A copy with elements moved by `shifts` along `dims`, those beyond the end coming in at the front. @throws {ShapeError} @throws {IndexError} @see torch.roll */
export function roll(
  self: Tensor,
  shifts: number | readonly number[] | RollOptions,
  dims?: number | readonly number[] | RollOptions,
  ...extra: never[]
): Tensor {
  const given = bindRoll(givenArguments([shifts, dims, ...extra]));
  const by = asList(given.shifts);
  const along = asList(given.dims);
  if (by.length === 0) throw new ShapeError("`shifts` required");
  if (along.length === 0 && by.length === 1) return roll(self.contiguous().reshape([-1]), by, 0).reshape(self.shape);
  if (by.length !== along.length) throw new ShapeError(`shifts and dimensions must align. shifts: ${by.length}, dims:${along.length}`);
  if (self.ndim === 0) throw new IndexError(`Dimension specified as ${along[0]} but tensor has no dimensions`);
  const wrapped = along.map((d) => wrapDim(d, self.ndim));
  return run(rollOp, [self], { shifts: by, dims: wrapped });
}

const bindRot = signature("rot90", { k: 1, dims: [0, 1] });
export interface Rot90Options {
  /** How many quarter turns. Default 1. */
  k?: number;
  /** The plane. Default [0, 1]. */
  dims?: readonly number[];
}

/** A copy turned by 90 degrees `k` times, from the first of `dims` towards the second. @throws {ShapeError} @see torch.rot90 */
export function rot90(self: Tensor, k?: number | Rot90Options, dims?: readonly number[] | Rot90Options, ...extra: never[]): Tensor {
  const { k: turns, dims: plane } = bindRot(givenArguments([k, dims, ...extra])) as { k: number; dims: readonly number[] };
  if (plane.length !== 2) throw new ShapeError(`expected total rotation dims == 2, but got dims = ${plane.length}`);
  if (self.ndim < 2) throw new ShapeError(`expected total dims >= 2, but got total dims = ${self.ndim}`);
  const [a, b] = plane as [number, number];
  if (a === b || Math.abs(a - b) === self.ndim)
    throw new ShapeError(`expected rotation dims to be different, but got dim0 = ${a} and dim1 = ${b}`);
  for (const d of [a, b])
    if (d >= self.ndim || d < -self.ndim) throw new ShapeError(`Rotation dim${d === a ? 0 : 1} out of range, dim${d === a ? 0 : 1} = ${d}`);
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return transpose(flip(self, [b]), a, b);
    case 2:
      return flip(self, [a, b]);
    case 3:
      return transpose(flip(self, [a]), a, b);
    default:
      return self.clone();
  }
}
