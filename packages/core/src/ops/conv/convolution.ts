import { defineOp, type Op } from "../../dispatch/op.ts";
import { run } from "../../dispatch/run.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { dtypeInfo } from "../../tensor/dtype.ts";
import { anyBelow, formatShape, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import type { Reduction } from "../reduce/reduction.ts";
import { sumOver } from "../reduce/sum.ts";

/** How a kernel moves over the spatial dimensions (one, two or three of them). */
export interface ConvolutionParams {
  readonly stride: readonly number[];
  readonly padding: readonly number[];
  readonly dilation: readonly number[];
  /** Whether this is the adjoint (a "deconvolution"). */
  readonly transposed: boolean;
  /** Added to the far side of a transposed convolution's result. */
  readonly outputPadding: readonly number[];
  readonly groups: number;
}

/** Spatial sizes of the result. */
export function convolutionSize(input: Shape, weight: Shape, params: ConvolutionParams): number[] {
  const { stride, padding, dilation, transposed, outputPadding } = params;
  const sizes = new Array<number>(stride.length);
  for (let i = 0; i < stride.length; i++) {
    const n = input[i + 2]!;
    const reach = dilation[i]! * (weight[i + 2]! - 1) + 1;
    sizes[i] = transposed
      ? (n - 1) * stride[i]! - 2 * padding[i]! + reach + outputPadding[i]!
      : Math.floor((n + 2 * padding[i]! - reach) / stride[i]!) + 1;
  }
  return sizes;
}

const cTypes: Partial<Record<string, string>> = {
  float32: "float",
  float64: "double",
  int64: "long int",
  float16: "c10::Half",
  bfloat16: "c10::BFloat16",
  complex64: "c10::complex<float>",
  complex128: "c10::complex<double>",
  int32: "int",
  int16: "short int",
  int8: "signed char",
  uint8: "unsigned char",
};
const cType = (t: Tensor): string => cTypes[t.dtype] ?? t.dtype;

/** Whether the kernel reaches over the padded input in a dimension. */
function kernelTooLarge(input: Shape, weight: Shape, { padding, dilation }: ConvolutionParams): boolean {
  for (let i = 0; i < padding.length; i++) {
    if (input[i + 2]! + 2 * padding[i]! < dilation[i]! * (weight[i + 2]! - 1) + 1) return true;
  }
  return false;
}

function check(input: Tensor, weight: Tensor, bias: Tensor | null, params: ConvolutionParams): void {
  const { stride, padding, dilation, transposed, outputPadding, groups } = params;
  if (anyBelow(stride, 1)) throw new ShapeError("non-positive stride is not supported");
  if (anyBelow(padding, 0)) throw new ShapeError("negative padding is not supported");
  if (anyBelow(outputPadding, 0)) throw new ShapeError("negative output_padding is not supported");
  if (anyBelow(dilation, 1)) throw new ShapeError(`dilation should be greater than zero, but got ${formatShape(dilation)}`);
  if (groups <= 0) throw new ShapeError("non-positive groups is not supported");
  if (weight.shape[0]! < groups) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be at least ${groups} at dimension 0, but got weight of size ${formatShape(weight.shape)} instead`,
    );
  }
  if (weight.shape[0]! % groups !== 0) {
    throw new ShapeError(
      `Given groups=${groups}, expected weight to be divisible by ${groups} at dimension 0, but got weight of size [${formatShape(weight.shape)}] instead`,
    );
  }
  const channels = transposed ? weight.shape[0]! : weight.shape[1]! * groups;
  if (input.shape[1] !== channels) {
    throw new ShapeError(
      transposed
        ? `Given transposed=1, weight of size ${formatShape(weight.shape)}, expected input${formatShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`
        : `Given groups=${groups}, weight of size ${formatShape(weight.shape)}, expected input${formatShape(input.shape)} to have ${channels} channels, but got ${input.shape[1]} channels instead`,
    );
  }
  const out = transposed ? weight.shape[1]! * groups : weight.shape[0]!;
  if (bias !== null && (bias.ndim !== 1 || bias.shape[0] !== out)) {
    throw new ShapeError(
      transposed
        ? `Given transposed=1, weight of size ${formatShape(weight.shape)}, expected bias to be 1-dimensional with ${out} elements, but got bias of size ${formatShape(bias.shape)} instead`
        : `Given weight of size ${formatShape(weight.shape)}, expected bias to be 1-dimensional with ${out} elements, but got bias of size ${formatShape(bias.shape)} instead`,
    );
  }
  if (!transposed && kernelTooLarge(input.shape, weight.shape, params)) {
    const padded = input.shape.slice(2).map((n, i) => n + 2 * padding[i]!);
    const reach = weight.shape.slice(2).map((n, i) => dilation[i]! * (n - 1) + 1);
    throw new ShapeError(
      `Calculated padded input size per channel: (${padded.join(" x ")}). Kernel size: (${reach.join(" x ")}). Kernel size can't be greater than actual input size`,
    );
  }
  if (input.dtype !== weight.dtype) {
    throw new DTypeError(`expected scalar type ${dtypeInfo[input.dtype].scalarType} but found ${dtypeInfo[weight.dtype].scalarType}`);
  }
  if (bias !== null && bias.dtype !== input.dtype) {
    throw new DTypeError(`Input type (${cType(input)}) and bias type (${cType(bias)}) should be the same`);
  }
  if (transposed && outputPadding.some((p, i) => p >= Math.max(stride[i]!, dilation[i]!))) {
    // One dimension is told as a picture of height 1.
    const told = (name: string, values: readonly number[], missing: number): string =>
      (values.length === 1 ? [missing, ...values] : values)
        .map((value, i, all) => `${name}_${["depth", "height", "width"].slice(-all.length)[i]}: ${value}`)
        .join(" ");
    throw new ShapeError(
      `output padding must be smaller than either stride or dilation, but got ${told("output_padding", outputPadding, 0)} ${told("stride", stride, 1)} ${told("dilation", dilation, 1)}`,
    );
  }
}

