import { type Tensor, zeros } from "@bluedot/core";
import { checkOptions } from "../datasets/vision-dataset.ts";
import { drawChance, drawInteger, drawUniform } from "./draw.ts";
import {
  centerCrop,
  crop,
  erase,
  fiveCrop,
  hflip,
  type Padding,
  type PaddingMode,
  pad,
  type ResizeOptions,
  resize,
  resizedCrop,
  type Size,
  tenCrop,
  vflip,
} from "./geometry.ts";
import type { Interpolation } from "./interpolate.ts";
import { getDimensions, type ImageLike, roundHalfEven } from "./planes.ts";
import { Transform } from "./transform.ts";

/** `size` as height and width. @throws {RangeError} unless it is one number or two */
export function sizePair(size: Size): [number, number] {
  if (typeof size === "number") return [size, size];
  if (size.length === 1) return [size[0]!, size[0]!];
  if (size.length !== 2) throw new RangeError("Please provide only two dimensions (h, w) for size.");
  return [size[0]!, size[1]!];
}

/** The size and the options of a transform whose first argument may also be the options with the size in them. */
function sized<O extends object>(size: Size | (O & { size: Size }), options: O): [Size, O] {
  if (typeof size === "number" || Array.isArray(size)) return [size as Size, options];
  const { size: given, ...rest } = size as O & { size: Size };
  return [given, rest as unknown as O];
}

/** Base of the transforms that keep the kind of image. */
abstract class ImageTransform extends Transform<ImageLike, ImageLike> {
  abstract override forward<I extends ImageLike>(image: I): I;
}

export { ImageTransform };

/** Resizes. @see torchvision.transforms.Resize */
export class Resize extends ImageTransform {
  readonly size: Size;
  readonly options: ResizeOptions;

  constructor(first: Size | (ResizeOptions & { size: Size }), rest: Interpolation | ResizeOptions = {}) {
    super();
    const [size, options] = sized(first, typeof rest === "string" ? { interpolation: rest } : rest);
    this.size = size;
    this.options = options;
    checkOptions("Resize", this.options, ["interpolation", "maxSize", "antialias"]);
  }

  forward<I extends ImageLike>(image: I): I {
    return resize(image, this.size, this.options);
  }

  protected override extraRepr(): string {
    const { interpolation = "bilinear", maxSize = null, antialias = null } = this.options;
    const python = (value: unknown) => (value === null ? "None" : value === true ? "True" : value === false ? "False" : String(value));
    return `size=${typeof this.size === "number" ? this.size : `[${this.size.join(", ")}]`}, interpolation=${interpolation}, max_size=${python(maxSize)}, antialias=${python(antialias)}`;
  }
}

/** The middle. @see torchvision.transforms.CenterCrop */
export class CenterCrop extends ImageTransform {
  readonly size: [number, number];

  constructor(size: Size | { size: Size }) {
    super();
    this.size = sizePair(sized(size, {})[0]);
  }

  forward<I extends ImageLike>(image: I): I {
    return centerCrop(image, this.size);
  }

  protected override extraRepr(): string {
    return `size=(${this.size.join(", ")})`;
  }
}

/** A border. @see torchvision.transforms.Pad */
export class Pad extends ImageTransform {
  readonly padding: Padding;
  readonly fill: number;
  readonly paddingMode: PaddingMode;

  constructor(padding: Padding, options: { fill?: number; paddingMode?: PaddingMode } = {}) {
    super();
    checkOptions("Pad", options, ["fill", "paddingMode"]);
    this.padding = padding;
    this.fill = options.fill ?? 0;
    this.paddingMode = options.paddingMode ?? "constant";
  }

  forward<I extends ImageLike>(image: I): I {
    return pad(image, this.padding, this.fill, this.paddingMode);
  }

  protected override extraRepr(): string {
    return `padding=${typeof this.padding === "number" ? this.padding : `[${this.padding.join(", ")}]`}, fill=${this.fill}, padding_mode=${this.paddingMode}`;
  }
}

/** The four corners and the middle. @see torchvision.transforms.FiveCrop */
export class FiveCrop extends Transform<ImageLike, ImageLike[]> {
  readonly size: [number, number];

  constructor(size: Size | { size: Size }) {
    super();
    this.size = sizePair(sized(size, {})[0]);
  }

  forward<I extends ImageLike>(image: I): I[] {
    return fiveCrop(image, this.size);
  }

  protected override extraRepr(): string {
    return `size=(${this.size.join(", ")})`;
  }
}

/** {@link FiveCrop} of the image and of its mirror image. @see torchvision.transforms.TenCrop */
export class TenCrop extends Transform<ImageLike, ImageLike[]> {
  readonly size: [number, number];
  readonly verticalFlip: boolean;

