import { Function as CustomFunction, type FunctionContext } from "@bluedot/autograd";
import { AutogradError, Tensor } from "@bluedot/core";
import { isRecording } from "@bluedot/core/extend";
import type { BackwardHook, BackwardPreHook } from "./internals.ts";
import type { Module } from "./module.ts";

type Grads = readonly (Tensor | null)[];
type NodeHook = (gradInputs: Grads, gradOutputs: Grads) => Grads | undefined;

/** Gives its arguments back as outputs of one node of the graph, so that all their gradients pass there together. */
class BackwardHookFunction extends CustomFunction {
  static override forward(ctx: FunctionContext, ...tensors: Tensor[]): Tensor[] {
    ctx.setMaterializeGrads(false);
    const views = tensors.map((tensor) => tensor.viewAs(tensor));
    ctx.markNonDifferentiable(...views.filter((_, i) => !tensors[i]!.requiresGrad));
    return views;
  }
  static override backward(_ctx: FunctionContext, ...grads: (Tensor | null)[]): (Tensor | null)[] {
    return grads;
  }
}

const asList = (value: unknown): Grads => (Array.isArray(value) ? value : [value as Tensor]);

/** A list with `values` at the places `at`, null elsewhere. */
function spread(at: readonly number[], values: Grads, length: number): (Tensor | null)[] {
  const list = new Array<Tensor | null>(length).fill(null);
  at.forEach((place, i) => {
    list[place] = values[i] ?? null;
  });
  return list;
}

/**
 * Brings the gradients at both ends of one call of a module to its backward hooks: a node before the arguments and one after the results.
 * What is no tensor has null for a gradient.
 */
export class BackwardWatch {
  private gradOutputs: Grads | null = null;
  private inputs = 0;
  /** Places of the tensors among the arguments; null when none wants a gradient. */
  private inputPlaces: readonly number[] | null = null;

  constructor(
    private readonly module: Module,
    private readonly hooks: readonly BackwardHook[],
    private readonly preHooks: readonly BackwardPreHook[],
  ) {}

  /** The arguments to call `forward` with. */
  watchInputs(args: unknown[]): unknown[] {
    this.inputs = args.length;
    const [watched, places] = watch(args, (gradInputs) => this.leave(gradInputs));
    this.inputPlaces = places;
    return watched;
  }

  /** The result to give to the caller. */
  watchOutputs(output: unknown): unknown {
    const results = Array.isArray(output) ? output : [output];
    const [watched, places] = watch(results, (_, gradOutputs) => this.enter(places!, gradOutputs, results.length));
    return Array.isArray(output) ? watched : watched[0];
  }

  private enter(places: readonly number[], grads: Grads, outputs: number): Grads {
    let gradOutputs: Grads = spread(places, grads, outputs);
    for (const hook of this.preHooks) {
      const replaced = hook(this.module, gradOutputs);
      if (replaced == null) continue;
      const list = asList(replaced);
      if (list.length !== outputs) {
        throw new AutogradError(`Backward pre hook returned an invalid number of grad_output, got ${list.length}, but expected ${outputs}`);
      }
      gradOutputs = list;
    }
    if (this.inputPlaces === null) this.tellWithoutInputs(gradOutputs);
    else this.gradOutputs = gradOutputs;
    return places.map((place) => gradOutputs[place] ?? null);
  }

  private tellWithoutInputs(gradOutputs: Grads): void {
    const none = new Array<null>(this.inputs).fill(null);
    for (const hook of this.hooks) {
      const replaced = hook(this.module, none, gradOutputs);
      if (replaced != null && asList(replaced).some((grad) => grad !== null)) {
        throw new AutogradError(
          "Backward hook for Modules where no input requires gradient should always return None or None for all gradients.",
        );
      }
    }
  }

  private leave(grads: Grads): Grads | undefined {
    // Null when gradients reach the arguments another way than through the results.
    if (this.gradOutputs === null || this.inputPlaces === null) return undefined;
    let gradInputs: Grads = spread(this.inputPlaces, grads, this.inputs);
    for (const hook of this.hooks) {
      const replaced = hook(this.module, gradInputs, this.gradOutputs);
      if (replaced == null) continue;
      const list = asList(replaced);
      if (list.length !== this.inputs) {
        throw new AutogradError(`Backward hook returned an invalid number of grad_input, got ${list.length}, but expected ${this.inputs}`);
      }
      gradInputs = list;
    }
    this.gradOutputs = null;
    return this.inputPlaces.map((place) => gradInputs[place] ?? null);
  }
}

/** The values with their tensors led through a node with that hook, and the tensors' places; unchanged when none wants a gradient. */
function watch(values: unknown[], hook: NodeHook): [values: unknown[], places: readonly number[] | null] {
  const places = values.flatMap((value, i) => (value instanceof Tensor ? [i] : []));
  const tensors = places.map((i) => values[i] as Tensor);
  if (!isRecording() || !tensors.some((tensor) => tensor.requiresGrad)) return [values, null];
  const led = BackwardHookFunction.apply(...tensors);
  const node = led.find((tensor) => tensor.gradFn !== null)!.gradFn as unknown as { registerHook(hook: NodeHook): void };
  node.registerHook(hook);
  const watched = [...values];
  places.forEach((place, i) => {
    watched[place] = led[i];
  });
  return [watched, places];
}
