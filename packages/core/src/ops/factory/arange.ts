import { isOptions } from "../../dispatch/arguments.ts";
import { device as deviceNamed } from "../../dispatch/backend.ts";
import { emptyTensor } from "../../dispatch/run.ts";
import { ShapeError } from "../../errors.ts";
import { writeBigInts, writeDoubles } from "../../reference/loops.ts";
import { type DType, getDefaultDtype, isIntegral } from "../../tensor/dtype.ts";
import { type Scalar, scalarCategory, scalarNumber, scalarValue } from "../../tensor/scalar.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { checkFactoryOptions, type FactoryOptions, finish } from "./filled.ts";

type Bound = Scalar | Tensor;
const plain = (bound: Bound): Scalar => (bound instanceof Tensor ? asScalar(bound) : bound);
const asScalar = (t: Tensor): Scalar => (isIntegral(t.dtype) ? BigInt(t.item()) : t.item());

/** A tensor made on the CPU of numbers, moved to where the options want it. */
export function fromNumbers(values: Float64Array | BigInt64Array, shape: readonly number[], dtype: DType, options: FactoryOptions): Tensor {
  const out = emptyTensor(shape, dtype);
  if (values instanceof BigInt64Array) writeBigInts(out, values);
  else writeDoubles(out, values);
  return finish(options.device == null ? out : out.to(deviceNamed(options.device)), options);
}

interface ArangeOptions extends FactoryOptions {
  start?: Bound;
  end?: Bound;
  step?: Bound;
}

function bounds(
  name: string,
  args: readonly (Bound | ArangeOptions | undefined)[],
): { start: Scalar; end: Scalar; step: Scalar; options: FactoryOptions } {
  const given = args.filter((a) => a !== undefined);
  const last = given[given.length - 1];
  const named = isOptions(last) ? (given.pop() as ArangeOptions) : {};
  const { start, end, step, ...options } = named;
  checkFactoryOptions(name, options);
  const numbers = given as Bound[];
  const positional =
    numbers.length === 1 && end === undefined
      ? { start: undefined, end: numbers[0], step: undefined }
      : { start: numbers[0], end: numbers[1], step: numbers[2] };
  const to = end ?? positional.end;
  if (to === undefined) throw new TypeError(`${name}() missing 1 required positional arguments: "end"`);
  return { start: plain(start ?? positional.start ?? 0), end: plain(to), step: plain(step ?? positional.step ?? 1), options };
}

/** @throws {ShapeError} where the step does not lead from start to end */
function checkRange(start: number, end: number, step: number): void {
  if (step === 0 || Number.isNaN(step)) throw new ShapeError("step must be nonzero");
  if (!Number.isFinite(start) || !Number.isFinite(end)) {
    const text = (v: number): string => (Number.isFinite(v) ? String(v) : Number.isNaN(v) ? "nan" : v > 0 ? "inf" : "-inf");
    throw new ShapeError(`unsupported range: ${text(start)} -> ${text(end)}`);
  }
  if ((step > 0 && end < start) || (step < 0 && end > start))
    throw new ShapeError("upper bound and larger bound inconsistent with step sign");
}

type ArangeArguments =
  | [end: Bound, options?: FactoryOptions]
  | [start: Bound, end: Bound, options?: FactoryOptions]
  | [start: Bound, end: Bound, step: Bound, options?: FactoryOptions]
  | [options: ArangeOptions];

/**
 * The numbers from `start` (0) in steps of `step` (1) up to but without `end`; int64 when all are integers, else the default dtype.
 * @throws {ShapeError} on a step of zero or of the wrong sign @see torch.arange
 */
export function arange(...args: ArangeArguments): Tensor {
  const { start, end, step, options } = bounds("arange", args as (Bound | ArangeOptions)[]);
  const integers = [start, end, step].every((v) => scalarCategory(v) < 2);
  const dtype = options.dtype ?? (integers ? "int64" : getDefaultDtype());
  const [from, to, by] = [start, end, step].map(scalarNumber) as [number, number, number];
  checkRange(from, to, by);
  if (dtype === "int64") {
    const [a, b, s] = [start, end, step].map((v) =>
      BigInt(typeof scalarValue(v) === "bigint" ? (scalarValue(v) as bigint) : Math.trunc(scalarNumber(v))),
    ) as [bigint, bigint, bigint];
    if (s === 0n) throw new ShapeError("step must be nonzero");
    const count = Number((b - a + s + (s > 0n ? -1n : 1n)) / s);
    if (Number.isSafeInteger(Number(a)) && Number.isSafeInteger(Number(b)) && Number.isSafeInteger(Number(s))) {
      const [first, step] = [Number(a), Number(s)];
      const values = new Float64Array(count);
      for (let i = 0; i < count; i++) values[i] = first + i * step;
      return fromNumbers(values, [count], dtype, options);
    }
    return fromNumbers(
      BigInt64Array.from({ length: count }, (_, i) => a + BigInt(i) * s),
      [count],
      dtype,
      options,
    );
  }
  const values = new Float64Array(Math.ceil((to - from) / by));
  for (let i = 0; i < values.length; i++) values[i] = from + i * by;
  return fromNumbers(values, [values.length], dtype, options);
}

/** The numbers from `start` in steps of `step` up to and with `end`, of the default dtype. Use `arange`. @throws {ShapeError} @see torch.range */
export function range(...args: ArangeArguments): Tensor {
  const { start, end, step, options } = bounds("range", args as (Bound | ArangeOptions)[]);
  const [from, to, by] = [start, end, step].map(scalarNumber) as [number, number, number];
  checkRange(from, to, by);
  const count = Math.floor((to - from) / by) + 1;
  return fromNumbers(
    Float64Array.from({ length: count }, (_, i) => from + i * by),
    [count],
    options.dtype ?? getDefaultDtype(),
    options,
  );
}
