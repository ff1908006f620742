import { required, signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { formatShape, numelOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { defineNorm, type Norm, type NormParams, normalizeGroups } from "./normalization.ts";

export interface GroupNormParams extends NormParams {
  readonly groups: number;
}

/** A group is a share of the channels of one example; each channel has its own weight and bias. */
export const groupNormalization: Norm<GroupNormParams> = defineNorm("groupNorm", "NativeGroupNormBackward0", (shape, { groups }) => {
  const [N, C] = shape as [number, number];
  const each = C / groups;
  return { shape: [N, groups, each, numelOf(shape.slice(2))], dims: [2, 3], affine: [1, groups, each, 1], stats: [N, groups] };
});

export interface GroupNormOptions {
  /** Of shape `[C]`. */
  weight?: Tensor | null;
  bias?: Tensor | null;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

const bind = signature("groupNorm", { numGroups: required, weight: null, bias: null, eps: 1e-5 });

/**
 * Normalises each of `numGroups` shares of the channels of `[N, C, ...]`, then scales and shifts each channel.
 * @throws {ShapeError} unless `numGroups` divides the channels @see torch.nn.functional.group_norm (Wu & He, 2018, arXiv:1803.08494)
 */
export function groupNorm(
  input: Tensor,
  numGroups: number | (GroupNormOptions & { numGroups: number }),
  ...rest: readonly (Tensor | null | number | GroupNormOptions)[]
): Tensor {
  const { numGroups: groups, weight, bias, eps } = bind([numGroups, ...rest]);
  if (input.ndim < 2) throw new ShapeError(`Expected at least 2 dimensions for input tensor but received ${input.ndim}`);
  const C = input.shape[1]!;
  if (groups <= 0) throw new ShapeError(`Expected num groups to be greater than 0, got ${groups}`);
  if (C % groups !== 0) {
    throw new ShapeError(
      `Expected number of channels in input to be divisible by num_groups, but got input of shape ${formatShape(input.shape)} and num_groups=${groups}`,
    );
  }
  for (const [name, t] of [
    ["weight", weight],
    ["bias", bias],
  ] as const) {
    if (t !== null && (t.ndim !== 1 || t.count !== C)) {
      throw new ShapeError(
        `Expected ${name} to be a vector of size equal to the number of channels in input, but got ${name} of shape ${formatShape(t.shape)} and input of shape ${formatShape(input.shape)}`,
      );
    }
  }
  return normalizeGroups(groupNormalization, [input, weight, bias], { groups, eps });
}
