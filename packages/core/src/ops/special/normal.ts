import { run } from "../../dispatch/run.ts";
import { erfcx as erfcxOf, logNdtr as logNdtrOf, ndtri as ndtriOf, ndtr as ndtrOf } from "../../reference/error-function.ts";
import { defineUnary, floatUnary, type Unary, type UnaryOp } from "../elementwise/pointwise.ts";

const PER_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);

export const erfcxOp: UnaryOp = defineUnary({
  name: "erfcx",
  gradName: "SpecialErfcxBackward0",
  label: "erfcx_cpu",
  result: "same",
  saves: { inputs: "all", outputs: "all" },
  backward: [
    ({ grad, inputs: [self], output }) =>
      self
        .mul(output)
        .mul(2)
        .sub(2 / Math.sqrt(Math.PI))
        .mul(grad),
  ],
  compute: { real: erfcxOf },
});

export const ndtrOp: UnaryOp = defineUnary({
  name: "ndtr",
  gradName: "SpecialNdtrBackward0",
  label: "ndtr_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => self.mul(self).mul(-0.5).exp().mul(PER_ROOT_TWO_PI).mul(grad)],
  compute: { real: ndtrOf },
});

export const ndtriOp: UnaryOp = defineUnary({
  name: "ndtri",
  gradName: "SpecialNdtriBackward0",
  label: "ndtri_cpu",
  result: "same",
  saves: { outputs: "all" },
  backward: [
    ({ grad, output }) =>
      output
        .mul(output)
        .div(2)
        .exp()
        .mul(1 / PER_ROOT_TWO_PI)
        .mul(grad),
  ],
  compute: { real: ndtriOf },
});

export const logNdtrOp: UnaryOp = defineUnary({
  name: "logNdtr",
  gradName: "SpecialLogNdtrBackward0",
  label: "log_ndtr_cpu",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.div(run(erfcxOp, [self.mul(-Math.SQRT1_2)], undefined)).mul(Math.sqrt(2 / Math.PI))],
  compute: { real: logNdtrOf },
});

/** `exp(x²) erfc(x)`; integers give floats. @see torch.special.erfcx */
export const erfcx: Unary = floatUnary(erfcxOp);
/** Distribution function of the standard normal distribution; integers give floats. @see torch.special.ndtr */
export const ndtr: Unary = floatUnary(ndtrOp);
/** Inverse of {@link ndtr}: infinite at 0 and 1, NaN outside. @see torch.special.ndtri */
export const ndtri: Unary = floatUnary(ndtriOp);
/** Logarithm of {@link ndtr}, also far below zero. @see torch.special.log_ndtr */
export const logNdtr: Unary = floatUnary(logNdtrOp);
