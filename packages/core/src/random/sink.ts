import { numberToBfloat16, numberToFloat16 } from "../tensor/half.ts";

/** What random numbers can be written as: every dtype but the complex ones, which take them as pairs of their real dtype. */
export type RealDType = "float32" | "float64" | "float16" | "bfloat16" | "int8" | "uint8" | "int16" | "int32" | "int64" | "bool";

/** The memory of a tensor as the fill functions see it; `float16` and `bfloat16` lie in a `Uint16Array` as bits, `bool` in a `Uint8Array`. */
export type Sink = Float32Array | Float64Array | Uint16Array | Int8Array | Uint8Array | Int16Array | Int32Array | BigInt64Array;

/** A stretch of a tensor's memory to fill: `size` elements of `dtype` from `offset` on. */
export interface Stretch {
  readonly data: Sink;
  readonly dtype: RealDType;
  readonly offset: number;
  readonly size: number;
}

/** Writes `draw()` into every element in order, cast from double precision to the dtype as C casts it. */
export function fillWith({ data, dtype, offset, size }: Stretch, draw: () => number): void {
  const end = offset + size;
  switch (dtype) {
    case "int64": {
      const integers = data as BigInt64Array;
      for (let i = offset; i < end; i++) integers[i] = BigInt(Math.trunc(draw()));
      return;
    }
    case "float16":
      for (let i = offset; i < end; i++) data[i] = numberToFloat16(draw());
      return;
    case "bfloat16":
      for (let i = offset; i < end; i++) data[i] = numberToBfloat16(draw());
      return;
    case "bool":
      for (let i = offset; i < end; i++) data[i] = draw() === 0 ? 0 : 1;
      return;
    default:
      // Typed arrays of integers cut off the fraction and wrap around by themselves.
      for (let i = offset; i < end; i++) data[i] = draw();
  }
}
