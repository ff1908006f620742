import * as torch from "@bluedot/core";
import { ShapeError, type Tensor } from "@bluedot/core";
import { constantPadNd, required, signature } from "@bluedot/core/extend";
import { type PerDim, perDim, type Rest } from "../arguments.ts";

export interface UnfoldOptions {
  kernelSize?: PerDim;
  dilation?: PerDim;
  padding?: PerDim;
  stride?: PerDim;
}

interface Blocks {
  readonly kernel: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly number[];
  readonly stride: readonly number[];
}

const blocksOf = (bound: { kernelSize: PerDim; dilation: PerDim; padding: PerDim; stride: PerDim }): Blocks => ({
  kernel: perDim(bound.kernelSize, 2),
  dilation: perDim(bound.dilation, 2),
  padding: perDim(bound.padding, 2),
  stride: perDim(bound.stride, 2),
});

/** Number of blocks along each of two dimensions. */
const blockCounts = (size: readonly number[], { kernel, dilation, padding, stride }: Blocks): number[] =>
  size.map((n, i) => Math.floor((n + 2 * padding[i]! - dilation[i]! * (kernel[i]! - 1) - 1) / stride[i]!) + 1);

function checkBlocks({ kernel, dilation, stride }: Blocks): void {
  for (const [name, values] of [
    ["kernel size", kernel],
    ["stride", stride],
    ["dilation", dilation],
  ] as const) {
    if (values.some((n) => n <= 0)) {
      const short = name === "kernel size" ? "kernel" : name;
      throw new ShapeError(`${name} should be greater than zero, but got ${short}_height: ${values[0]} ${short}_width: ${values[1]}`);
    }
  }
}

/** Flat places in the padded image of every element of every block, `[kH kW, L]`. */
function blockPlaces(size: readonly number[], counts: readonly number[], { kernel, dilation, padding, stride }: Blocks): Tensor {
  const width = size[1]! + 2 * padding[1]!;
  const [countH, countW] = counts as [number, number];
  const places = new BigInt64Array(kernel[0]! * kernel[1]! * countH * countW);
  let at = 0;
  for (let kh = 0; kh < kernel[0]!; kh++) {
    for (let kw = 0; kw < kernel[1]!; kw++) {
      for (let h = 0; h < countH; h++) {
        const row = h * stride[0]! + kh * dilation[0]!;
        for (let w = 0; w < countW; w++) places[at++] = BigInt(row * width + w * stride[1]! + kw * dilation[1]!);
      }
    }
  }
  return torch.fromTypedArray(places, [places.length]);
}

const bindUnfold = signature("unfold", { kernelSize: required, dilation: 1, padding: 0, stride: 1 });

/** Sliding blocks as columns: `[N, C, H, W] -> [N, C kH kW, L]` (or without N). @throws {ShapeError} @see torch.nn.functional.unfold */
export function unfold(
  input: Tensor,
  kernelSize: PerDim | UnfoldOptions,
  ...rest: Rest<[dilation: PerDim, padding: PerDim, stride: PerDim], UnfoldOptions>
): Tensor {
  const blocks = blocksOf(bindUnfold([kernelSize, ...rest]));
  checkBlocks(blocks);
  if (input.ndim !== 3 && input.ndim !== 4) {
    throw new ShapeError(
      `Expected 3D or 4D (batch mode) tensor with possibly 0 batch size and other non-zero dimensions for input, but got: [${input.shape.join(", ")}]`,
    );
  }
  const batched = input.ndim === 4;
  const x = batched ? input : input.unsqueeze(0);
  const [N, C, H, W] = x.shape as [number, number, number, number];
  const counts = blockCounts([H, W], blocks);
  if (counts.some((n) => n < 1)) {
    const pair = (v: readonly number[]): string => `(${v.join(", ")})`;
    throw new ShapeError(
      `Given input with spatial size (${H}, ${W}), kernel_size=${pair(blocks.kernel)}, dilation=${pair(blocks.dilation)}, padding=${pair(blocks.padding)}, calculated shape of the array of sliding blocks as ${pair(counts)}, but its components must be at least one.`,
    );
  }
  const [padH, padW] = blocks.padding as [number, number];
  const padded = padH === 0 && padW === 0 ? x : constantPadNd(x, [padW, padW, padH, padH], 0);
  const columns = padded.reshape([N, C, padded.shape[2]! * padded.shape[3]!]).indexSelect(2, blockPlaces([H, W], counts, blocks));
  const elements = blocks.kernel[0]! * blocks.kernel[1]!;
  const out = columns.reshape([N, C * elements, counts[0]! * counts[1]!]);
  return batched ? out : out.squeeze(0);
}

export interface FoldOptions extends UnfoldOptions {
  outputSize?: PerDim;
}
const bindFold = signature("fold", { outputSize: required, kernelSize: required, dilation: 1, padding: 0, stride: 1 });

/** Adds blocks `[N, C kH kW, L]` up into an image `[N, C, H, W]`: the adjoint of {@link unfold}. @throws {ShapeError} @see torch.nn.functional.fold */
export function fold(
  input: Tensor,
  outputSize: PerDim | FoldOptions,
  ...rest: Rest<[kernelSize: PerDim, dilation: PerDim, padding: PerDim, stride: PerDim], FoldOptions>
): Tensor {
  const bound = bindFold([outputSize, ...rest]);
  const blocks = blocksOf(bound);
  checkBlocks(blocks);
  const size = perDim(bound.outputSize, 2);
  if (input.ndim !== 2 && input.ndim !== 3) {
    throw new ShapeError(
      `Expected 2D or 3D (batch mode) tensor for input with possibly 0 batch size and non-zero dimensions for input, but got: [${input.shape.join(", ")}]`,
    );
  }
  const batched = input.ndim === 3;
  const x = batched ? input : input.unsqueeze(0);
  const [N, rows, L] = x.shape as [number, number, number];
  const elements = blocks.kernel[0]! * blocks.kernel[1]!;
  if (rows % elements !== 0) {
    throw new ShapeError(
      `Expected size of input's dimension 1 to be divisible by the product of kernel_size, but got input.size(1)=${rows} and kernel_size=(${blocks.kernel.join(", ")}).`,
    );
  }
  const counts = blockCounts(size, blocks);
  if (counts[0]! * counts[1]! !== L || counts.some((n) => n < 1)) {
    throw new ShapeError(
      `Given output_size=(${size.join(", ")}), kernel_size=(${blocks.kernel.join(", ")}), dilation=(${blocks.dilation.join(", ")}), padding=(${blocks.padding.join(", ")}), stride=(${blocks.stride.join(", ")}), expected size of input's dimension 2 to match the calculated number of sliding blocks ${counts[0]} * ${counts[1]} = ${counts[0]! * counts[1]!}, but got input.size(2)=${L}.`,
    );
  }
  const C = rows / elements;
  const [padH, padW] = blocks.padding as [number, number];
  const [H, W] = [size[0]! + 2 * padH, size[1]! + 2 * padW];
  const image = torch
    .zeros([N, C, H * W], { dtype: x.dtype, device: x.device })
    .indexAdd(2, blockPlaces(size, counts, blocks), x.reshape([N, C, elements * L]));
  const cropped = image.reshape([N, C, H, W]).narrow(2, padH, size[0]!).narrow(3, padW, size[1]!);
  return batched ? cropped.contiguous() : cropped.contiguous().squeeze(0);
}
