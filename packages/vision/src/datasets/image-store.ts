import { empty, fromTypedArray, Tensor } from "@bluedot/core";
import { Image } from "../image.ts";
import { Transform, type TransformFunction } from "../transforms/transform.ts";

/**
 * Many uint8 images of one size in one array, planes of channels apart (`[N, C, H, W]`), with a fast way to make batches: a transform that works pixel by
 * pixel is applied once to the 256 values a pixel can have, and then looked up.
 */
export class ImageStore {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  private tableOf: TransformFunction | null = null;
  private table: Float32Array | null = null;

  constructor(bytes: Uint8Array, count: number, channels: number, height: number, width: number) {
    this.bytes = bytes;
    this.count = count;
    this.channels = channels;
    this.height = height;
    this.width = width;
  }

  /** All images as uint8 `[N, H, W, C]`, a view. */
  get pixels(): Tensor {
    return fromTypedArray(this.bytes, [this.count, this.channels, this.height, this.width]).permute(0, 2, 3, 1);
  }

  /** Image `index` as a picture over the same memory. @throws {RangeError} */
  image(index: number): Image {
    const size = this.channels * this.height * this.width;
    const at = index < 0 ? index + this.count : index;
    if (!Number.isInteger(at) || at < 0 || at >= this.count)
      throw new RangeError(`index ${index} is out of bounds for axis 0 with size ${this.count}`);
    const planes = fromTypedArray(this.bytes.subarray(at * size, (at + 1) * size), [this.channels, this.height, this.width]);
    return new Image(planes.permute(1, 2, 0));
  }

  /**
   * The transformed images at `indices` as float32 `[N, C, H, W]`, equal to transforming and stacking them; `null` when the transform
   * is not of the kind that works pixel by pixel.
   */
  batch(indices: readonly number[], transform: TransformFunction | null): Tensor | null {
    const table = this.lookup(transform);
    if (table === null) return null;
    const { channels, height, width, bytes } = this;
    const plane = height * width;
    const size = channels * plane;
    for (const index of indices) if (!(index >= 0 && index < this.count)) return null;
    const out = empty([indices.length, channels, height, width]);
    const values = out.typedArray() as Float32Array;
    let to = 0;
    for (const index of indices) {
      for (let c = 0; c < channels; c++, to += plane) lookUp(bytes, index * size + c * plane, plane, table, c << 8, values, to);
    }
    return out;
  }

  private lookup(transform: TransformFunction | null): Float32Array | null {
    if (transform === null || transform === this.tableOf) return transform === null ? null : this.table;
    this.tableOf = transform;
    this.table = makeTable(transform, this.channels);
    return this.table;
  }
}

/** Writes what `table` has from `base` on for `count` bytes. Four at a time, which is twice as fast as one. */
function lookUp(bytes: Uint8Array, from: number, count: number, table: Float32Array, base: number, out: Float32Array, to: number): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    out[to + i] = table[base + bytes[from + i]!]!;
    out[to + i + 1] = table[base + bytes[from + i + 1]!]!;
    out[to + i + 2] = table[base + bytes[from + i + 2]!]!;
    out[to + i + 3] = table[base + bytes[from + i + 3]!]!;
  }
  for (; i < count; i++) out[to + i] = table[base + bytes[from + i]!]!;
}

/** What the transform makes of each value in each channel; `null` when that does not describe it. */
function makeTable(transform: TransformFunction, channels: number): Float32Array | null {
  if (!(transform instanceof Transform) || !transform.isPixelwise) return null;
  const ramp = Uint8Array.from({ length: 256 * channels }, (_, i) => Math.floor(i / channels));
  const mapped: unknown = (transform as Transform<Image, unknown>).forward(new Image(fromTypedArray(ramp, [256, 1, channels])));
  if (!(mapped instanceof Tensor) || mapped.dtype !== "float32" || mapped.shape.join() !== `${channels},256,1`) return null;
  return (mapped.contiguous().typedArray() as Float32Array).slice();
}
