import { kernel, registerReferenceKernels } from "../dispatch/backend.ts";
import { linearOp } from "../ops/linalg/linear.ts";
import { bmmOp, dotOp, mmOp, mvOp } from "../ops/linalg/mm.ts";
import { isComplex } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fusedMultiplyAdd } from "./fused.ts";
import { toBigInts, toComplexDoubles, toDoubles, writeBigInts, writeDoubles } from "./loops.ts";

/** Rows and columns of a product `[N, K] x [K, M]`. */
interface Sizes {
  readonly N: number;
  readonly K: number;
  readonly M: number;
}

/** `out += a b`, row-major, one matrix of a batch. Row by row of `b`, so that the inner loop is over neighbours. */
function multiply(a: Float64Array, b: Float64Array, out: Float64Array, { N, K, M }: Sizes): void {
  for (let i = 0; i < N; i++) {
    const row = out.subarray(i * M, (i + 1) * M);
    for (let k = 0; k < K; k++) {
      const x = a[i * K + k]!;
      const from = k * M;
      for (let j = 0; j < M; j++) row[j]! += x * b[from + j]!;
    }
  }
}

function multiplyComplex(a: Float64Array, b: Float64Array, out: Float64Array, { N, K, M }: Sizes): void {
  for (let i = 0; i < N; i++) {
    for (let k = 0; k < K; k++) {
      const re = a[2 * (i * K + k)]!;
      const im = a[2 * (i * K + k) + 1]!;
      for (let j = 0; j < M; j++) {
        const x = b[2 * (k * M + j)]!;
        const y = b[2 * (k * M + j) + 1]!;
        out[2 * (i * M + j)]! += re * x - im * y;
        out[2 * (i * M + j) + 1]! += re * y + im * x;
      }
    }
  }
}

function multiplyIntegers(a: BigInt64Array, b: BigInt64Array, out: BigInt64Array, { N, K, M }: Sizes): void {
  for (let i = 0; i < N; i++) {
    for (let k = 0; k < K; k++) for (let j = 0; j < M; j++) out[i * M + j]! += a[i * K + k]! * b[k * M + j]!;
  }
}

/** Products of a batch of `B` matrices into `out`, plus `start` (row-major, of the whole result) when given. */
function product(a: Tensor, b: Tensor, out: Tensor, B: number, sizes: Sizes, start?: Float64Array | BigInt64Array): void {
  const { N, K, M } = sizes;
  const each = <A extends { subarray(from: number, to: number): A }>(
    call: (x: A, y: A, z: A, s: Sizes) => void,
    x: A,
    y: A,
    z: A,
    width: number,
  ): void => {
    for (let i = 0; i < B; i++) {
      const part = (all: A, size: number): A => all.subarray(i * size * width, (i + 1) * size * width);
      call(part(x, N * K), part(y, K * M), part(z, N * M), sizes);
    }
  };
  if (isComplex(a.dtype)) {
    const values = (start as Float64Array | undefined) ?? new Float64Array(out.count * 2);
    each<Float64Array>(multiplyComplex, toComplexDoubles(a), toComplexDoubles(b), values, 2);
    writeDoubles(out, values);
  } else if (a.dtype === "int64") {
    const values = (start as BigInt64Array | undefined) ?? new BigInt64Array(out.count);
    each<BigInt64Array>(multiplyIntegers, toBigInts(a), toBigInts(b), values, 1);
    writeBigInts(out, values);
  } else {
    const values = (start as Float64Array | undefined) ?? new Float64Array(out.count);
    each<Float64Array>(multiply, toDoubles(a), toDoubles(b), values, 1);
    writeDoubles(out, values);
  }
}

/** A bias of one or `M` elements (or a whole matrix) as `N` rows, in the numbers that products of its dtype are summed in. */
function repeatedRow(bias: Tensor, N: number, M: number): Float64Array | BigInt64Array {
  const place = (i: number): number => (bias.count === 1 ? 0 : i % bias.count);
  if (bias.dtype === "int64") {
    const row = toBigInts(bias);
    return BigInt64Array.from({ length: N * M }, (_, i) => row[place(i)]!);
  }
  if (isComplex(bias.dtype)) {
    const row = toComplexDoubles(bias);
    return Float64Array.from({ length: N * M * 2 }, (_, i) => row[2 * place(i >> 1) + (i & 1)]!);
  }
  const row = toDoubles(bias);
  return Float64Array.from({ length: N * M }, (_, i) => row[place(i)]!);
}

registerReferenceKernels([
  kernel(mmOp, ([a, b], [out]) => product(a, b, out!, 1, { N: a.shape[0]!, K: a.shape[1]!, M: b.shape[1]! })),
  kernel(bmmOp, ([a, b], [out]) => product(a, b, out!, a.shape[0]!, { N: a.shape[1]!, K: a.shape[2]!, M: b.shape[2]! })),
  kernel(mvOp, ([a, b], [out]) => product(a, b, out!, 1, { N: a.shape[0]!, K: a.shape[1]!, M: 1 })),
  kernel(dotOp, ([a, b], [out]) => {
    if (a.dtype !== "float64" && a.dtype !== "float32") return product(a, b, out!, 1, { N: 1, K: a.count, M: 1 });
    const x = toDoubles(a);
    const y = toDoubles(b);
    // As OpenBLAS adds what does not fill a vector: products of float32 in double, those of float64 fused.
    const add: (sum: number, value: number, i: number) => number =
      a.dtype === "float64" ? (sum, value, i) => fusedMultiplyAdd(value, y[i]!, sum) : (sum, value, i) => sum + Math.fround(value * y[i]!);
    writeDoubles(out!, [x.reduce(add, 0)]);
  }),
  kernel(linearOp, ([x, weight, bias], [out]) => {
    const [N, K] = x.shape as [number, number];
    const M = weight.shape[0]!;
    product(x, weight.t(), out!, 1, { N, K, M }, repeatedRow(bias, N, M));
  }),
]);
