import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** How each place of a dimension is the weighted sum of places of another: all interpolations are this, dimension by dimension. */
export interface Resampling {
  readonly dim: number;
  /** Size of the result along `dim`. */
  readonly outputSize: number;
  readonly inputSize: number;
  /** Places of the input, `taps` for each place of the output. */
  readonly places: Int32Array;
  readonly weights: Float64Array;
  readonly taps: number;
  /** Gives each input place what the output places took from it: the derivative. */
  readonly transposed: boolean;
}

/** Resamples one dimension. */
export const resampleOp: Op<readonly [Tensor], Resampling> = defineOp<readonly [Tensor], Resampling>({
  name: "resample",
  gradName: "UpsampleBackward0",
  infer: ([self], { dim, outputSize, inputSize, transposed }) => ({
    shape: self.shape.map((n, i) => (i === dim ? (transposed ? inputSize : outputSize) : n)),
    dtype: self.dtype,
  }),
  backward: [({ grad, params }) => run(resampleOp, [grad], { ...params, transposed: !params.transposed })],
});

registerReferenceKernels([
  kernel(resampleOp, ([self], [out], { dim, outputSize, inputSize, places, weights, taps, transposed }) => {
    const outer = self.shape.slice(0, dim).reduce((a, b) => a * b, 1);
    const inner = self.shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    const source = toDoubles(self);
    const result = new Float64Array(out!.count);
    for (let o = 0; o < outer; o++) {
      const input = o * inputSize * inner;
      const output = o * outputSize * inner;
      for (let i = 0; i < outputSize; i++) {
        for (let k = 0; k < taps; k++) {
          const weight = weights[i * taps + k]!;
          if (weight === 0) continue;
          const near = input + places[i * taps + k]! * inner;
          const far = output + i * inner;
          if (transposed) for (let j = 0; j < inner; j++) result[near + j]! += weight * source[far + j]!;
          else for (let j = 0; j < inner; j++) result[far + j]! += weight * source[near + j]!;
        }
      }
    }
    writeDoubles(out!, result);
  }),
]);
