import { type DType, fromTypedArray, type Tensor, TensorError } from "@bluedot/core";
import { Image } from "../image.ts";

/** What functions of this package take as an image: a picture, or a tensor `[..., H, W]`, usually `[C, H, W]` or `[N, C, H, W]`. */
export type ImageLike = Image | Tensor;

/** Runs a function of tensors `[C, H, W]` on a picture too: its planes go in, and a picture comes out. */
export function onTensor<I extends ImageLike>(image: I, apply: (tensor: Tensor) => Tensor): I {
  if (!(image instanceof Image)) {
    assertImage(image);
    return apply(image) as I;
  }
  return new Image(apply(image.pixels.permute(2, 0, 1)).permute(1, 2, 0)) as I;
}

/** @throws {TypeError} `Tensor is not a torch image.` below two dimensions */
export function assertImage(image: Tensor): void {
  if (image.ndim < 2) throw new TypeError("Tensor is not a torch image.");
}

/** Channels, height and width. @see torchvision.transforms.functional.get_dimensions */
export function getDimensions(image: ImageLike): [channels: number, height: number, width: number] {
  if (image instanceof Image) return [image.pixels.shape[2]!, image.height, image.width];
  assertImage(image);
  const { shape } = image;
  return [shape.length === 2 ? 1 : shape.at(-3)!, shape.at(-2)!, shape.at(-1)!];
}

/** Width and height. @see torchvision.transforms.functional.get_image_size */
export function getImageSize(image: ImageLike): [width: number, height: number] {
  const [, height, width] = getDimensions(image);
  return [width, height];
}

/** @throws {TypeError} `Input image tensor permitted channel values are ...` */
export function assertChannels(image: Tensor, permitted: readonly number[] = [1, 3]): void {
  const [channels] = getDimensions(image);
  if (!permitted.includes(channels))
    throw new TypeError(`Input image tensor permitted channel values are [${permitted.join(", ")}], but found ${channels}`);
}

/** @throws {TypeError} below three dimensions */
export function assertThreeDimensions(image: Tensor): void {
  if (image.ndim < 3) throw new TypeError(`Input image tensor should have at least 3 dimensions, but found ${image.ndim}`);
}

export const isFloat = (dtype: DType): boolean => dtype.startsWith("float") || dtype === "bfloat16";

/** The planes of an image as numbers, row by row; the calculation is in float32 unless the image is float64. */
export interface Planes {
  data: Float32Array | Float64Array;
  /** Sizes before height and width. */
  leading: readonly number[];
  height: number;
  width: number;
  /** Element type of the image. */
  dtype: DType;
}

/** Number of planes. */
export const planeCount = ({ leading }: Planes): number => leading.reduce((a, b) => a * b, 1);

/** The planes of a tensor; a copy unless it is float32 or float64 and contiguous. Not differentiable. */
export function toPlanes(image: Tensor): Planes {
  const { shape, dtype } = image;
  if (image.requiresGrad) throw new TensorError("this transform is not differentiable; detach the image first");
  const numbers = dtype === "float64" ? image : image.to("float32");
  return {
    data: numbers.contiguous().typedArray() as Float32Array,
    leading: shape.slice(0, -2),
    height: shape.at(-2)!,
    width: shape.at(-1)!,
    dtype,
  };
}

/** Room for the result: the same planes in another size. */
export function emptyPlanes(like: Planes, height: number, width: number): Planes {
  const size = planeCount(like) * height * width;
  return { ...like, data: like.dtype === "float64" ? new Float64Array(size) : new Float32Array(size), height, width };
}

/** Rounds to the nearest integer, halves to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Planes as a tensor of their dtype: integers are rounded, halves to even. */
export function fromPlanes(planes: Planes): Tensor {
  const { data, leading, height, width, dtype } = planes;
  const integral = !isFloat(dtype);
  if (integral) for (let i = 0; i < data.length; i++) data[i] = roundHalfEven(data[i]!);
  const tensor = fromTypedArray(data, [...leading, height, width]);
  return tensor.dtype === dtype ? tensor : tensor.to(dtype);
}

/** A new tensor whose rows and columns are those of `image` at the given places, -1 standing for `fill`; any dtype. */
export function gather(image: Tensor, rows: Int32Array, columns: Int32Array, fill: number): Tensor {
  const { shape, dtype } = image;
  const source = image.detach().contiguous().typedArray();
  const [height, width] = [shape.at(-2)!, shape.at(-1)!];
  const leading = shape.slice(0, -2);
  const count = leading.reduce((a, b) => a * b, 1);
  const data = new (source.constructor as new (length: number) => Float32Array)(count * rows.length * columns.length);
  const blank = fillValue(fill, dtype);
  let to = 0;
  for (let p = 0; p < count; p++) {
    for (const row of rows) {
      const from = (p * height + row) * width;
      for (const column of columns) data[to++] = row < 0 || column < 0 ? blank : (source[from + column] as number);
    }
  }
  return fromTypedArray(data, [...leading, rows.length, columns.length], { dtype });
}

/** A number as the raw element of a dtype, in the form that its typed array takes. */
function fillValue(fill: number, dtype: DType): number {
  if (dtype === "int64") return BigInt(Math.trunc(fill)) as unknown as number;
  if (dtype !== "float16" && dtype !== "bfloat16") return fill;
  return fromTypedArray(Float32Array.of(fill)).to(dtype).typedArray()[0] as number;
}
