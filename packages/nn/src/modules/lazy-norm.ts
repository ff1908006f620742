import { noGrad } from "@bluedot/autograd";
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
import { hasLazy, settle, uninitialized } from "./lazy.ts";

const normParameters = { eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true, device: null, dtype: null };
const bindBatch = signature("LazyBatchNorm", normParameters);
const bindInstance = signature("LazyInstanceNorm", { ...normParameters, affine: false, trackRunningStats: false });
type LazyNormArguments = Rest<[eps: number, momentum: number | null, affine: boolean, trackRunningStats: boolean], NormOptions>;

const emptyNorm = (bound: Required<NormOptions>): NormOptions & { numFeatures: number } => ({
  ...bound,
  numFeatures: 0,
  affine: false,
  trackRunningStats: false,
});

function prepareNorm(module: NormBase, bound: Required<NormOptions>): void {
  module.affine = bound.affine;
  module.trackRunningStats = bound.trackRunningStats;
  if (bound.affine) {
    module.weight = uninitialized(bound);
    module.bias = uninitialized(bound);
  }
  if (bound.trackRunningStats) {
    const make = (): UninitializedBuffer => new UninitializedBuffer({ dtype: bound.dtype ?? null, device: bound.device });
    module.registerBuffer("running_mean", make());
    module.registerBuffer("running_var", make());
    const counter = new UninitializedBuffer({ dtype: "int64", device: bound.device });
    counter.materialize([]);
    counter.zero_();
    module.registerBuffer("num_batches_tracked", counter);
  }
}

function initializeNorm(module: NormBase, input: Tensor, spatial: number | null): void {
  if (!hasLazy(module)) return;
  // Without a batch dimension, channels come first.
  const channels = spatial !== null && input.ndim === spatial + 1 ? 0 : 1;
  module.numFeatures = input.shape[channels]!;
  const tensors = [module.weight, module.bias, module.running_mean, module.running_var];
  for (const tensor of tensors) if (isLazy(tensor)) tensor.materialize([module.numFeatures]);
  noGrad(() => module.resetParameters());
}

/** {@link BatchNorm1d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm1d */
export class LazyBatchNorm1d extends BatchNorm1d {
  constructor(...args: LazyNormArguments) {
    const bound = bindBatch(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, null);
    settle(this, BatchNorm1d);
    return this.forward(input);
  }
}

/** {@link BatchNorm2d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm2d */
export class LazyBatchNorm2d extends BatchNorm2d {
  constructor(...args: LazyNormArguments) {
    const bound = bindBatch(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, null);
    settle(this, BatchNorm2d);
    return this.forward(input);
  }
}

/** {@link BatchNorm3d} that takes the number of channels from its first input. @see torch.nn.LazyBatchNorm3d */
export class LazyBatchNorm3d extends BatchNorm3d {
  constructor(...args: LazyNormArguments) {
    const bound = bindBatch(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, null);
    settle(this, BatchNorm3d);
    return this.forward(input);
  }
}

/** {@link InstanceNorm1d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm1d */
export class LazyInstanceNorm1d extends InstanceNorm1d {
  constructor(...args: LazyNormArguments) {
    const bound = bindInstance(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, 1);
    settle(this, InstanceNorm1d);
    return this.forward(input);
  }
}

/** {@link InstanceNorm2d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm2d */
export class LazyInstanceNorm2d extends InstanceNorm2d {
  constructor(...args: LazyNormArguments) {
    const bound = bindInstance(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, 2);
    settle(this, InstanceNorm2d);
    return this.forward(input);
  }
}

/** {@link InstanceNorm3d} that takes the number of channels from its first input. @see torch.nn.LazyInstanceNorm3d */
export class LazyInstanceNorm3d extends InstanceNorm3d {
  constructor(...args: LazyNormArguments) {
    const bound = bindInstance(args);
    super(emptyNorm(bound));
    prepareNorm(this, bound);
  }
  override resetParameters(): void {
    if (this.numFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    this.checkInput(input);
    initializeNorm(this, input, 3);
    settle(this, InstanceNorm3d);
    return this.forward(input);
  }
}
