import { run } from "../../dispatch/run.ts";
import { type BinaryOp, defineBinary, defineUnary, sameUnary, sameUnaryInto, type Unary, type Unary1, type UnaryOp } from "./pointwise.ts";

/** `grad` where `y`, the result of relu, is above zero. */
export const reluBackwardOp: BinaryOp = defineBinary({
  name: "reluBackward",
  gradName: "ThresholdBackwardBackward0",
  result: "same",
  saves: { inputs: [1] },
  backward: [({ grad, inputs: [, y] }) => run(reluBackwardOp, [grad, y], undefined), null],
  compute: { real: (grad, y) => (y <= 0 ? 0 : grad) },
});

export const reluOp: UnaryOp = defineUnary({
  name: "relu",
  label: "clamp_min_cpu",
  refuses: { bool: "Boolean inputs not supported for relu", complex: "clamp is not supported for complex types" },
  result: "same",
  saves: { outputs: "all" },
  backward: [({ grad, output }) => run(reluBackwardOp, [grad, output], undefined)],
  compute: { real: (a) => Math.max(a, 0), int64: (a: bigint) => (a < 0n ? 0n : a) },
});

/** The positive part: `max(x, 0)`. @throws {DTypeError} for bool and complex @see torch.relu */
export const relu: Unary = sameUnary(reluOp);
/** In-place {@link relu}. @see torch.relu_ */
export const relu_: Unary1 = sameUnaryInto(reluOp);
