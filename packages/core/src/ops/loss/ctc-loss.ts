import { kernel, registerReferenceKernels } from "../../dispatch/backend.ts";
import { defineOp, type Op } from "../../dispatch/op.ts";
import { runMany } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Connectionist temporal classification (Graves et al., 2006): sequences by example, and how long each is. */
export interface CtcParams {
  readonly blank: number;
  readonly targets: readonly (readonly number[])[];
  readonly inputLengths: readonly number[];
  /** Whether gradients of impossible alignments are zero rather than NaN. */
  readonly zeroInfinity: boolean;
}

const addLogs = (a: number, b: number): number => {
  const most = Math.max(a, b);
  return most === Number.NEGATIVE_INFINITY ? most : most + Math.log1p(Math.exp(Math.min(a, b) - most));
};

/** The label at place `s` of the sequence with blanks between all labels. */
const labelAt = (target: readonly number[], s: number, blank: number): number => (s % 2 === 0 ? blank : target[(s - 1) / 2]!);

/** Logarithms of the probabilities of reaching place `s` at time `t` (`forward`), or the end from there. */
function logPaths(logProbs: Float64Array, n: number, N: number, C: number, params: CtcParams, forward: boolean): Float64Array {
  const target = params.targets[n]!;
  const T = params.inputLengths[n]!;
  const S = 2 * target.length + 1;
  const paths = new Float64Array(T * S).fill(Number.NEGATIVE_INFINITY);
  const emit = (t: number, s: number): number => logProbs[(t * N + n) * C + labelAt(target, s, params.blank)]!;
  const end = forward ? 0 : T - 1;
  const step = forward ? -1 : 1;
  if (T === 0) return paths;
  for (let s = 0; s < Math.min(2, S); s++) {
    const place = forward ? s : S - 1 - s;
    paths[end * S + place] = emit(end, place);
  }
  for (let i = 1; i < T; i++) {
    const t = forward ? i : T - 1 - i;
    for (let s = 0; s < S; s++) {
      let total = paths[(t + step) * S + s]!;
      const one = s + step;
      const two = s + 2 * step;
      if (one >= 0 && one < S) total = addLogs(total, paths[(t + step) * S + one]!);
      // Two places at once only between different labels.
      const skips = s % 2 === 1 && two >= 0 && two < S && labelAt(target, s, params.blank) !== labelAt(target, two, params.blank);
      if (skips) total = addLogs(total, paths[(t + step) * S + two]!);
      paths[t * S + s] = total + emit(t, s);
    }
  }
  return paths;
}

/** Negative log-likelihood of each target under `logProbs [T, N, C]`, and its gradient as if `logProbs` came from a log-softmax. */
export const ctcLossOp: Op<readonly [Tensor], CtcParams> = defineOp<readonly [Tensor], CtcParams>({
  name: "ctcLoss",
  gradName: "CtcLossBackward0",
  infer: ([logProbs], { inputLengths }) => [
    { shape: [inputLengths.length], dtype: logProbs.dtype },
    { shape: logProbs.shape, dtype: logProbs.dtype },
  ],
  saves: { outputs: [1] },
  backward: [({ grad, outputs: [, slope] }) => slope!.mul(grad.reshape([1, -1, 1]))],
});

registerReferenceKernels([
  kernel(ctcLossOp, ([logProbs], [losses, slopes], params) => {
    const [T, N, C] = logProbs.shape as [number, number, number];
    const source = toDoubles(logProbs);
    const loss = new Float64Array(N);
    const slope = new Float64Array(T * N * C);
    for (let n = 0; n < N; n++) {
      const target = params.targets[n]!;
      const length = params.inputLengths[n]!;
      const S = 2 * target.length + 1;
      const alpha = logPaths(source, n, N, C, params, true);
      const beta = logPaths(source, n, N, C, params, false);
      const last = (length - 1) * S;
      const likelihood = addLogs(alpha[last + S - 1]!, S > 1 ? alpha[last + S - 2]! : Number.NEGATIVE_INFINITY);
      loss[n] = -likelihood;
      if (likelihood === Number.NEGATIVE_INFINITY && params.zeroInfinity) continue;
      for (let t = 0; t < length; t++) {
        const through = new Float64Array(C).fill(Number.NEGATIVE_INFINITY);
        for (let s = 0; s < S; s++) {
          const label = labelAt(target, s, params.blank);
          through[label] = addLogs(through[label]!, alpha[t * S + s]! + beta[t * S + s]!);
        }
        for (let c = 0; c < C; c++) {
          const at = (t * N + n) * C + c;
          const logP = source[at]!;
          slope[at] = Math.exp(logP) - Math.exp(through[c]! - likelihood - logP);
        }
      }
    }
    writeDoubles(losses!, loss);
    writeDoubles(slopes!, slope);
  }),
]);

/** The losses of the examples. @throws {ShapeError} for lengths and labels out of range */
export function ctcLosses(logProbs: Tensor, params: CtcParams): Tensor {
  const [T, N, C] = logProbs.shape as [number, number, number];
  if (params.blank < 0 || params.blank >= C) throw new ShapeError("blank must be in label range");
  if (params.inputLengths.length !== N) throw new ShapeError("input_lengths must be of size batch_size");
  if (params.targets.length !== N) throw new ShapeError("target_lengths must be of size batch_size");
  for (const length of params.inputLengths) {
    if (length > T) throw new ShapeError(`Expected input_lengths to have value at most ${T}, but got value ${length}`);
  }
  return runMany(ctcLossOp, [logProbs], params, 1)[0]!;
}
