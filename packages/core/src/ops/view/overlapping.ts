import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Layout, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { accumulable, writeAccumulated } from "../../reference/accumulate.ts";
import { offsetsAlong } from "../../reference/flat.ts";
import { numelOf, type Shape } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";

interface Accumulation {
  readonly shape: Shape;
  /** The layout of the view over a contiguous tensor of `shape`; elements may share a place. */
  readonly layout: Layout;
}

/** Zeros with the input added at the places that a layout reads. */
const viewAccumulateOp: Op<readonly [Tensor], Accumulation> = defineOp<readonly [Tensor], Accumulation>({
  name: "viewAccumulate",
  infer: ([self], { shape }) => ({ shape, dtype: self.dtype }),
  backward: [({ grad, params }) => run(viewGatherOp, [grad], params.layout)],
});

/** A copy of the elements that a layout reads from a contiguous tensor. */
const viewGatherOp: Op<readonly [Tensor], Layout> = defineOp<readonly [Tensor], Layout>({
  name: "viewGather",
  infer: ([self], { shape }) => ({ shape, dtype: self.dtype }),
  contiguous: true,
  backward: [({ grad, specs: [self], params }) => run(viewAccumulateOp, [grad], { shape: self.shape, layout: params })],
});

const places = ({ shape, strides, offset }: Layout): Float64Array =>
  offsetsAlong(
    shape,
    strides,
    shape.map((_, i) => i),
  ).map((at) => at + offset);

registerReferenceKernels([
  kernel(viewAccumulateOp, ([self], [out], { layout }) => {
    const { data: from, width } = accumulable(self);
    const total = new (from.constructor as new (n: number) => Float64Array)(out!.count * width);
    places(layout).forEach((at, i) => {
      for (let w = 0; w < width; w++) total[at * width + w]! += from[i * width + w]!;
    });
    writeAccumulated(out!, { data: total, width });
  }),
  kernel(viewGatherOp, ([self], [out], layout) => {
    const view = new Tensor(self.storage, layout.shape, layout.strides, self.offset + layout.offset, self.dtype);
    writeAccumulated(out!, accumulable(view));
  }),
]);

/** The adjoint of a view whose elements may overlap: sums what each place of a contiguous tensor of `shape` received. */
export const viewAccumulate = (grad: Tensor, shape: Shape, layout: Layout): Tensor =>
  numelOf(shape) === 0 ? grad.reshape([-1]).sum().expand(shape) : run(viewAccumulateOp, [grad], { shape, layout });
