import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { numbersOf, writable } from "../../reference/loops.ts";
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
  contiguous: true,
  backward: [({ grad, params }) => run(resampleOp, [grad], { ...params, transposed: !params.transposed })],
});

registerReferenceKernels([
  kernel(resampleOp, ([self], [out], params) => {
    const { dim, outputSize, inputSize, transposed } = params;
    const outer = self.shape.slice(0, dim).reduce((a, b) => a * b, 1);
    const inner = self.shape.slice(dim + 1).reduce((a, b) => a * b, 1);
    const source = numbersOf(self);
    const result = writable(out!);
    const data = result.data as Float64Array;
    if (transposed) data.fill(0, result.offset, result.offset + out!.count);
    for (let o = 0; o < outer; o++) {
      const near = o * inputSize * inner;
      const far = o * outputSize * inner;
      if (transposed) spread(source.data as Float64Array, source.offset + far, data, result.offset + near, inner, params);
      else gather(source.data as Float64Array, source.offset + near, data, result.offset + far, inner, params);
    }
    result.commit();
  }),
]);

/** Sums the weighted taps of each output place. */
function gather(source: Float64Array, near: number, out: Float64Array, far: number, inner: number, params: Resampling): void {
  const { outputSize, places, weights, taps } = params;
  if (inner === 1) {
    for (let i = 0, k = 0; i < outputSize; i++) {
      let sum = 0;
      for (const end = k + taps; k < end; k++) sum += weights[k]! * source[near + places[k]!]!;
      out[far + i] = sum;
    }
    return;
  }
  for (let i = 0; i < outputSize; i++) {
    const to = far + i * inner;
    for (let k = i * taps; k < (i + 1) * taps; k++) {
      const weight = weights[k]!;
      const from = near + places[k]! * inner;
      if (k === i * taps) for (let j = 0; j < inner; j++) out[to + j] = weight * source[from + j]!;
      else if (weight !== 0) for (let j = 0; j < inner; j++) out[to + j]! += weight * source[from + j]!;
    }
  }
}

/** Adds each output place's gradient to its taps. */
function spread(source: Float64Array, far: number, out: Float64Array, near: number, inner: number, params: Resampling): void {
  const { outputSize, places, weights, taps } = params;
  for (let i = 0; i < outputSize; i++) {
    const from = far + i * inner;
    for (let k = i * taps; k < (i + 1) * taps; k++) {
      const weight = weights[k]!;
      if (weight === 0) continue;
      const to = near + places[k]! * inner;
      for (let j = 0; j < inner; j++) out[to + j]! += weight * source[from + j]!;
    }
  }
}
