import { run } from "../../dispatch/run.ts";
import { TensorError } from "../../errors.ts";
import { zeta as zetaOf } from "../../reference/gamma-function.ts";
import { floatType } from "../../tensor/promotion.ts";
import { xlog1pyOp } from "../elementwise/log-space.ts";
import {
  type BinaryBothWays,
  type BinaryOp,
  defineBinary,
  defineUnary,
  floatUnary,
  promotedBothWays,
  type Unary,
  type UnaryOp,
} from "../elementwise/pointwise.ts";

export const entrOp: UnaryOp = defineUnary({
  name: "entr",
  gradName: "SpecialEntrBackward0",
  label: "entr_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.log().neg().sub(1))],
  compute: { real: (x) => (x !== x ? x : x > 0 ? -x * Math.log(x) : x === 0 ? 0 : Number.NEGATIVE_INFINITY) },
});

export const zetaOp: BinaryOp = defineBinary({
  name: "zeta",
  gradName: "SpecialZetaBackward0",
  label: "zeta_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    () => {
      throw new TensorError("the derivative for 'zeta' is not implemented.");
    },
    ({ grad, inputs: [self, other] }) => grad.mul(self.neg().mul(run(zetaOp, [self.add(1), other], undefined))),
  ],
  compute: { real: zetaOf },
});

/** `-x log x`, 0 at 0 and -∞ below; integers give floats. @see torch.special.entr */
export const entr: Unary = floatUnary(entrOp);
/** The Hurwitz zeta function `Σ (other + k) ** -self` over k >= 0; integers give floats; either operand may be a number. @see torch.special.zeta */
export const zeta: BinaryBothWays = promotedBothWays(zetaOp, floatType);
/** `self log1p(other)`, 0 where `self` is; integers give floats; either operand may be a number. @see torch.special.xlog1py */
export const xlog1py: BinaryBothWays = promotedBothWays(xlog1pyOp, floatType);
