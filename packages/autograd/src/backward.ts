import { AutogradError, ShapeError, Tensor } from "@bluedot/core";
import { type BackwardOptions, filled, isComplex, required, sameShape, signature } from "@bluedot/core/extend";
import { Pass, type Root, type Target } from "./engine.ts";
import { accumulatorOf, edgeOf, gradFnOf, metaOf, retainGrad } from "./graph.ts";

type Tensors = Tensor | readonly Tensor[];
type Gradients = Tensor | readonly (Tensor | null | undefined)[] | null | undefined;

const list = (tensors: Tensors): readonly Tensor[] => (tensors instanceof Tensor ? [tensors] : tensors);

/** The gradients the pass begins with: those given, or 1 for scalars. @throws {AutogradError} @throws {ShapeError} */
function rootsOf(outputs: readonly Tensor[], given: Gradients, createGraph: boolean): Root[] {
  const gradients = given == null ? [] : given instanceof Tensor ? [given] : given;
  if (given != null && gradients.length !== outputs.length) {
    throw new AutogradError(`got ${outputs.length} tensors and ${gradients.length} gradients`);
  }
  outputs.forEach((output, i) => {
    const gradient = gradients[i];
    if (gradient != null) checkGradient(output, gradient, i);
    else if (output.requiresGrad) {
      if (output.count !== 1) throw new AutogradError("grad can be implicitly created only for scalar outputs");
    }
  });
  return outputs.map((output, i) => {
    if (!output.requiresGrad) throw new AutogradError(`element ${i} of tensors does not require grad and does not have a grad_fn`);
    const { node, nr } = edgeOf(output);
    return { node: node!, nr, grad: gradients[i] ?? implicitSeed(output, createGraph) };
  });
}

function implicitSeed(output: Tensor, createGraph: boolean): Tensor {
  const one = filled(output.shape, 1, output.dtype, output.device);
  // Nobody else sees it, unless the pass is recorded: it may be given back.
  if (!createGraph) one.storage.holders = 0;
  return one;
}

function checkGradient(output: Tensor, gradient: Tensor, i: number): void {
  if (!sameShape(output.shape, gradient.shape)) {
    const size = (t: Tensor): string => `torch.Size([${t.shape.join(", ")}])`;
    throw new ShapeError(
      `Mismatch in shape: grad_output[${i}] has a shape of ${size(gradient)} and output[${i}] has a shape of ${size(output)}.`,
    );
  }
  if (isComplex(output.dtype) !== isComplex(gradient.dtype)) {
    throw new AutogradError(
      `For complex Tensors, both grad_output and output are required to have the same dtype. Mismatch in dtype: grad_output[${i}] has a dtype of torch.${gradient.dtype} and output[${i}] has a dtype of torch.${output.dtype}.`,
    );
  }
}

/**
 * Adds the gradients of `tensors`, weighted by `gradTensors`, to the `grad` of every leaf they depend on.
 * @throws {AutogradError} for results that do not require grad, and for others than scalars without `gradTensors`
 * @see torch.autograd.backward
 */
export function backward(
  tensors: Tensors | (BackwardOptions & { tensors: Tensors; gradTensors?: Gradients }),
  gradTensors?: Gradients | (BackwardOptions & { gradTensors?: Gradients }),
  retainGraph?: boolean | null | BackwardOptions,
  createGraph?: boolean | BackwardOptions,
  inputs?: Tensors | null | BackwardOptions,
): void {
  const bound = bindBackward([tensors, gradTensors, retainGraph, createGraph, inputs].filter((value) => value !== undefined));
  run(list(bound.tensors), bound.gradTensors, bound);
}

const bindBackward = signature("backward", { tensors: required, gradTensors: null, retainGraph: null, createGraph: false, inputs: null });

/** The pass behind {@link backward} and the method of that name. */
export function run(tensors: readonly Tensor[], weights: Gradients, options: BackwardOptions): void {
  const createGraph = options.createGraph ?? false;
  const inputs = options.inputs == null ? null : list(options.inputs);
  if (inputs?.length === 0) throw new AutogradError("'inputs' argument to backward() cannot be empty.");
  const roots = rootsOf(tensors, weights, createGraph);
  for (const input of inputs ?? []) retainGrad(input);
  new Pass({
    createGraph,
    keepGraph: options.retainGraph ?? createGraph,
    targets: inputs === null ? null : inputs.map(targetOf),
    accumulate: true,
  }).run(roots);
}

function targetOf(input: Tensor): Target {
  if (!input.requiresGrad) throw new AutogradError("One of the differentiated Tensors does not require grad");
  const node = gradFnOf(input);
  return node === null ? { node: accumulatorOf(input), nr: 0 } : { node, nr: metaOf(input).nr };
}

export interface GradOptions {
  /** Weights of the outputs; may be left out for scalars. */
  gradOutputs?: Gradients;
  /** Keep the graph for another pass. Defaults to `createGraph`. */
  retainGraph?: boolean | null;
  /** Record the pass itself, for derivatives of derivatives. */
  createGraph?: boolean;
  /** As in PyTorch, without effect. */
  onlyInputs?: boolean;
  /** Give null for inputs that the outputs do not depend on, rather than throw. */
  allowUnused?: boolean;
}

/** With `allowUnused` an input may have no gradient. */
export type GradResult<O> = O extends { allowUnused: true } ? (Tensor | null)[] : Tensor[];

/**
 * The gradients of the sum of `outputs`, weighted by `gradOutputs`, with respect to each of `inputs`; leaves' `grad` is left alone.
 * @throws {AutogradError} for inputs that take no part, unless `allowUnused`
 * @example
 * const x = tensor(3, { requiresGrad: true });
 * const [dx] = autograd.grad(x.mul(x), x); // tensor(6.)
 * @see torch.autograd.grad
 */
export function grad<const O extends GradOptions = Record<never, never>>(outputs: Tensors, inputs: Tensors, options?: O): GradResult<O>;
export function grad(
  outputs: Tensors | (GradOptions & { outputs: Tensors; inputs: Tensors }),
  inputs?: Tensors | (GradOptions & { inputs: Tensors }),
  gradOutputs?: Gradients | GradOptions,
  retainGraph?: boolean | null | GradOptions,
  createGraph?: boolean | GradOptions,
  onlyInputs?: boolean | GradOptions,
  allowUnused?: boolean | GradOptions,
): (Tensor | null)[];
export function grad(...args: unknown[]): (Tensor | null)[] {
  const { outputs, inputs, gradOutputs, retainGraph, createGraph, allowUnused } = bindGrad(args.filter((value) => value !== undefined));
  const roots = rootsOf(list(outputs), gradOutputs, createGraph);
  const targets = list(inputs).map(targetOf);
  if (targets.length === 0) throw new AutogradError("grad requires non-empty inputs.");
  const grads = new Pass({ createGraph, keepGraph: retainGraph ?? createGraph, targets, accumulate: false }).run(roots);
  if (!allowUnused && grads.includes(null)) {
    throw new AutogradError(
      "One of the differentiated Tensors appears to not have been used in the graph. Set allow_unused=True if this is the desired behavior.",
    );
  }
  return grads;
}

const bindGrad = signature("grad", {
  outputs: required,
  inputs: required,
  gradOutputs: null,
  retainGraph: null,
  createGraph: false,
  onlyInputs: true,
  allowUnused: false,
});
