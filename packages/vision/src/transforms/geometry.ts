import { Tensor, TensorError } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";
import { Image } from "../image.ts";
import { type Interpolation, resizePlanes } from "./interpolate.ts";
import { assertImage, fromPlanes, gather, getDimensions, type ImageLike, onTensor, roundHalfEven, toPlanes } from "./planes.ts";

/** A rectangle within an image. */
interface Box {
  top: number;
  left: number;
  height: number;
  width: number;
}

const box = { top: required, left: required, height: required, width: required };
const bindHflip = signature("hflip", {});
const bindVflip = signature("vflip", {});
const bindPad = signature("pad", { padding: required, fill: 0, paddingMode: "constant" });
const bindCrop = signature("crop", box);
const bindCenterCrop = signature("centerCrop", { outputSize: required });
const bindFiveCrop = signature("fiveCrop", { size: required });
const bindTenCrop = signature("tenCrop", { size: required, verticalFlip: false });
const bindResize = signature("resize", { size: required, interpolation: "bilinear", maxSize: null, antialias: null });
const bindResizedCrop = signature("resizedCrop", { ...box, size: required, interpolation: "bilinear", antialias: null });
const bindErase = signature("erase", { i: required, j: required, h: required, w: required, v: required, inplace: false });

/** Mirrors left and right. @see torchvision.transforms.functional.hflip */
export function hflip<I extends ImageLike>(image: I, ...none: [] | [options: object]): I {
  bindHflip(none);
  return onTensor(image, (tensor) => tensor.flip(-1));
}

/** Mirrors top and bottom. @see torchvision.transforms.functional.vflip */
export function vflip<I extends ImageLike>(image: I, ...none: [] | [options: object]): I {
  bindVflip(none);
  return onTensor(image, (tensor) => tensor.flip(-2));
}

/** How {@link pad} fills the border. */
export type PaddingMode = "constant" | "edge" | "reflect" | "symmetric";

/** A border: one width, `[sides, top and bottom]`, or `[left, top, right, bottom]`. */
export type Padding = number | readonly number[];

/** Options of {@link pad}. */
export interface PadOptions {
  /** Value of a constant border. */
  fill?: number | null;
  paddingMode?: PaddingMode;
}

function parsePadding(padding: Padding): [left: number, top: number, right: number, bottom: number] {
  const sizes = typeof padding === "number" ? [padding] : padding;
  if (!Array.isArray(sizes)) throw new TypeError("Got inappropriate padding arg");
  if (![1, 2, 4].includes(sizes.length))
    throw new RangeError(`Padding must be an int or a 1, 2, or 4 element tuple, not a ${sizes.length} element tuple`);
  const [left, top = left, right = left, bottom = top] = sizes as number[];
  return [left!, top!, right!, bottom!];
}

/** For each place of the padded line, the place it shows; -1 for the constant border. Negative widths cut. */
function paddedPlaces(size: number, before: number, after: number, mode: PaddingMode): Int32Array {
  return Int32Array.from({ length: Math.max(0, size + before + after) }, (_, i) => {
    const at = i - before;
    if (at >= 0 && at < size) return at;
    if (mode === "edge") return at < 0 ? 0 : size - 1;
    if (mode === "reflect") return at < 0 ? -at : 2 * size - 2 - at;
    if (mode === "symmetric") return at < 0 ? -at - 1 : 2 * size - 1 - at;
    return -1;
  });
}

/**
 * Puts a border around an image.
 *
 * @throws {RangeError} for a padding that is not of 1, 2 or 4 numbers, or larger than the image where it mirrors it
 * @see torchvision.transforms.functional.pad
 */
export function pad<I extends ImageLike>(
  image: I,
  ...args: Arguments<[padding: Padding], [fill: number | null, paddingMode: PaddingMode], PadOptions, { padding: Padding }>
): I {
  const { padding, fill, paddingMode: mode } = bindPad(args) as { padding: Padding; fill: number | null; paddingMode: PaddingMode };
  if (!["constant", "edge", "reflect", "symmetric"].includes(mode))
    throw new RangeError("Padding mode should be either constant, edge, reflect or symmetric");
  const value = fill ?? 0;
  if (typeof value !== "number") throw new TypeError("Got inappropriate fill arg");
  const [left, top, right, bottom] = parsePadding(padding);
  return onTensor(image, (tensor) => {
    const [, height, width] = getDimensions(tensor);
    if (mode === "reflect" || mode === "symmetric") {
      const limit = mode === "reflect" ? 1 : 0;
      for (const [size, before, after] of [
        [width, left, right],
        [height, top, bottom],
      ] as const) {
        if (before > size - limit || after > size - limit) {
          throw new TensorError(
            `Padding size should be less than the corresponding input dimension, but got: padding (${before}, ${after}) at dimension of input [${tensor.shape.join(", ")}]`,
          );
        }
      }
    }
    return gather(tensor, paddedPlaces(height, top, bottom, mode), paddedPlaces(width, left, right, mode), value);
  });
}

