import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { defineMultiView, type Layout, type MultiViewOp } from "../../dispatch/op.ts";
import { runViews } from "../../dispatch/run.ts";
import { IndexError, ShapeError } from "../../errors.ts";
import { dimNumber } from "../../tensor/names.ts";
import { formatShape, wrapDim } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { cat, stack } from "./cat.ts";
import { sliceAlong } from "./slice.ts";

export interface Splitting<Key extends string> {
  (self: Tensor, pieces: number | readonly number[], dim?: number | { dim?: number }): Tensor[];
  (self: Tensor, options: { [K in Key]: number | readonly number[] } & { dim?: number }): Tensor[];
}

const bindSplit = signature("split", { splitSize: required, dim: 0 });
const bindSections = signature("splitWithSizes", { splitSizes: required, dim: 0 });
const bindChunk = signature("chunk", { chunks: required, dim: 0 });
const bindTensorSplit = signature("tensorSplit", { indicesOrSections: required, dim: 0 });
const bindUnbind = signature("unbind", { dim: 0 });
const bindHalves = signature("hsplit", { indicesOrSections: required });

interface Sections {
  readonly sizes: readonly number[];
  readonly dim: number;
}

/** Consecutive pieces of the given sizes, the views of one operator. */
const defineSplit = (name: string): MultiViewOp<Sections> =>
  defineMultiView<Sections>({
    name,
    layouts: (self, { sizes, dim }) => {
      let start = 0;
      return sizes.map((size): Layout => {
        start += size;
        return {
          shape: self.shape.with(dim, size),
          strides: self.strides,
          offset: self.offset + (size === 0 ? 0 : (start - size) * self.strides[dim]!),
        };
      });
    },
    backward: ({ grads, specs: [self], params: { sizes, dim } }) => {
      const like = grads.find((g) => g !== null)!;
      return cat(
        sizes.map((size, i) => grads[i] ?? zeros(self.shape.with(dim, size), { dtype: like.dtype, device: like.device })),
        dim,
      );
    },
    names: (self) => self.dimNames,
  });

const splitViews = defineSplit("split");
const splitWithSizesViews = defineSplit("splitWithSizes");

const unbindViews: MultiViewOp<number> = defineMultiView<number>({
  name: "unbind",
  layouts: (self, dim) => {
    const shape = self.shape.toSpliced(dim, 1);
    const strides = self.strides.toSpliced(dim, 1);
    return Array.from({ length: self.shape[dim]! }, (_, i) => ({ shape, strides, offset: self.offset + i * self.strides[dim]! }));
  },
  backward: ({ grads, specs: [self], params: dim }) => {
    const like = grads.find((g) => g !== null)!;
    const absent = zeros(self.shape.toSpliced(dim, 1), { dtype: like.dtype, device: like.device });
    return stack(
      grads.map((g) => g ?? absent),
      dim,
    );
  },
  names: (self, dim) => self.dimNames!.toSpliced(dim, 1),
});

/** Consecutive views of the given sizes along a dimension. */
function pieces(self: Tensor, sizes: readonly number[], dim: number): Tensor[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return sliceAlong(self, dim, start - size, start);
  });
}

/** `split_size_or_sections` and `split_size` are both names PyTorch uses for the first argument. */
const renamed = (args: readonly unknown[], from: string, to: string): unknown[] =>
  args.map((a) => {
    if (typeof a !== "object" || a === null || !Object.hasOwn(a, from)) return a;
    const { [from]: value, ...rest } = a as Record<string, unknown>;
    return { ...rest, [to]: value };
  });

