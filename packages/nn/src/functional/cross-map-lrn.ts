import { Function as CustomFunction, type FunctionContext } from "@bluedot/autograd";
import { ShapeError, type Tensor, tensor } from "@bluedot/core";

interface Settings {
  readonly size: number;
  readonly alpha: number;
  readonly beta: number;
  readonly k: number;
}

/** `[N, C, H, W]` with every channel replaced by the sum of the channels that `takes` names for it. */
function sumChannels(x: Tensor, takes: (channel: number, other: number) => boolean): Tensor {
  const C = x.shape[1]!;
  const all = Array.from({ length: C }, (_, i) => i);
  const band = tensor(
    all.map((c) => all.map((j) => (takes(c, j) ? 1 : 0))),
    { dtype: x.dtype },
  );
  return band.matmul(x.flatten(2)).reshape(x.shape);
}

/**
 * Normalisation across channels as PyTorch has it from Torch 7. Its sums run along with the channels, and two slips of theirs are part of
 * what PyTorch computes: the first channel is never taken out again, and the sums of the backward pass lie one channel lower.
 */
class CrossMapNormalization extends CustomFunction {
  static override forward(ctx: FunctionContext, input: Tensor, { size, alpha, beta, k }: Settings): Tensor {
    const reach = Math.floor((size + 1) / 2);
    const scale = sumChannels(input.pow(2), (c, j) => j < c + reach && (j === 0 || j > c - reach))
      .mul(alpha / size)
      .add(k);
    const output = scale.pow(-beta).mul(input);
    ctx.saveForBackward(input, output, scale);
    ctx["settings"] = { size, alpha, beta, k };
    return output;
  }

  static override backward(ctx: FunctionContext, grad: Tensor): [Tensor, null] {
    const [input, output, scale] = ctx.savedTensors as [Tensor, Tensor, Tensor];
    const { size, alpha, beta } = ctx["settings"] as Settings;
    const shift = Math.floor((size + 1) / 2);
    const C = input.shape[1]!;
    if (shift > size - 1) throw new ShapeError(`start (${shift}) + length (${C}) exceeds dimension size (${C + size - 1}).`);
    const ratios = sumChannels(grad.mul(output).div(scale), (c, j) => j + shift >= c && j + shift < c + size);
    return [
      scale
        .pow(-beta)
        .mul(grad)
        .sub(input.mul(ratios).mul((2 * alpha * beta) / size)),
      null,
    ];
  }
}

/** The function of `nn.CrossMapLRN2d`, `x / (k + alpha / size * sum of x² over channels)^beta`. @throws {ShapeError} unless `[N, C, H, W]` */
export function crossMapNormalization(input: Tensor, settings: Settings): Tensor {
  if (input.ndim !== 4) throw new ShapeError(`CrossMapLRN2d: Expected input to be 4D, got ${input.ndim}D instead.`);
  return CrossMapNormalization.apply(input, settings) as Tensor;
}