/** Convolution of a batch `[N, C, ...]` with `weight` (`[O, C/groups, ...]`, or `[C, O/groups, ...]` when transposed) and optional `bias [O]`. */
export const convolutionOp: Op<readonly [Tensor, Tensor, Tensor | null], ConvolutionParams> = defineOp({
  name: "convolution",
  infer: ([input, weight, bias], params) => {
    check(input, weight, bias, params);
    const channels = params.transposed ? weight.shape[1]! * params.groups : weight.shape[0]!;
    const size = convolutionSize(input.shape, weight.shape, params);
    if (anyBelow(size, params.transposed ? 1 : 0)) {
      const told = (sizes: readonly number[]): string => (sizes.length === 1 ? [1, ...sizes] : sizes).join(" x ");
      throw new ShapeError(
        `Given input size per channel: (${told(input.shape.slice(2))}). Calculated output size per channel: (${told(size)}). Output size is too small`,
      );
    }
    return { shape: [input.shape[0]!, channels, ...size], dtype: input.dtype };
  },
  saves: { inputs: [0, 1], readBy: [[1], [0], []] },
  contiguous: true,
  backward: ({ grad, inputs: [input, weight], specs, params, needs }) => [
    needs[0] ? inputGrad(grad, weight, specs[0].shape, params) : null,
    needs[1] ? weightGrad(input, grad, specs[1].shape, params) : null,
    needs[2] ? sumOver(grad, allButChannels(grad.ndim)) : null,
  ],
});

const channelReductions: (Reduction | undefined)[] = [];

/** The reduction of `[N, C, ...]` to its channels. */
function allButChannels(ndim: number): Reduction {
  let found = channelReductions[ndim];
  if (found === undefined) {
    const dims = Array.from({ length: ndim }, (_, i) => i).filter((i) => i !== 1);
    channelReductions[ndim] = found = { dims, keepdim: false };
  }
  return found;
}

/** The start of `t` in each spatial dimension: a stride leaves open how far the result reaches. */
const cropped = (t: Tensor, shape: Shape): Tensor =>
  shape.slice(2).reduce((part, n, i) => (part.shape[i + 2] === n ? part : part.narrow(i + 2, 0, n)), t);

/** The same convolution forwards or transposed. */
const direction = (
  { stride, padding, dilation, groups }: ConvolutionParams,
  transposed: boolean,
  outputPadding: readonly number[],
): ConvolutionParams => ({ stride, padding, dilation, transposed, outputPadding, groups });

const zerosByLength = [[], [0], [0, 0], [0, 0, 0]];
const zeros = ({ stride }: ConvolutionParams): readonly number[] => zerosByLength[stride.length]!;

/** The gradient of the input: the adjoint convolution, sized to `shape`. */
function inputGrad(grad: Tensor, weight: Tensor, shape: Shape, params: ConvolutionParams): Tensor {
  if (params.transposed) {
    return cropped(run(convolutionOp, [grad, weight, null], direction(params, false, zeros(params))), shape);
  }
  const outputPadding = convolutionSize(grad.shape, weight.shape, direction(params, true, zeros(params)));
  for (let i = 0; i < outputPadding.length; i++) outputPadding[i] = shape[i + 2]! - outputPadding[i]!;
  return run(convolutionOp, [grad, weight, null], direction(params, true, outputPadding));
}

interface WeightGradParams extends ConvolutionParams {
  readonly weightShape: Shape;
}

/** The gradient of the weight of a convolution (not transposed) with input `[N, C, ...]` and result `[N, O, ...]`. */
export const convolutionWeightGradOp: Op<readonly [Tensor, Tensor], WeightGradParams> = defineOp<
  readonly [Tensor, Tensor],
  WeightGradParams
>({
  name: "convolutionWeightGrad",
  infer: ([input], { weightShape }) => ({ shape: weightShape, dtype: input.dtype }),
  saves: { inputs: "all" },
  contiguous: true,
  backward: [
    ({ grad, inputs: [, result], specs: [input], params }) => inputGrad(result, grad, input.shape, params),
    ({ grad, inputs: [input], specs: [, result], params }) => cropped(run(convolutionOp, [input, grad, null], params), result.shape),
  ],
});

/** The gradient of the weight; of a transposed convolution, input and result change places. */
function weightGrad(input: Tensor, grad: Tensor, weightShape: Shape, params: ConvolutionParams): Tensor {
  const { stride, padding, dilation, groups } = params;
  const plain = { stride, padding, dilation, transposed: false, outputPadding: zeros(params), groups, weightShape };
  return run(convolutionWeightGradOp, params.transposed ? [grad, input] : [input, grad], plain);
}
