import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * Sums of float32 and float64 in exactly the order in which PyTorch adds on the CPU, so that a course's numbers come out
 * the same to the last digit: partial sums in lanes of a vector register, four rows of them, cascaded over four levels.
 * The idea is Pairwise summation: the error grows with the logarithm of the number of elements.
 */
const LEVELS = 4;
const ROWS = 4;
/** Elements of a 256-bit register. */
const LANES = { float32: 8, float64: 4 } as const;

type Round = (value: number) => number;

const ceilLog2 = (n: number): number => (n <= 2 ? 1 : 32 - Math.clz32(n - 1));

/** `nrows` sums side by side: element `i` of sum `k` is `at(i, k)`. */
function cascade(at: (i: number, k: number) => number, nrows: number, size: number, round: Round): Float64Array {
  const power = Math.max(4, Math.floor(ceilLog2(size) / LEVELS));
  const step = 2 ** power;
  const sums = Array.from({ length: LEVELS }, () => new Float64Array(nrows));
  const add = (level: number, k: number, value: number): void => {
    sums[level]![k] = round(sums[level]![k]! + value);
  };
  let i = 0;
  while (i + step <= size) {
    for (let j = 0; j < step; j++, i++) for (let k = 0; k < nrows; k++) add(0, k, at(i, k));
    for (let level = 1; level < LEVELS; level++) {
      for (let k = 0; k < nrows; k++) {
        add(level, k, sums[level - 1]![k]!);
        sums[level - 1]![k] = 0;
      }
      // The next level takes over only when this one is full.
      if (Math.floor(i / 2 ** (level * power)) % step !== 0) break;
    }
  }
  for (; i < size; i++) for (let k = 0; k < nrows; k++) add(0, k, at(i, k));
  for (let level = 1; level < LEVELS; level++) for (let k = 0; k < nrows; k++) add(0, k, sums[level]![k]!);
  return sums[0]!;
}

/** `width` sums side by side of `size` elements each, every one added in four interleaved rows. */
function rows(at: (i: number, lane: number) => number, width: number, size: number, round: Round): Float64Array {
  const whole = Math.floor(size / ROWS);
  const partial = cascade((i, k) => at(i * ROWS + Math.floor(k / width), k % width), ROWS * width, whole, round);
  const out = partial.slice(0, width);
  for (let i = whole * ROWS; i < size; i++) for (let lane = 0; lane < width; lane++) out[lane] = round(out[lane]! + at(i, lane));
  for (let row = 1; row < ROWS; row++)
    for (let lane = 0; lane < width; lane++) out[lane] = round(out[lane]! + partial[row * width + lane]!);
  return out;
}

interface Dim {
  readonly size: number;
  /** Steps in the input, and in the row-major result (0 for a reduced dimension). */
  input: number;
  output: number;
}

/** The dimensions in the order of the loops, innermost first: reduced ones before kept ones, then by the input's strides; runs laid out as one are merged. */
function loopDims(self: Tensor, dims: readonly number[], outputStrides: readonly number[]): Dim[] {
  const all: Dim[] = [];
  for (let d = self.shape.length - 1; d >= 0; d--) {
    if (self.shape[d] !== 1) all.push({ size: self.shape[d]!, input: self.strides[d]!, output: dims.includes(d) ? 0 : outputStrides[d]! });
  }
  all.sort((a, b) => Number(a.output !== 0) - Number(b.output !== 0) || a.output - b.output || a.input - b.input);
  const merged: Dim[] = [];
  for (const dim of all) {
    const last = merged.at(-1);
    if (last !== undefined && dim.input === last.input * last.size && dim.output === last.output * last.size) {
      merged[merged.length - 1] = { size: last.size * dim.size, input: last.input, output: last.output };
    } else merged.push(dim);
  }
  return merged;
}

/** Sums of `self` (float32 or float64) over `dims`, row-major. `outputStrides[d]` is the step of dimension `d` in the result. */
export function cascadeSum(self: Tensor, dims: readonly number[], outputShape: Shape, outputStrides: readonly number[]): Float64Array {
  const round: Round = self.dtype === "float32" ? Math.fround : (value) => value;
  const lanes = LANES[self.dtype as keyof typeof LANES];
  const data = self.elements as Float64Array;
  const out = new Float64Array(outputShape.reduce((n, s) => n * s, 1));
  if (self.count === 0) return out;
  const one: Dim = { size: 1, input: 0, output: 0 };
  let [first = one, second = one, ...outer] = loopDims(self, dims, outputStrides);
  if (first.output !== 0 && second.output === 0) [first, second] = [second, first];

  const plane = (from: number, to: number): void => {
    const store = (j: number, value: number): void => {
      const place = to + j * second.output;
      out[place] = round(out[place]! + value);
    };
    if (first.output !== 0) {
      // Nothing to reduce here: outer dimensions add plane to plane.
      for (let j = 0; j < second.size; j++) {
        for (let i = 0; i < first.size; i++) {
          const place = to + j * second.output + i * first.output;
          out[place] = round(out[place]! + data[from + j * second.input + i * first.input]!);
        }
      }
    } else if (first.input === 1 && first.size >= lanes) {
      const vectors = Math.floor(first.size / lanes);
      for (let j = 0; j < second.size; j++) {
        const start = from + j * second.input;
        const partial = rows((i, lane) => data[start + i * lanes + lane]!, lanes, vectors, round);
        let total = 0;
        for (let k = vectors * lanes; k < first.size; k++) total = round(total + data[start + k]!);
        for (let k = 0; k < lanes; k++) total = round(total + partial[k]!);
        store(j, total);
      }
    } else {
      const vectorized = second.input === 1 && second.size >= lanes;
      const wide = vectorized ? lanes * ROWS : first.input < second.input ? 0 : ROWS;
      const narrow = vectorized ? lanes : 1;
      let j = 0;
      if (wide > 0) {
        for (; j + wide <= second.size; j += wide) {
          const sums = cascade((i, k) => data[from + i * first.input + (j + k) * second.input]!, wide, first.size, round);
          for (let k = 0; k < wide; k++) store(j + k, sums[k]!);
        }
      }
      for (const width of narrow > 1 ? [narrow, 1] : [1]) {
        for (; j + width <= second.size; j += width) {
          const sums = rows((i, lane) => data[from + i * first.input + (j + lane) * second.input]!, width, first.size, round);
          for (let k = 0; k < width; k++) store(j + k, sums[k]!);
        }
      }
    }
  };

  const counter = outer.map(() => 0);
  let from = self.offset;
  let to = 0;
  for (;;) {
    plane(from, to);
    let d = 0;
    for (; d < outer.length; d++) {
      const dim = outer[d]!;
      counter[d]!++;
      from += dim.input;
      to += dim.output;
      if (counter[d]! < dim.size) break;
      from -= dim.input * dim.size;
      to -= dim.output * dim.size;
      counter[d] = 0;
    }
    if (d === outer.length) return out;
  }
}
