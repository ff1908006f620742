import { type Tensor, TensorError } from "@bluedot/core";
import { readImage, writeImage } from "@bluedot/data/image";

/**
 * A picture as data sets give it and `ToTensor` takes it: uint8 pixels `[H, W, C]`. What a PIL image is to torchvision, so that
 * transforms can tell pictures from tensors `[C, H, W]`.
 */
export class Image {
  /** uint8 `[H, W, C]`, C = 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGB, alpha). May be a view of the data set. */
  readonly pixels: Tensor;

  /** @throws {TensorError} unless `pixels` is uint8 `[H, W]` or `[H, W, C]` */
  constructor(pixels: Tensor) {
    const image = pixels.ndim === 2 ? pixels.unsqueeze(2) : pixels;
    const channels = image.shape[2] ?? 0;
    if (image.ndim !== 3 || image.dtype !== "uint8" || channels < 1 || channels > 4) {
      throw new TensorError(
        `Image: pixels are ${pixels.dtype}[${pixels.shape.join(", ")}], expected uint8 [H, W] or [H, W, C] with 1 to 4 channels`,
      );
    }
    this.pixels = image;
  }

  get width(): number {
    return this.pixels.shape[1]!;
  }

  get height(): number {
    return this.pixels.shape[0]!;
  }

  /** Width and height, in PIL's order. */
  get size(): [number, number] {
    return [this.width, this.height];
  }

  /** PIL's name for the kind of pixels. */
  get mode(): "L" | "LA" | "RGB" | "RGBA" {
    return (["L", "LA", "RGB", "RGBA"] as const)[this.pixels.shape[2]! - 1]!;
  }

  /** Reads a PNG, JPEG or WebP file. */
  static async open(source: string | URL | Uint8Array): Promise<Image> {
    return new Image(await readImage(source));
  }

  /** Writes a PNG, JPEG or WebP file. */
  save(path: string | URL): Promise<void> {
    return writeImage(path, this.pixels);
  }

  toString(): string {
    return `<Image mode=${this.mode} size=${this.width}x${this.height}>`;
  }
}
