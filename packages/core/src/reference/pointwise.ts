import type { Kernel } from "../dispatch/op.ts";
import { DTypeError } from "../errors.ts";
import { dtypeInfo, isComplex } from "../tensor/dtype.ts";
import { broadcastStrides, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { forEachRow, numbersOf, toBigInts, toComplexDoubles, writable, writeBigInts, writeDoubles } from "./loops.ts";

/** A complex number under construction: `[re, im]`. */
export type ComplexOut = [re: number, im: number];

/** One number for each tensor operand. */
type Numbers<I extends readonly Tensor[]> = { readonly [K in keyof I]: number };
type Call<I extends readonly Tensor[], P> = (...args: [...Numbers<I>, params: P]) => number;

/** The scalar expressions of a pointwise operator: for numbers, for int64 where numbers would not be exact, for complex numbers. */
export interface Expressions<I extends readonly Tensor[], P> {
  readonly real?: Call<I, P>;
  /** 32-bit and smaller integers and bool, where they differ from `real`. */
  readonly integer?: Call<I, P>;
  /** int64; without it `integer` or `real` serves, exact up to 2^53. */
  readonly int64?: (...args: never[]) => bigint | number;
  /** Writes the result of complex arguments `(re, im)...` to the argument after them. For complex operands or results. */
  readonly complex?: (...args: never[]) => void;
}

const unsupported = (name: string, t: Tensor): never => {
  throw new DTypeError(`"${name}" not implemented for '${dtypeInfo[t.dtype].scalarType}'`);
};

/** Row-major elements of `t` broadcast to `shape`. */
const broadcast = <T>(read: (t: Tensor) => T, t: Tensor, shape: Shape): T => read(expandTo(t, shape));

function expandTo(t: Tensor, shape: Shape): Tensor {
  if (t.shape === shape) return t;
  const Class = t.constructor as new (...args: unknown[]) => Tensor;
  return new Class(t.storage, shape, broadcastStrides(t.shape, t.strides, shape), t.offset, t.dtype);
}

/** A kernel that applies a function of numbers to each element of `arity` operands. All operands have one dtype; the output's may differ (comparisons). */
export function pointwiseKernel<I extends readonly Tensor[], P>(name: string, expressions: Expressions<I, P>): Kernel<I, P> {
  const { real, integer, int64, complex } = expressions;
  return (inputs, outputs, params) => {
    const out = outputs[0]!;
    const first = inputs[0]!;
    if (isComplex(first.dtype) || isComplex(out.dtype)) {
      if (complex === undefined) return unsupported(name, first);
      return complexLoop(complex, inputs, out, params);
    }
    if (first.dtype === "int64" && int64 !== undefined) return int64Loop(int64, inputs, out, params);
    const call = dtypeInfo[first.dtype].category < 2 && integer !== undefined ? integer : real;
    if (call === undefined) return unsupported(name, first);
    realLoop(call as unknown as (...args: unknown[]) => number, inputs, out, params);
  };
}

function realLoop(call: (...args: unknown[]) => number, inputs: readonly Tensor[], out: Tensor, params: unknown): void {
  const target = writable(out);
  const operands = inputs.map(numbersOf);
  const strides = [target.strides, ...operands.map((o, i) => broadcastStrides(inputs[i]!.shape, o.strides, out.shape))];
  const offsets = [target.offset, ...operands.map((o) => o.offset)];
  const to = target.data;
  const [a, b, c] = operands.map((o) => o.data);
  if (c !== undefined) {
    forEachRow(out.shape, strides, offsets, ([p, q, r, s], [u, v, w, x], n) => {
      for (let i = 0, o = p!, j = q!, k = r!, l = s!; i < n; i++, o += u!, j += v!, k += w!, l += x!)
        to[o] = call(a![j], b![k], c[l], params);
    });
  } else if (b !== undefined) {
    forEachRow(out.shape, strides, offsets, ([p, q, r], [u, v, w], n) => {
      for (let i = 0, o = p!, j = q!, k = r!; i < n; i++, o += u!, j += v!, k += w!) to[o] = call(a![j], b[k], params);
    });
  } else {
    forEachRow(out.shape, strides, offsets, ([p, q], [u, v], n) => {
      for (let i = 0, o = p!, j = q!; i < n; i++, o += u!, j += v!) to[o] = call(a![j], params);
    });
  }
  target.commit();
}

function int64Loop(call: (...args: never[]) => bigint | number, inputs: readonly Tensor[], out: Tensor, params: unknown): void {
  const operands = inputs.map((t) => broadcast(toBigInts, t, out.shape));
  const apply = call as (...args: unknown[]) => bigint | number;
  if (out.dtype === "int64") {
    const values = new BigInt64Array(out.count);
    for (let i = 0; i < values.length; i++) values[i] = BigInt(apply(...operands.map((o) => o[i]), params));
    writeBigInts(out, values);
  } else {
    const values = new Float64Array(out.count);
    for (let i = 0; i < values.length; i++) values[i] = Number(apply(...operands.map((o) => o[i]), params));
    writeDoubles(out, values);
  }
}

function complexLoop(call: (...args: never[]) => void, inputs: readonly Tensor[], out: Tensor, params: unknown): void {
  const operands = inputs.map((t) => broadcast(toComplexDoubles, t, out.shape));
  const apply = call as (...args: unknown[]) => void;
  const result: ComplexOut = [0, 0];
  const width = isComplex(out.dtype) ? 2 : 1;
  const values = new Float64Array(out.count * width);
  for (let i = 0; i < out.count; i++) {
    const args: unknown[] = [];
    for (const o of operands) args.push(o[2 * i], o[2 * i + 1]);
    apply(...args, result, params);
    values[width * i] = result[0];
    if (width === 2) values[2 * i + 1] = result[1];
  }
  writeDoubles(out, values);
}
