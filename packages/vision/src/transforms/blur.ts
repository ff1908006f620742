import { TensorError } from "@bluedot/core";
import { type Arguments, required, signature } from "../arguments.ts";
import { blend } from "./color.ts";
import {
  assertChannels,
  emptyPlanes,
  fromPlanes,
  getDimensions,
  type ImageLike,
  onTensor,
  type Planes,
  planeCount,
  toPlanes,
} from "./planes.ts";

const bindGaussianBlur = signature("gaussianBlur", { kernelSize: required, sigma: null });
const bindAdjustSharpness = signature("adjustSharpness", { sharpnessFactor: required });

function gaussian(size: number, sigma: number): number[] {
  const values = Array.from({ length: size }, (_, i) => Math.exp(-0.5 * ((i - (size - 1) / 2) / sigma) ** 2));
  const sum = values.reduce((a, b) => a + b, 0);
  return values.map((value) => value / sum);
}

/** One number for both directions, or `[x, y]`. */
type Pair = number | readonly number[];
const pair = (value: Pair): [number, number] => (typeof value === "number" ? [value, value] : [value[0]!, value[1] ?? value[0]!]);

/** Sums over a window around each pixel; pixels beyond the edge are mirrored. */
function convolve(planes: Planes, kernelX: readonly number[], kernelY: readonly number[]): Planes {
  const { height, width } = planes;
  const out = emptyPlanes(planes, height, width);
  const mirror = (i: number, size: number): number => (i < 0 ? -i : i >= size ? 2 * size - 2 - i : i);
  const [halfX, halfY] = [(kernelX.length - 1) / 2, (kernelY.length - 1) / 2];
  for (let p = 0; p < planeCount(planes); p++) {
    const base = p * height * width;
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (const [j, wy] of kernelY.entries()) {
          const row = base + mirror(y + j - halfY, height) * width;
          for (const [i, wx] of kernelX.entries()) sum += wy * wx * planes.data[row + mirror(x + i - halfX, width)]!;
        }
        out.data[base + y * width + x] = sum;
      }
    }
  }
  return out;
}

/**
 * Blurs with a Gaussian of `kernelSize` pixels, odd, and deviation `sigma`, one number each or `[x, y]`.
 *
 * @throws {RangeError} for even sizes, and for a deviation that is not positive @see torchvision.transforms.functional.gaussian_blur
 */
export function gaussianBlur<I extends ImageLike>(
  image: I,
  ...args: Arguments<[kernelSize: Pair], [sigma: Pair | null], { sigma?: Pair | null }, { kernelSize: Pair }>
): I {
  const { kernelSize, sigma: given } = bindGaussianBlur(args) as { kernelSize: Pair; sigma: Pair | null };
  const [sizeX, sizeY] = pair(kernelSize);
  for (const size of [sizeX, sizeY]) {
    if (!Number.isInteger(size) || size % 2 === 0 || size < 0)
      throw new RangeError(`kernel_size should have odd and positive integers. Got ${String(kernelSize)}`);
  }
  const [sigmaX, sigmaY] = given === null ? [sizeX * 0.15 + 0.35, sizeY * 0.15 + 0.35] : pair(given);
  for (const value of [sigmaX, sigmaY]) if (!(value > 0)) throw new RangeError(`sigma should have positive values. Got ${String(given)}`);
  return onTensor(image, (tensor) => {
    const planes = toPlanes(tensor);
    if ((sizeX - 1) / 2 >= planes.width || (sizeY - 1) / 2 >= planes.height) {
      throw new TensorError(
        `Padding size should be less than the corresponding input dimension, but the kernel is [${sizeX}, ${sizeY}] and the image [${planes.height}, ${planes.width}]`,
      );
    }
    return fromPlanes(convolve(planes, gaussian(sizeX, sigmaX), gaussian(sizeY, sigmaY)));
  });
}

/** Blurs (0), keeps (1) or sharpens (above 1). @see torchvision.transforms.functional.adjust_sharpness */
export function adjustSharpness<I extends ImageLike>(
  image: I,
  ...args: Arguments<[sharpnessFactor: number], [], object, { sharpnessFactor: number }>
): I {
  const { sharpnessFactor } = bindAdjustSharpness(args) as { sharpnessFactor: number };
  if (!(sharpnessFactor >= 0)) throw new RangeError(`sharpness_factor (${sharpnessFactor}) is not non-negative.`);
  return onTensor(image, (tensor) => {
    assertChannels(tensor);
    const [, height, width] = getDimensions(tensor);
    if (height <= 2 || width <= 2) return tensor;
    const planes = toPlanes(tensor);
    const soft = emptyPlanes(planes, height, width);
    soft.data.set(planes.data);
    for (let p = 0; p < planeCount(planes); p++) {
      for (let y = 1; y < height - 1; y++) {
        for (let x = 1; x < width - 1; x++) {
          const at = (p * height + y) * width + x;
          let sum = 4 * planes.data[at]!;
          for (let dy = -width; dy <= width; dy += width) for (let dx = -1; dx <= 1; dx++) sum += planes.data[at + dy + dx]!;
          soft.data[at] = sum / 13;
        }
      }
    }
    return blend(tensor, fromPlanes(soft), sharpnessFactor);
  });
}
