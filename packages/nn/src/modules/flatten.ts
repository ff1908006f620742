import { ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { Module } from "../module/module.ts";
import { pythonValue } from "../module/printing.ts";

export interface FlattenOptions {
  /** First dimension to merge. Default 1. */
  startDim?: number;
  /** Last dimension to merge. Default -1. */
  endDim?: number;
}
const bindFlatten = signature("Flatten", { startDim: 1, endDim: -1 });
/** Merges dimensions into one: `[N, C, H, W] -> [N, C H W]`. @see torch.nn.Flatten */
export class Flatten extends Module {
  startDim: number;
  endDim: number;
  constructor(...args: Rest<[startDim: number, endDim: number], FlattenOptions>) {
    super();
    const { startDim, endDim } = bindFlatten(args);
    this.startDim = startDim;
    this.endDim = endDim;
  }
  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

const bindUnflatten = signature("Unflatten", { dim: required, unflattenedSize: required });
/** Splits one dimension into several. @throws {ShapeError} for sizes that don't fit @see torch.nn.Unflatten */
export class Unflatten extends Module {
  dim: number | string;
  unflattenedSize: readonly number[];
  constructor(dim: number | string, unflattenedSize: readonly number[]);
  constructor(options: { dim: number | string; unflattenedSize: readonly number[] });
  constructor(...args: unknown[]) {
    super();
    const { dim, unflattenedSize } = bindUnflatten(args);
    if (!Array.isArray(unflattenedSize)) {
      throw new ShapeError(`unflattened_size must be tuple of ints, but found type ${typeof unflattenedSize}`);
    }
    this.dim = dim;
    this.unflattenedSize = unflattenedSize;
  }
  override forward(input: Tensor): Tensor {
    return input.unflatten(this.dim as number, this.unflattenedSize);
  }
  override extraRepr(): string {
    return `dim=${pythonValue(this.dim)}, unflattened_size=${pythonValue(this.unflattenedSize)}`;
  }
}
