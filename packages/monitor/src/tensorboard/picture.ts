import { createRequire } from "node:module";
import { cat, ShapeError, type Tensor, zeros } from "@bluedot/core";

const require = createRequire(import.meta.url);

/** Pixels of `[H, W, 3 or 4]` in bytes. */
function bytesOf(picture: Tensor): Uint8Array {
  const scaled = picture.dtype === "uint8" ? picture : picture.float().mul(255).clamp(0, 255).to("uint8");
  return Uint8Array.from(scaled.contiguous().flatten().tolist() as number[]);
}

/** `image` with dimensions as `format` names them (`CHW`, `HWC`, `HW`, ...) as `[H, W, C]` of three channels or four. @throws {ShapeError} */
export function toPixels(image: Tensor, format: string): Tensor {
  const names = format.toUpperCase();
  if (new Set(names).size !== names.length)
    throw new ShapeError(`You can not use the same dimension shordhand twice. input_format: ${format}`);
  if (image.ndim !== names.length) {
    throw new ShapeError(
      `size of input tensor and input format are different. tensor shape: (${image.shape.join(", ")}), input_format: ${format}`,
    );
  }
  if (names.length === 4) {
    const order = [..."NCHW"].map((name) => names.indexOf(name));
    return toPixels(grid(image.permute(...order)), "CHW");
  }
  const [h, w, c] = [..."HWC"].map((name) => names.indexOf(name)) as [number, number, number];
  const pixels = c < 0 ? image.permute(h, w).unsqueeze(-1) : image.permute(h, w, c);
  return pixels.shape[2] === 1 ? pixels.expand(-1, -1, 3) : pixels;
}

/** `[N, C, H, W]` side by side, eight a row. */
function grid(images: Tensor): Tensor {
  const [n, c, h, w] = images.shape as [number, number, number, number];
  const columns = Math.min(n, 8);
  const rows = Math.ceil(n / columns);
  const missing = rows * columns - n;
  const all = missing === 0 ? images : cat([images, zeros([missing, c, h, w], { dtype: images.dtype })]);
  return all
    .reshape(rows, columns, c, h, w)
    .permute(2, 0, 3, 1, 4)
    .reshape(c, rows * h, columns * w);
}

/** A picture of `[H, W, 3 or 4]` as PNG: floating point from 0 to 1, or bytes. @throws {ShapeError} for other channels */
export function encodePicture(pixels: Tensor): { height: number; width: number; channels: number; png: Uint8Array } {
  const [height, width, channels] = pixels.shape as [number, number, number];
  if (channels !== 3 && channels !== 4) throw new ShapeError(`an image has 1, 3 or 4 channels, not ${channels}`);
  const bytes = bytesOf(pixels);
  // Loaded when first used: most programs write no pictures.
  const { PNG } = require("pngjs") as typeof import("pngjs");
  const picture = new PNG({ width, height });
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < 4; c++) picture.data[4 * i + c] = c < channels ? bytes[channels * i + c]! : 255;
  }
  const png = PNG.sync.write(picture, { colorType: channels === 3 ? 2 : 6, inputHasAlpha: true });
  return { height, width, channels, png };
}
