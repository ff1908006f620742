import * as torch from "@bluedot/core";
import { isTensor, ShapeError, type Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";

export interface LinearArguments {
  weight?: Tensor;
  bias?: Tensor | null;
}
const bindLinear = signature("linear", { weight: required, bias: null });
/** Affine map of the last dimension: `x [..., K]`, `weight [O, K]`, `bias [O]` -> `[..., O]`. @throws {ShapeError} @see torch.nn.functional.linear */
export function linear(
  input: Tensor,
  weight: Tensor | LinearArguments,
  bias: Tensor | null | LinearArguments = null,
  options?: LinearArguments,
): Tensor {
  if (isTensor(weight) && (bias === null || isTensor(bias)) && options === undefined) return torch.linear(input, weight, bias);
  const bound = bindLinear([weight, bias, options].filter((v, i) => v !== undefined && !(i === 1 && v === null && options === undefined)));
  return torch.linear(input, bound.weight, bound.bias);
}

const bindBilinear = signature("bilinear", { input2: required, weight: required, bias: null });
/** `y_k = x1^T A_k x2 + b_k`: `input1 [..., I]`, `input2 [..., J]`, `weight [K, I, J]` -> `[..., K]`. @throws {ShapeError} @see torch.nn.functional.bilinear */
export function bilinear(
  input1: Tensor,
  input2: Tensor | { input2: Tensor; weight: Tensor; bias?: Tensor | null },
  ...rest: Rest<[weight: Tensor, bias: Tensor | null], { weight?: Tensor; bias?: Tensor | null }>
): Tensor {
  const { input2: other, weight, bias } = bindBilinear([input2, ...rest]);
  if (input1.ndim !== other.ndim) {
    throw new ShapeError(`bilinear(): input dimensions do not match: got ${input1.ndim} and ${other.ndim}`);
  }
  for (let i = 0; i < input1.ndim - 1; i++) {
    if (input1.shape[i] !== other.shape[i]) {
      throw new ShapeError(`bilinear(): input batch dimensions do not match at dim ${i}: got ${input1.shape[i]} and ${other.shape[i]}`);
    }
  }
  const [K, I, J] = weight.shape as [number, number, number];
  if (input1.shape.at(-1) !== I) {
    throw new ShapeError(`bilinear(): input1 size does not match weight size: got ${input1.shape.at(-1)} but expected ${I}`);
  }
  if (other.shape.at(-1) !== J) {
    throw new ShapeError(`bilinear(): input2 size does not match weight size: got ${other.shape.at(-1)} but expected ${J}`);
  }
  if (bias !== null && bias.shape[0] !== K) {
    throw new ShapeError(`bilinear(): bias size does not match weight size: got ${bias.shape[0]} but expected ${K}`);
  }
  const batch = input1.shape.slice(0, -1);
  const x1 = input1.reshape([-1, I]);
  const x2 = other.reshape([-1, J]);
  const N = x1.shape[0]!;
  // [N, I] x [I, K J] -> [N, K, J], then the product with x2 along J.
  const left = torch.matmul(x1, weight.permute([1, 0, 2]).reshape([I, K * J])).reshape([N, K, J]);
  const out = left
    .mul(x2.unsqueeze(1))
    .sum(-1)
    .reshape([...batch, K]);
  return bias === null ? out : out.add(bias);
}