/** The part from `top` and `left` on; what lies outside of the image is black. A view where nothing does. @see torchvision.transforms.functional.crop */
export function crop<I extends ImageLike>(
  image: I,
  ...args: Arguments<[top: number, left: number, height: number, width: number], [], object, Box>
): I {
  const { top, left, height, width } = bindCrop(args) as Box;
  return onTensor(image, (tensor) => {
    const [, h, w] = getDimensions(tensor);
    const [right, bottom] = [left + width, top + height];
    if (left >= 0 && top >= 0 && right <= w && bottom <= h) return tensor.narrow(-2, top, height).narrow(-1, left, width);
    const places = (start: number, end: number, size: number) =>
      Int32Array.from({ length: end - start }, (_, i) => (start + i >= 0 && start + i < size ? start + i : -1));
    return gather(tensor, places(top, bottom, h), places(left, right, w), 0);
  });
}

/** A size: `[height, width]`, or one number for a square. */
export type Size = number | readonly number[];

function pairOf(size: Size): [height: number, width: number] {
  if (typeof size === "number") return [size, size];
  if (size.length === 1) return [size[0]!, size[0]!];
  if (size.length !== 2) throw new RangeError("Please provide only two dimensions (h, w) for size.");
  return [size[0]!, size[1]!];
}

/** The middle of an image, with a black border where it is smaller. @see torchvision.transforms.functional.center_crop */
export function centerCrop<I extends ImageLike>(image: I, ...args: Arguments<[outputSize: Size], [], object, { outputSize: Size }>): I {
  const { outputSize } = bindCenterCrop(args) as { outputSize: Size };
  const [cropHeight, cropWidth] = pairOf(outputSize);
  let padded = image;
  let [, height, width] = getDimensions(image);
  if (cropWidth > width || cropHeight > height) {
    const [dx, dy] = [Math.max(0, cropWidth - width), Math.max(0, cropHeight - height)];
    padded = pad(image, [Math.floor(dx / 2), Math.floor(dy / 2), Math.floor((dx + 1) / 2), Math.floor((dy + 1) / 2)]);
    [, height, width] = getDimensions(padded);
    if (cropWidth === width && cropHeight === height) return padded;
  }
  return crop(padded, roundHalfEven((height - cropHeight) / 2), roundHalfEven((width - cropWidth) / 2), cropHeight, cropWidth);
}

/** The corners and the middle: top left, top right, bottom left, bottom right, centre. @see torchvision.transforms.functional.five_crop */
export function fiveCrop<I extends ImageLike>(image: I, ...args: Arguments<[size: Size], [], object, { size: Size }>): [I, I, I, I, I] {
  const { size } = bindFiveCrop(args) as { size: Size };
  const [h, w] = pairOf(size);
  const [, height, width] = getDimensions(image);
  if (w > width || h > height) throw new RangeError(`Requested crop size (${h}, ${w}) is bigger than input size (${height}, ${width})`);
  return [
    crop(image, 0, 0, h, w),
    crop(image, 0, width - w, h, w),
    crop(image, height - h, 0, h, w),
    crop(image, height - h, width - w, h, w),
    centerCrop(image, [h, w]),
  ];
}

/** {@link fiveCrop} of the image and of its mirror image. @see torchvision.transforms.functional.ten_crop */
export function tenCrop<I extends ImageLike>(
  image: I,
  ...args: Arguments<[size: Size], [verticalFlip: boolean], { verticalFlip?: boolean }, { size: Size }>
): I[] {
  const { size, verticalFlip } = bindTenCrop(args) as { size: Size; verticalFlip: boolean };
  return [...fiveCrop(image, size), ...fiveCrop(verticalFlip ? vflip(image) : hflip(image), size)];
}

/** Options of {@link resize}. */
export interface ResizeOptions {
  interpolation?: Interpolation;
  /** With a single number as size: the longest the other side may become. */
  maxSize?: number | null;
  /** Smooths when an image shrinks. Pictures always are; tensors only when this is true. */
  antialias?: boolean | null;
}

