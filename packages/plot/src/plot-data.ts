import { Tensor } from "@bluedot/core";

/** Numbers to draw: a tensor of any shape and dtype (read flat), an array, a typed array. */
export type Numbers = Tensor | readonly number[] | ArrayLike<number>;

/** Anything numeric as a flat array of numbers. @throws {TypeError} naming the argument when there are none */
export function toNumbers(values: Numbers, name: string): number[] {
  const flat: unknown[] = values instanceof Tensor ? flatten(values.detach().tolist()) : Array.from(values as ArrayLike<number>);
  return flat.map((value, i) => {
    const number = typeof value === "bigint" || typeof value === "boolean" ? Number(value) : value;
    if (typeof number !== "number") throw new TypeError(`plot: ${name}[${i}] is ${String(value)}, expected a number`);
    return number;
  });
}

function flatten(nested: unknown): unknown[] {
  return Array.isArray(nested) ? nested.flatMap(flatten) : [nested];
}

/** Pixels of an image, ready for a PNG: gray or RGB, 8 bits. */
export interface Pixels {
  width: number;
  height: number;
  channels: 1 | 3 | 4;
  data: Uint8Array;
}

/**
 * A tensor `[H, W]`, `[H, W, 1]`, `[H, W, 3]` or `[H, W, 4]` as pixels. Float values are taken from 0 to 1 (clipped) when there are colours; a single
 * channel is stretched from its least to its greatest value, as matplotlib does; uint8 values are pixels already.
 *
 * @throws {TypeError} for other shapes
 */
export function toPixels(image: Tensor): Pixels {
  const { shape, dtype } = image;
  const channels = shape.length === 2 ? 1 : shape[2];
  if (shape.length < 2 || shape.length > 3 || (channels !== 1 && channels !== 3 && channels !== 4)) {
    const hint = shape.length === 3 && (shape[0] === 1 || shape[0] === 3) ? "; permute(1, 2, 0) turns [C, H, W] into that" : "";
    throw new TypeError(`Invalid shape (${shape.join(", ")}) for image data, expected [H, W], [H, W, 3] or [H, W, 4]${hint}`);
  }
  const [height, width] = shape as [number, number];
  if (height === 0 || width === 0) throw new TypeError(`plot: an image of shape [${shape.join(", ")}] has no pixels`);
  const values = toNumbers(image, "image");
  const data = new Uint8Array(values.length);
  let low = 0;
  let scale = dtype === "uint8" ? 1 : 255;
  if (channels === 1 && dtype !== "uint8") {
    const finite = values.filter(Number.isFinite);
    low = finite.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
    const high = finite.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    scale = high > low ? 255 / (high - low) : 0;
    if (!Number.isFinite(low)) low = 0;
  }
  for (let i = 0; i < values.length; i++) {
    const value = Math.round((values[i]! - low) * scale);
    data[i] = value > 0 ? Math.min(value, 255) : 0;
  }
  return { width, height, channels, data };
}

/** Enlarges by whole factors, so that small images show their pixels instead of a blur. */
export function enlarge(pixels: Pixels, factor: number): Pixels {
  if (factor <= 1) return pixels;
  const { width, height, channels, data } = pixels;
  const wide = width * factor;
  const out = new Uint8Array(wide * height * factor * channels);
  for (let y = 0; y < height * factor; y++) {
    const row = Math.floor(y / factor) * width;
    for (let x = 0; x < wide; x++) {
      const from = (row + Math.floor(x / factor)) * channels;
      const to = (y * wide + x) * channels;
      for (let c = 0; c < channels; c++) out[to + c] = data[from + c]!;
    }
  }
  return { width: wide, height: height * factor, channels, data: out };
}
