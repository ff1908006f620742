import type { DType } from "@bluedot/core";
import { checkSizes, emptyTensor, getDefaultDtype } from "@bluedot/core/extend";
import { Parameter } from "./parameter.ts";

/**
 * Optional arguments of a constructor: each by position, in PyTorch's order, or by name in one options object after those given by position.
 * `Rest<[bias: boolean], LinearOptions>` takes `false`, `{ bias: false }` and nothing.
 */
export type Rest<Values extends readonly unknown[], Options> = [...{ [K in keyof Values]?: Values[K] | Options }, options?: Options];

/** Where parameters are made. */
export interface FactoryOptions {
  /** Default: the CPU. */
  device?: string | null;
  /** Default: the default dtype. */
  dtype?: DType | null | undefined;
}

/** Uninitialised memory of a module's own. */
export const buffer = (shape: readonly number[], { device = null, dtype = null }: FactoryOptions) =>
  emptyTensor(checkSizes(shape), dtype ?? getDefaultDtype(), device ?? "cpu");

/** A parameter of uninitialised memory. */
export const parameter = (shape: readonly number[], options: FactoryOptions): Parameter => new Parameter(buffer(shape, options));

/** A number for every spatial dimension, or one for each. */
export type PerDim = number | readonly number[];

/** `value` for each of `n` dimensions. */
export const perDim = (value: PerDim, n: number): readonly number[] =>
  typeof value === "number" ? new Array<number>(n).fill(value) : value;
