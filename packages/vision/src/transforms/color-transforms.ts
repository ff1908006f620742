import { randperm } from "@bluedot/core";
import { checkOptions } from "../datasets/vision-dataset.ts";
import { type AffineOptions, affine, type Fill, perspective, rotate } from "./affine.ts";
import { adjustSharpness, gaussianBlur } from "./blur.ts";
import {
  adjustBrightness,
  adjustContrast,
  adjustHue,
  adjustSaturation,
  autocontrast,
  equalize,
  invert,
  posterize,
  rgbToGrayscale,
  solarize,
} from "./color.ts";
import { drawChance, drawInteger, drawUniform } from "./draw.ts";
import { ImageTransform } from "./geometry-transforms.ts";
import { getDimensions, type ImageLike, roundHalfEven } from "./planes.ts";

/** From and to. */
type Range = readonly [number, number];

/** How strongly {@link ColorJitter} changes: a number x stands for [1 - x, 1 + x], for hue [-x, x]. */
export interface ColorJitterOptions {
  brightness?: number | Range;
  contrast?: number | Range;
  saturation?: number | Range;
  hue?: number | Range;
}

function jitterRange(value: number | Range, name: string, center: number, lowest: number, highest: number): Range | null {
  if (typeof value === "number" && value < 0) throw new RangeError(`If ${name} is a single number, it must be non negative.`);
  const range: Range = typeof value === "number" ? [Math.max(lowest, center - value), center + value] : value;
  if (!(lowest <= range[0] && range[0] <= range[1] && range[1] <= highest))
    throw new RangeError(`${name} values should be between [${range.join(", ")}]`);
  return range[0] === center && range[1] === center ? null : range;
}

/** Changes brightness, contrast, saturation and hue at random, in random order. @see torchvision.transforms.ColorJitter */
export class ColorJitter extends ImageTransform {
  readonly brightness: Range | null;
  readonly contrast: Range | null;
  readonly saturation: Range | null;
  readonly hue: Range | null;

  constructor(options: ColorJitterOptions = {}) {
    super();
    checkOptions("ColorJitter", options, ["brightness", "contrast", "saturation", "hue"]);
    this.brightness = jitterRange(options.brightness ?? 0, "brightness", 1, 0, Number.POSITIVE_INFINITY);
    this.contrast = jitterRange(options.contrast ?? 0, "contrast", 1, 0, Number.POSITIVE_INFINITY);
    this.saturation = jitterRange(options.saturation ?? 0, "saturation", 1, 0, Number.POSITIVE_INFINITY);
    this.hue = jitterRange(options.hue ?? 0, "hue", 0, -0.5, 0.5);
  }

  forward<I extends ImageLike>(image: I): I {
    const order = randperm(4).tolist() as number[];
    const factors = [this.brightness, this.contrast, this.saturation, this.hue].map((range) =>
      range === null ? null : drawUniform(...(range as [number, number])),
    );
    const adjust = [adjustBrightness, adjustContrast, adjustSaturation, adjustHue];
    return order.reduce((result, which) => (factors[which] === null ? result : adjust[which]!(result, factors[which]!)), image);
  }

  protected override extraRepr(): string {
    const text = (range: Range | null) =>
      range === null ? "None" : `[${range.map((value) => (Number.isInteger(value) ? value.toFixed(1) : value)).join(", ")}]`;
    return `brightness=${text(this.brightness)}, contrast=${text(this.contrast)}, saturation=${text(this.saturation)}, hue=${text(this.hue)}`;
  }
}

/** The luminance. @see torchvision.transforms.Grayscale */
export class Grayscale extends ImageTransform {
  readonly numOutputChannels: number;

  constructor(numOutputChannels: number | { numOutputChannels?: number } = 1) {
    super();
    this.numOutputChannels = typeof numOutputChannels === "number" ? numOutputChannels : (numOutputChannels.numOutputChannels ?? 1);
  }

  forward<I extends ImageLike>(image: I): I {
    return rgbToGrayscale(image, this.numOutputChannels);
  }

  protected override extraRepr(): string {
    return `num_output_channels=${this.numOutputChannels}`;
  }
}

/** Base of the transforms that do one thing or nothing. */
abstract class RandomTransform extends ImageTransform {
  readonly p: number;

  constructor(p: number | { p?: number }, fallback: number) {
    super();
    this.p = typeof p === "number" ? p : (p.p ?? fallback);
  }

  protected abstract change<I extends ImageLike>(image: I): I;

  forward<I extends ImageLike>(image: I): I {
    return drawChance(this.p) ? this.change(image) : image;
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}

/** The luminance in as many channels, with probability `p`. @see torchvision.transforms.RandomGrayscale */
export class RandomGrayscale extends RandomTransform {
  constructor(p: number | { p?: number } = 0.1) {
    super(p, 0.1);
  }

