import { given as givenArguments, required, signature } from "../../dispatch/arguments.ts";
import { ShapeError } from "../../errors.ts";
import { type DType, getDefaultDtype, isComplex, isIntegral, toComplexDType } from "../../tensor/dtype.ts";
import { ComplexScalar, type Scalar, scalarNumber } from "../../tensor/scalar.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "./arange.ts";
import { checkFactoryOptions, type FactoryOptions } from "./filled.ts";

/** Numbers from `start` to `end` with equal steps, computed from both ends as PyTorch does, so that the last is `end` exactly. */
function steps(start: number, end: number, count: number, dtype: DType): Float64Array {
  const out = new Float64Array(count);
  if (count === 1) out[0] = start;
  const round = dtype === "float32" || dtype === "bfloat16" || dtype === "float16" ? Math.fround : (v: number) => v;
  const from = isIntegral(dtype) ? Math.trunc(start) : round(start);
  const to = isIntegral(dtype) ? Math.trunc(end) : round(end);
  const step = (isIntegral(dtype) ? Math.fround : round)((to - from) / (count - 1));
  const halfway = Math.floor(count / 2);
  for (let i = 0; i < count && count > 1; i++) {
    const value = i < halfway ? from + round(step * i) : to - round(step * (count - i - 1));
    out[i] = isIntegral(dtype) ? Math.trunc(value) : value;
  }
  return out;
}

const parts = (value: Scalar): [number, number] => (value instanceof ComplexScalar ? [value.re, value.im] : [scalarNumber(value), 0]);

/** Equally spaced numbers, both parts of them where the dtype is complex. */
function spaced(start: Scalar, end: Scalar, count: number, dtype: DType): Float64Array {
  if (!isComplex(dtype)) return steps(scalarNumber(start), scalarNumber(end), count, dtype);
  const real = dtype === "complex64" ? "float32" : "float64";
  const [a, b] = [parts(start), parts(end)];
  const re = steps(a[0], b[0], count, real);
  const im = steps(a[1], b[1], count, real);
  return Float64Array.from({ length: 2 * count }, (_, i) => (i % 2 === 0 ? re[i >> 1]! : im[i >> 1]!));
}

const keys = { dtype: null, device: null, requiresGrad: false, names: null, layout: null, pinMemory: false };
const bindLinspace = signature("linspace", { start: required, end: required, steps: required, ...keys });
const bindLogspace = signature("logspace", { start: required, end: required, steps: required, base: 10, ...keys });

interface Range {
  start: Scalar;
  end: Scalar;
  steps: number;
}

const dtypeFor = (start: Scalar, end: Scalar, options: FactoryOptions): DType =>
  options.dtype ?? (start instanceof ComplexScalar || end instanceof ComplexScalar ? toComplexDType(getDefaultDtype()) : getDefaultDtype());

function checkSteps(count: number): void {
  if (!Number.isInteger(count)) throw new TypeError("linspace(): argument 'steps' (position 3) must be int, not float");
  if (count < 0) throw new ShapeError("number of steps must be non-negative");
}

/** `steps` numbers from `start` to `end`, both included, of the default dtype. @throws {ShapeError} on a negative count @see torch.linspace */
export function linspace(
  start: Scalar | (Range & FactoryOptions),
  end?: Scalar,
  count?: number | (FactoryOptions & { steps?: number }),
  options?: FactoryOptions,
): Tensor {
  const { start: from, end: to, steps: n, ...rest } = bindLinspace(givenArguments([start, end, count, options]));
  checkFactoryOptions("linspace", rest);
  checkSteps(n);
  const dtype = dtypeFor(from, to, rest);
  return fromNumbers(spaced(from, to, n, dtype), [n], dtype, rest);
}

/** `base` to the powers `linspace(start, end, steps)`. @throws {ShapeError} on a negative count @see torch.logspace */
export function logspace(
  start: Scalar | (Range & FactoryOptions & { base?: number }),
  end?: Scalar,
  count?: number | (FactoryOptions & { steps?: number; base?: number }),
  base?: number | (FactoryOptions & { base?: number }),
  options?: FactoryOptions,
): Tensor {
  const { start: from, end: to, steps: n, base: given, ...rest } = bindLogspace(givenArguments([start, end, count, base, options]));
  checkFactoryOptions("logspace", rest);
  checkSteps(n);
  const dtype = dtypeFor(from, to, rest);
  const b = scalarNumber(given);
  const exponents = spaced(from, to, n, isIntegral(dtype) ? "float64" : dtype);
  if (isComplex(dtype)) {
    for (let i = 0; i < n; i++) {
      const size = b ** exponents[2 * i]!;
      const angle = exponents[2 * i + 1]! * Math.log(b);
      exponents[2 * i] = size * Math.cos(angle);
      exponents[2 * i + 1] = size * Math.sin(angle);
    }
    return fromNumbers(exponents, [n], dtype, rest);
  }
  return fromNumbers(
    exponents.map((e) => (isIntegral(dtype) ? Math.trunc(b ** e) : b ** e)),
    [n],
    dtype,
    rest,
  );
}
