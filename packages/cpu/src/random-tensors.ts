import { Tensor } from "@bluedot/core";
import { allocate, contiguousStrides, type DType, dtypeInfo, isFloatingPoint, numelOf } from "@bluedot/core/extend";

/** A source of pseudo-random numbers for tests: the same seed gives the same tensors. */
export class Source {
  private state: number;

  constructor(seed: number) {
    this.state = (seed ^ 0x9e3779b9) >>> 0 || 1;
  }

  /** In [0, 1). */
  unit(): number {
    // xorshift32
    let x = this.state;
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    this.state = x >>> 0;
    return this.state / 4294967296;
  }

  /** An integer from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  pick<T>(from: readonly T[]): T {
    return from[this.integer(0, from.length - 1)]!;
  }
}

export interface Layout {
  /** Allow permuted, stepped and offset layouts. Default true. */
  readonly strided?: boolean;
  /** Allow NaN, infinities, zeros and large values among floats. Default false. */
  readonly special?: boolean;
  /** Range of ordinary values. Default -4 to 4. */
  readonly range?: readonly [number, number];
}

const specials = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, -0, 1e30, -1e30, 1e-40, 88.8, -104];

/** A tensor of `shape` with random elements, in a random layout. */
export function randomTensor(source: Source, shape: readonly number[], dtype: DType, options: Layout = {}): Tensor {
  const { strided = true, special = false, range = [-4, 4] } = options;
  const ndim = shape.length;
  // The layout: dimensions in some order, with gaps, somewhere in the storage.
  const order = Array.from({ length: ndim }, (_, i) => i);
  const kind = strided ? source.integer(0, 3) : 0;
  if (kind === 1 || kind === 2) order.sort(() => source.unit() - 0.5);
  let step = kind >= 2 ? source.integer(1, 3) : 1;
  const strides = new Array<number>(ndim);
  for (let k = ndim - 1; k >= 0; k--) {
    const d = order[k]!;
    strides[d] = step;
    step *= Math.max(shape[d]!, 1) + (kind === 3 ? source.integer(0, 2) : 0);
  }
  const offset = kind >= 2 ? source.integer(0, 5) : 0;
  const total = offset + Math.max(step, 1) + 1;
  const storage = allocate(total * dtypeInfo[dtype].itemSize);
  const whole = new Tensor(storage, [total], [1], 0, dtype);
  for (let i = 0; i < total; i++) setElement(whole, i, randomValue(source, dtype, special, range));
  return new Tensor(storage, shape, kind === 0 ? contiguousStrides(shape) : strides, offset, dtype);
}

function randomValue(source: Source, dtype: DType, special: boolean, [low, high]: readonly [number, number]): number {
  if (isFloatingPoint(dtype)) return special && source.unit() < 0.15 ? source.pick(specials) : low + (high - low) * source.unit();
  if (dtype === "bool") return source.integer(0, 1);
  return source.integer(dtype === "uint8" ? Math.max(0, Math.ceil(low)) : Math.ceil(low), Math.floor(high));
}

const half = new Float32Array(1);
const halfBits = new Uint32Array(half.buffer);

function setElement(t: Tensor, i: number, value: number): void {
  const { elements } = t;
  if (t.dtype === "int64") (elements as BigInt64Array)[i] = BigInt(value);
  else if (t.dtype === "bfloat16") {
    half[0] = value;
    (elements as Uint16Array)[i] = halfBits[0]! >>> 16;
  } else if (t.dtype === "float16") (elements as Uint16Array)[i] = toFloat16Bits(value);
  else (elements as Float64Array)[i] = value;
}

/** Bits of a float16, truncated: any bits will do for a random one. */
function toFloat16Bits(value: number): number {
  half[0] = value;
  const bits = halfBits[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112;
  if (Number.isNaN(value)) return 0x7e00;
  if (exponent <= 0) return sign;
  if (exponent >= 31) return sign | 0x7c00;
  return sign | (exponent << 10) | ((bits >>> 13) & 0x3ff);
}

/** `t` repeated along some dimensions of size 1, so that its strides there are 0. */
export function repeated(t: Tensor, shape: readonly number[]): Tensor {
  const lead = shape.length - t.ndim;
  const strides = shape.map((n, i) => (i < lead || (t.shape[i - lead] === 1 && n !== 1) ? 0 : t.strides[i - lead]!));
  return new Tensor(t.storage, shape, strides, t.offset, t.dtype);
}

/** Values in row-major order as numbers (int64 as bigint). */
export function valuesOf(t: Tensor): (number | bigint)[] {
  const flat = t.contiguousLayout ? t : t.contiguous();
  return numelOf(t.shape) === 0 ? [] : (flat.reshape([-1]).tolist() as (number | bigint)[]);
}

const tolerances: Partial<Record<DType, readonly [relative: number, absolute: number]>> = {
  float32: [3e-6, 1e-6],
  float64: [1e-12, 1e-13],
  float16: [2e-3, 1e-6],
  bfloat16: [1.6e-2, 1e-6],
};

/** Where `actual` differs from `expected` by more than rounding, in words; null where it does not. */
export function difference(actual: Tensor, expected: Tensor, factor = 1): string | null {
  const [relative, absolute] = tolerances[expected.dtype] ?? [0, 0];
  const a = valuesOf(actual);
  const b = valuesOf(expected);
  for (let i = 0; i < b.length; i++) {
    const x = Number(a[i]);
    const y = Number(b[i]);
    if (x === y || (Number.isNaN(x) && Number.isNaN(y))) continue;
    if (Math.abs(x - y) <= factor * (absolute + relative * Math.abs(y))) continue;
    return `element ${i} is ${x}, expected ${y}`;
  }
  return null;
}
