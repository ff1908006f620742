import type { Tensor } from "@bluedot/core";
import { allOps, type DType, emptyTensor, type Op, type TensorSpec } from "@bluedot/core/extend";
import fc from "fast-check";
import { expect } from "vitest";
import { registerCpuBackend } from "./index.ts";
import { difference, type Layout, randomTensor, repeated, Source } from "./random-tensors.ts";

/** Whether native kernels are there to be compared. */
export const native = registerCpuBackend();

/** Runs both kernels of an operator on the same inputs and compares every output. */
export function compare(
  name: string,
  inputs: readonly (Tensor | null)[],
  params: unknown,
  factor = 1,
  prepare?: () => readonly Tensor[],
): void {
  const op = allOps().get(name) as Op | undefined;
  if (op === undefined) throw new Error(`no operator ${name}`);
  if (op.cpu === op.reference) throw new Error(`${name} has no native kernel`);
  const infer = (): readonly Tensor[] => {
    const specs = op.infer(inputs, params);
    return (Array.isArray(specs) ? specs : [specs]).map((s: TensorSpec) => emptyTensor(s.shape, s.dtype));
  };
  let expected: readonly Tensor[];
  let actual: readonly Tensor[];
  try {
    expected = (prepare ?? infer)();
    op.reference!(inputs, expected, params);
  } catch (error) {
    const outputs = (prepare ?? infer)();
    expect(() => op.cpu!(inputs, outputs, params)).toThrow((error as Error).message);
    return;
  }
  actual = (prepare ?? infer)();
  op.cpu!(inputs, actual, params);
  expected.forEach((e, i) => {
    const found = difference(actual[i]!, e, factor);
    if (found !== null) {
      const operands = inputs.map((t) => (t === null ? "null" : `${t.dtype}[${t.shape}] strides [${t.strides}]`)).join(", ");
      throw new Error(`${name}(${operands}; ${JSON.stringify(params)}) output ${i}: ${found}`);
    }
  });
}

const sizes = [0, 1, 1, 2, 3, 5, 7, 8, 9, 16, 17, 33];
/** Few dimensions of sizes around vector widths, 0 and 1. */
export function randomShape(source: Source, maxDims = 4, limit = 4000): number[] {
  const shape: number[] = [];
  const ndim = source.integer(0, maxDims);
  let n = 1;
  for (let i = 0; i < ndim; i++) {
    const size = source.pick(sizes);
    if (n * Math.max(size, 1) > limit) break;
    n *= Math.max(size, 1);
    shape.push(size);
  }
  return shape;
}
/** An operand that broadcasts to `shape`: some dimensions are 1, some repeated by stride 0, some leading ones missing. */
export function randomOperand(source: Source, shape: readonly number[], dtype: DType, options: Layout = {}): Tensor {
  const kind = source.integer(0, 5);
  if (kind === 0) return randomTensor(source, [], dtype, options);
  if (kind <= 2) return randomTensor(source, shape, dtype, options);
  const cut = kind === 3 ? source.integer(0, shape.length) : 0;
  const own = shape.slice(cut).map((n) => (source.unit() < 0.4 ? 1 : n));
  const t = randomTensor(source, own, dtype, options);
  return kind === 5 ? repeated(t, shape.slice(cut)) : t;
}

/** Floating types. */
export const floats: readonly DType[] = ["float32", "float64", "float16", "bfloat16"];
/** Integer types. */
export const integers: readonly DType[] = ["int8", "uint8", "int16", "int32", "int64"];
/** The words of a text. */
export const names = (text: string): string[] => text.split(" ");
/** Runs a property on random sources. */
export const check = (body: (source: Source) => void, numRuns = 60): void =>
  fc.assert(
    fc.property(fc.integer(), (seed) => body(new Source(seed))),
    { numRuns },
  );
/** Whether an operator exists. */
export const has = (name: string): boolean => allOps().has(name);
