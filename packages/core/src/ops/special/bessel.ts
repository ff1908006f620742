import { run } from "../../dispatch/run.ts";
import { i0e as i0eOf, i0 as i0Of, i1e as i1eOf, i1 as i1Of } from "../../reference/bessel-functions.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { defineUnary, floatUnary, floatUnaryInto, type Unary, type Unary1, type UnaryOp } from "../elementwise/pointwise.ts";
import { where } from "../elementwise/where.ts";

export const i0Op: UnaryOp = defineUnary({
  name: "i0",
  label: "i0_vml_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(run(i1Op, [self], undefined))],
  compute: { real: i0Of },
});

export const i0eOp: UnaryOp = defineUnary({
  name: "i0e",
  gradName: "SpecialI0EBackward0",
  label: "i0e_cpu",
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [({ grad, inputs: [self], output }) => grad.mul(run(i1eOp, [self], undefined).sub(self.sgn().mul(output)))],
  compute: { real: i0eOf },
});

/** The tensor without elements so near zero that dividing by them would fail, and where those are. */
function awayFromZero(self: Tensor): { safe: Tensor; near: Tensor } {
  const eps = dtypeInfo[self.dtype].itemSize === 8 ? 2 ** -52 : 2 ** -23;
  const near = self.abs().le(eps);
  return { near, safe: where(near, eps, self) };
}

export const i1Op: UnaryOp = defineUnary({
  name: "i1",
  gradName: "SpecialI1Backward0",
  label: "i1_cpu",
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output }) => {
      const { safe, near } = awayFromZero(self);
      return grad.mul(where(near, 0.5, run(i0Op, [safe], undefined).sub(output.div(safe))));
    },
  ],
  compute: { real: i1Of },
});

export const i1eOp: UnaryOp = defineUnary({
  name: "i1e",
  gradName: "SpecialI1EBackward0",
  label: "i1e_cpu",
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output }) => {
      const { safe, near } = awayFromZero(self);
      const slope = run(i0eOp, [safe], undefined).sub(output.mul(safe.sgn().add(safe.reciprocal())));
      return grad.mul(where(near, 0.5, slope));
    },
  ],
  compute: { real: i1eOf },
});

/** Modified Bessel function of the first kind, order 0; integers give floats. @see torch.i0 @see torch.special.i0 */
export const i0: Unary = floatUnary(i0Op);
/** In-place {@link i0}. @see torch.Tensor.i0_ */
export const i0_: Unary1 = floatUnaryInto(i0Op);
/** {@link i0} times `exp(-|x|)`. @see torch.special.i0e */
export const i0e: Unary = floatUnary(i0eOp);
/** Modified Bessel function of the first kind, order 1; integers give floats. @see torch.special.i1 */
export const i1: Unary = floatUnary(i1Op);
/** {@link i1} times `exp(-|x|)`. @see torch.special.i1e */
export const i1e: Unary = floatUnary(i1eOp);
