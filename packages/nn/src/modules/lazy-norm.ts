import type { Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { Rest } from "../arguments.ts";
import { isLazy, UninitializedBuffer } from "../parameter.ts";
import {
  BatchNorm1d,
  BatchNorm2d,
  BatchNorm3d,
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type NormBase,
  type NormOptions,
} from "./batch-norm.ts";
import { lazyForm, uninitialized } from "./lazy.ts";

const normParameters = { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true, device: null, dtype: null };
// PyTorch's lazy instance normalisation, too, learns factors and keeps statistics unless told otherwise.
const bind = signature("LazyNorm", normParameters) as unknown as (args: readonly unknown[]) => NormSettings;
type LazyNormArguments = Rest<[eps: number, momentum: number | null, affine: boolean, trackRunningStats: boolean], NormOptions>;
type NormSettings = Required<NormOptions>;

function prepare(module: NormBase, bound: NormSettings): void {
  module.affine = bound.affine;
  module.trackRunningStats = bound.trackRunningStats;
  if (bound.affine) {
    module.weight = uninitialized(bound);
    module.bias = uninitialized(bound);
  }
  if (!bound.trackRunningStats) return;
  const make = (): UninitializedBuffer => new UninitializedBuffer({ dtype: bound.dtype ?? null, device: bound.device });
  module.registerBuffer("running_mean", make());
  module.registerBuffer("running_var", make());
  const counter = new UninitializedBuffer({ dtype: "int64", device: bound.device });
  counter.materialize([]);
  counter.zero_();
  module.registerBuffer("num_batches_tracked", counter);
}

/** `unbatched`: the number of dimensions of input without a batch, whose channels come first; null where there is none such. */
const recipe = (unbatched: (n: number) => number | null) => ({
  bind,
  empty: (bound: NormSettings): object => ({ ...bound, numFeatures: 0, affine: false, trackRunningStats: false }),
  prepare,
  materialize: (module: NormBase, input: Tensor, n: number): void => {
    module.checkInput(input);
    module.numFeatures = input.shape[input.ndim === unbatched(n) ? 0 : 1]!;
    const tensors = [module.weight, module.bias, module.running_mean, module.running_var];
    for (const tensor of tensors) if (isLazy(tensor)) tensor.materialize([module.numFeatures]);
  },
});
const batch = recipe(() => null);
const instance = recipe((n) => n + 1);

type LazyNorm<M> = new (...args: LazyNormArguments) => M;
const BatchNorm1dForm: LazyNorm<BatchNorm1d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(BatchNorm1d, batch, 1) as never;
/** {@link BatchNorm1d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm1d */
export class LazyBatchNorm1d extends BatchNorm1dForm {}
const BatchNorm2dForm: LazyNorm<BatchNorm2d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(BatchNorm2d, batch, 2) as never;
/** {@link BatchNorm2d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm2d */
export class LazyBatchNorm2d extends BatchNorm2dForm {}
const BatchNorm3dForm: LazyNorm<BatchNorm3d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(BatchNorm3d, batch, 3) as never;
/** {@link BatchNorm3d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm3d */
export class LazyBatchNorm3d extends BatchNorm3dForm {}
const InstanceNorm1dForm: LazyNorm<InstanceNorm1d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(
  InstanceNorm1d,
  instance,
  1,
) as never;
/** {@link InstanceNorm1d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm1d */
export class LazyInstanceNorm1d extends InstanceNorm1dForm {}
const InstanceNorm2dForm: LazyNorm<InstanceNorm2d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(
  InstanceNorm2d,
  instance,
  2,
) as never;
/** {@link InstanceNorm2d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm2d */
export class LazyInstanceNorm2d extends InstanceNorm2dForm {}
const InstanceNorm3dForm: LazyNorm<InstanceNorm3d> = lazyForm<LazyNormArguments, NormBase, NormSettings>(
  InstanceNorm3d,
  instance,
  3,
) as never;
/** {@link InstanceNorm3d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm3d */
export class LazyInstanceNorm3d extends InstanceNorm3dForm {}
