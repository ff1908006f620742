import { AutogradError, ones, stack, Tensor, zerosLike } from "@bluedot/core";
import { type Bound, sameShape, signature } from "@bluedot/core/extend";
import { grad } from "./backward.ts";
import { withGradMode } from "./grad-mode.ts";

/** One tensor, or several. */
export type Tensors = Tensor | readonly Tensor[];
/** The result for one tensor, or an array of results for several. */
export type PerTensor<T extends Tensors, R> = T extends Tensor ? R : R[];

type Arguments<I extends Tensors> = I extends readonly Tensor[] ? Tensor[] : [Tensor];
type Fn<I extends Tensors, O extends Tensors> = (...inputs: Arguments<I>) => O;

export interface FunctionalOptions {
  /** Make the result differentiable. Default false. */
  createGraph?: boolean;
  /** Throw where an output does not depend on an input, rather than give zeros. Default false. */
  strict?: boolean;
}

/** As in PyTorch; the ways to compute that the further options choose from give one result, and there is one way here. */
export interface JacobianOptions extends FunctionalOptions {
  vectorize?: boolean;
  strategy?: string;
}

/** As {@link JacobianOptions}. */
export interface HessianOptions extends FunctionalOptions {
  vectorize?: boolean;
  outerJacobianStrategy?: string;
}

const bindProduct = signature("func", { v: null, createGraph: false, strict: false });
const bindJacobian = signature("jacobian", { createGraph: false, strict: false, vectorize: false, strategy: "reverse-mode" });
const bindHessian = signature("hessian", { createGraph: false, strict: false, vectorize: false, outerJacobianStrategy: "reverse-mode" });

const several = (value: unknown): value is readonly Tensor[] => Array.isArray(value);
const list = (value: Tensors): readonly Tensor[] => (several(value) ? value : [value as Tensor]);

/** `values` as they came: one where one was given. */
const like = <R>(given: Tensors, values: R[]): R | R[] => (several(given) ? values : values[0]!);

/** Inputs of a graph of their own, unless the result is to be differentiable. */
function prepared(inputs: Tensors, createGraph: boolean): Tensor[] {
  return list(inputs).map((input) => {
    if (!(input instanceof Tensor)) throw new TypeError("The inputs given to the function must be either a Tensor or a tuple of Tensors");
    if (!createGraph) return input.detach().requiresGrad_();
    return input.requiresGrad ? input.view(input.shape) : input.clone().requiresGrad_();
  });
}

function evaluate<I extends Tensors, O extends Tensors>(name: string, fn: Fn<I, O>, inputs: readonly Tensor[], strict: boolean): O {
  const outputs = (fn as (...args: readonly Tensor[]) => O)(...inputs);
  list(outputs).forEach((output, i) => {
    if (strict && output instanceof Tensor && !output.requiresGrad) {
      throw new AutogradError(
        `Output ${i} of the user-provided function does not require gradients. The outputs must be computed in a differentiable manner from the input when running in strict mode.`,
      );
    }
  });
  for (const output of list(outputs)) {
    if (!(output instanceof Tensor)) {
      throw new TypeError(`The outputs of the user-provided function given to ${name} must be either a Tensor or a tuple of Tensors`);
    }
  }
  return outputs;
}

const finished = <T extends Tensor | Tensor[]>(value: T, createGraph: boolean): T =>
  createGraph ? value : ((value instanceof Tensor ? value.detach() : value.map((t) => t.detach())) as T);

/** What strict mode says of an input without a path, by its number; null where zeros are given instead. */
type Complaint = ((input: number) => string) | null;

const ofOutput: Complaint = (i) =>
  `The output of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`;
const ofJacobian: Complaint = (i) =>
  `The jacobian of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`;
const ofWeights: Complaint = (i) =>
  `The gradient with respect to the input is independent of entry ${i} in the grad_outputs when using the double backward trick to compute forward mode gradients. This is not allowed in strict mode.`;

/** Gradients with zeros where there is no path. @throws {AutogradError} for those in strict mode */
function gradients(
  outputs: readonly Tensor[],
  inputs: readonly Tensor[],
  weights: readonly Tensor[],
  createGraph: boolean,
  strict: Complaint,
): Tensor[] {
  const used = outputs.map((output, i) => [output, weights[i]!] as const).filter(([output]) => output.requiresGrad);
  if (used.length === 0) {
    if (strict !== null) throw new AutogradError(strict(0));
    return inputs.map((input) => zerosLike(input));
  }
  const grads = grad(
    used.map(([output]) => output),
    inputs,
    { gradOutputs: used.map(([, weight]) => weight), retainGraph: true, createGraph, allowUnused: true },
  );
  return grads.map((g, i) => {
    if (g !== null) return g;
    if (strict !== null) throw new AutogradError(strict(i));
    return zerosLike(inputs[i]!);
  });
}

