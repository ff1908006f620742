import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { copyElements, run } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, type Shape, sameShape, wrapDim } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { dimNumber } from "../reduce/reduction.ts";
import { asStrided } from "./as-strided.ts";
import { diagonal } from "./diagonal.ts";
import { select } from "./select.ts";
import { sliceAlong } from "./slice.ts";

type ViewOf = (base: Tensor) => Tensor;

/** A copy of the first input with the second written where a view reads. */
const embedOp: Op<readonly [Tensor, Tensor], ViewOf> = defineOp<readonly [Tensor, Tensor], ViewOf>({
  name: "viewEmbed",
  gradName: "SliceScatterBackward0",
  infer: ([self]) => self,
  backward: [
    ({ grad, specs: [, src], params }) => run(embedOp, [grad, zeros(src.shape, { dtype: grad.dtype, device: grad.device })], params),
    ({ grad, params }) => params(grad),
  ],
});

registerReferenceKernels([
  kernel(embedOp, ([self, src], [out], view) => {
    copyElements(self, out!);
    copyElements(src, view(out!));
  }),
]);

function embed(self: Tensor, src: Tensor, view: ViewOf): Tensor {
  const target = view(self.detach());
  if (!sameShape(target.shape, src.shape)) {
    throw new ShapeError(
      `expected src to have a size equal to the slice of self. src size = ${formatShape(src.shape)}, slice size = ${formatShape(target.shape)}`,
    );
  }
  return run(embedOp, [self, src], view);
}

type WithSrc<P> = P & { src: Tensor };

const bindSelect = signature("selectScatter", { src: required, dim: required, index: required });
/** A copy of `self` with `src` written over the slice at `index` of dimension `dim`. @throws {ShapeError} @see torch.select_scatter */
export function selectScatter(
  self: Tensor,
  src: Tensor | WithSrc<{ dim: number; index: number }>,
  dim?: number,
  index?: number,
  ...extra: never[]
): Tensor {
  const given = bindSelect(givenArguments([src, dim, index, ...extra])) as WithSrc<{ dim: number; index: number }>;
  return embed(self, given.src, (base) => select(base, given.dim, given.index));
}

export interface SliceScatterOptions {
  dim?: number;
  start?: number | null;
  end?: number | null;
  step?: number;
}
const bindSlice = signature("sliceScatter", { src: required, dim: 0, start: null, end: null, step: 1 });
/** A copy of `self` with `src` written over a slice of dimension `dim`. @throws {ShapeError} @see torch.slice_scatter */
export function sliceScatter(
  self: Tensor,
  src: Tensor | WithSrc<SliceScatterOptions>,
  dim?: number | SliceScatterOptions,
  start?: number | null,
  end?: number | null,
  step?: number,
  ...extra: never[]
): Tensor {
  const given = bindSlice(givenArguments([src, dim, start, end, step, ...extra])) as WithSrc<Required<SliceScatterOptions>>;
  const d = wrapDim(given.dim, self.ndim);
  return embed(self, given.src, (base) => sliceAlong(base, d, given.start, given.end, given.step));
}

export interface DiagonalScatterOptions {
  offset?: number;
  dim1?: number | string;
  dim2?: number | string;
}
const bindDiagonal = signature("diagonalScatter", { src: required, offset: 0, dim1: 0, dim2: 1 });
/** A copy of `self` with `src` written over diagonals. @throws {ShapeError} @see torch.diagonal_scatter */
export function diagonalScatter(
  self: Tensor,
  src: Tensor | WithSrc<DiagonalScatterOptions>,
  offset?: number | DiagonalScatterOptions,
  dim1?: number,
  dim2?: number,
  ...extra: never[]
): Tensor {
  const given = bindDiagonal(givenArguments([src, offset, dim1, dim2, ...extra])) as WithSrc<Required<DiagonalScatterOptions>>;
  const [a, b] = [dimNumber(self, given.dim1), dimNumber(self, given.dim2)];
  return embed(self, given.src, (base) => diagonal(base, given.offset, a, b));
}

const bindStrided = signature("asStridedScatter", { src: required, size: required, stride: required, storageOffset: null });
/** A copy of `self` with `src` written where `asStrided` reads. @throws {ShapeError} @see torch.as_strided_scatter */
export function asStridedScatter(
  self: Tensor,
  src: Tensor | WithSrc<{ size: Shape; stride: Shape; storageOffset?: number | null }>,
  size?: Shape,
  stride?: Shape,
  storageOffset?: number | null,
  ...extra: never[]
): Tensor {
  const given = bindStrided(givenArguments([src, size, stride, storageOffset, ...extra])) as WithSrc<{
    size: Shape;
    stride: Shape;
    storageOffset: number | null;
  }>;
  return embed(self, given.src, (base) => asStrided(base, given.size, given.stride, given.storageOffset));
}