/** The size that {@link resize} gives: one number is the length of the shorter side. */
export function resizedSize(height: number, width: number, size: Size, maxSize: number | null): [height: number, width: number] {
  const sizes = typeof size === "number" ? [size] : size;
  if (sizes.length !== 1 && sizes.length !== 2)
    throw new RangeError(`Size must be an int or a 1 or 2 element tuple/list, not a ${sizes.length} element tuple/list`);
  if (maxSize !== null && sizes.length !== 1)
    throw new RangeError(
      "max_size should only be passed if size specifies the length of the smaller edge, i.e. size should be an int or a sequence of length 1 in torchscript mode.",
    );
  if (sizes.length === 2) return [sizes[0]!, sizes[1]!];
  const requested = sizes[0]!;
  const [short, long] = width <= height ? [width, height] : [height, width];
  let [newShort, newLong] = [requested, Math.trunc((requested * long) / short)];
  if (maxSize !== null) {
    if (maxSize <= requested)
      throw new RangeError(
        `max_size = ${maxSize} must be strictly greater than the requested size for the smaller edge size = ${String(size)}`,
      );
    if (newLong > maxSize) [newShort, newLong] = [Math.trunc((maxSize * newShort) / newLong), maxSize];
  }
  return width <= height ? [newLong, newShort] : [newShort, newLong];
}

/**
 * Resizes to `[height, width]`, or to a shorter side of the given length.
 *
 * @throws {RangeError} for a size of another form, and for modes that are not known @see torchvision.transforms.functional.resize
 */
export function resize<I extends ImageLike>(
  image: I,
  ...args: Arguments<
    [size: Size],
    [interpolation: Interpolation, maxSize: number | null, antialias: boolean | null],
    ResizeOptions,
    { size: Size }
  >
): I {
  const {
    size,
    interpolation: mode,
    maxSize,
    antialias,
  } = bindResize(args) as { size: Size; interpolation: Interpolation; maxSize: number | null; antialias: boolean | null };
  if (!["nearest", "bilinear", "bicubic"].includes(mode))
    throw new RangeError(`resize: interpolation is ${String(mode)}, expected nearest, bilinear or bicubic`);
  const [, height, width] = getDimensions(image);
  const [newHeight, newWidth] = resizedSize(height, width, size, maxSize);
  if (newHeight < 1 || newWidth < 1)
    throw new TensorError(
      `Input and output sizes should be greater than 0, but got input (H: ${height}, W: ${width}) output (H: ${newHeight}, W: ${newWidth})`,
    );
  if (newHeight === height && newWidth === width) return image;
  const antialiasing = antialias ?? false;
  if (antialiasing && mode === "nearest" && !(image instanceof Image))
    throw new RangeError("Antialias option is supported for bilinear and bicubic interpolation modes only");
  const picture = image instanceof Image;
  return onTensor(image, (tensor) => {
    const planes = resizePlanes(toPlanes(tensor), newHeight, newWidth, mode, antialiasing, picture);
    if (tensor.dtype === "uint8" && mode === "bicubic")
      for (let i = 0; i < planes.data.length; i++) planes.data[i] = Math.min(255, Math.max(0, planes.data[i]!));
    return fromPlanes(planes);
  });
}

/** {@link crop}, then {@link resize}. @see torchvision.transforms.functional.resized_crop */
export function resizedCrop<I extends ImageLike>(
  image: I,
  ...args: Arguments<
    [top: number, left: number, height: number, width: number, size: Size],
    [interpolation: Interpolation, antialias: boolean | null],
    Omit<ResizeOptions, "maxSize">,
    Box & { size: Size }
  >
): I {
  const { top, left, height, width, size, interpolation, antialias } = bindResizedCrop(args) as Box &
    Required<ResizeOptions> & { size: Size };
  return resize(crop(image, top, left, height, width), size, { interpolation, antialias });
}

/** The tensor with a rectangle set to `v`, a copy unless `inplace`. @see torchvision.transforms.functional.erase */
export function erase(
  image: Tensor,
  ...args: Arguments<
    [i: number, j: number, h: number, w: number, v: Tensor],
    [inplace: boolean],
    { inplace?: boolean },
    { i: number; j: number; h: number; w: number; v: Tensor }
  >
): Tensor {
  const { i, j, h, w, v, inplace } = bindErase(args) as { i: number; j: number; h: number; w: number; v: Tensor; inplace: boolean };
  if (!(image instanceof Tensor)) throw new TypeError("img should be Tensor");
  assertImage(image);
  const target = inplace ? image : image.clone();
  target.narrow(-2, i, h).narrow(-1, j, w).copy_(v);
  return target;
}
