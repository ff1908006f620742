import { elementAt } from "../ops/indexing/read.ts";
import { formatTensor } from "./print.ts";
import type { Tensor } from "./tensor.ts";

/** PyTorch's `repr` of a tensor. */
export function describeTensor(t: Tensor): string {
  return formatTensor({
    shape: t.shape,
    dtype: t.dtype,
    get: t.device === "meta" ? undefined : elementAt(t),
    suffixes: {
      device: t.device === "cpu" ? undefined : t.device,
      gradFn: t.gradFn?.name().replace(/^.*::/, ""),
      requiresGrad: t.requiresGrad,
      names: t.dimNames,
    },
  });
}
