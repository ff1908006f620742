import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { copyElements, run } from "../../dispatch/run.ts";
import type { DType } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** A copy in another dtype. */
export const castOp: Op<readonly [Tensor], DType> = defineOp<readonly [Tensor], DType>({
  name: "to",
  gradName: "ToCopyBackward0",
  infer: ([self], dtype) => ({ shape: self.shape, dtype }),
  elementwise: true,
  backward: [({ grad }) => grad],
  names: ([self]) => [self.dimNames],
});
registerReferenceKernels([kernel(castOp, ([self], outputs) => copyElements(self, outputs[0]!))]);

/** `self` in `dtype`: itself when it has that dtype, else a copy. */
export const to = (self: Tensor, dtype: DType): Tensor => (self.dtype === dtype ? self : run(castOp, [self], dtype));
