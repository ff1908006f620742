import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { fromTypedArray, type Tensor } from "@bluedot/core";

/** Channels an image is read with: as the file has them, or converted. */
export type ImageMode = "unchanged" | "gray" | "rgb" | "rgba";

/** Formats that images are written in. */
export type ImageFormat = "png" | "jpeg" | "webp";

/** Options of {@link writeImage}. */
export interface WriteImageOptions {
  /** By default what the path's extension says. */
  format?: ImageFormat;
  /** 1 to 100 for JPEG (default 75) and WebP (default: lossless). */
  quality?: number;
}

const EXTENSIONS = new Map<string, ImageFormat>([
  ["png", "png"],
  ["jpg", "jpeg"],
  ["jpeg", "jpeg"],
  ["webp", "webp"],
]);

/** Loaded at the first use: programs that touch no image do not pay for it. */
const loadSharp = async () => (await import("sharp")).default;

/**
 * Decodes a PNG, JPEG or WebP image to uint8 `[H, W, C]`, C = 1 (gray), 2 (gray, alpha), 3 (RGB) or 4 (RGB, alpha) as in the file, or as `mode` says.
 * Pixels are those of the file: no colour profile is applied and no orientation. 16-bit images are scaled to 8 bits.
 *
 * @throws {Error} naming the file when it is missing, no image, or cut short. @see imageio.imread, torchvision.io.read_image
 */
export async function readImage(source: string | URL | Uint8Array, options: { mode?: ImageMode } = {}): Promise<Tensor> {
  const { mode = "unchanged" } = options;
  for (const name of Object.keys(options)) if (name !== "mode") throw new TypeError(`readImage: unknown option ${name}, expected mode`);
  if (!["unchanged", "gray", "rgb", "rgba"].includes(mode))
    throw new TypeError(`readImage: mode is ${String(mode)}, expected unchanged, gray, rgb or rgba`);
  const bytes = source instanceof Uint8Array ? source : await readFile(source);
  const where = source instanceof Uint8Array ? "image" : String(source);
  try {
    return await decode(bytes, mode);
  } catch (error) {
    throw new Error(`readImage: ${where} cannot be decoded: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

async function decode(bytes: Uint8Array, mode: ImageMode): Promise<Tensor> {
  const sharp = await loadSharp();
  let image = sharp(bytes, { ignoreIcc: true });
  const { channels: stored = 3, space } = await image.metadata();
  const channels = mode === "gray" ? 1 : mode === "rgb" ? 3 : mode === "rgba" ? 4 : space === "cmyk" ? 3 : stored;
  if (channels === 1) image = image.removeAlpha().toColourspace("b-w");
  else if (channels === 3) image = image.removeAlpha();
  else image = image.ensureAlpha();
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(info.width * info.height * channels);
  if (info.channels === channels) pixels.set(data);
  else if (channels === 2) {
    for (let i = 0; i < info.width * info.height; i++) {
      pixels[2 * i] = data[4 * i]!;
      pixels[2 * i + 1] = data[4 * i + 3]!;
    }
  } else throw new Error(`${info.channels} channels where ${channels} were expected`);
  return fromTypedArray(pixels, [info.height, info.width, channels]);
}

/** A uint8 image `[H, W]` or `[H, W, C]` as the bytes of a file. @throws {TypeError} for other dtypes and shapes */
export async function encodeImage(image: Tensor, format: ImageFormat, options: { quality?: number } = {}): Promise<Uint8Array> {
  const { shape, dtype } = image;
  const [height, width, channels = 1] = shape;
  const described = `${dtype}[${shape.join(", ")}]`;
  if (dtype !== "uint8") throw new TypeError(`writeImage: image is ${described}, expected uint8 with values from 0 to 255`);
  if (shape.length < 2 || shape.length > 3 || channels < 1 || channels > 4) {
    throw new TypeError(
      `writeImage: image is ${described}, expected [H, W] or [H, W, C] with 1 to 4 channels${shape[0]! <= 4 ? "; permute(1, 2, 0) turns [C, H, W] into that" : ""}`,
    );
  }
  if (height === 0 || width === 0) throw new TypeError(`writeImage: image is ${described}, which has no pixels`);
  const { quality } = options;
  if (quality !== undefined && !(Number.isInteger(quality) && quality >= 1 && quality <= 100))
    throw new RangeError(`writeImage: quality is ${quality}, expected an integer from 1 to 100`);
  const elements = image.detach().contiguous().typedArray();
  const raw = { width: width!, height: height!, channels: channels as 1 | 2 | 3 | 4 };
  const sharp = await loadSharp();
  let pipeline = sharp(new Uint8Array(elements.buffer, elements.byteOffset, elements.byteLength), { raw });
  if (channels <= 2) pipeline = pipeline.toColourspace("b-w");
  if (format === "png") pipeline = pipeline.png();
  else if (format === "jpeg") pipeline = pipeline.jpeg({ quality: quality ?? 75 });
  else pipeline = pipeline.webp(quality === undefined ? { lossless: true } : { quality });
  return pipeline.toBuffer();
}

/**
 * Writes a uint8 image `[H, W]` or `[H, W, C]` as PNG, JPEG or WebP. The file appears whole or not at all.
 *
 * @throws {TypeError} for other dtypes, shapes and extensions, before the file is touched. @see imageio.imwrite, torchvision.io.write_png
 */
export async function writeImage(path: string | URL, image: Tensor, options: WriteImageOptions = {}): Promise<void> {
  for (const name of Object.keys(options)) {
    if (name !== "format" && name !== "quality") throw new TypeError(`writeImage: unknown option ${name}, expected one of format, quality`);
  }
  const target = path instanceof URL ? fileURLToPath(path) : path;
  const format = options.format ?? EXTENSIONS.get(target.slice(target.lastIndexOf(".") + 1).toLowerCase());
  if (format === undefined || ![...EXTENSIONS.values()].includes(format))
    throw new TypeError(`writeImage: ${target} names no known format, expected .png, .jpg or .webp`);
  const bytes = await encodeImage(image, format, options.quality === undefined ? {} : { quality: options.quality });
  const { default: writeFileAtomic } = await import("write-file-atomic");
  await writeFileAtomic(target, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
