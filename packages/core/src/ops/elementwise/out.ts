import { isOptions, signature } from "../../dispatch/arguments.ts";
import { AutogradError, DTypeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { canCast } from "../../tensor/promotion.ts";
import { sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { resize_ } from "../view/resize.ts";
import { copy_ } from "./clone.ts";

/** Where a function puts its result. */
export interface OutOptions {
  /** Takes the result, cast to its dtype; resized where its shape differs. Default: a new tensor. */
  out?: Tensor | null;
}

/** The `out` among trailing options, or null. */
export const outAmong = (options: unknown): Tensor | null => (isOptions(options) ? ((options as OutOptions).out ?? null) : null);

/** The `out` of a function that has no other option. @throws {TypeError} for other options */
export const onlyOut = (name: string, options: unknown): Tensor | null =>
  (signature(name, { out: null })([options]) as { out: Tensor | null }).out;

/** Writes a result to `out` and returns that. @throws {AutogradError} where either takes part in a graph @throws {DTypeError} where the dtype does not fit */
export function writeOut(name: string, out: Tensor, result: Tensor): Tensor {
  if (result.tracked || out.tracked) {
    const snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    throw new AutogradError(
      `${snake}(): functions with out=... arguments don't support automatic differentiation, but one of the arguments requires grad.`,
    );
  }
  if (!canCast(result.dtype, out.dtype)) {
    throw new DTypeError(
      `result type ${dtypeInfo[result.dtype].scalarType} can't be cast to the desired output type ${dtypeInfo[out.dtype].scalarType}`,
    );
  }
  return copy_(sameShape(out.shape, result.shape) ? out : resize_(out, [...result.shape]), result);
}
