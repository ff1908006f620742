import { AutogradError, fromTypedArray, Tensor } from "@bluedot/core";
import { isComplex } from "@bluedot/core/extend";
import { grad } from "./backward.ts";
import { withGradMode } from "./grad-mode.ts";

type Outputs = Tensor | readonly Tensor[];
type Fn = (...inputs: Tensor[]) => Outputs;

export interface GradcheckOptions {
  /** Step of the differences. Default 1e-6. */
  eps?: number;
  /** Default 1e-5. */
  atol?: number;
  /** Default 1e-3. */
  rtol?: number;
  /** Throw when the check fails, rather than return false. Default true. */
  raiseException?: boolean;
  /** How far two runs of one backward pass may differ. Default 0. */
  nondetTol?: number;
}

/** Derivatives do not agree with differences. @see torch.autograd.gradcheck.GradcheckError */
export class GradcheckError extends AutogradError {}

/** Derivatives of one output by one input: a row for each number of the input, a column for each of the output. */
interface Jacobian {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

const listed = (value: Outputs): Tensor[] => (value instanceof Tensor ? [value] : [...value]).filter((t) => t instanceof Tensor);

/** How many real numbers a tensor holds. */
const width = (t: Tensor): number => t.count * (isComplex(t.dtype) ? 2 : 1);

/** All numbers of a tensor, complex ones as two. */
const numbers = (t: Tensor): Float64Array =>
  Float64Array.from(
    t
      .detach()
      .to(isComplex(t.dtype) ? "complex128" : "float64")
      .contiguous()
      .typedArray() as Float64Array,
  );

/** A tensor of the shape and dtype of `like` with the given numbers. */
const withNumbers = (data: Float64Array, like: Tensor): Tensor =>
  fromTypedArray(data, like.shape, { dtype: isComplex(like.dtype) ? "complex128" : "float64" }).to(like.dtype);

function unit(like: Tensor, k: number): Tensor {
  const data = new Float64Array(width(like));
  data[k] = 1;
  return withNumbers(data, like);
}

/** Jacobians by central differences: writes to `input` and restores it. */
function numerical(fn: Fn, inputs: readonly Tensor[], input: Tensor, eps: number): Jacobian[] {
  const original = numbers(input);
  const alias = input.detach();
  const at = (k: number, step: number): Float64Array[] => {
    const moved = original.slice();
    moved[k]! += step;
    alias.copy_(withNumbers(moved, input));
    return listed(fn(...inputs)).map(numbers);
  };
  return withGradMode(false, () => {
    const widths = listed(fn(...inputs)).map(width);
    const jacobians = widths.map((columns) => ({ rows: original.length, columns, data: new Float64Array(original.length * columns) }));
    try {
      for (let k = 0; k < original.length; k++) {
        const above = at(k, eps);
        const below = at(k, -eps);
        jacobians.forEach(({ columns, data }, o) => {
          for (let c = 0; c < columns; c++) data[k * columns + c] = (above[o]![c]! - below[o]![c]!) / (2 * eps);
        });
      }
    } finally {
      alias.copy_(withNumbers(original, input));
    }
    return jacobians;
  });
}

/** Jacobians of `output` by each of `inputs`, one backward pass for each number of the output. */
function analytical(output: Tensor, inputs: readonly Tensor[]): Jacobian[] {
  const columns = width(output);
  const jacobians = inputs.map((input) => ({ rows: width(input), columns, data: new Float64Array(width(input) * columns) }));
  for (let c = 0; c < columns; c++) {
    const grads = grad(output, inputs, { gradOutputs: unit(output, c), retainGraph: true, allowUnused: true });
    grads.forEach((g, i) => {
      if (g === null) return;
      const { rows, data } = jacobians[i]!;
      const column = numbers(g);
      for (let r = 0; r < rows; r++) data[r * columns + c] = column[r]!;
    });
  }
  return jacobians;
}

const close = (a: Jacobian, b: Jacobian, rtol: number, atol: number): boolean =>
  a.data.every((x, i) => {
    const y = b.data[i]!;
    return x === y || (Number.isNaN(x) && Number.isNaN(y)) || Math.abs(x - y) <= atol + rtol * Math.abs(y);
  });

const printed = ({ rows, columns, data }: Jacobian): string => String(fromTypedArray(data, [rows, columns]));

/**
 * Compares the derivatives of `fn` at `inputs` with central differences. Use float64: differences of float32 are too coarse.
 * @throws {GradcheckError} where they differ, unless `raiseException` is false
 * @see torch.autograd.gradcheck
 */
export function gradcheck(fn: Fn, inputs: Outputs, options: GradcheckOptions = {}): boolean {
  try {
    check(fn, listed(inputs), options);
    return true;
  } catch (error) {
    if ((options.raiseException ?? true) || !(error instanceof GradcheckError)) throw error;
    return false;
  }
}

function check(fn: Fn, inputs: readonly Tensor[], { eps = 1e-6, atol = 1e-5, rtol = 1e-3, nondetTol = 0 }: GradcheckOptions): void {
  const differentiable = inputs.filter((input) => input.requiresGrad);
  if (differentiable.length === 0) {
    throw new TypeError("gradcheck expects at least one input tensor to require gradient, but none of the them have requires_grad=True.");
  }
  const expected = differentiable.map((input) => numerical(fn, inputs, input, eps));
  const outputs = listed(withGradMode(true, () => fn(...inputs)));
  outputs.forEach((output, o) => {
    if (!output.requiresGrad) {
      if (expected.some((jacobians) => jacobians[o]!.data.some((x) => x !== 0)) && output.dtype !== "int64" && output.dtype !== "bool") {
        throw new GradcheckError("Numerical gradient for function expected to be zero");
      }
      return;
    }
    const found = analytical(output, differentiable);
    found.forEach((jacobian, i) => {
      const numeric = expected[i]![o]!;
      if (close(jacobian, numeric, rtol, atol)) return;
      throw new GradcheckError(
        `Jacobian mismatch for output ${o} with respect to input ${inputs.indexOf(differentiable[i]!)},\nnumerical:${printed(numeric)}\nanalytical:${printed(jacobian)}\n`,
      );
    });
    analytical(output, differentiable).forEach((again, i) => {
      if (!close(again, found[i]!, 0, nondetTol)) {
        throw new GradcheckError(
          "Backward is not reentrant, i.e., running backward with same input and grad_output multiple times gives different values, although analytical gradient matches numerical gradient.",
        );
      }
    });
    const nothing = withNumbers(new Float64Array(width(output)), output);
    const zero = grad(output, differentiable, { gradOutputs: nothing, retainGraph: true, allowUnused: true });
    if (zero.some((g) => g !== null && numbers(g).some((x) => x !== 0))) {
      throw new GradcheckError("backward not multiplied by grad_output");
    }
  });
}

/**
 * Compares second derivatives: those of the gradients of `fn`, by its inputs and by the weights of its outputs, with differences.
 * @throws {GradcheckError} where they differ, unless `raiseException` is false
 * @see torch.autograd.gradgradcheck
 */
export function gradgradcheck(fn: Fn, inputs: Outputs, gradOutputs?: Outputs | null, options: GradcheckOptions = {}): boolean {
  const given = listed(inputs);
  const outputs = withGradMode(true, () => listed(fn(...given))).filter((output) => output.requiresGrad);
  const weights =
    gradOutputs == null
      ? outputs.map((output) =>
          withNumbers(
            Float64Array.from({ length: width(output) }, (_, i) => 0.3 + ((i * 37) % 11) / 10),
            output,
          ).requiresGrad_(),
        )
      : listed(gradOutputs);
  const gradients = (...all: Tensor[]): Tensor[] => {
    const points = all.slice(0, given.length);
    const by = points.filter((input) => input.requiresGrad);
    const values = listed(fn(...points)).filter((output) => output.requiresGrad);
    if (by.length === 0 || values.length === 0) return [];
    const grads = grad(values, by, { gradOutputs: all.slice(given.length), createGraph: true, allowUnused: true });
    return grads.filter((g) => g !== null);
  };
  // Differences are taken without recording, but the inner gradients need a graph.
  return gradcheck((...all) => withGradMode(true, () => gradients(...all)), [...given, ...weights], options);
}