/** The vector to multiply with; 1 for a function to one number. */
function vectorFor(given: Tensors | null | undefined, of: Tensors, what: string): Tensor[] {
  const tensors = list(of);
  if (given == null) {
    if (tensors.length === 1 && tensors[0]!.count === 1) return [ones(tensors[0]!.shape, { dtype: tensors[0]!.dtype })];
    throw new AutogradError(`The vector v can only be None if ${what}.`);
  }
  const vectors = list(given);
  if (vectors.length !== tensors.length) {
    throw new AutogradError(`v is a tuple of invalid length: should be ${tensors.length} but got ${vectors.length}.`);
  }
  vectors.forEach((vector, i) => {
    if (!sameShape(vector.shape, tensors[i]!.shape)) {
      throw new AutogradError(
        `${vectors.length > 1 ? `Entry ${i} in ` : ""}v has invalid size: should be torch.Size([${tensors[i]!.shape.join(", ")}]) but got torch.Size([${vector.shape.join(", ")}]).`,
      );
    }
  });
  return [...vectors];
}

const oneOutput = "the user-provided function returns a single Tensor with a single element";
const oneInput = "the input to the user-provided function is a single Tensor with a single element";

/** Vector times Jacobian: the function's value and the gradient of its outputs weighted by `v`. @see torch.autograd.functional.vjp */
export function vjp<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Tensors | null | (FunctionalOptions & { v?: Tensors | null }),
  createGraph?: boolean | FunctionalOptions,
  strict?: boolean | FunctionalOptions,
): [O, PerTensor<I, Tensor>] {
  const bound: Bound = bindProduct([v, createGraph, strict].filter((value) => value !== undefined));
  return withGradMode(true, () => {
    const points = prepared(inputs, bound.createGraph);
    const outputs = evaluate("vjp", fn, points, bound.strict);
    const vectors = vectorFor(bound.v, outputs, oneOutput);
    const grads = gradients(list(outputs), points, vectors, bound.createGraph, bound.strict ? ofOutput : null);
    return [finish(outputs, bound.createGraph), like(inputs, finished(grads, bound.createGraph)) as PerTensor<I, Tensor>];
  });
}

const finish = <O extends Tensors>(outputs: O, createGraph: boolean): O =>
  (several(outputs) ? finished([...outputs], createGraph) : finished(outputs as Tensor, createGraph)) as O;

/** Jacobian times vector: the function's value and how it changes along `v`, by two backward passes. @see torch.autograd.functional.jvp */
export function jvp<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  v?: Tensors | null | (FunctionalOptions & { v?: Tensors | null }),
  createGraph?: boolean | FunctionalOptions,
  strict?: boolean | FunctionalOptions,
): [O, PerTensor<O, Tensor>] {
  const bound: Bound = bindProduct([v, createGraph, strict].filter((value) => value !== undefined));
  return withGradMode(true, () => {
    const points = prepared(inputs, bound.createGraph);
    const vectors = vectorFor(bound.v, inputs, oneInput);
    const outputs = evaluate("jvp", fn, points, bound.strict);
    const result = pushed(list(outputs), points, vectors, bound.createGraph, bound.strict);
    return [finish(outputs, bound.createGraph), like(outputs, finished(result, bound.createGraph)) as PerTensor<O, Tensor>];
  });
}

/** The derivative of `outputs` along `vectors`: the gradient, by the weights, of the weighted sum's gradient times the vectors. */
function pushed(
  outputs: readonly Tensor[],
  points: readonly Tensor[],
  vectors: readonly Tensor[],
  createGraph: boolean,
  strict: boolean,
): Tensor[] {
  const weights = outputs.map((output) => zerosLike(output).requiresGrad_());
  const message = strict ? ofOutput : null;
  const grads = gradients(outputs, points, weights, true, message);
  return gradients(grads, weights, vectors, createGraph, strict ? ofWeights : null);
}

/**
 * All derivatives of the outputs of `fn` by its inputs: of shape `[...output, ...input]`, for each output and each input where there are several.
 * @example
 * autograd.functional.jacobian((x) => x.mul(x), tensor([1, 2])); // tensor([[2., 0.], [0., 4.]])
 * @see torch.autograd.functional.jacobian
 */
