import { AutogradError, getRngState, setRngState, stack, Tensor, zerosLike } from "@bluedot/core";
import { required, signature } from "@bluedot/core/extend";
import { grad as gradients } from "./backward.ts";
import * as functional from "./functional.ts";
import { withGradMode } from "./grad-mode.ts";

// biome-ignore lint/suspicious/noExplicitAny: functions of any arguments are transformed; the results keep their types
type AnyFunction = (...args: any[]) => any;

export interface GradOptions {
  /** Which arguments to differentiate by. Default the first. */
  argnums?: number | readonly number[];
  /** The function returns `[value, other]`, of which `other` is passed through. Default false. */
  hasAux?: boolean;
}

const bindGrad = signature("grad", { func: required, argnums: 0, hasAux: false });

/** A function's arguments with those that are differentiated by made inputs of a graph of their own, which stays part of an outer one. */
function tracked(args: readonly unknown[], argnums: number | readonly number[]): { args: unknown[]; points: Tensor[] } {
  const chosen = typeof argnums === "number" ? [argnums] : argnums;
  const own = [...args];
  const points = chosen.map((i) => {
    const given = own.at(i);
    if (!(given instanceof Tensor)) throw new AutogradError(`Expected a tensor as argument ${i} of the function, but got ${typeof given}`);
    const point = given.requiresGrad ? given.view(given.shape) : given.detach().requiresGrad_();
    own[i < 0 ? own.length + i : i] = point;
    return point;
  });
  return { args: own, points };
}

/** Whether a result must stay differentiable: an argument belongs to an outer graph. */
const isNested = (args: readonly unknown[]): boolean => args.some((arg) => arg instanceof Tensor && arg.requiresGrad);

/**
 * The function that computes the gradient of `func`, which gives one number. May be applied again for higher derivatives.
 * @example
 * const slope = func.grad((x: Tensor) => x.mul(x).sum());
 * slope(tensor([1, 2])); // tensor([2., 4.])
 * @see torch.func.grad
 */
export function grad<F extends AnyFunction>(
  func: F,
  argnums?: number | readonly number[] | GradOptions,
  hasAux?: boolean | GradOptions,
): (...args: Parameters<F>) => Tensor;
export function grad(...given: unknown[]): AnyFunction {
  const both = gradAndValue(...(given as [AnyFunction]));
  return (...args) => (both(...args) as unknown as [unknown])[0];
}

/** As {@link grad}, with the value: `[gradient, value]`. @see torch.func.grad_and_value */
export function gradAndValue<F extends AnyFunction>(
  func: F,
  argnums?: number | readonly number[] | GradOptions,
  hasAux?: boolean | GradOptions,
): (...args: Parameters<F>) => [gradient: Tensor, value: ReturnType<F>];
export function gradAndValue(...given: unknown[]): AnyFunction {
  const { func, argnums, hasAux } = bindGrad(given.filter((value) => value !== undefined));
  return (...args) =>
    withGradMode(true, () => {
      const nested = isNested(args);
      const { args: own, points } = tracked(args, argnums);
      const result = func(...own) as unknown;
      const value = (hasAux ? (result as [Tensor, unknown])[0] : result) as Tensor;
      if (!(value instanceof Tensor)) throw new AutogradError("Expected f(*args) to return only tensors");
      if (value.ndim !== 0) {
        throw new AutogradError(
          `Expected f(*args) to return a scalar tensor, got tensor with ${value.ndim} dims. Maybe you wanted to use the vjp or jacrev APIs instead?`,
        );
      }
      const found = gradients(value, points, { createGraph: nested, allowUnused: true }).map((g, i) => g ?? points[i]!.detach().mul(0));
      const settled = nested ? value : value.detach();
      return [typeof argnums === "number" ? found[0] : found, hasAux ? [settled, (result as [Tensor, unknown])[1]] : settled];
    });
}

