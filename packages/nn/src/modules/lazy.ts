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
  convParameters,
  transposeParameters,
} from "./conv.ts";
import { Linear, type LinearOptions } from "./linear.ts";

/** A module of an ordinary class whose parameters have initial values. */
type Ordinary = Module & { resetParameters(): void };

/** How the lazy form of a class is made. */
interface Recipe<M, B> {
  /** Arguments by name. */
  bind(args: readonly unknown[]): B;
  /** Options of the ordinary constructor for a module without inputs, and without tensors that depend on them. */
  empty(bound: B): object;
  /** Puts tensors without a shape in their places. */
  prepare(module: M, bound: B): void;
  /** Takes sizes from the first input and gives the tensors their shapes. @throws {ShapeError} for input that doesn't fit */
  materialize(module: M, input: Tensor, n: number): void;
}

/**
 * The lazy form of a class: its modules take the number of their inputs from the first input and then are ordinary ones.
 * `n` is the number of spatial dimensions.
 */
export function lazyForm<A extends readonly unknown[], M extends Ordinary, B>(
  OrdinaryClass: { readonly prototype: M },
  { bind, empty, prepare, materialize }: Recipe<M, B>,
  n = 0,
): new (
  ...args: A
) => M {
  const Base = OrdinaryClass as unknown as new (options: object) => Ordinary;
  class Lazy extends Base {
    constructor(...args: A) {
      const bound = bind(args);
      super(empty(bound));
      prepare(this as unknown as M, bound);
    }
    override resetParameters(): void {
      if (this.parameters(false).every((parameter) => !isLazy(parameter) && parameter.count > 0)) super.resetParameters();
    }
    override forward(...args: [input: Tensor, ...rest: unknown[]]): unknown {
      if ([...this.parameters(false), ...this.buffers(false)].some(isLazy)) {
        materialize(this as unknown as M, args[0], n);
        noGrad(() => this.resetParameters());
      }
      Object.setPrototypeOf(this, Base.prototype as object);
      return this.forward(...args);
    }
  }
  return Lazy as unknown as new (
    ...args: A
  ) => M;
}

/** A parameter without a shape yet. */
export const uninitialized = (options: FactoryOptions): Parameter =>
  new UninitializedParameter({ dtype: options.dtype ?? null, device: options.device ?? null });

const shaped = (tensor: Tensor | null, shape: readonly number[]): void => {
  if (isLazy(tensor)) tensor.materialize(shape);
};

const bindLinear = signature("LazyLinear", { outFeatures: null, bias: true, device: null, dtype: null });
type LinearSettings = { outFeatures: number; bias: boolean } & FactoryOptions;
type LazyLinearArguments =
  | [outFeatures: number, ...rest: Rest<[bias: boolean], LinearOptions>]
  | [options: LinearOptions & { outFeatures: number }];

const LinearForm: new (...args: LazyLinearArguments) => Linear = lazyForm<LazyLinearArguments, Linear, LinearSettings>(Linear, {
  bind: bindLinear as unknown as (args: readonly unknown[]) => LinearSettings,
  empty: (bound) => ({ ...bound, inFeatures: 0, outFeatures: 0, bias: false }),
  prepare: (module, bound) => {
    module.outFeatures = bound.outFeatures;
    module.weight = uninitialized(bound);
    module.bias = bound.bias ? uninitialized(bound) : null;
  },
  materialize: (module, input) => {
    module.inFeatures = input.shape.at(-1)!;
    shaped(module.weight, [module.outFeatures, module.inFeatures]);
    shaped(module.bias, [module.outFeatures]);
  },
});
/** {@link Linear} that takes `inFeatures` from its first input. @see torch.nn.LazyLinear */
export class LazyLinear extends LinearForm {}

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

/** Parameters without the number of input channels, which the first input tells. */
const lazily = <P extends object>({ inChannels: _, ...rest }: P & { inChannels: unknown }) => ({
  ...rest,
  outChannels: null,
  kernelSize: null,
});
const bindConv = signature("LazyConv", lazily(convParameters));
const bindTranspose = signature("LazyConvTranspose", lazily(transposeParameters));

type ConvSettings = { outChannels: number; bias: boolean } & FactoryOptions;

const convRecipe = (bind: unknown): Recipe<ConvNd, ConvSettings> => ({
  bind: bind as (args: readonly unknown[]) => ConvSettings,
  empty: (bound) => ({ ...bound, inChannels: 0, outChannels: 0, bias: false }),
  prepare: (module, bound) => {
    module.outChannels = bound.outChannels;
    module.weight = uninitialized(bound);
    module.bias = bound.bias ? uninitialized(bound) : null;
  },
  materialize: (module, input, n) => {
    if (input.ndim !== n + 1 && input.ndim !== n + 2) {
      throw new ShapeError(
        `Expected ${n + 1}D (unbatched) or ${n + 2}D (batched) input to ${module.typeName()}, but got input of size: torch.Size([${input.shape.join(", ")}])`,
      );
    }
    const inChannels = input.shape.at(-n - 1)!;
    if (inChannels % module.groups !== 0) throw new ShapeError("in_channels must be divisible by groups");
    module.inChannels = inChannels;
    const { outChannels, groups, kernelSize, transposed } = module;
    shaped(module.weight, [...(transposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups]), ...kernelSize]);
    shaped(module.bias, [outChannels]);
  },
});
const conv = convRecipe(bindConv);
const transpose = convRecipe(bindTranspose);

const Conv1dForm: new (...args: LazyConvArguments) => Conv1d = lazyForm<LazyConvArguments, ConvNd, ConvSettings>(Conv1d, conv, 1) as never;
/** {@link Conv1d} that takes `inChannels` from its first input. @see torch.nn.LazyConv1d */
export class LazyConv1d extends Conv1dForm {}
const Conv2dForm: new (...args: LazyConvArguments) => Conv2d = lazyForm<LazyConvArguments, ConvNd, ConvSettings>(Conv2d, conv, 2) as never;
/** {@link Conv2d} that takes `inChannels` from its first input. @see torch.nn.LazyConv2d */
export class LazyConv2d extends Conv2dForm {}
const Conv3dForm: new (...args: LazyConvArguments) => Conv3d = lazyForm<LazyConvArguments, ConvNd, ConvSettings>(Conv3d, conv, 3) as never;
/** {@link Conv3d} that takes `inChannels` from its first input. @see torch.nn.LazyConv3d */
export class LazyConv3d extends Conv3dForm {}
const ConvTranspose1dForm: new (...args: LazyTransposeArguments) => ConvTranspose1d = lazyForm<
  LazyTransposeArguments,
  ConvNd,
  ConvSettings
>(ConvTranspose1d, transpose, 1) as never;
/** {@link ConvTranspose1d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose1d */
export class LazyConvTranspose1d extends ConvTranspose1dForm {}
const ConvTranspose2dForm: new (...args: LazyTransposeArguments) => ConvTranspose2d = lazyForm<
  LazyTransposeArguments,
  ConvNd,
  ConvSettings
>(ConvTranspose2d, transpose, 2) as never;
/** {@link ConvTranspose2d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose2d */
export class LazyConvTranspose2d extends ConvTranspose2dForm {}
const ConvTranspose3dForm: new (...args: LazyTransposeArguments) => ConvTranspose3d = lazyForm<
  LazyTransposeArguments,
  ConvNd,
  ConvSettings
>(ConvTranspose3d, transpose, 3) as never;
/** {@link ConvTranspose3d} that takes `inChannels` from its first input. @see torch.nn.LazyConvTranspose3d */
export class LazyConvTranspose3d extends ConvTranspose3dForm {}
