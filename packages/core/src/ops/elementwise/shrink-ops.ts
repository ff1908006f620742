import { run } from "../../dispatch/run.ts";
import type { Bounds } from "./extrema.ts";
import { type BinaryOp, defineBinary, defineUnary, type UnaryOp } from "./pointwise.ts";
import { where } from "./where.ts";

// Activations made of straight pieces, each after its derivative by the input. The derivative operators take [grad, self].

export interface Threshold {
  readonly threshold: number;
}
export const thresholdBackwardOp: BinaryOp<Threshold> = defineBinary<Threshold>({
  name: "thresholdBackward",
  gradName: "ThresholdBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, self], params }) => run(thresholdBackwardOp, [grad, self], params), null],
  compute: { real: (grad, x, { threshold }) => (x <= threshold ? 0 : grad) },
});
export const thresholdOp: UnaryOp<Threshold & { readonly value: number }> = defineUnary<Threshold & { readonly value: number }>({
  name: "threshold",
  label: "threshold_cpu",
  refuses: { bool: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params: { threshold } }) => run(thresholdBackwardOp, [grad, self], { threshold })],
  compute: { real: (x, { threshold, value }) => (x <= threshold ? value : x) },
});

export const hardtanhBackwardOp: BinaryOp<Bounds> = defineBinary<Bounds>({
  name: "hardtanhBackward",
  gradName: "HardtanhBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, self], params }) => run(hardtanhBackwardOp, [grad, self], params), null],
  compute: { real: (grad, x, { min, max }) => (x > min && x < max ? grad : 0) },
});
export const hardtanhOp: UnaryOp<Bounds> = defineUnary<Bounds>({
  name: "hardtanh",
  label: "clamp_scalar_cpu",
  refuses: { bool: "Bool inputs not supported for hardtanh", complex: "clamp is not supported for complex types" },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params }) => run(hardtanhBackwardOp, [grad, self], params)],
  compute: { real: (x, { min, max }) => Math.min(Math.max(x, min), max) },
});

export interface Lambd {
  readonly lambd: number;
}
export const shrinkBackwardOp: BinaryOp<Lambd> = defineBinary<Lambd>({
  name: "shrinkBackward",
  gradName: "SoftshrinkBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, self], params }) => run(shrinkBackwardOp, [grad, self], params), null],
  compute: { real: (grad, x, { lambd }) => (x >= -lambd && x <= lambd ? 0 : grad) },
});
export const hardshrinkOp: UnaryOp<Lambd> = defineUnary<Lambd>({
  name: "hardshrink",
  label: "hardshrink_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params }) => run(shrinkBackwardOp, [grad, self], params)],
  compute: { real: (x, { lambd }) => (x >= -lambd && x <= lambd ? 0 : x) },
});
export const softshrinkOp: UnaryOp<Lambd> = defineUnary<Lambd>({
  name: "softshrink",
  label: "softshrink_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self], params }) => run(shrinkBackwardOp, [grad, self], params)],
  compute: { real: (x, { lambd }) => (x > lambd ? x - lambd : x < -lambd ? x + lambd : 0) },
});

export const hardsigmoidBackwardOp: BinaryOp = defineBinary({
  name: "hardsigmoidBackward",
  gradName: "HardsigmoidBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, self] }) => run(hardsigmoidBackwardOp, [grad, self], undefined), null],
  // PyTorch multiplies by the float32 nearest to 1/6, in float64 too.
  compute: { real: (grad, x) => (x > -3 && x < 3 ? grad * Math.fround(1 / 6) : 0) },
});
export const hardsigmoidOp: UnaryOp = defineUnary({
  name: "hardsigmoid",
  label: "hardsigmoid_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => run(hardsigmoidBackwardOp, [grad, self], undefined)],
  compute: { real: (x) => Math.min(Math.max(x + 3, 0), 6) / 6 },
});

export const hardswishBackwardOp: BinaryOp = defineBinary({
  name: "hardswishBackward",
  gradName: "HardswishBackwardBackward0",
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [, self] }) => run(hardswishBackwardOp, [grad, self], undefined),
    ({ grad, inputs: [upstream, self] }) => where(self.gt(-3).logicalAnd(self.lt(3)), grad.mul(upstream).div(3), 0),
  ],
  compute: { real: (grad, x) => (x < -3 ? 0 : x <= 3 ? grad * (x / 3 + 0.5) : grad) },
});
export const hardswishOp: UnaryOp = defineUnary({
  name: "hardswish",
  label: "hardswish_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [({ grad, inputs: [self] }) => run(hardswishBackwardOp, [grad, self], undefined)],
  compute: { real: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6 },
});

/** `x` above zero, else `weight * x`; the weight is shaped to broadcast over the channels. */
export const preluOp: BinaryOp = defineBinary({
  name: "prelu",
  label: "prelu_cpu",
  refuses: { bool: true, integer: true },
  result: "same",
  saves: { inputs: "all" },
  backward: [
    ({ grad, inputs: [self, weight] }) => where(self.gt(0), grad, grad.mul(weight)),
    ({ grad, inputs: [self] }) => where(self.gt(0), 0, grad.mul(self)),
  ],
  compute: { real: (x, weight) => (x > 0 ? x : x * weight) },
});
