import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { type Tensor, TensorError } from "@bluedot/core";
import { deepcopy } from "../module/deepcopy.ts";
import type { BatchNormBase } from "../modules/batch-norm.ts";
import type { ConvNd } from "../modules/conv.ts";
import type { Linear } from "../modules/linear.ts";
import { Parameter } from "../parameter.ts";

/** Weight and bias of a convolution with the batch normalisation after it folded in. @see torch.nn.utils.fuse_conv_bn_weights */
export function fuseConvBnWeights(
  convWeight: Tensor,
  convBias: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  eps: number,
  weight: Tensor | null,
  bias: Tensor | null,
  transpose = false,
): [Parameter, Parameter] {
  return noGrad(() => {
    const own = convBias ?? torch.zerosLike(mean);
    const factor = (weight ?? torch.onesLike(mean)).mul(variance.add(eps).rsqrt());
    const shape = convWeight.shape.map((_, i) => (i === (transpose ? 1 : 0) ? -1 : 1));
    const fused = convWeight.mul(factor.reshape(shape));
    const shift = own
      .sub(mean)
      .mul(factor)
      .add(bias ?? torch.zerosLike(mean));
    return [new Parameter(fused, convWeight.requiresGrad), new Parameter(shift, convBias?.requiresGrad ?? false)];
  });
}

/** One convolution that does what a convolution and a batch normalisation do in evaluation. @throws {TensorError} in training @see torch.nn.utils.fuse_conv_bn_eval */
export function fuseConvBnEval<C extends ConvNd>(conv: C, norm: BatchNormBase, transpose = false): C {
  if (conv.training || norm.training) throw new TensorError("Fusion only for eval!");
  const fused = deepcopy(conv);
  [fused.weight, fused.bias] = fuseConvBnWeights(
    fused.weight,
    fused.bias,
    norm.running_mean!,
    norm.running_var!,
    norm.eps,
    norm.weight,
    norm.bias,
    transpose,
  );
  return fused;
}

/** Weight and bias of a linear map with the batch normalisation after it folded in. @see torch.nn.utils.fuse_linear_bn_weights */
export function fuseLinearBnWeights(
  linearWeight: Tensor,
  linearBias: Tensor | null,
  mean: Tensor,
  variance: Tensor,
  eps: number,
  weight: Tensor,
  bias: Tensor,
): [Parameter, Parameter] {
  return noGrad(() => {
    const factor = weight.mul(variance.add(eps).rsqrt());
    const shift = (linearBias ?? torch.zerosLike(mean)).sub(mean).mul(factor).add(bias);
    return [
      new Parameter(linearWeight.mul(factor.unsqueeze(-1)), linearWeight.requiresGrad),
      new Parameter(shift, linearBias?.requiresGrad ?? false),
    ];
  });
}

/** One linear map that does what a linear map and a batch normalisation do in evaluation. @throws {TensorError} in training @see torch.nn.utils.fuse_linear_bn_eval */
export function fuseLinearBnEval(linear: Linear, norm: BatchNormBase): Linear {
  if (linear.training || norm.training) throw new TensorError("Fusion only for eval!");
  const fused = deepcopy(linear);
  [fused.weight, fused.bias] = fuseLinearBnWeights(
    fused.weight,
    fused.bias,
    norm.running_mean!,
    norm.running_var!,
    norm.eps,
    norm.weight!,
    norm.bias!,
  );
  return fused;
}