  constructor(size: Size, verticalFlip: boolean | { verticalFlip?: boolean } = false) {
    super();
    this.size = sizePair(size);
    this.verticalFlip = typeof verticalFlip === "boolean" ? verticalFlip : (verticalFlip.verticalFlip ?? false);
  }

  forward<I extends ImageLike>(image: I): I[] {
    return tenCrop(image, this.size, this.verticalFlip);
  }

  protected override extraRepr(): string {
    return `size=(${this.size.join(", ")}), vertical_flip=${this.verticalFlip ? "True" : "False"}`;
  }
}

/** Options of {@link RandomCrop}. */
export interface RandomCropOptions {
  /** A border put around the image first. */
  padding?: Padding | null;
  /** Adds what is missing where the image is smaller than the crop. */
  padIfNeeded?: boolean;
  fill?: number;
  paddingMode?: PaddingMode;
}

/** A part at a random place. @see torchvision.transforms.RandomCrop */
export class RandomCrop extends ImageTransform {
  readonly size: [number, number];
  readonly padding: Padding | null;
  readonly padIfNeeded: boolean;
  readonly fill: number;
  readonly paddingMode: PaddingMode;

  constructor(first: Size | (RandomCropOptions & { size: Size }), rest: RandomCropOptions = {}) {
    super();
    const [size, options] = sized(first, rest);
    checkOptions("RandomCrop", options, ["padding", "padIfNeeded", "fill", "paddingMode"]);
    this.size = sizePair(size);
    this.padding = options.padding ?? null;
    this.padIfNeeded = options.padIfNeeded ?? false;
    this.fill = options.fill ?? 0;
    this.paddingMode = options.paddingMode ?? "constant";
  }

  /** @throws {RangeError} when the crop is larger than the image */
  forward<I extends ImageLike>(image: I): I {
    const [th, tw] = this.size;
    let padded = this.padding === null ? image : pad(image, this.padding, this.fill, this.paddingMode);
    if (this.padIfNeeded) {
      const [, height, width] = getDimensions(padded);
      if (width < tw) padded = pad(padded, [tw - width, 0], this.fill, this.paddingMode);
      if (height < th) padded = pad(padded, [0, th - height], this.fill, this.paddingMode);
    }
    const [, h, w] = getDimensions(padded);
    if (h < th || w < tw) throw new RangeError(`Required crop size (${th}, ${tw}) is larger than input image size (${h}, ${w})`);
    if (w === tw && h === th) return crop(padded, 0, 0, h, w);
    const top = drawInteger(0, h - th + 1);
    return crop(padded, top, drawInteger(0, w - tw + 1), th, tw);
  }

  protected override extraRepr(): string {
    const { padding } = this;
    return `size=(${this.size.join(", ")}), padding=${padding === null ? "None" : typeof padding === "number" ? padding : `[${padding.join(", ")}]`}`;
  }
}

/** Mirrors left and right with probability `p`. @see torchvision.transforms.RandomHorizontalFlip */
export class RandomHorizontalFlip extends ImageTransform {
  readonly p: number;

  constructor(p: number | { p?: number } = 0.5) {
    super();
    this.p = typeof p === "number" ? p : (p.p ?? 0.5);
  }

