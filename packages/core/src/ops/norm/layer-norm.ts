import { required, signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, numelOf, type Shape, sameShape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { defineNorm, type Norm, type NormParams, normalizeGroups } from "./normalization.ts";

export interface LayerNormParams extends NormParams {
  /** How many trailing dimensions form a group. */
  readonly ndim: number;
}

/** A group is what the trailing dimensions hold; each of its places has its own weight and bias. */
export const layerNormalization: Norm<LayerNormParams> = defineNorm("layerNorm", "NativeLayerNormBackward0", (shape, { ndim }) => {
  const lead = shape.slice(0, shape.length - ndim);
  const inner = numelOf(shape.slice(shape.length - ndim));
  return { shape: [numelOf(lead), inner], dims: [1], affine: [1, inner], stats: [...lead, ...new Array<number>(ndim).fill(1)] };
});

export interface LayerNormOptions {
  /** Of shape `normalizedShape`. */
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

const bind = signature("layerNorm", { normalizedShape: required, weight: null, bias: null, eps: 1e-5 });

/**
 * Normalises over the trailing dimensions `normalizedShape`, then scales and shifts each place.
 * @throws {ShapeError} when the input does not end in `normalizedShape` @see torch.nn.functional.layer_norm (Ba et al., 2016, arXiv:1607.06450)
 */
export function layerNorm(
  input: Tensor,
  normalizedShape: number | Shape | (LayerNormOptions & { normalizedShape: Shape }),
  ...rest: readonly (Tensor | null | number | LayerNormOptions)[]
): Tensor {
  const { normalizedShape: given, weight, bias, eps } = bind([normalizedShape, ...rest]);
  const shape: Shape = typeof given === "number" ? [given] : given;
  if (shape.length < 1) {
    throw new ShapeError(
      `Expected normalized_shape to be at least 1-dimensional, i.e., containing at least one element, but got normalized_shape = ${formatShape(shape)}`,
    );
  }
  for (const [name, t] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (t !== null && !sameShape(t.shape, shape)) {
      throw new ShapeError(
        `Expected ${name} to be of same shape as normalized_shape, but got ${name} of shape ${formatShape(t.shape)} and normalized_shape = ${formatShape(shape)}`,
      );
    }
  }
  if (input.ndim < shape.length || !sameShape(input.shape.slice(input.ndim - shape.length), shape)) {
    throw new ShapeError(
      `Given normalized_shape=${formatShape(shape)}, expected input with shape [*, ${shape.join(", ")}], but got input of size${formatShape(input.shape)}`,
    );
  }
  return normalizeGroups(layerNormalization, [input, weight, bias], { ndim: shape.length, eps });
}
