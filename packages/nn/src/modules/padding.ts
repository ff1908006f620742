import type { Scalar, Tensor } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { type PerDim, perDim } from "../arguments.ts";
import * as F from "../functional.ts";
import { Module } from "../module/module.ts";
import { pythonFloat, pythonValue } from "../module/printing.ts";

type ByName = { padding: PerDim };
const bindPadding = signature("Pad", { padding: required });
const bindConstant = signature("ConstantPad", { padding: required, value: required });

/** What all paddings share: elements before and after each of `n` dimensions, last dimension first. */
export abstract class PadNd extends Module {
  padding: readonly number[];
  protected abstract get mode(): F.PadMode;

  constructor(n: number, padding: PerDim) {
    super();
    this.padding = perDim(padding, 2 * n);
  }
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, this.mode);
  }
  override extraRepr(): string {
    return pythonValue(this.padding);
  }
}

/** What the paddings with one value share. */
export abstract class ConstantPadNd extends Module {
  padding: readonly number[];
  value: Scalar;

  constructor(n: number, args: readonly unknown[]) {
    super();
    const { padding, value } = bindConstant(args);
    this.padding = perDim(padding, 2 * n);
    this.value = value;
  }
  override forward(input: Tensor): Tensor {
    return F.pad(input, this.padding, "constant", this.value);
  }
  override extraRepr(): string {
    const value = typeof this.value === "number" ? pythonFloat(this.value) : pythonValue(this.value);
    return `padding=${pythonValue(this.padding)}, value=${value}`;
  }
}

/** Surrounds `[N, C, L]` with one value. @throws {ShapeError} @see torch.nn.ConstantPad1d */
export class ConstantPad1d extends ConstantPadNd {
  constructor(padding: PerDim, value: Scalar);
  constructor(options: ByName & { value: Scalar });
  constructor(...args: unknown[]) {
    super(1, args);
  }
}

/** Surrounds `[N, C, H, W]` with one value. @throws {ShapeError} @see torch.nn.ConstantPad2d */
export class ConstantPad2d extends ConstantPadNd {
  constructor(padding: PerDim, value: Scalar);
  constructor(options: ByName & { value: Scalar });
  constructor(...args: unknown[]) {
    super(2, args);
  }
}

/** Surrounds `[N, C, D, H, W]` with one value. @throws {ShapeError} @see torch.nn.ConstantPad3d */
export class ConstantPad3d extends ConstantPadNd {
  constructor(padding: PerDim, value: Scalar);
  constructor(options: ByName & { value: Scalar });
  constructor(...args: unknown[]) {
    super(3, args);
  }
}

/** Continues `[N, C, L]` by its mirror image. @throws {ShapeError} @see torch.nn.ReflectionPad1d */
export class ReflectionPad1d extends PadNd {
  protected get mode(): F.PadMode {
    return "reflect";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(1, bindPadding(args).padding);
  }
}

/** Continues `[N, C, H, W]` by its mirror image. @throws {ShapeError} @see torch.nn.ReflectionPad2d */
export class ReflectionPad2d extends PadNd {
  protected get mode(): F.PadMode {
    return "reflect";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(2, bindPadding(args).padding);
  }
}

/** Continues `[N, C, D, H, W]` by its mirror image. @throws {ShapeError} @see torch.nn.ReflectionPad3d */
export class ReflectionPad3d extends PadNd {
  protected get mode(): F.PadMode {
    return "reflect";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(3, bindPadding(args).padding);
  }
}

/** Continues `[N, C, L]` by its edges. @throws {ShapeError} @see torch.nn.ReplicationPad1d */
export class ReplicationPad1d extends PadNd {
  protected get mode(): F.PadMode {
    return "replicate";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(1, bindPadding(args).padding);
  }
}

/** Continues `[N, C, H, W]` by its edges. @throws {ShapeError} @see torch.nn.ReplicationPad2d */
export class ReplicationPad2d extends PadNd {
  protected get mode(): F.PadMode {
    return "replicate";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(2, bindPadding(args).padding);
  }
}

/** Continues `[N, C, D, H, W]` by its edges. @throws {ShapeError} @see torch.nn.ReplicationPad3d */
export class ReplicationPad3d extends PadNd {
  protected get mode(): F.PadMode {
    return "replicate";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(3, bindPadding(args).padding);
  }
}

/** Continues `[N, C, L]` by its other side. @throws {ShapeError} @see torch.nn.CircularPad1d */
export class CircularPad1d extends PadNd {
  protected get mode(): F.PadMode {
    return "circular";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(1, bindPadding(args).padding);
  }
}

/** Continues `[N, C, H, W]` by its other side. @throws {ShapeError} @see torch.nn.CircularPad2d */
export class CircularPad2d extends PadNd {
  protected get mode(): F.PadMode {
    return "circular";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(2, bindPadding(args).padding);
  }
}

/** Continues `[N, C, D, H, W]` by its other side. @throws {ShapeError} @see torch.nn.CircularPad3d */
export class CircularPad3d extends PadNd {
  protected get mode(): F.PadMode {
    return "circular";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(3, bindPadding(args).padding);
  }
}

/** Surrounds `[N, C, L]` with zeros. @throws {ShapeError} @see torch.nn.ZeroPad1d */
export class ZeroPad1d extends PadNd {
  protected get mode(): F.PadMode {
    return "constant";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(1, bindPadding(args).padding);
  }
}

/** Surrounds `[N, C, H, W]` with zeros. @throws {ShapeError} @see torch.nn.ZeroPad2d */
export class ZeroPad2d extends PadNd {
  protected get mode(): F.PadMode {
    return "constant";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(2, bindPadding(args).padding);
  }
}

/** Surrounds `[N, C, D, H, W]` with zeros. @throws {ShapeError} @see torch.nn.ZeroPad3d */
export class ZeroPad3d extends PadNd {
  protected get mode(): F.PadMode {
    return "constant";
  }
  constructor(...args: [padding: PerDim] | [options: ByName]) {
    super(3, bindPadding(args).padding);
  }
}
