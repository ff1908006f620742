import { conv1d, ShapeError, type Tensor } from "@bluedot/core";

export { conv1d, conv2d, conv3d, convTranspose1d, convTranspose2d, convTranspose3d } from "@bluedot/core";

/**
 * Convolution along time of `input [T, N, C]` with `weight [K, C, O]` and `bias [O]`, `pad` zeros before and after: `[T', N, O]`.
 * @throws {ShapeError} @see torch.conv_tbc
 */
export function convTbc(input: Tensor, weight: Tensor, bias: Tensor, pad = 0): Tensor {
  if (input.ndim !== 3) throw new ShapeError("Input must have 3 dims: time, batch, in_channel");
  if (weight.ndim !== 3) throw new ShapeError("Weight tensor must have 3 dims: kernel_width, in_channels, out_channels.");
  if (bias.ndim !== 1) throw new ShapeError("Bias must be 1-D");
  return conv1d(input.permute([1, 2, 0]), weight.permute([2, 1, 0]), { bias, padding: pad }).permute([2, 0, 1]);
}
