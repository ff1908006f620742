import { cat, full, stack, type Tensor } from "@bluedot/core";
import { type Arguments, signature } from "./arguments.ts";
import { toPilImage } from "./transforms/conversion.ts";

/** Options of {@link makeGrid}. */
export interface MakeGridOptions {
  /** Images in a row, 8 by default. */
  nrow?: number;
  /** Pixels between images, 2 by default. */
  padding?: number;
  /** Stretches values to the range from 0 to 1. */
  normalize?: boolean;
  /** The least and greatest value that normalizing maps to 0 and 1; by default those of the images. */
  valueRange?: readonly number[] | null;
  /** Normalizes each image by itself. */
  scaleEach?: boolean;
  /** Value of the pixels between images. */
  padValue?: number;
}

const bindMakeGrid = signature("makeGrid", { nrow: 8, padding: 2, normalize: false, valueRange: null, scaleEach: false, padValue: 0 });

function stretch(image: Tensor, range: readonly number[] | null): Tensor {
  const low = range === null ? (image.min().item() as number) : range[0]!;
  const high = range === null ? (image.max().item() as number) : range[1]!;
  return image
    .clamp(low, high)
    .sub(low)
    .div(Math.max(high - low, 1e-5));
}

/**
 * One image `[3, H, W]` of many: `[N, C, H, W]`, an array of `[C, H, W]`, or a single image. One channel becomes three.
 *
 * @throws {TypeError} for other things than tensors @see torchvision.utils.make_grid
 */
export function makeGrid(
  images: Tensor | readonly Tensor[],
  ...args: Arguments<
    [],
    [nrow: number, padding: number, normalize: boolean, valueRange: readonly number[] | null, scaleEach: boolean, padValue: number],
    MakeGridOptions,
    object
  >
): Tensor {
  const { padding, padValue, valueRange, ...options } = bindMakeGrid(args) as Required<MakeGridOptions>;
  let batch = Array.isArray(images) ? stack(images as Tensor[]) : (images as Tensor);
  if (batch.ndim === 2) batch = batch.unsqueeze(0);
  if (batch.ndim === 3) {
    if (batch.shape[0] === 1) batch = cat([batch, batch, batch], 0);
    batch = batch.unsqueeze(0);
  }
  if (batch.ndim !== 4) throw new TypeError(`makeGrid: images have shape [${batch.shape.join(", ")}], expected [N, C, H, W]`);
  if (batch.shape[1] === 1) batch = cat([batch, batch, batch], 1);
  if (options.normalize) {
    if (valueRange !== null && valueRange.length !== 2)
      throw new TypeError("value_range has to be a tuple (min, max) if specified. min and max are numbers");
    batch = options.scaleEach ? stack([...batch].map((image) => stretch(image, valueRange))) : stretch(batch, valueRange);
  }
  const [count, channels, h, w] = batch.shape as [number, number, number, number];
  if (count === 1) return batch.squeeze(0);
  const columns = Math.min(options.nrow, count);
  const rows = Math.ceil(count / columns);
  const [height, width] = [h + padding, w + padding];
  const grid = full([channels, height * rows + padding, width * columns + padding], padValue, { dtype: batch.dtype });
  for (let k = 0; k < count; k++) {
    const [y, x] = [Math.floor(k / columns), k % columns];
    grid
      .narrow(1, y * height + padding, h)
      .narrow(2, x * width + padding, w)
      .copy_(batch.select(0, k));
  }
  return grid;
}

/**
 * Writes images as one picture file: floats are taken from 0 to 1. Several images become a grid, with the options of {@link makeGrid}.
 *
 * @see torchvision.utils.save_image
 */
export async function saveImage(
  images: Tensor | readonly Tensor[],
  path: string | URL,
  options: MakeGridOptions & { format?: "png" | "jpeg" | "webp" } = {},
): Promise<void> {
  const { format, ...gridOptions } = options;
  const grid = makeGrid(Array.isArray(images) ? images.map((image) => image.detach()) : (images as Tensor).detach(), gridOptions);
  // Half a step is added, so that the cut to integers rounds.
  const picture = grid.dtype === "uint8" ? toPilImage(grid) : toPilImage(grid.mul(255).add(0.5).clamp(0, 255).to("uint8"));
  const { writeImage } = await import("@bluedot/data/image");
  await writeImage(path, picture.pixels, format === undefined ? {} : { format });
}
