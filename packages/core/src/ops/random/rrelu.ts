import { signature } from "../../dispatch/arguments.ts";
import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { type Backward, defineOp, type Op, type TensorSpec } from "../../dispatch/op.ts";
import { checkWritable, runMany } from "../../dispatch/run.ts";
import { defaultGenerator, type Generator } from "../../random/generator.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { isFloatingPoint } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { notImplemented } from "./fill-operators.ts";

interface Slopes {
  readonly lower: number;
  readonly upper: number;
  /** Where the slopes come from; null for their mean. */
  readonly generator: Generator | null;
}

const specs = ([self]: readonly [Tensor], complaint: string): readonly [TensorSpec, TensorSpec] => {
  if (!isFloatingPoint(self.dtype)) throw notImplemented(complaint, self.dtype);
  return [self, self];
};

const backward: Backward<readonly [Tensor], Slopes> = [({ grad, outputs: [, slopes] }) => grad.mul(slopes!)];

/** The result, and the slope that each element was multiplied by. */
const randomSlopesOp: Op<readonly [Tensor], Slopes> = defineOp<readonly [Tensor], Slopes>({
  name: "rreluWithNoise",
  infer: (inputs) => specs(inputs, "rrelu_with_noise_out_cpu"),
  saves: { outputs: [1] },
  backward,
});

/** The same with one slope: a leaky rectifier. */
const meanSlopeOp: Op<readonly [Tensor], Slopes> = defineOp<readonly [Tensor], Slopes>({
  name: "rreluEval",
  gradName: "LeakyReluBackward0",
  infer: (inputs) => specs(inputs, "leaky_relu_cpu"),
  saves: { outputs: [1] },
  backward,
});

function compute(self: Tensor, [out, noise]: readonly Tensor[], { lower, upper, generator }: Slopes): void {
  const values = toDoubles(self);
  const slopes = new Float64Array(values.length).fill(1);
  const round = self.dtype === "float64" ? (x: number) => x : Math.fround;
  const mean = round((lower + upper) / 2);
  const least = round(lower);
  const span = round(upper) - least;
  for (let i = 0; i < values.length; i++) {
    if (values[i]! > 0) continue;
    slopes[i] = generator === null ? mean : round(generator.uniformDouble() * span + least);
    values[i]! *= slopes[i]!;
  }
  writeDoubles(out!, values);
  writeDoubles(noise!, slopes);
}

registerReferenceKernels([
  kernel(randomSlopesOp, ([self], outputs, params) => compute(self, outputs, params)),
  kernel(meanSlopeOp, ([self], outputs, params) => compute(self, outputs, params)),
]);

const bind = signature("rrelu", { lower: 1 / 8, upper: 1 / 3, training: false, generator: null });

export interface RreluOptions {
  /** Smallest slope. Default 1/8. */
  lower?: number;
  /** Largest slope. Default 1/3. */
  upper?: number;
  /** Whether slopes are random; else their mean serves. Default false. */
  training?: boolean;
  generator?: Generator | null;
}

/**
 * `x` where it is positive, else `x` times a slope drawn uniformly for each element (Xu et al. 2015).
 * @throws {DTypeError} for integers @see torch.rrelu
 */
export function rrelu(
  input: Tensor,
  ...args: [lower?: number | RreluOptions, upper?: number | RreluOptions, training?: boolean | RreluOptions]
): Tensor {
  const { lower, upper, training, generator } = bind(args.filter((arg) => arg !== undefined));
  const source = training ? (generator ?? defaultGenerator) : null;
  return runMany(training ? randomSlopesOp : meanSlopeOp, [input], { lower, upper, generator: source }, 1)[0]!;
}

/** In-place {@link rrelu}. @see torch.rrelu_ */
export function rrelu_(input: Tensor, ...args: Parameters<typeof rrelu> extends [Tensor, ...infer A] ? A : never): Tensor {
  checkWritable(input, input);
  return input.copy_(rrelu(input, ...args));
}