  forward<I extends ImageLike>(image: I): I {
    return drawChance(this.p) ? hflip(image) : image;
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/** Mirrors top and bottom with probability `p`. @see torchvision.transforms.RandomVerticalFlip */
export class RandomVerticalFlip extends ImageTransform {
  readonly p: number;

  constructor(p: number | { p?: number } = 0.5) {
    super();
    this.p = typeof p === "number" ? p : (p.p ?? 0.5);
  }

  forward<I extends ImageLike>(image: I): I {
    return drawChance(this.p) ? vflip(image) : image;
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/** Options of {@link RandomResizedCrop}. */
export interface RandomResizedCropOptions {
  /** Share of the area, from and to. */
  scale?: readonly [number, number];
  /** Width to height, from and to. */
  ratio?: readonly [number, number];
  interpolation?: Interpolation;
  antialias?: boolean | null;
}

/** A float32 ratio between two, evenly in its logarithm. */
function drawRatio([low, high]: readonly [number, number]): number {
  return Math.fround(Math.exp(drawUniform(Math.fround(Math.log(low)), Math.fround(Math.log(high)))));
}

/** A part of random size and shape at a random place, resized. @see torchvision.transforms.RandomResizedCrop */
export class RandomResizedCrop extends ImageTransform {
  readonly size: [number, number];
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly resizing: ResizeOptions;

  constructor(first: Size | (RandomResizedCropOptions & { size: Size }), rest: RandomResizedCropOptions = {}) {
    super();
    const [size, options] = sized(first, rest);
    checkOptions("RandomResizedCrop", options, ["scale", "ratio", "interpolation", "antialias"]);
    this.size = sizePair(size);
    this.scale = options.scale ?? [0.08, 1];
    this.ratio = options.ratio ?? [3 / 4, 4 / 3];
    this.resizing = { interpolation: options.interpolation ?? "bilinear", antialias: options.antialias ?? null };
  }

  /** Top, left, height and width of a random part. */
  draw(height: number, width: number): [number, number, number, number] {
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * drawUniform(...(this.scale as [number, number]));
      const aspect = drawRatio(this.ratio);
      const w = roundHalfEven(Math.sqrt(area * aspect));
      const h = roundHalfEven(Math.sqrt(area / aspect));
      if (w > 0 && w <= width && h > 0 && h <= height) {
        const top = drawInteger(0, height - h + 1);
        return [top, drawInteger(0, width - w + 1), h, w];
      }
    }
    const [low, high] = this.ratio;
    const shape = width / height;
    const w = shape > high ? roundHalfEven(height * high) : width;
    const h = shape < low ? roundHalfEven(width / low) : height;
    return [Math.floor((height - h) / 2), Math.floor((width - w) / 2), h, w];
  }

  forward<I extends ImageLike>(image: I): I {
    const [, height, width] = getDimensions(image);
    return resizedCrop(image, ...this.draw(height, width), this.size, this.resizing);
  }

  protected override extraRepr(): string {
    const four = (values: readonly number[]) =>
      `(${values
        .map((value) => Number(value.toFixed(4)))
        .map((value) => (Number.isInteger(value) ? value.toFixed(1) : value))
        .join(", ")})`;
    return `size=(${this.size.join(", ")}), scale=${four(this.scale)}, ratio=${four(this.ratio)}, interpolation=${this.resizing.interpolation}`;
  }
}

/** Options of {@link RandomErasing}. */
export interface RandomErasingOptions {
  p?: number;
  /** Share of the area, from and to. */
  scale?: readonly [number, number];
  /** Height to width, from and to. */
  ratio?: readonly [number, number];
  /** What to fill with: a number, one a channel, or `"random"` for normal noise. */
  value?: number | readonly number[] | "random";
  inplace?: boolean;
}

/** Fills a random rectangle of a tensor `[C, H, W]` (Zhong et al., 2017). @see torchvision.transforms.RandomErasing */
export class RandomErasing extends Transform<Tensor, Tensor> {
  readonly p: number;
  readonly scale: readonly [number, number];
  readonly ratio: readonly [number, number];
  readonly value: number | readonly number[] | "random";
  readonly inplace: boolean;

  constructor(options: RandomErasingOptions = {}) {
    super();
    checkOptions("RandomErasing", options, ["p", "scale", "ratio", "value", "inplace"]);
    this.p = options.p ?? 0.5;
    this.scale = options.scale ?? [0.02, 0.33];
    this.ratio = options.ratio ?? [0.3, 3.3];
    this.value = options.value ?? 0;
    this.inplace = options.inplace ?? false;
    if (!(this.p >= 0 && this.p <= 1)) throw new RangeError("Random erasing probability should be between 0 and 1");
    if (this.scale[0] < 0 || this.scale[1] > 1) throw new RangeError("Scale should be between 0 and 1");
  }

  forward(image: Tensor): Tensor {
    if (!drawChance(this.p)) return image;
    const [channels, height, width] = getDimensions(image);
    const { value } = this;
    const fills = typeof value === "number" ? [value] : value;
    if (fills !== "random" && fills.length !== 1 && fills.length !== channels) {
      throw new RangeError(`If value is a sequence, it should have either a single value or ${channels} (number of input channels)`);
    }
    for (let attempt = 0; attempt < 10; attempt++) {
      const area = height * width * drawUniform(...(this.scale as [number, number]));
      const aspect = drawRatio(this.ratio);
      const h = roundHalfEven(Math.sqrt(area * aspect));
      const w = roundHalfEven(Math.sqrt(area / aspect));
      if (!(h < height && w < width)) continue;
      const fill = fills === "random" ? zeros([channels, h, w]).normal_() : fillTensor(fills, image.dtype);
      const top = drawInteger(0, height - h + 1);
      return erase(image, top, drawInteger(0, width - w + 1), h, w, fill, this.inplace);
    }
    return image;
  }

  protected override extraRepr(): string {
    return `p=${this.p}, scale=(${this.scale.join(", ")}), ratio=(${this.ratio.join(", ")}), value=${String(this.value)}, inplace=${this.inplace ? "True" : "False"}`;
  }
}

function fillTensor(values: readonly number[], dtype: Tensor["dtype"]): Tensor {
  const column = zeros([values.length, 1, 1]);
  (column.typedArray() as Float32Array).set(values);
  return column.to(dtype);
}
