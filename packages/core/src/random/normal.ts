import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";
import { fma32, fma64 } from "./fused-multiply-add.ts";
import type { Generator } from "./generator.ts";
import { fillWith, type Stretch } from "./sink.ts";
import { fillUniform } from "./uniform.ts";
import { log32, sinCos32 } from "./vector-math.ts";

/** From this many contiguous elements on PyTorch transforms blocks of 16 uniform numbers at once. */
const BLOCK = 16;
const HALF_BLOCK = 8;

/**
 * Fills with numbers of the normal distribution (Box and Muller 1958). Fewer than 16 elements, or elements that do not lie side by side
 * (`contiguous` false), are drawn one by one in double precision, as PyTorch does: so the stream depends on the size.
 * @see torch.Tensor.normal_
 */
export function fillNormal(stretch: Stretch, mean: number, std: number, generator: Generator, contiguous = true): void {
  if (!contiguous || stretch.size < BLOCK) {
    if (mean === 0 && std === 1) fillWith(stretch, () => generator.normalDouble());
    else fillWith(stretch, () => fma64(generator.normalDouble(), std, mean));
    return;
  }
  const { data, offset, size } = stretch;
  const transform = blockTransform(stretch, mean, std);
  fillUniform(stretch, 0, 1, generator);
  const end = offset + size;
  for (let i = offset; i + BLOCK <= end; i += BLOCK) transform(i);
  if (size % BLOCK !== 0) {
    // The last 16 overlap the block before: they are drawn anew.
    fillUniform({ data, dtype: stretch.dtype, offset: end - BLOCK, size: BLOCK }, 0, 1, generator);
    transform(end - BLOCK);
  }
}

/** The function that turns the 16 uniform numbers at an index into normal ones, in place, with the roundings of the dtype. */
function blockTransform({ data, dtype }: Stretch, mean: number, std: number): (at: number) => void {
  switch (dtype) {
    case "float32":
      return float32Block(data as Float32Array, Math.fround(mean), Math.fround(std));
    case "float64":
      return float64Block(data as Float64Array, mean, std);
    case "float16":
      return float16Block(data as Uint16Array, mean, std);
    default:
      return bfloat16Block(data as Uint16Array, mean, std);
  }
}

const TWO_PI_32 = Math.fround(2 * Math.PI);
const sinCos = new Float32Array(2);

function float32Block(data: Float32Array, mean: number, std: number) {
  return (at: number): void => {
    for (let i = at; i < at + HALF_BLOCK; i++) {
      const radius = Math.fround(Math.sqrt(-2 * log32(1 - data[i]!)));
      sinCos32(Math.fround(TWO_PI_32 * data[i + HALF_BLOCK]!), sinCos);
      data[i] = fma32(Math.fround(radius * sinCos[1]!), std, mean);
      data[i + HALF_BLOCK] = fma32(Math.fround(radius * sinCos[0]!), std, mean);
    }
  };
}

function float64Block(data: Float64Array, mean: number, std: number) {
  const standard = mean === 0 && std === 1;
  return (at: number): void => {
    for (let i = at; i < at + HALF_BLOCK; i++) {
      const radius = Math.sqrt(-2 * Math.log(1 - data[i]!));
      const theta = 2 * Math.PI * data[i + HALF_BLOCK]!;
      const first = radius * Math.cos(theta);
      const second = radius * Math.sin(theta);
      data[i] = standard ? first : fma64(first, std, mean);
      data[i + HALF_BLOCK] = standard ? second : fma64(second, std, mean);
    }
  };
}

/** Float16 computes in single precision and rounds the radius, the angle and the result. */
function float16Block(data: Uint16Array, mean: number, std: number) {
  const { fround } = Math;
  const round = (x: number): number => float16ToNumber(numberToFloat16(x));
  const roundedMean = round(mean);
  const roundedStd = round(std);
  return (at: number): void => {
    for (let i = at; i < at + HALF_BLOCK; i++) {
      const radius = round(Math.sqrt(-2 * fround(Math.log(1 - float16ToNumber(data[i]!)))));
      const theta = round(2 * Math.PI * float16ToNumber(data[i + HALF_BLOCK]!));
      data[i] = numberToFloat16(fma32(fround(radius * fround(Math.cos(theta))), roundedStd, roundedMean));
      data[i + HALF_BLOCK] = numberToFloat16(fma32(fround(radius * fround(Math.sin(theta))), roundedStd, roundedMean));
    }
  };
}

/** Bfloat16 rounds after every operation. */
function bfloat16Block(data: Uint16Array, mean: number, std: number) {
  const round = (x: number): number => bfloat16ToNumber(numberToBfloat16(x));
  const roundedMean = round(mean);
  const roundedStd = round(std);
  const scaled = (x: number): number => numberToBfloat16(round(round(x) * roundedStd) + roundedMean);
  return (at: number): void => {
    for (let i = at; i < at + HALF_BLOCK; i++) {
      const radius = round(Math.sqrt(round(-2 * round(Math.log(round(1 - bfloat16ToNumber(data[i]!)))))));
      const theta = round(2 * Math.PI * bfloat16ToNumber(data[i + HALF_BLOCK]!));
      data[i] = scaled(radius * round(Math.cos(theta)));
      data[i + HALF_BLOCK] = scaled(radius * round(Math.sin(theta)));
    }
  };
}
