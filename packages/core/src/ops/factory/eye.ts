import { isOptions } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { getDefaultDtype } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { asStrided } from "../view/as-strided.ts";
import { checkFactoryOptions, type FactoryOptions, fill_, finish, zeros } from "./filled.ts";

interface EyeOptions extends FactoryOptions {
  n?: number;
  m?: number | null;
}

/** Zeros `[n, m]` with ones on the diagonal; square without `m`. @throws {ShapeError} on a negative size @see torch.eye */
export function eye(n: number | (EyeOptions & { n: number }), m?: number | EyeOptions, options?: EyeOptions): Tensor {
  const last = options ?? (isOptions(m) ? (m as EyeOptions) : isOptions(n) ? (n as EyeOptions) : {});
  const { n: namedRows, m: namedColumns, ...rest } = last;
  checkFactoryOptions("eye", rest);
  const rows = typeof n === "number" ? n : namedRows!;
  const columns = (typeof m === "number" ? m : null) ?? namedColumns ?? rows;
  if (rows < 0) throw new ShapeError(`n must be greater or equal to 0, got ${rows}`);
  if (columns < 0) throw new ShapeError(`m must be greater or equal to 0, got ${columns}`);
  const out = zeros([rows, columns], { dtype: rest.dtype ?? getDefaultDtype(), device: rest.device });
  fill_(asStrided(out, [Math.min(rows, columns)], [columns + 1]), 1);
  return finish(out, rest);
}