/** Views of `splitSize` elements each (the last may be smaller), or of the sizes given, along `dim`. @throws {ShapeError} @see torch.split */
export const split: Splitting<"splitSizeOrSections"> = (self: Tensor, ...args: unknown[]): Tensor[] => {
  const { splitSize, dim } = bindSplit(renamed(args, "splitSizeOrSections", "splitSize"));
  if (typeof splitSize !== "number") return splitWithSizes(self, splitSize, dim);
  if (self.ndim === 0) throw new ShapeError("split expects at least a 1-dimensional tensor");
  if (splitSize < 0) throw new ShapeError(`split expects split_size be non-negative, but got split_size=${splitSize}`);
  const d = wrapDim(dim, self.ndim);
  const size = self.shape[d]!;
  if (splitSize === 0 && size !== 0)
    throw new ShapeError(`split_size can only be 0 if dimension size is 0, but got dimension size of ${size}`);
  const count = splitSize === 0 ? 1 : Math.max(Math.ceil(size / splitSize), 1);
  const sizes = Array.from({ length: count }, (_, i) => Math.min((i + 1) * splitSize, size) - i * splitSize);
  return runViews(splitViews, self, { sizes, dim: d });
};

/** Views of the sizes `splitSizes` along `dim`. @throws {ShapeError} unless they sum to the dimension's size @see torch.split_with_sizes */
export const splitWithSizes: Splitting<"splitSizes"> = (self: Tensor, ...args: unknown[]): Tensor[] => {
  const { splitSizes, dim } = bindSections(args) as { splitSizes: readonly number[]; dim: number };
  if (self.ndim === 0) throw new ShapeError("split expects at least a 1-dimensional tensor");
  const d = wrapDim(dim, self.ndim);
  const size = self.shape[d]!;
  for (const n of splitSizes) {
    if (n < 0)
      throw new ShapeError(
        `split_with_sizes expects split_sizes have only non-negative entries, but got split_sizes=${formatShape(splitSizes)}`,
      );
  }
  if (splitSizes.reduce((a, b) => a + b, 0) !== size) {
    throw new ShapeError(
      `split_with_sizes expects split_sizes to sum exactly to ${size} (input tensor's size at dimension ${dim}), but got split_sizes=${formatShape(splitSizes)}`,
    );
  }
  return runViews(splitWithSizesViews, self, { sizes: splitSizes, dim: d });
};

/** At most `chunks` views of equal size (the last may be smaller) along `dim`. @throws {ShapeError} @see torch.chunk */
export const chunk: Splitting<"chunks"> = (self: Tensor, ...args: unknown[]): Tensor[] => {
  const { chunks, dim } = bindChunk(args) as { chunks: number; dim: number };
  if (self.ndim === 0) throw new ShapeError("chunk expects at least a 1-dimensional tensor");
  if (chunks <= 0) throw new ShapeError(`chunk expects \`chunks\` to be greater than 0, got: ${chunks}`);
  const size = self.shape[wrapDim(dim, self.ndim)]!;
  const each = Math.ceil(size / chunks);
  return each === 0 ? splitWithSizes(self, new Array<number>(chunks).fill(0), dim) : split(self, each, dim);
};

