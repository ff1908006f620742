import { bfloat16ToNumber, float16ToNumber, numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";
import { fma32, fma64 } from "./fused-multiply-add.ts";
import type { Generator } from "./generator.ts";
import { fillWith, type Stretch } from "./sink.ts";

/**
 * Fills with numbers uniform on [from, to), drawn with as many bits as the significand of the dtype has: 24 for float32, 53 (two words)
 * for float64, 11 for float16, 8 for bfloat16. The bounds are rounded to the dtype first.
 * @see torch.Tensor.uniform_
 */
export function fillUniform(stretch: Stretch, from: number, to: number, generator: Generator): void {
  const { data, dtype, offset, size } = stretch;
  const end = offset + size;
  if (dtype === "float64") {
    const span = to - from;
    if (from === 0 && span === 1) for (let i = offset; i < end; i++) data[i] = generator.uniformDouble();
    else for (let i = offset; i < end; i++) data[i] = fma64(generator.uniformDouble(), span, from);
  } else if (dtype === "float32") {
    const low = Math.fround(from);
    const span = Math.fround(Math.fround(to) - low);
    if (low === 0 && span === 1) for (let i = offset; i < end; i++) data[i] = generator.uniformFloat();
    else for (let i = offset; i < end; i++) data[i] = fma32(generator.uniformFloat(), span, low);
  } else {
    const half = dtype === "float16";
    const round = half ? (x: number) => float16ToNumber(numberToFloat16(x)) : (x: number) => bfloat16ToNumber(numberToBfloat16(x));
    const steps = half ? 2048 : 256;
    const low = round(from);
    const span = round(Math.fround(round(to) - low));
    fillWith(stretch, () => fma32((generator.random() & (steps - 1)) / steps, span, low));
  }
}
