import { run } from "../../dispatch/run.ts";
import { complexExp } from "../../reference/complex-math.ts";
import type { ComplexOut } from "../../reference/pointwise.ts";
import { isComplex } from "../../tensor/dtype.ts";
import { divideComplex } from "./division.ts";
import { type BinaryOp, defineBinary, defineUnary, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

// The activations as operators, each after its derivative by the input. Floats only: the derivative operators take [grad, self].

export interface NegativeSlope {
  readonly negativeSlope: number;
}
export const leakyReluBackwardOp: BinaryOp<NegativeSlope> = defineBinary<NegativeSlope>({
  name: "leakyReluBackward",
  gradName: "LeakyReluBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, self], params }) => run(leakyReluBackwardOp, [grad, self], params), null],
  compute: { real: (grad, x, { negativeSlope }) => (x > 0 ? grad : grad * negativeSlope) },
});
export const leakyReluOp: UnaryOp<NegativeSlope> = defineUnary<NegativeSlope>({
  name: "leakyRelu",
  label: "leaky_relu_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params }) => run(leakyReluBackwardOp, [grad, self], params)],
  compute: { real: (x, { negativeSlope }) => (x > 0 ? x : x * negativeSlope) },
});

/** `scale * (x > 0 ? x : alpha (exp(inputScale x) - 1))`: elu, selu and celu in one. */
export interface EluParams {
  readonly alpha: number;
  readonly scale: number;
  readonly inputScale: number;
  /** The scale that the derivative uses, when it differs: PyTorch's celu rounds `alpha` to float32 there. */
  readonly gradInputScale?: number;
}
export const eluBackwardOp: BinaryOp<EluParams> = defineBinary<EluParams>({
  name: "eluBackward",
  gradName: "EluBackwardBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self], params }) => run(eluBackwardOp, [grad, self], params),
    ({ grad, inputs: [upstream, self], params: { alpha, scale, inputScale } }) => {
      const curve = self
        .mul(inputScale)
        .exp()
        .mul(alpha * scale * inputScale * inputScale);
      return where(self.le(0), grad.mul(upstream).mul(curve), 0);
    },
  ],
  compute: {
    real: (grad, x, { alpha, scale, inputScale }) => (x > 0 ? grad * scale : grad * inputScale * alpha * scale * Math.exp(x * inputScale)),
  },
});
export const eluOp: UnaryOp<EluParams> = defineUnary<EluParams>({
  name: "elu",
  label: "elu_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self], params: { alpha, scale, inputScale, gradInputScale } }) =>
      run(eluBackwardOp, [grad, self], { alpha, scale, inputScale: gradInputScale ?? inputScale }),
  ],
  compute: { real: (x, { alpha, scale, inputScale }) => (x <= 0 ? Math.expm1(x * inputScale) * alpha * scale : x * scale) },
});

export interface SoftplusParams {
  readonly beta: number;
  readonly threshold: number;
}
export const softplusBackwardOp: BinaryOp<SoftplusParams> = defineBinary<SoftplusParams>({
  name: "softplusBackward",
  gradName: "SoftplusBackwardBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self], params }) => run(softplusBackwardOp, [grad, self], params),
    ({ grad, inputs: [upstream, self], params: { beta, threshold } }) => {
      const slope = self.mul(beta).sigmoid();
      return where(self.mul(beta).lt(threshold), grad.mul(upstream).mul(slope.mul(slope.neg().add(1)).mul(beta)), 0);
    },
  ],
  compute: {
    real: (grad, x, { beta, threshold }) => {
      if (x * beta > threshold) return grad;
      const z = Math.exp(x * beta);
      return (grad * z) / (z + 1);
    },
  },
});
export const softplusOp: UnaryOp<SoftplusParams> = defineUnary<SoftplusParams>({
  name: "softplus",
  label: "softplus_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params }) => run(softplusBackwardOp, [grad, self], params)],
  compute: { real: (x, { beta, threshold }) => (x * beta > threshold ? x : Math.log1p(Math.exp(x * beta)) / beta) },
});

export const siluBackwardOp: BinaryOp = defineBinary({
  name: "siluBackward",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self] }) => run(siluBackwardOp, [grad, self], undefined),
    ({ grad, inputs: [upstream, self] }) => {
      // s (1 - s) (2 + x (1 - 2 s)) with s = sigmoid(x)
      const s = self.sigmoid();
      const curve = s.mul(s.neg().add(1)).mul(self.mul(s.mul(-2).add(1)).add(2));
      return grad.mul(upstream).mul(curve);
    },
  ],
  compute: {
    real: (grad, x) => {
      const s = 1 / (1 + Math.exp(-x));
      return grad * s * (1 + x * (1 - s));
    },
  },
});
export const siluOp: UnaryOp = defineUnary({
  name: "silu",
  label: "silu_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self] }) => {
      if (!isComplex(self.dtype)) return run(siluBackwardOp, [grad, self], undefined);
      const s = self.sigmoid();
      return grad.mul(s.mul(self.mul(s.neg().add(1)).add(1)).conj());
    },
  ],
  compute: {
    real: (x) => x / (1 + Math.exp(-x)),
    complex: (a: number, b: number, out: ComplexOut) => {
      complexExp(-a, -b, out);
      divideComplex(a, b, 1 + out[0], out[1], out);
    },
  },
});

/** `x tanh(log(1 + exp x))`. */
export const mishOp: UnaryOp = defineUnary({
  name: "mish",
  label: "mish_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self] }) => {
      const t = run(softplusOp, [self], { beta: 1, threshold: 20 }).tanh();
      return grad.mul(t.add(self.mul(self.sigmoid()).mul(t.mul(t).neg().add(1))));
    },
  ],
  compute: { real: (x) => x * Math.tanh(x > 36 ? x : Math.log1p(Math.exp(x))) },
});

export const logSigmoidOp: UnaryOp = defineUnary({
  name: "logSigmoid",
  label: "log_sigmoid_cpu",
  refuses: { bool: true, integer: true },
  gradName: "LogSigmoidBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => grad.mul(self.neg().sigmoid())],
  compute: { real: (x) => Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x))) },
});
