import { fromTypedArray, type Tensor, TensorError, zeros } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";

/** A size: one number for a square, or `[height, width]`. */
type OutputSize = number | readonly number[];

/** Regions `[K, 5]` (image, x1, y1, x2, y2), or one tensor `[L, 4]` an image. */
type Boxes = Tensor | readonly Tensor[];

const bindRoiAlign = signature("roiAlign", { boxes: required, outputSize: required, spatialScale: 1, samplingRatio: -1, aligned: false });
const bindRoiPool = signature("roiPool", { boxes: required, outputSize: required, spatialScale: 1 });

const pairOf = (size: OutputSize): [number, number] => (typeof size === "number" ? [size, size] : [size[0]!, size[1] ?? size[0]!]);

/** Regions `[K, 5]` (image, x1, y1, x2, y2), or one tensor `[L, 4]` an image, as rows of numbers. */
function regionsOf(boxes: Tensor | readonly Tensor[]): number[][] {
  if (Array.isArray(boxes))
    return (boxes as Tensor[]).flatMap((tensor, image) => (tensor.detach().tolist() as number[][]).map((row) => [image, ...row]));
  const tensor = boxes as Tensor;
  if (tensor.ndim !== 2 || tensor.shape[1] !== 5) throw new TensorError("The boxes tensor shape is not correct as Tensor[K, 5]");
  return tensor.detach().tolist() as number[][];
}

const indexTensor = (values: readonly number[]): Tensor => fromTypedArray(BigInt64Array.from(values, BigInt));

/** Elements of `[N, C, H, W]` by place in `[N, H, W]`, as `[C, places]`; differentiable. */
function readPlaces(input: Tensor, places: readonly number[]): Tensor {
  const [, channels] = input.shape as [number, number];
  return input.transpose(0, 1).reshape(channels, -1).indexSelect(1, indexTensor(places));
}

function constant(values: readonly number[], like: Tensor): Tensor {
  return fromTypedArray(Float64Array.from(values)).to(like.dtype);
}

/** Options of {@link roiAlign}. */
export interface RoiAlignOptions {
  /** From coordinates of boxes to those of the input. */
  spatialScale?: number;
  /** Samples in each direction of a cell; as many as there are pixels when it is not positive. */
  samplingRatio?: number;
  /** Shifts boxes by half a pixel, so that pixel centres are what is meant. */
  aligned?: boolean;
}

/** Where one output cell samples the input, and with which weights. */
function bilinearCorners(y: number, x: number, height: number, width: number): [place: number, weight: number][] {
  if (y < -1 || y > height || x < -1 || x > width) return [];
  let [cy, cx] = [Math.max(0, y), Math.max(0, x)];
  let [y0, x0] = [Math.trunc(cy), Math.trunc(cx)];
  let [y1, x1] = [y0 + 1, x0 + 1];
  if (y0 >= height - 1) cy = y0 = y1 = height - 1;
  if (x0 >= width - 1) cx = x0 = x1 = width - 1;
  const [ly, lx] = [cy - y0, cx - x0];
  return [
    [y0 * width + x0, (1 - ly) * (1 - lx)],
    [y0 * width + x1, (1 - ly) * lx],
    [y1 * width + x0, ly * (1 - lx)],
    [y1 * width + x1, ly * lx],
  ];
}

/**
 * Averages each region of `input [N, C, H, W]` over a grid of cells, sampled bilinearly: `[K, C, outH, outW]` (He et al., 2017).
 *
 * @see torchvision.ops.roi_align
 */