/** The value of `func` at `primals`, and the function that takes weights of the outputs to gradients of the arguments. @see torch.func.vjp */
export function vjp(
  func: (...primals: Tensor[]) => Tensor | readonly Tensor[],
  ...primals: Tensor[]
): [output: Tensor | readonly Tensor[], vjpFn: (...cotangents: Tensor[]) => Tensor[]] {
  return withGradMode(true, () => {
    const nested = isNested(primals);
    const { args, points } = tracked(
      primals,
      primals.map((_, i) => i),
    );
    const output = func(...(args as Tensor[]));
    const outputs = output instanceof Tensor ? [output] : output;
    const pull = (...cotangents: Tensor[]): Tensor[] =>
      withGradMode(true, () =>
        gradients(outputs, points, {
          gradOutputs: cotangents,
          createGraph: nested || isNested(cotangents),
          retainGraph: true,
          allowUnused: true,
        }).map((g, i) => g ?? points[i]!.detach().mul(0)),
      );
    const settled = nested ? output : output instanceof Tensor ? output.detach() : output.map((t) => t.detach());
    return [settled, pull];
  });
}

/** The value of `func` at `primals`, and how it changes along `tangents`. @see torch.func.jvp */
export function jvp(
  func: (...primals: Tensor[]) => Tensor,
  primals: readonly Tensor[],
  tangents: readonly Tensor[],
): [output: Tensor, tangent: Tensor] {
  return functional.jvp(func as (...inputs: Tensor[]) => Tensor, [...primals], [...tangents], {
    createGraph: isNested([...primals, ...tangents]),
  });
}

/** The function that computes all derivatives of `func` by one of its arguments: of shape `[...output, ...argument]`. @see torch.func.jacrev */
export function jacrev<F extends AnyFunction>(func: F, argnums: number | { argnums?: number } = 0): (...args: Parameters<F>) => Tensor {
  const at = typeof argnums === "number" ? argnums : (argnums.argnums ?? 0);
  return (...args) =>
    functional.jacobian((point: Tensor) => func(...args.toSpliced(at, 1, point)) as Tensor, args.at(at) as Tensor, {
      createGraph: isNested(args),
    });
}

/** As {@link jacrev}, one column of the matrix at a time: less work where there are fewer inputs than outputs. @see torch.func.jacfwd */
export function jacfwd<F extends AnyFunction>(func: F, argnums: number | { argnums?: number } = 0): (...args: Parameters<F>) => Tensor {
  const at = typeof argnums === "number" ? argnums : (argnums.argnums ?? 0);
  return (...args) => {
    const given = args.at(at) as Tensor;
    const along = (k: number): Tensor => {
      const unit = zerosLike(given.detach(), { memoryFormat: "contiguous_format" });
      unit.view([-1]).select(0, k).fill_(1);
      const of = (point: Tensor): Tensor => func(...args.toSpliced(at, 1, point)) as Tensor;
      return functional.jvp(of, given, unit, { createGraph: isNested(args) })[1];
    };
    const columns = Array.from({ length: given.count }, (_, k) => along(k));
    return stack(columns, -1).reshape([...columns[0]!.shape, ...given.shape]);
  };
}

/** The function that computes second derivatives of `func`, which gives one number. @see torch.func.hessian */
export function hessian<F extends AnyFunction>(func: F, argnums: number | { argnums?: number } = 0): (...args: Parameters<F>) => Tensor {
  const at = typeof argnums === "number" ? argnums : (argnums.argnums ?? 0);
  return (...args) =>
    functional.hessian((point: Tensor) => func(...args.toSpliced(at, 1, point)) as Tensor, args.at(at) as Tensor, {
      createGraph: isNested(args),
    });
}

/** A dimension of each argument: one for all, or one each; null for an argument that every example sees whole. */
export type InDims = number | null | readonly (number | null)[];

export interface VmapOptions {
  inDims?: InDims;
  /** Where the new dimension goes in each output. Default the first. */
  outDims?: number | readonly number[];
  /** `"same"` lets every example draw the same random numbers; otherwise each draws its own. */
  randomness?: "error" | "different" | "same";
}

