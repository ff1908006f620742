import { ShapeError } from "../errors.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Orders of elements in memory. `channels_last` keeps the channels of `[N, C, H, W]` side by side; `preserve_format` is as the tensor lies. */
export type MemoryFormat = "contiguous_format" | "channels_last" | "channels_last_3d" | "preserve_format";

/** @see torch.contiguous_format */
export const contiguousFormat = "contiguous_format" satisfies MemoryFormat;
/** @see torch.channels_last */
export const channelsLast = "channels_last" satisfies MemoryFormat;
/** @see torch.channels_last_3d */
export const channelsLast3d = "channels_last_3d" satisfies MemoryFormat;
/** @see torch.preserve_format */
export const preserveFormat = "preserve_format" satisfies MemoryFormat;

/** Strides of a shape whose dimensions lie in memory in `order`, innermost first. */
function stridesByOrder(shape: Shape, order: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (const d of order) {
    strides[d] = step;
    step *= Math.max(shape[d]!, 1);
  }
  return strides;
}

const channelsInnermost = (ndim: number): number[] => [1, ...Array.from({ length: ndim - 2 }, (_, i) => ndim - 1 - i), 0];

/** Dimensions from the innermost to the outermost where the elements fill their memory without gaps or overlap, else null. */
function denseOrder(t: Tensor): number[] | null {
  const order = t.shape.map((_, i) => i).sort((a, b) => t.strides[a]! - t.strides[b]! || t.shape[a]! - t.shape[b]! || b - a);
  let step = 1;
  for (const d of order) {
    if (t.shape[d] === 1) continue;
    if (t.strides[d] !== step) return null;
    step *= t.shape[d]!;
  }
  return order;
}

/** Strides in a format for the shape of `t`; null for row-major. @throws {ShapeError} where the format wants another number of dimensions */
export function stridesIn(format: MemoryFormat, t: Tensor): readonly number[] | null {
  switch (format) {
    case "contiguous_format":
      return null;
    case "channels_last":
    case "channels_last_3d": {
      const rank = format === "channels_last" ? 4 : 5;
      if (t.ndim !== rank) throw new ShapeError(`required rank ${rank} tensor to use ${format} format`);
      return stridesByOrder(t.shape, channelsInnermost(rank));
    }
    case "preserve_format": {
      if (t.contiguousLayout || t.count === 0) return null;
      return denseOrder(t) === null ? null : t.strides;
    }
    default:
      throw new TypeError(`unknown memory format ${String(format)}`);
  }
}

/** Whether the elements lie in a format without gaps. */
export function isInFormat(t: Tensor, format: MemoryFormat): boolean {
  if (format === "contiguous_format") return t.contiguousLayout;
  if (format === "preserve_format") throw new ShapeError("preserve memory format is unsupported by the contiguous operator");
  const rank = format === "channels_last" ? 4 : 5;
  if (t.ndim !== rank) return false;
  let step = 1;
  for (const d of channelsInnermost(rank)) {
    if (t.shape[d] !== 1 && t.strides[d] !== step) return false;
    step *= t.shape[d]!;
  }
  return true;
}
