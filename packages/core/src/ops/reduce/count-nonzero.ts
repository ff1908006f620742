import { given, signature } from "../../dispatch/arguments.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sum } from "./sum.ts";

const bind = signature("countNonzero", { dim: null });

/** How many elements, over `dim` or altogether, differ from zero; int64. @throws {IndexError} @see torch.count_nonzero */
export function countNonzero(
  self: Tensor,
  dim?: number | readonly number[] | null | { dim?: number | readonly number[] | null },
  ...extra: never[]
): Tensor {
  const { dim: along } = bind(given([dim, ...extra]));
  return sum(self.ne(0), along);
}
