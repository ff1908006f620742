import type { Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { zeros } from "../factory/filled.ts";
import { scatterAdd } from "../indexing/scatter.ts";

/**
 * The derivative of picking elements at `indices` along `dim`: zeros of `shape` with the gradients at their places.
 * `keepdim` says whether the picked dimension is still there.
 */
export function indexed(grad: Tensor, indices: Tensor, shape: Shape, dim: number, keepdim: boolean): Tensor {
  if (shape.length === 0) return grad;
  const at = keepdim ? indices : indices.unsqueeze(dim);
  return scatterAdd(zeros(shape, { dtype: grad.dtype, device: grad.device }), dim, at, keepdim ? grad : grad.unsqueeze(dim));
}
