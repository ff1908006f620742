import { DTypeError, ShapeError } from "../../errors.ts";
import { toDoubles, writeDoubles } from "../../reference/loops.ts";
import { dtypeInfo, isComplex, isFloatingPoint } from "../../tensor/dtype.ts";
import { numelOf, type Shape } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Batch dimensions, rows and columns of a batch of matrices. */
export const batchOf = (shape: Shape): Shape => shape.slice(0, -2);
export const rowsOf = (t: { readonly shape: Shape }): number => t.shape[t.shape.length - 2]!;
export const columnsOf = (t: { readonly shape: Shape }): number => t.shape[t.shape.length - 1]!;

/** @throws {TypeError} for arguments that a function does not take */
export function noExtra(name: string, extra: readonly unknown[]): void {
  if (extra.length === 0) return;
  const [given] = extra;
  const what =
    typeof given === "object" && given !== null ? `an unexpected keyword argument '${Object.keys(given)[0] ?? ""}'` : "too many arguments";
  throw new TypeError(`${name}() got ${what}`);
}

/** @throws {ShapeError} below two dimensions, in PyTorch's words */
export function checkMatrix(name: string, a: Tensor, what = "A"): void {
  if (a.ndim < 2) throw new ShapeError(`${name}: The input tensor ${what} must have at least 2 dimensions.`);
}

/** @throws {ShapeError} unless the matrices are square */
export function checkSquare(name: string, a: Tensor, what = "A"): void {
  checkMatrix(name, a, what);
  if (rowsOf(a) !== columnsOf(a)) {
    throw new ShapeError(`${name}: ${what} must be batches of square matrices, but they are ${rowsOf(a)} by ${columnsOf(a)} matrices`);
  }
}

/** @throws {DTypeError} unless the elements are real floating-point numbers of 32 or 64 bits */
export function checkFloat(name: string, a: Tensor, what = ""): void {
  if (isComplex(a.dtype)) throw new DTypeError(`${name}: complex matrices are not supported yet`);
  if (!isFloatingPoint(a.dtype)) {
    const got = dtypeInfo[a.dtype].scalarType;
    throw new DTypeError(`${name}${what === "" ? "" : `: ${what}`}: Expected a floating point or complex tensor as input. Got ${got}`);
  }
  if (a.dtype === "float16" || a.dtype === "bfloat16") {
    throw new DTypeError(`${name}: Low precision dtypes not supported. Got ${dtypeInfo[a.dtype].scalarType}`);
  }
}

/** Calls `work` for each matrix of a batch: its elements as doubles, and its place in the batch. */
export function forEachMatrix(a: Tensor, work: (matrix: Float64Array, index: number) => void): void {
  const values = toDoubles(a);
  const size = rowsOf(a) * columnsOf(a);
  const batch = numelOf(batchOf(a.shape));
  for (let i = 0; i < batch; i++) work(values.subarray(i * size, (i + 1) * size), i);
}

/** Doubles that become `out`: `part(i)` is the place of batch item `i`. */
export class Result {
  readonly values: Float64Array;
  private readonly out: Tensor;
  private readonly size: number;
  constructor(out: Tensor, batch: number) {
    this.out = out;
    this.values = new Float64Array(out.count);
    this.size = batch === 0 ? 0 : out.count / batch;
  }
  part(index: number): Float64Array {
    return this.values.subarray(index * this.size, (index + 1) * this.size);
  }
  write(): void {
    writeDoubles(this.out, this.values);
  }
}

export const batchCount = (a: Tensor): number => numelOf(batchOf(a.shape));