  protected change<I extends ImageLike>(image: I): I {
    return rgbToGrayscale(image, getDimensions(image)[0] === 3 ? 3 : 1);
  }
}

/** The negative, with probability `p`. @see torchvision.transforms.RandomInvert */
export class RandomInvert extends RandomTransform {
  constructor(p: number | { p?: number } = 0.5) {
    super(p, 0.5);
  }

  protected change<I extends ImageLike>(image: I): I {
    return invert(image);
  }
}

/** {@link autocontrast}, with probability `p`. @see torchvision.transforms.RandomAutocontrast */
export class RandomAutocontrast extends RandomTransform {
  constructor(p: number | { p?: number } = 0.5) {
    super(p, 0.5);
  }

  protected change<I extends ImageLike>(image: I): I {
    return autocontrast(image);
  }
}

/** {@link equalize}, with probability `p`. @see torchvision.transforms.RandomEqualize */
export class RandomEqualize extends RandomTransform {
  constructor(p: number | { p?: number } = 0.5) {
    super(p, 0.5);
  }

  protected change<I extends ImageLike>(image: I): I {
    return equalize(image);
  }
}

/** {@link posterize}, with probability `p`. @see torchvision.transforms.RandomPosterize */
export class RandomPosterize extends RandomTransform {
  readonly bits: number;

  constructor(bits: number, p: number | { p?: number } = 0.5) {
    super(p, 0.5);
    this.bits = bits;
  }

  protected change<I extends ImageLike>(image: I): I {
    return posterize(image, this.bits);
  }
}

/** {@link solarize}, with probability `p`. @see torchvision.transforms.RandomSolarize */
export class RandomSolarize extends RandomTransform {
  readonly threshold: number;

  constructor(threshold: number, p: number | { p?: number } = 0.5) {
    super(p, 0.5);
    this.threshold = threshold;
  }

  protected change<I extends ImageLike>(image: I): I {
    return solarize(image, this.threshold);
  }
}

/** {@link adjustSharpness}, with probability `p`. @see torchvision.transforms.RandomAdjustSharpness */
export class RandomAdjustSharpness extends RandomTransform {
  readonly sharpnessFactor: number;

  constructor(sharpnessFactor: number, p: number | { p?: number } = 0.5) {
    super(p, 0.5);
    this.sharpnessFactor = sharpnessFactor;
  }

  protected change<I extends ImageLike>(image: I): I {
    return adjustSharpness(image, this.sharpnessFactor);
  }
}

/** Blurs with a random deviation. @see torchvision.transforms.GaussianBlur */
export class GaussianBlur extends ImageTransform {
  readonly kernelSize: number | readonly number[];
  readonly sigma: Range;

  constructor(kernelSize: number | readonly number[], sigma: number | Range = [0.1, 2]) {
    super();
    this.kernelSize = kernelSize;
    this.sigma = typeof sigma === "number" ? [sigma, sigma] : sigma;
    if (!(this.sigma[0] > 0 && this.sigma[0] <= this.sigma[1]))
      throw new RangeError("sigma values should be positive and of the form (min, max).");
  }

  forward<I extends ImageLike>(image: I): I {
    return gaussianBlur(image, this.kernelSize, drawUniform(...(this.sigma as [number, number])));
  }
}

function degreeRange(degrees: number | Range): Range {
  if (typeof degrees !== "number") return degrees;
  if (degrees < 0) throw new RangeError("If degrees is a single number, it must be positive.");
  return [-degrees, degrees];
}

/** Fill of random rotations: black by default, one value a channel. */
const fillOf = (fill: Fill, image: ImageLike): Fill =>
  typeof fill === "number" ? new Array<number>(getDimensions(image)[0]).fill(fill) : fill;

/** Options of {@link RandomRotation}. */
export interface RandomRotationOptions {
  interpolation?: "nearest" | "bilinear";
  expand?: boolean;
  center?: readonly number[] | null;
  fill?: Fill;
}

/** Turns by a random angle. @see torchvision.transforms.RandomRotation */
export class RandomRotation extends ImageTransform {
  readonly degrees: Range;
  readonly options: RandomRotationOptions;

  constructor(degrees: number | Range, options: RandomRotationOptions = {}) {
    super();
    checkOptions("RandomRotation", options, ["interpolation", "expand", "center", "fill"]);
    this.degrees = degreeRange(degrees);
    this.options = options;
  }

  forward<I extends ImageLike>(image: I): I {
    const fill = fillOf(this.options.fill ?? 0, image);
    return rotate(image, drawUniform(...(this.degrees as [number, number])), { ...this.options, fill });
  }

