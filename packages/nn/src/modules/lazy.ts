import { noGrad } from "@bluedot/autograd";
import { ShapeError, type Tensor } from "@bluedot/core";
import { signature } from "@bluedot/core/extend";
import type { FactoryOptions, PerDim, Rest } from "../arguments.ts";
import type { Module } from "../module/module.ts";
import { isLazy, type Parameter, UninitializedParameter } from "../parameter.ts";
import {
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvNd,
  type ConvOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeOptions,
} from "./conv.ts";
import { Linear, type LinearOptions } from "./linear.ts";

// Lazy modules take the number of their inputs from the first input, and then become ordinary ones.

/** Whether any tensor of the module itself waits for its shape. */
export const hasLazy = (module: Module): boolean => [...module.parameters(false), ...module.buffers(false)].some(isLazy);

/** Makes the module one of the ordinary class once its tensors have their shapes. */
export function settle(module: Module, target: { readonly prototype: Module }): void {
  Object.setPrototypeOf(module, target.prototype as object);
}

/** A parameter without a shape yet. */
export const uninitialized = (options: FactoryOptions): Parameter =>
  new UninitializedParameter({ dtype: options.dtype ?? null, device: options.device ?? null });

/** {@link Linear} that takes `inFeatures` from its first input. @see torch.nn.LazyLinear */
export class LazyLinear extends Linear {
  constructor(
    ...args: [outFeatures: number, ...rest: Rest<[bias: boolean], LinearOptions>] | [options: LinearOptions & { outFeatures: number }]
  ) {
    const { outFeatures, bias, device, dtype } = bindLinear(args);
    super(0, 0, { bias: false, device, dtype });
    this.outFeatures = outFeatures;
    this.weight = uninitialized({ device, dtype });
    this.bias = bias ? uninitialized({ device, dtype }) : null;
  }
  override resetParameters(): void {
    if (this.inFeatures !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    if (hasLazy(this)) {
      this.inFeatures = input.shape.at(-1)!;
      noGrad(() => {
        (this.weight as UninitializedParameter).materialize([this.outFeatures, this.inFeatures]);
        if (this.bias !== null) (this.bias as UninitializedParameter).materialize([this.outFeatures]);
        this.resetParameters();
      });
    }
    settle(this, Linear);
    return this.forward(input);
  }
}
const bindLinear = signature("LazyLinear", { outFeatures: null, bias: true, device: null, dtype: null });

type LazyConvArguments =
  | [
      outChannels: number,
      kernelSize: PerDim,
      ...rest: Rest<
        [
          stride: PerDim,
          padding: PerDim | "same" | "valid",
          dilation: PerDim,
          groups: number,
          bias: boolean,
          paddingMode: NonNullable<ConvOptions["paddingMode"]>,
        ],
        ConvOptions
      >,
    ]
  | [options: ConvOptions & { outChannels: number; kernelSize: PerDim }];
type LazyTransposeArguments =
  | [
      outChannels: number,
      kernelSize: PerDim,
      ...rest: Rest<
        [stride: PerDim, padding: PerDim, outputPadding: PerDim, groups: number, bias: boolean, dilation: PerDim],
        ConvTransposeOptions
      >,
    ]
  | [options: ConvTransposeOptions & { outChannels: number; kernelSize: PerDim }];

const convParameters = {
  outChannels: null,
  kernelSize: null,
  stride: 1,
  padding: 0,
  dilation: 1,
  groups: 1,
  bias: true,
  paddingMode: "zeros",
  device: null,
  dtype: null,
};
const transposeParameters = {
  outChannels: null,
  kernelSize: null,
  stride: 1,
  padding: 0,
  outputPadding: 0,
  groups: 1,
  bias: true,
  dilation: 1,
  paddingMode: "zeros",
  device: null,
  dtype: null,
};
const bindConv = signature("LazyConv", convParameters);
const bindTranspose = signature("LazyConvTranspose", transposeParameters);

/** The ordinary constructor's options: no inputs and no bias yet. */
const emptyConv = <B extends { outChannels: number }>(bound: B) => ({ ...bound, inChannels: 0, outChannels: 0, bias: false });

function prepareConv(module: ConvNd, bound: { outChannels: number; bias: boolean } & FactoryOptions): void {
  module.outChannels = bound.outChannels;
  module.weight = uninitialized(bound);
  module.bias = bound.bias ? uninitialized(bound) : null;
}

/** Takes the number of channels from the input. @throws {ShapeError} for input of another number of dimensions */
function initializeConv(module: ConvNd, input: Tensor, n: number): void {
  if (!hasLazy(module)) return;
  if (input.ndim !== n + 1 && input.ndim !== n + 2) {
    throw new ShapeError(
      `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${module.typeName()}, but got input of size: [${input.shape.join(", ")}]`,
    );
  }
  const inChannels = input.shape.at(-n - 1)!;
  if (inChannels % module.groups !== 0) throw new ShapeError("in_channels must be divisible by groups");
  module.inChannels = inChannels;
  const { outChannels, groups, kernelSize, transposed } = module;
  const channels = transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
  noGrad(() => {
    (module.weight as UninitializedParameter).materialize([...channels, ...kernelSize]);
    if (module.bias !== null) (module.bias as UninitializedParameter).materialize([outChannels]);
    module.resetParameters();
  });
}

/** {@link Conv1d} that takes `inChannels` from its first input. @see torch.nn.LazyConv1d */
export class LazyConv1d extends Conv1d {
  constructor(...args: LazyConvArguments) {
    const bound = bindConv(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    initializeConv(this, input, 1);
    settle(this, Conv1d);
    return this.forward(input);
  }
}
/** {@link Conv2d} that takes `inChannels` from its first input. @see torch.nn.LazyConv2d */
export class LazyConv2d extends Conv2d {
  constructor(...args: LazyConvArguments) {
    const bound = bindConv(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    initializeConv(this, input, 2);
    settle(this, Conv2d);
    return this.forward(input);
  }
}
/** {@link Conv3d} that takes `inChannels` from its first input. @see torch.nn.LazyConv3d */
export class LazyConv3d extends Conv3d {
  constructor(...args: LazyConvArguments) {
    const bound = bindConv(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(input: Tensor): Tensor {
    initializeConv(this, input, 3);
    settle(this, Conv3d);
    return this.forward(input);
  }
}
/** {@link ConvTranspose1d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose1d */
export class LazyConvTranspose1d extends ConvTranspose1d {
  constructor(...args: LazyTransposeArguments) {
    const bound = bindTranspose(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(...args: Parameters<ConvTranspose1d["forward"]>): Tensor {
    initializeConv(this, args[0], 1);
    settle(this, ConvTranspose1d);
    return this.forward(...args);
  }
}
/** {@link ConvTranspose2d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose2d */
export class LazyConvTranspose2d extends ConvTranspose2d {
  constructor(...args: LazyTransposeArguments) {
    const bound = bindTranspose(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(...args: Parameters<ConvTranspose2d["forward"]>): Tensor {
    initializeConv(this, args[0], 2);
    settle(this, ConvTranspose2d);
    return this.forward(...args);
  }
}
/** {@link ConvTranspose3d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose3d */
export class LazyConvTranspose3d extends ConvTranspose3d {
  constructor(...args: LazyTransposeArguments) {
    const bound = bindTranspose(args);
    super(emptyConv(bound));
    prepareConv(this, bound);
  }
  override resetParameters(): void {
    if (this.inChannels !== 0 && !hasLazy(this)) super.resetParameters();
  }
  override forward(...args: Parameters<ConvTranspose3d["forward"]>): Tensor {
    initializeConv(this, args[0], 3);
    settle(this, ConvTranspose3d);
    return this.forward(...args);
  }
}
