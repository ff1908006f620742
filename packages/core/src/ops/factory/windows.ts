import { isOptions } from "../../dispatch/arguments.ts";
import { DTypeError, ShapeError } from "../../errors.ts";
import { getDefaultDtype, isFloatingPoint } from "../../tensor/dtype.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromNumbers } from "./arange.ts";
import { checkFactoryOptions, type FactoryOptions } from "./filled.ts";

export interface WindowOptions extends FactoryOptions {
  windowLength?: number;
  /** For use as a period of a periodic function (default) rather than symmetric. */
  periodic?: boolean;
}
export interface HammingOptions extends WindowOptions {
  /** Default 0.54. */
  alpha?: number;
  /** Default 0.46. */
  beta?: number;
}

interface Parsed {
  readonly length: number;
  readonly periodic: boolean;
  readonly numbers: readonly number[];
  readonly options: FactoryOptions;
  readonly alpha: number | undefined;
  readonly beta: number | undefined;
}

function parse(name: string, args: readonly unknown[]): Parsed {
  const given = args.filter((a) => a !== undefined);
  const named = isOptions(given[given.length - 1]) ? (given.pop() as HammingOptions) : {};
  const { windowLength, periodic, alpha, beta, ...options } = named;
  checkFactoryOptions(name, options);
  const length = windowLength ?? (given[0] as number);
  const flag = periodic ?? given.find((a): a is boolean => typeof a === "boolean") ?? true;
  if (length < 0)
    throw new ShapeError(
      `${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)} requires non-negative window_length, got window_length=${length}`,
    );
  const dtype = options.dtype ?? getDefaultDtype();
  if (!isFloatingPoint(dtype))
    throw new DTypeError(`${name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`)} expects floating point dtypes, got: ${dtype}`);
  return { length, periodic: flag, numbers: given.slice(1).filter((a): a is number => typeof a === "number"), options, alpha, beta };
}

/** Values of a window at phases 0 to 1. */
function build({ length, periodic, options }: Parsed, value: (phase: number) => number): Tensor {
  const steps = periodic ? length : length - 1;
  const values = Float64Array.from({ length }, (_, i) => (length === 1 ? 1 : value(i / steps)));
  return fromNumbers(values, [length], options.dtype ?? getDefaultDtype(), options);
}

export type Window = (
  windowLength: number | (WindowOptions & { windowLength: number }),
  periodic?: boolean | WindowOptions,
  options?: WindowOptions,
) => Tensor;
export type HammingWindow = (
  windowLength: number | (HammingOptions & { windowLength: number }),
  periodic?: boolean | HammingOptions,
  alpha?: number | HammingOptions,
  beta?: number | HammingOptions,
  options?: HammingOptions,
) => Tensor;

const TURN = 2 * Math.PI;

/** The Hann window: a raised cosine. @throws {ShapeError} @see torch.hann_window */
export const hannWindow: Window = (...args) => build(parse("hannWindow", args), (t) => 0.5 - 0.5 * Math.cos(TURN * t));
/** The Hamming window `alpha - beta cos(2 pi t)`. @throws {ShapeError} @see torch.hamming_window */
export const hammingWindow: HammingWindow = (...args) => {
  const given = parse("hammingWindow", args);
  const alpha = given.alpha ?? given.numbers[0] ?? 0.54;
  const beta = given.beta ?? given.numbers[1] ?? 0.46;
  return build(given, (t) => alpha - beta * Math.cos(TURN * t));
};
/** The Blackman window. @throws {ShapeError} @see torch.blackman_window */
export const blackmanWindow: Window = (...args) =>
  build(parse("blackmanWindow", args), (t) => 0.42 - 0.5 * Math.cos(TURN * t) + 0.08 * Math.cos(2 * TURN * t));
/** The Bartlett window: a triangle. @throws {ShapeError} @see torch.bartlett_window */
export const bartlettWindow: Window = (...args) => build(parse("bartlettWindow", args), (t) => (t <= 0.5 ? 2 * t : 2 - 2 * t));