export function jacobian<I extends Tensors, O extends Tensors>(
  fn: Fn<I, O>,
  inputs: I,
  createGraph?: boolean | JacobianOptions,
  strict?: boolean | JacobianOptions,
  vectorize?: boolean | JacobianOptions,
  strategy?: string | JacobianOptions,
): PerTensor<O, PerTensor<I, Tensor>> {
  const bound: Bound = bindJacobian([createGraph, strict, vectorize, strategy].filter((value) => value !== undefined));
  return withGradMode(true, () => {
    const points = prepared(inputs, bound.createGraph);
    const outputs = evaluate("jacobian", fn, points, bound.strict);
    const rows = list(outputs).map((output, o) => {
      const message: Complaint = bound.strict
        ? (i) => `Output ${o} of the user-provided function is independent of input ${i}. This is not allowed in strict mode.`
        : null;
      const flat = output.reshape([output.count]);
      const parts: Tensor[][] = points.map(() => []);
      for (let k = 0; k < output.count; k++) {
        gradients([flat.select(0, k)], points, [ones([], { dtype: output.dtype })], bound.createGraph, message).forEach((g, i) => {
          parts[i]!.push(g);
        });
      }
      const blocks = parts.map((grads, i) => {
        const shape = [...output.shape, ...points[i]!.shape];
        return finished(
          grads.length === 0 ? points[i]!.reshape([-1]).narrow(0, 0, 0).reshape(shape) : stack(grads).reshape(shape),
          bound.createGraph,
        );
      });
      return like(inputs, blocks) as PerTensor<I, Tensor>;
    });
    return like(outputs, rows) as PerTensor<O, PerTensor<I, Tensor>>;
  });
}

function checkScalar(name: string, output: Tensors): void {
  if (!(output instanceof Tensor)) throw new AutogradError(`The function given to ${name} should return a single Tensor`);
  if (output.count !== 1) {
    throw new AutogradError(`The Tensor returned by the function given to ${name} should contain a single element`);
  }
}

/** Second derivatives of a function to one number: of shape `[...input i, ...input j]` for each pair of inputs. @throws {AutogradError} for other functions @see torch.autograd.functional.hessian */
export function hessian<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  createGraph?: boolean | HessianOptions,
  strict?: boolean | HessianOptions,
  vectorize?: boolean | HessianOptions,
  outerJacobianStrategy?: string | HessianOptions,
): PerTensor<I, PerTensor<I, Tensor>> {
  const bound: Bound = bindHessian([createGraph, strict, vectorize, outerJacobianStrategy].filter((value) => value !== undefined));
  const first = (...points: Tensor[]): Tensors =>
    jacobian(
      (...at: Tensor[]) => {
        const output = (fn as (...args: Tensor[]) => Tensor)(...at);
        checkScalar("hessian", output);
        return output.reshape([]);
      },
      (several(inputs) ? points : points[0]!) as Tensors,
      { createGraph: true, strict: bound.strict },
    ) as Tensors;
  return jacobian(first as Fn<I, Tensors>, inputs, { createGraph: bound.createGraph, strict: bound.strict }) as PerTensor<
    I,
    PerTensor<I, Tensor>
  >;
}

/** Vector times Hessian of a function to one number: its value and the product. @throws {AutogradError} for other functions @see torch.autograd.functional.vhp */
export function vhp<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Tensors | null | (FunctionalOptions & { v?: Tensors | null }),
  createGraph?: boolean | FunctionalOptions,
  strict?: boolean | FunctionalOptions,
): [Tensor, PerTensor<I, Tensor>] {
  const bound: Bound = bindProduct([v, createGraph, strict].filter((value) => value !== undefined));
  return withGradMode(true, () => {
    const points = prepared(inputs, bound.createGraph);
    const vectors = vectorFor(bound.v, inputs, oneInput);
    const output = evaluate("vhp", fn, points, bound.strict);
    checkScalar("vhp", output);
    const first = gradients([output], points, [ones(output.shape, { dtype: output.dtype })], true, bound.strict ? ofOutput : null);
    const second = gradients(first, points, vectors, bound.createGraph, bound.strict ? ofJacobian : null);
    return [finished(output, bound.createGraph), like(inputs, finished(second, bound.createGraph)) as PerTensor<I, Tensor>];
  });
}

/** Hessian times vector of a function to one number: its value and the product. {@link vhp} does the same with less work. @throws {AutogradError} for other functions @see torch.autograd.functional.hvp */
export function hvp<I extends Tensors>(
  fn: Fn<I, Tensor>,
  inputs: I,
  v?: Tensors | null | (FunctionalOptions & { v?: Tensors | null }),
  createGraph?: boolean | FunctionalOptions,
  strict?: boolean | FunctionalOptions,
): [Tensor, PerTensor<I, Tensor>] {
  const bound: Bound = bindProduct([v, createGraph, strict].filter((value) => value !== undefined));
  return withGradMode(true, () => {
    const points = prepared(inputs, bound.createGraph);
    const vectors = vectorFor(bound.v, inputs, oneInput);
    const output = evaluate("hvp", fn, points, bound.strict);
    checkScalar("hvp", output);
    const first = gradients([output], points, [ones(output.shape, { dtype: output.dtype })], true, bound.strict ? ofOutput : null);
    const product = pushed(first, points, vectors, bound.createGraph, false);
    return [finished(output, bound.createGraph), like(inputs, finished(product, bound.createGraph)) as PerTensor<I, Tensor>];
  });
}
