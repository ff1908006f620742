// Element by element, bigints cost ten times what two 32-bit words do.

const WORD = 4294967296;
const littleEndian = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;
const [low, high] = littleEndian ? [0, 1] : [1, 0];

const words = (data: BigInt64Array): Int32Array => new Int32Array(data.buffer, data.byteOffset, data.length * 2);

/** 64-bit integers as doubles, rounded beyond 2^53. */
export function doublesOfInt64(data: BigInt64Array): Float64Array {
  const from = words(data);
  const out = new Float64Array(data.length);
  for (let i = 0; i < out.length; i++) out[i] = from[2 * i + high]! * WORD + (from[2 * i + low]! >>> 0);
  return out;
}

/** Writes doubles as 64-bit integers, truncated. Returns false when one is beyond 2^53, with whatever written so far. */
export function writeInt64Words(data: BigInt64Array, values: ArrayLike<number>): boolean {
  const to = words(data);
  let done = 0;
  for (; done < data.length; done++) {
    const value = values[done]!;
    const small = value | 0;
    if (small !== value) break;
    to[2 * done + low] = small;
    to[2 * done + high] = small >> 31;
  }
  for (let i = done; i < data.length; i++) if (!(Math.abs(values[i]!) <= Number.MAX_SAFE_INTEGER)) return false;
  for (let i = done; i < data.length; i++) {
    const value = Math.trunc(values[i]!);
    const upper = Math.floor(value / WORD);
    to[2 * i + high] = upper;
    to[2 * i + low] = value - upper * WORD;
  }
  return true;
}
