import { signature } from "../../dispatch/arguments.ts";
import { run } from "../../dispatch/run.ts";
import { TensorError } from "../../errors.ts";
import { erf } from "../../reference/error-function.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type BinaryOp, defineBinary, defineUnary, type UnaryOp } from "./pointwise.ts";

const PER_ROOT_TWO_PI = 1 / Math.sqrt(2 * Math.PI);
const normalDensity = (x: number): number => PER_ROOT_TWO_PI * Math.exp(-0.5 * x * x);
const normalBelow = (x: number): number => 0.5 * (1 + erf(x * Math.SQRT1_2));

export const geluBackwardOp: BinaryOp = defineBinary({
  name: "geluBackward",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self] }) => run(geluBackwardOp, [grad, self], undefined),
    ({ grad, inputs: [upstream, self] }) => {
      // The second derivative is φ(x) (2 - x²).
      const squared = self.mul(self);
      const curve = squared.mul(-0.5).exp().mul(PER_ROOT_TWO_PI).mul(squared.neg().add(2));
      return grad.mul(upstream).mul(curve);
    },
  ],
  compute: { real: (grad, x) => grad * (normalBelow(x) + x * normalDensity(x)) },
});

/** `x Φ(x)`, with the normal distribution's Φ. */
export const geluOp: UnaryOp = defineUnary({
  name: "gelu",
  label: "GeluKernelImpl",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => run(geluBackwardOp, [grad, self], undefined)],
  compute: { real: (x) => x * normalBelow(x) },
});

const CUBIC = 0.044715;
const OUTER = Math.sqrt(2 / Math.PI);

export const geluTanhBackwardOp: BinaryOp = defineBinary({
  name: "geluTanhBackward",
  gradName: "GeluBackwardBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self] }) => run(geluTanhBackwardOp, [grad, self], undefined),
    ({ grad, inputs: [upstream, self] }) => {
      // With t = tanh u: y″ = (1 - t²) (u′ + x/2 (u″ - 2 t u′²)).
      const squared = self.mul(self);
      const t = self.mul(squared.mul(CUBIC).add(1)).mul(OUTER).tanh();
      const slope = squared
        .mul(3 * CUBIC)
        .add(1)
        .mul(OUTER);
      const bend = self.mul(6 * CUBIC * OUTER).sub(t.mul(slope).mul(slope).mul(2));
      const curve = t
        .mul(t)
        .neg()
        .add(1)
        .mul(slope.add(self.mul(0.5).mul(bend)));
      return grad.mul(upstream).mul(curve);
    },
  ],
  compute: {
    real: (grad, x) => {
      const t = Math.tanh(OUTER * x * (1 + CUBIC * x * x));
      return grad * (0.5 * (1 + t) + 0.5 * x * (1 - t * t) * OUTER * (1 + 3 * CUBIC * x * x));
    },
  },
});

/** `x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))`. */
export const geluTanhOp: UnaryOp = defineUnary({
  name: "geluTanh",
  gradName: "GeluBackward0",
  label: "GeluKernelImpl",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => run(geluTanhBackwardOp, [grad, self], undefined)],
  compute: { real: (x) => 0.5 * x * (1 + Math.tanh(OUTER * x * (1 + CUBIC * x * x))) },
});

export interface GeluOptions {
  /** `"none"`: exact, with the error function. `"tanh"`: its usual approximation. */
  approximate?: "none" | "tanh";
}
const bindGelu = signature("gelu", { approximate: "none" });

/** Gaussian error linear unit. @throws {TensorError} for another `approximate` @see torch.nn.functional.gelu */
export function gelu(self: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate } = bindGelu([options]) as { approximate: string };
  if (approximate === "none") return run(geluOp, [self], undefined);
  if (approximate === "tanh") return run(geluTanhOp, [self], undefined);
  throw new TensorError("approximate argument must be either none or tanh.");
}