/** Views split at `indices`, or into that many sections of nearly equal size, along `dim`. @throws {ShapeError} @see torch.tensor_split */
export function tensorSplit(
  self: Tensor,
  indicesOrSections:
    | number
    | readonly number[]
    | Tensor
    | { indices?: readonly number[]; sections?: number; indicesOrSections?: number | readonly number[] | Tensor; dim?: number },
  dim?: number | { dim?: number },
  ...extra: never[]
): Tensor[] {
  const args = renamed(
    renamed(givenArguments([indicesOrSections, dim, ...extra]), "indices", "indicesOrSections"),
    "sections",
    "indicesOrSections",
  );
  const tensorArgs = renamed(args, "tensorIndicesOrSections", "indicesOrSections");
  const { indicesOrSections: given, dim: along } = bindTensorSplit(tensorArgs);
  if (self.ndim === 0)
    throw new ShapeError(`tensor_split expected at least a 1-dimensional tensor, but got a tensor with ${self.ndim} dims`);
  const d = wrapDim(along, self.ndim);
  let where = given;
  if (given instanceof Tensor) {
    if (given.dtype !== "int64")
      throw new ShapeError(
        `tensor_split expected tensor_indices_or_sections to have dtype of long, but got ${given.dtype === "float32" ? "Float" : given.dtype}`,
      );
    if (given.ndim > 1)
      throw new ShapeError(
        `tensor_split expected tensor_indices_or_sections to be a zero-dimensional or one-dimensional tensor, but got a tensor with ${given.ndim} dims`,
      );
    where = given.tolist();
  }
  const size = self.shape[d]!;
  if (typeof where === "number") {
    const sections = where;
    if (sections <= 0) throw new ShapeError(`number of sections must be larger than 0, got ${sections}`);
    const base = Math.floor(size / sections);
    return pieces(
      self,
      Array.from({ length: sections }, (_, i) => base + (i < size % sections ? 1 : 0)),
      d,
    );
  }
  const bounds = where as readonly number[];
  return Array.from({ length: bounds.length + 1 }, (_, i) =>
    sliceAlong(self, d, i === 0 ? 0 : bounds[i - 1]!, i === bounds.length ? size : bounds[i]!),
  );
}

type IndicesOrSections =
  | number
  | readonly number[]
  | { indices?: readonly number[]; sections?: number; indicesOrSections?: number | readonly number[] };

function splitAt(name: string, self: Tensor, least: number, dim: number, given: readonly unknown[]): Tensor[] {
  const { indicesOrSections } = bindHalves(renamed(renamed(given, "indices", "indicesOrSections"), "sections", "indicesOrSections"));
  if (self.ndim < least) {
    throw new ShapeError(
      `torch.${name} requires a tensor with at least ${least} dimension, but got a tensor with ${self.ndim} dimensions!`,
    );
  }
  if (typeof indicesOrSections === "string") throw new TypeError(`${name}(): argument 'sections' (position 2) must be int, not str`);
  if (typeof indicesOrSections === "number") {
    const size = self.shape[dim]!;
    if (indicesOrSections === 0 || size % indicesOrSections !== 0) {
      throw new ShapeError(
        `torch.${name} attempted to split along dimension ${dim}, but the size of the dimension ${size} is not divisible by the split_size ${indicesOrSections}!`,
      );
    }
  }
  return tensorSplit(self, indicesOrSections, dim);
}

/** Splits along dimension 1 (0 for a vector). @throws {ShapeError} @see torch.hsplit */
export function hsplit(self: Tensor, indicesOrSections: IndicesOrSections, ...extra: never[]): Tensor[] {
  return splitAt("hsplit", self, 1, self.ndim === 1 ? 0 : 1, [indicesOrSections, ...extra]);
}
/** Splits along dimension 0. @throws {ShapeError} @see torch.vsplit */
export function vsplit(self: Tensor, indicesOrSections: IndicesOrSections, ...extra: never[]): Tensor[] {
  return splitAt("vsplit", self, 2, 0, [indicesOrSections, ...extra]);
}
/** Splits along dimension 2. @throws {ShapeError} @see torch.dsplit */
export function dsplit(self: Tensor, indicesOrSections: IndicesOrSections, ...extra: never[]): Tensor[] {
  return splitAt("dsplit", self, 3, 2, [indicesOrSections, ...extra]);
}

/** The slices along `dim`, views without that dimension. @throws {IndexError} @see torch.unbind */
export function unbind(self: Tensor, dim?: number | string | { dim?: number | string }, ...extra: never[]): Tensor[] {
  const { dim: along } = bindUnbind(givenArguments([dim, ...extra]));
  if (self.ndim === 0) throw new IndexError(`Dimension specified as ${along} but tensor has no dimensions`);
  const d = wrapDim(dimNumber(self, along), self.ndim);
  return runViews(unbindViews, self, d);
}