const bindVmap = signature("vmap", { func: required, inDims: 0, outDims: 0, randomness: "error" });

/**
 * The function that applies `func`, written for one example, to each slice of its arguments along `inDims`, and stacks the results.
 * It runs `func` once for each example: a convenience, not a way to make it faster.
 * @example
 * const rows = vmap((a: Tensor, b: Tensor) => a.dot(b));
 * rows(tensor([[1, 2], [3, 4]]), tensor([[1, 1], [1, 1]])); // tensor([3., 7.])
 * @throws {AutogradError} when the arguments have no dimension to map over, or of different sizes
 * @see torch.vmap
 */
export function vmap<F extends AnyFunction>(
  func: F,
  inDims?: InDims | VmapOptions,
  outDims?: number | readonly number[] | VmapOptions,
  randomness?: string | VmapOptions,
): (...args: Parameters<F>) => ReturnType<F>;
export function vmap(...given: unknown[]): AnyFunction {
  const { func, inDims, outDims, randomness } = bindVmap(given.filter((value) => value !== undefined));
  return (...args) => {
    if (args.length === 0) {
      throw new AutogradError(
        "vmap(f)(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a function with no inputs. The latter is unsupported.",
      );
    }
    const dims = dimsOf(inDims, args);
    const size = batchSize(args, dims);
    const state = randomness === "same" ? getRngState() : null;
    const results: unknown[] = [];
    for (let i = 0; i < size; i++) {
      if (state !== null) setRngState(state);
      results.push(func(...args.map((arg, k) => (dims[k] === null ? arg : (arg as Tensor).select(dims[k]!, i)))));
    }
    return stacked(results, outDims);
  };
}

function dimsOf(inDims: InDims, args: readonly unknown[]): (number | null)[] {
  if (typeof inDims !== "number" && inDims !== null) {
    if (inDims.length !== args.length) {
      throw new AutogradError(
        `vmap(f, in_dims=[${inDims.join(", ")}])(<inputs>): in_dims is not compatible with the structure of inputs. in_dims has ${inDims.length} entries but there are ${args.length} inputs.`,
      );
    }
    return [...inDims];
  }
  return args.map((arg) => (arg instanceof Tensor ? inDims : null));
}

function batchSize(args: readonly unknown[], dims: readonly (number | null)[]): number {
  const sizes = args.flatMap((arg, k) => {
    const dim = dims[k];
    if (dim == null) return [];
    if (!(arg instanceof Tensor))
      throw new AutogradError(`vmap(f)(<inputs>): Got in_dim=${dim} for an input but the input is of type ${typeof arg}.`);
    if (dim >= arg.ndim || dim < -arg.ndim) {
      throw new AutogradError(
        `vmap(f)(<inputs>): Got in_dim=${dim} for some input, but that input is a Tensor of dimensionality ${arg.ndim} so expected in_dim to satisfy -${arg.ndim} <= in_dim < ${arg.ndim}.`,
      );
    }
    return [arg.shape.at(dim)!];
  });
  const [size] = sizes;
  if (size === undefined) throw new AutogradError("vmap(f)(<inputs>): at least one input must be mapped over");
  if (sizes.some((n) => n !== size)) {
    throw new AutogradError(
      `vmap: Expected all tensors to have the same size in the mapped dimension, got sizes [${sizes.join(", ")}] for the mapped dimension`,
    );
  }
  return size;
}

function stacked(results: readonly unknown[], outDims: number | readonly number[]): unknown {
  const [first] = results;
  if (Array.isArray(first)) {
    return first.map((_, k) =>
      stacked(
        results.map((result) => (result as unknown[])[k]),
        typeof outDims === "number" ? outDims : outDims[k]!,
      ),
    );
  }
  if (!(first instanceof Tensor)) {
    throw new AutogradError(`vmap(f): \`f\` must only return Tensors, got type ${first === null ? "null" : typeof first} as a return.`);
  }
  return stack(results as Tensor[], typeof outDims === "number" ? outDims : outDims[0]!);
}
