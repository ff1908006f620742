import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { copyElements, launch, run } from "../../dispatch/run.ts";
import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fillOp } from "../factory/filled.ts";

interface Scatter {
  readonly shape: Shape;
  /** Takes the view whose place the input fills; must not let two elements share a place. */
  readonly view: (base: Tensor) => Tensor;
}

const viewScatterOp: Op<readonly [Tensor], Scatter> = defineOp<readonly [Tensor], Scatter>({
  name: "viewScatter",
  infer: ([self], { shape }) => ({ shape, dtype: self.dtype }),
  backward: [({ grad, params }) => params.view(grad)],
});

registerReferenceKernels([
  kernel(viewScatterOp, ([self], [out], { view }) => {
    launch(fillOp, [out!], [out!], 0);
    copyElements(self, view(out!));
  }),
]);

/** Zeros of `shape` but for the place that `view` shows, which holds `self`: the adjoint of taking that view. */
export const viewScatter = (self: Tensor, shape: Shape, view: (base: Tensor) => Tensor): Tensor =>
  run(viewScatterOp, [self], { shape, view });
