import * as torch from "@bluedot/core";
import { isTensor } from "@bluedot/core";

type Convolution = typeof torch.conv2d;
type Transposed = typeof torch.convTranspose2d;

/** The function with its weight taken from the options too. */
function named<F extends Convolution | Transposed>(call: F): F {
  const plain = call as unknown as (...args: unknown[]) => torch.Tensor;
  return ((input: unknown, weight: unknown, ...rest: unknown[]): torch.Tensor => {
    if (isTensor(weight) || weight === undefined) return plain(input, weight, ...rest);
    const { weight: given, ...options } = weight as { weight?: unknown };
    return plain(input, given, options);
  }) as unknown as F;
}

/** 1-d convolution of `[N, C, L]`. @throws {ShapeError} @see torch.nn.functional.conv1d */
export const conv1d: typeof torch.conv1d = named(torch.conv1d);
/** 2-d convolution of `[N, C, H, W]`. @throws {ShapeError} @see torch.nn.functional.conv2d */
export const conv2d: typeof torch.conv2d = named(torch.conv2d);
/** 3-d convolution of `[N, C, D, H, W]`. @throws {ShapeError} @see torch.nn.functional.conv3d */
export const conv3d: typeof torch.conv3d = named(torch.conv3d);
/** Adjoint of a 1-d convolution. @throws {ShapeError} @see torch.nn.functional.conv_transpose1d */
export const convTranspose1d: typeof torch.convTranspose1d = named(torch.convTranspose1d);
/** Adjoint of a 2-d convolution. @throws {ShapeError} @see torch.nn.functional.conv_transpose2d */
export const convTranspose2d: typeof torch.convTranspose2d = named(torch.convTranspose2d);
/** Adjoint of a 3-d convolution. @throws {ShapeError} @see torch.nn.functional.conv_transpose3d */
export const convTranspose3d: typeof torch.convTranspose3d = named(torch.convTranspose3d);
