import { given as givenArguments, nothingElse, required, signature } from "../../dispatch/arguments.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { checkNames } from "../../tensor/names.ts";
import { formatShape, numelOf, type Shape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { inferSize } from "./layout.ts";
import { reshape } from "./reshape.ts";
import { view } from "./view.ts";

const bindFlatten = signature("flatten", { startDim: 0, endDim: -1, outDim: null });
const bindUnflatten = signature("unflatten", { dim: required, sizes: required, names: null });

export interface FlattenOptions {
  /** First dimension to merge. Default 0. */
  startDim?: number | string;
  /** Last dimension to merge. Default -1. */
  endDim?: number | string;
  /** The name of the merged dimension. */
  outDim?: string;
}

/** Dimensions `startDim` to `endDim` merged to one: a view where strides allow, else a copy. @throws {ShapeError} @see torch.flatten */
export function flatten(
  self: Tensor,
  startDim?: number | string | readonly string[] | FlattenOptions,
  endDim?: number | string | FlattenOptions,
  outDim?: string | FlattenOptions,
  ...extra: never[]
): Tensor {
  if (Array.isArray(startDim)) {
    return flatten(self, startDim[0] as string, startDim[startDim.length - 1] as string, endDim as string);
  }
  const given =
    typeof startDim === "number" && endDim === undefined && outDim === undefined && extra.length === 0
      ? { startDim, endDim: -1, outDim: null }
      : bindFlatten(givenArguments([startDim, endDim, outDim, ...extra]));
  const start = wrapDim(dimNumber(self, given.startDim), self.ndim);
  const end = wrapDim(dimNumber(self, given.endDim), self.ndim);
  if (start > end) throw new ShapeError("flatten() has invalid args: start_dim cannot come after end_dim");
  if (self.ndim === 0) return reshape(self, [1]);
  if (start === end && given.outDim === null) return self;
  const merged = numelOf(self.shape.slice(start, end + 1));
  const out = reshape(self, [...self.shape.slice(0, start), merged, ...self.shape.slice(end + 1)]);
  if (given.outDim !== null) {
    const names = self.dimNames ?? new Array<null>(self.ndim).fill(null);
    out.dimNames = checkNames([...names.slice(0, start), given.outDim, ...names.slice(end + 1)], out.ndim);
  }
  return out;
}

/** The sizes of `flatten(0)`. @see torch.ravel */
export function ravel(self: Tensor, ...extra: never[]): Tensor {
  nothingElse("ravel", extra);
  return reshape(self.contiguous(), [-1]);
}

type NamedSize = readonly [name: string, size: number];

/** Dimension `dim` split into `sizes` (one may be -1), a view. Named: sizes are `[name, size]` pairs. @throws {ShapeError} @see torch.unflatten */
export function unflatten(
  self: Tensor,
  dim: number | string | { dim: number | string; sizes: Shape | readonly NamedSize[] },
  sizes?: Shape | readonly NamedSize[] | { sizes: Shape },
  ...extra: never[]
): Tensor {
  const given = bindUnflatten(givenArguments([dim, sizes, ...extra]));
  if (self.ndim === 0) throw new IndexError(`Dimension specified as ${given.dim} but tensor has no dimensions`);
  const d = wrapDim(dimNumber(self, given.dim), self.ndim);
  const named = Array.isArray(given.sizes[0]);
  const plain: Shape = named ? (given.sizes as readonly NamedSize[]).map(([, n]) => n) : given.sizes;
  if (plain.length === 0) throw new ShapeError("unflatten: sizes must be non-empty");
  const size = self.shape[d]!;
  const unknown = plain.filter((n) => n === -1).length;
  const known = plain.reduce((a, b) => (b === -1 ? a : a * b), 1);
  if (unknown === 0 ? known !== size : unknown === 1 && (known === 0 || size % known !== 0)) {
    throw new ShapeError(
      `unflatten: Provided sizes ${formatShape(plain)} don't multiply up to the size of dim ${d} (${size}) in the input tensor`,
    );
  }
  const out = view(self, [...self.shape.slice(0, d), ...inferSize(plain, size), ...self.shape.slice(d + 1)]);
  if (self.dimNames !== null || named) {
    const names = self.dimNames ?? new Array<null>(self.ndim).fill(null);
    out.dimNames = checkNames(
      [...names.slice(0, d), ...plain.map((_, i) => (named ? (given.sizes as readonly NamedSize[])[i]![0] : null)), ...names.slice(d + 1)],
      out.ndim,
    );
  }
  return out;
}