export function roiAlign(
  input: Tensor,
  ...args: Arguments<
    [boxes: Boxes, outputSize: OutputSize],
    [spatialScale: number, samplingRatio: number, aligned: boolean],
    RoiAlignOptions,
    { boxes: Boxes; outputSize: OutputSize }
  >
): Tensor {
  const { boxes, outputSize, spatialScale, samplingRatio, aligned } = bindRoiAlign(args) as Required<RoiAlignOptions> & {
    boxes: Boxes;
    outputSize: OutputSize;
  };
  const [, channels, height, width] = input.shape as [number, number, number, number];
  const [outHeight, outWidth] = pairOf(outputSize);
  const regions = regionsOf(boxes);
  const cells = regions.length * outHeight * outWidth;
  const places: number[] = [];
  const weights: number[] = [];
  const owners: number[] = [];
  let cell = 0;
  for (const [image, x1, y1, x2, y2] of regions as [number, number, number, number, number][]) {
    const shift = aligned ? 0.5 : 0;
    const [left, top] = [x1 * spatialScale - shift, y1 * spatialScale - shift];
    const least = aligned ? Number.NEGATIVE_INFINITY : 1;
    const [w, h] = [Math.max(least, x2 * spatialScale - shift - left), Math.max(least, y2 * spatialScale - shift - top)];
    const [cellHeight, cellWidth] = [h / outHeight, w / outWidth];
    const [rows, columns] = samplingRatio > 0 ? [samplingRatio, samplingRatio] : [Math.ceil(cellHeight), Math.ceil(cellWidth)];
    const share = 1 / Math.max(rows * columns, 1);
    for (let i = 0; i < outHeight; i++) {
      for (let j = 0; j < outWidth; j++, cell++) {
        for (let sy = 0; sy < rows; sy++) {
          const y = top + i * cellHeight + ((sy + 0.5) * cellHeight) / rows;
          for (let sx = 0; sx < columns; sx++) {
            const x = left + j * cellWidth + ((sx + 0.5) * cellWidth) / columns;
            for (const [place, weight] of bilinearCorners(y, x, height, width)) {
              places.push(image * height * width + place);
              weights.push(weight * share);
              owners.push(cell);
            }
          }
        }
      }
    }
  }
  const samples = readPlaces(input, places).mul(constant(weights, input));
  const sums = zeros([channels, cells], { dtype: input.dtype }).indexAdd(1, indexTensor(owners), samples);
  return sums.view(channels, regions.length, outHeight, outWidth).transpose(0, 1).contiguous();
}

/** C's `round`: halves away from zero. */
const roundAway = (value: number): number => Math.sign(value) * Math.round(Math.abs(value));

/**
 * The greatest value of each of a grid of cells of each region of `input [N, C, H, W]`: `[K, C, outH, outW]` (Girshick, 2015).
 *
 * @see torchvision.ops.roi_pool
 */
export function roiPool(
  input: Tensor,
  ...args: Arguments<
    [boxes: Boxes, outputSize: OutputSize],
    [spatialScale: number],
    { spatialScale?: number },
    { boxes: Boxes; outputSize: OutputSize }
  >
): Tensor {
  const { boxes, outputSize, spatialScale: scale } = bindRoiPool(args) as { boxes: Boxes; outputSize: OutputSize; spatialScale: number };
  const [count, channels, height, width] = input.shape as [number, number, number, number];
  const [outHeight, outWidth] = pairOf(outputSize);
  const regions = regionsOf(boxes);
  const cells = regions.length * outHeight * outWidth;
  const flat = input.transpose(0, 1).reshape(channels, -1);
  const values = flat.detach().to("float64").contiguous().typedArray() as Float64Array;
  const size = count * height * width;
  const best = new BigInt64Array(channels * cells);
  const filled = new Float64Array(channels * cells);
  let cell = 0;
  for (const [image, x1, y1, x2, y2] of regions as [number, number, number, number, number][]) {
    const [left, top, right, bottom] = [x1, y1, x2, y2].map((value) => roundAway(value * scale)) as [number, number, number, number];
    const [cellHeight, cellWidth] = [Math.max(bottom - top + 1, 1) / outHeight, Math.max(right - left + 1, 1) / outWidth];
    const within = (value: number, most: number): number => Math.min(Math.max(value, 0), most);
    for (let i = 0; i < outHeight; i++) {
      const rows = [within(Math.floor(i * cellHeight) + top, height), within(Math.ceil((i + 1) * cellHeight) + top, height)] as const;
      for (let j = 0; j < outWidth; j++, cell++) {
        const columns = [within(Math.floor(j * cellWidth) + left, width), within(Math.ceil((j + 1) * cellWidth) + left, width)] as const;
        if (rows[1] <= rows[0] || columns[1] <= columns[0]) continue;
        for (let c = 0; c < channels; c++) {
          let greatest = Number.NEGATIVE_INFINITY;
          for (let y = rows[0]; y < rows[1]; y++) {
            for (let x = columns[0]; x < columns[1]; x++) {
              const place = (image * height + y) * width + x;
              if (values[c * size + place]! <= greatest) continue;
              greatest = values[c * size + place]!;
              best[c * cells + cell] = BigInt(place);
            }
          }
          filled[c * cells + cell] = 1;
        }
      }
    }
  }
  const picked = flat.gather(1, fromTypedArray(best, [channels, cells])).mul(fromTypedArray(filled, [channels, cells]).to(input.dtype));
  return picked.view(channels, regions.length, outHeight, outWidth).transpose(0, 1).contiguous();
}