  protected override extraRepr(): string {
    const { interpolation = "nearest", expand = false, fill = 0 } = this.options;
    return `degrees=[${this.degrees.map((value) => (Number.isInteger(value) ? value.toFixed(1) : value)).join(", ")}], interpolation=${interpolation}, expand=${expand ? "True" : "False"}, fill=${String(fill)}`;
  }
}

/** Options of {@link RandomAffine}. */
export interface RandomAffineOptions {
  /** Largest shifts as shares of width and height. */
  translate?: Range | null;
  scale?: Range | null;
  /** Degrees along x: a number x stands for [-x, x]; two numbers from and to; four for x and y. */
  shear?: number | readonly number[] | null;
  interpolation?: "nearest" | "bilinear";
  fill?: Fill;
  center?: readonly number[] | null;
}

/** Turns, moves, scales and shears at random. @see torchvision.transforms.RandomAffine */
export class RandomAffine extends ImageTransform {
  readonly degrees: Range;
  readonly translate: Range | null;
  readonly scale: Range | null;
  readonly shear: readonly number[] | null;
  readonly options: RandomAffineOptions;

  constructor(degrees: number | Range, options: RandomAffineOptions = {}) {
    super();
    checkOptions("RandomAffine", options, ["translate", "scale", "shear", "interpolation", "fill", "center"]);
    this.degrees = degreeRange(degrees);
    this.translate = options.translate ?? null;
    this.scale = options.scale ?? null;
    const { shear = null } = options;
    this.shear = typeof shear === "number" ? [-shear, shear] : shear;
    this.options = options;
    for (const share of this.translate ?? [])
      if (!(share >= 0 && share <= 1)) throw new RangeError("translation values should be between 0 and 1");
    for (const factor of this.scale ?? []) if (!(factor > 0)) throw new RangeError("scale values should be positive");
  }

  forward<I extends ImageLike>(image: I): I {
    const [, height, width] = getDimensions(image);
    const angle = drawUniform(...(this.degrees as [number, number]));
    const { translate, scale, shear } = this;
    const shift = (share: number, size: number): number => roundHalfEven(drawUniform(-share * size, share * size));
    const tx = translate === null ? 0 : shift(translate[0], width);
    const ty = translate === null ? 0 : shift(translate[1], height);
    const factor = scale === null ? 1 : drawUniform(...(scale as [number, number]));
    const sx = shear === null ? 0 : drawUniform(shear[0]!, shear[1]!);
    const sy = shear?.length === 4 ? drawUniform(shear[2]!, shear[3]!) : 0;
    const { interpolation = "nearest", center = null, fill = 0 } = this.options;
    return affine(image, angle, [tx, ty], factor, [sx, sy], { interpolation, center, fill: fillOf(fill, image) } satisfies AffineOptions);
  }

  protected override extraRepr(): string {
    return `degrees=[${this.degrees.map((value) => (Number.isInteger(value) ? value.toFixed(1) : value)).join(", ")}]${this.translate === null ? "" : `, translate=(${this.translate.join(", ")})`}${this.scale === null ? "" : `, scale=(${this.scale.join(", ")})`}`;
  }
}

/** Options of {@link RandomPerspective}. */
export interface RandomPerspectiveOptions {
  /** 0 to 1, 0.5 by default. */
  distortionScale?: number;
  p?: number;
  interpolation?: "nearest" | "bilinear";
  fill?: Fill;
}

/** A random perspective. @see torchvision.transforms.RandomPerspective */
export class RandomPerspective extends ImageTransform {
  readonly distortionScale: number;
  readonly p: number;
  readonly options: RandomPerspectiveOptions;

  constructor(options: RandomPerspectiveOptions = {}) {
    super();
    checkOptions("RandomPerspective", options, ["distortionScale", "p", "interpolation", "fill"]);
    this.distortionScale = options.distortionScale ?? 0.5;
    this.p = options.p ?? 0.5;
    this.options = options;
  }

  forward<I extends ImageLike>(image: I): I {
    if (!drawChance(this.p)) return image;
    const [, height, width] = getDimensions(image);
    const dx = Math.trunc(this.distortionScale * Math.floor(width / 2));
    const dy = Math.trunc(this.distortionScale * Math.floor(height / 2));
    const left = () => drawInteger(0, dx + 1);
    const right = () => drawInteger(width - dx - 1, width);
    const top = () => drawInteger(0, dy + 1);
    const bottom = () => drawInteger(height - dy - 1, height);
    const endpoints = [
      [left(), top()],
      [right(), top()],
      [right(), bottom()],
      [left(), bottom()],
    ];
    const startpoints = [
      [0, 0],
      [width - 1, 0],
      [width - 1, height - 1],
      [0, height - 1],
    ];
    return perspective(image, startpoints, endpoints, {
      interpolation: this.options.interpolation ?? "bilinear",
      fill: fillOf(this.options.fill ?? 0, image),
    });
  }

  protected override extraRepr(): string {
    return `p=${this.p}`;
  }
}
