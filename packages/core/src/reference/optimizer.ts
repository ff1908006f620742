import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { adamStepOp, rmspropStepOp, sgdStepOp } from "../ops/optimizer/steps.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { toDoubles, writeDoubles } from "./loops.ts";

/** Calls `update` for each parameter with its gradient, itself and its state as doubles, and writes the latter two back. */
function forEachParameter(
  gradients: readonly Tensor[],
  outputs: readonly Tensor[],
  update: (g: Float64Array, p: Float64Array, ...state: Float64Array[]) => void,
): void {
  const n = gradients.length;
  gradients.forEach((gradient, i) => {
    const own = outputs.filter((_, k) => k % n === i);
    const values = own.map(toDoubles);
    const [p, ...state] = values as [Float64Array, ...Float64Array[]];
    update(toDoubles(gradient), p, ...state);
    own.forEach((t, k) => {
      writeDoubles(t, values[k]!);
    });
  });
}

registerReferenceKernels([
  kernel(sgdStepOp, (gradients, outputs, { lr, momentum, dampening, weightDecay, nesterov, maximize, first }) => {
    forEachParameter(gradients, outputs, (g, p, buffer) => {
      for (let i = 0; i < p.length; i++) {
        let d = maximize ? -g[i]! : g[i]!;
        if (weightDecay !== 0) d += weightDecay * p[i]!;
        if (buffer !== undefined) {
          buffer[i] = first ? d : momentum * buffer[i]! + (1 - dampening) * d;
          d = nesterov ? d + momentum * buffer[i]! : buffer[i]!;
        }
        p[i]! -= lr * d;
      }
    });
  }),
  kernel(adamStepOp, (gradients, outputs, { lr, beta1, beta2, eps, weightDecay, decoupled, maximize, step }) => {
    const correction1 = 1 - beta1 ** step;
    const correction2 = Math.sqrt(1 - beta2 ** step);
    forEachParameter(gradients, outputs, (g, p, mean, square, largest) => {
      for (let i = 0; i < p.length; i++) {
        let d = maximize ? -g[i]! : g[i]!;
        if (decoupled) p[i]! *= 1 - lr * weightDecay;
        else if (weightDecay !== 0) d += weightDecay * p[i]!;
        mean![i] = beta1 * mean![i]! + (1 - beta1) * d;
        square![i] = beta2 * square![i]! + (1 - beta2) * d * d;
        if (largest !== undefined) largest[i] = Math.max(largest[i]!, square![i]!);
        const scale = Math.sqrt(largest === undefined ? square![i]! : largest[i]!) / correction2 + eps;
        p[i]! -= ((lr / correction1) * mean![i]!) / scale;
      }
    });
  }),
  kernel(rmspropStepOp, (gradients, outputs, { lr, alpha, eps, weightDecay, momentum, centered, maximize }) => {
    forEachParameter(gradients, outputs, (g, p, square, ...rest) => {
      const mean = centered ? rest[0] : undefined;
      const buffer = momentum > 0 ? rest[centered ? 1 : 0] : undefined;
      for (let i = 0; i < p.length; i++) {
        let d = maximize ? -g[i]! : g[i]!;
        if (weightDecay !== 0) d += weightDecay * p[i]!;
        square![i] = alpha * square![i]! + (1 - alpha) * d * d;
        let variance = square![i]!;
        if (mean !== undefined) {
          mean[i] = alpha * mean[i]! + (1 - alpha) * d;
          variance -= mean[i]! * mean[i]!;
        }
        const update = d / (Math.sqrt(variance) + eps);
        if (buffer !== undefined) {
          buffer[i] = momentum * buffer[i]! + update;
          p[i]! -= lr * buffer[i]!;
        } else p[i]! -= lr * update;
      }
    });
  }),
]);
