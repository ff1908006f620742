import { emptyPlanes, type Planes, planeCount, roundHalfEven } from "./planes.ts";

/** How pixels between pixels are made up. */
export type Interpolation = "nearest" | "bilinear" | "bicubic";

/** For each output position, where its inputs begin and with which weights they count. */
interface Filter {
  start: Int32Array;
  weights: Float64Array;
  /** Weights a position. */
  taps: number;
}

const triangle = (x: number): number => Math.max(0, 1 - Math.abs(x));

/** Keys' cubic convolution kernel (1981) with parameter `a`. */
function cubic(x: number, a: number): number {
  const t = Math.abs(x);
  if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
  return t < 2 ? (((t - 5) * t + 8) * t - 4) * a : 0;
}

/** Filters as wide as the reduction, as PIL resamples: nothing of the input is skipped. */
function antialiased(size: number, target: number, mode: Interpolation): Filter {
  const scale = size / target;
  const widening = Math.max(1, scale);
  const support = (mode === "bilinear" ? 1 : 2) * widening;
  const taps = Math.ceil(support) * 2 + 1;
  const start = new Int32Array(target);
  const weights = new Float64Array(target * taps);
  for (let i = 0; i < target; i++) {
    const center = scale * (i + 0.5);
    const from = Math.max(0, Math.trunc(center - support + 0.5));
    const count = Math.min(size, Math.trunc(center + support + 0.5)) - from;
    let total = 0;
    for (let j = 0; j < count; j++) {
      const x = (j + from - center + 0.5) / widening;
      const weight = mode === "bilinear" ? triangle(x) : cubic(x, -0.5);
      weights[i * taps + j] = weight;
      total += weight;
    }
    for (let j = 0; j < count; j++) weights[i * taps + j]! /= total;
    start[i] = Math.min(from, Math.max(0, size - taps));
    // A window at the end begins earlier, so that reads stay inside: shift its weights.
    const shift = from - start[i]!;
    if (shift > 0) {
      weights.copyWithin(i * taps + shift, i * taps, (i + 1) * taps - shift);
      weights.fill(0, i * taps, i * taps + shift);
    }
  }
  return { start, weights, taps };
}

/** Two or four neighbours, however much the image shrinks, as `interpolate` does without antialiasing. */
function neighbours(size: number, target: number, mode: Interpolation): Filter {
  const scale = Math.fround(size / target);
  const taps = mode === "bilinear" ? 2 : 4;
  const start = new Int32Array(target);
  const weights = new Float64Array(target * taps);
  for (let i = 0; i < target; i++) {
    const real = scale * (i + 0.5) - 0.5;
    const position = mode === "bilinear" ? Math.max(0, real) : real;
    const base = Math.floor(position);
    const rest = Math.fround(position - base);
    const first = mode === "bilinear" ? base : base - 1;
    start[i] = Math.min(Math.max(first, 0), Math.max(0, size - taps));
    for (let j = 0; j < taps; j++) {
      const weight = mode === "bilinear" ? (j === 0 ? Math.fround(1 - rest) : rest) : cubic(rest + 1 - j, -0.75);
      const at = Math.min(Math.max(first + j, 0), size - 1) - start[i]!;
      weights[i * taps + at]! += weight;
    }
  }
  return { start, weights, taps };
}

function nearest(planes: Planes, height: number, width: number, centred: boolean): Planes {
  const out = emptyPlanes(planes, height, width);
  const places = (size: number, target: number) =>
    Int32Array.from({ length: target }, (_, i) =>
      Math.min(size - 1, Math.floor(centred ? ((i + 0.5) * size) / target : Math.fround(i * Math.fround(size / target)))),
    );
  const rows = places(planes.height, height);
  const columns = places(planes.width, width);
  let to = 0;
  for (let p = 0; p < planeCount(planes); p++) {
    for (const row of rows) {
      const from = (p * planes.height + row) * planes.width;
      for (const column of columns) out.data[to++] = planes.data[from + column]!;
    }
  }
  return out;
}

/** Every step in the precision of the image, as PyTorch calculates: 8-bit results depend on it where a value lies halfway. */
const rounding = (planes: Planes): ((value: number) => number) => (planes.dtype === "float64" ? (value) => value : Math.fround);

/** Along rows. */
function filterWidth(planes: Planes, width: number, { start, weights, taps }: Filter): Planes {
  const out = emptyPlanes(planes, planes.height, width);
  const reach = Math.min(taps, planes.width);
  const round = rounding(planes);
  const lines = planeCount(planes) * planes.height;
  for (let line = 0; line < lines; line++) {
    for (let x = 0; x < width; x++) {
      const from = line * planes.width + start[x]!;
      let sum = 0;
      for (let j = 0; j < reach; j++) sum = round(sum + round(weights[x * taps + j]! * planes.data[from + j]!));
      out.data[line * width + x] = sum;
    }
  }
  return out;
}

/** Along columns. */
function filterHeight(planes: Planes, height: number, { start, weights, taps }: Filter): Planes {
  const { width } = planes;
  const out = emptyPlanes(planes, height, width);
  const reach = Math.min(taps, planes.height);
  const round = rounding(planes);
  for (let p = 0; p < planeCount(planes); p++) {
    for (let y = 0; y < height; y++) {
      const to = (p * height + y) * width;
      const from = (p * planes.height + start[y]!) * width;
      for (let x = 0; x < width; x++) {
        let sum = 0;
        for (let j = 0; j < reach; j++) sum = round(sum + round(weights[y * taps + j]! * planes.data[from + j * width + x]!));
        out.data[to + x] = sum;
      }
    }
  }
  return out;
}

function toBytes(planes: Planes): Planes {
  const { data } = planes;
  for (let i = 0; i < data.length; i++) data[i] = Math.min(255, Math.max(0, roundHalfEven(data[i]!)));
  return planes;
}

/** Resizes planes. `picture` asks for PIL's way: always antialiased, with whole values between the two passes, and nearest from pixel centres. */
export function resizePlanes(
  planes: Planes,
  height: number,
  width: number,
  mode: Interpolation,
  antialias: boolean,
  picture: boolean,
): Planes {
  if (mode === "nearest") return nearest(planes, height, width, picture);
  const make = antialias || picture ? antialiased : neighbours;
  const wide = width === planes.width && make === antialiased ? planes : filterWidth(planes, width, make(planes.width, width, mode));
  if (height === planes.height && make === antialiased) return picture ? toBytes(wide) : wide;
  return filterHeight(picture ? toBytes(wide) : wide, height, make(planes.height, height, mode));
}
