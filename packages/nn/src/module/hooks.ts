import { Tensor } from "@bluedot/core";
import { type BackwardHook, type BackwardPreHook, type HookTable, internals } from "./internals.ts";
import type { Module } from "./module.ts";

// biome-ignore lint/suspicious/noExplicitAny: arguments and results of any module
type Anything = any;

/** Runs `forward` with all hooks of the module. */
export function callWithHooks(module: Module, given: Anything[]): Anything {
  const { forwardPreHooks, forwardHooks, backwardHooks, backwardPreHooks } = module[internals];
  let args = given;
  if (forwardPreHooks !== null) {
    for (const { hook } of forwardPreHooks) {
      const result = hook(module, args);
      if (result !== undefined && result !== null) args = Array.isArray(result) ? result : [result];
    }
  }
  const watched = (backwardHooks?.size ?? 0) + (backwardPreHooks?.size ?? 0) > 0;
  const watch = watched ? new BackwardWatch(module, backwardHooks, backwardPreHooks) : null;
  if (watch !== null) args = watch.inputs(args);
  let output = module.forward(...args);
  if (forwardHooks !== null) {
    for (const hook of forwardHooks) {
      const result = hook(module, args, output);
      if (result !== undefined && result !== null) output = result;
    }
  }
  return watch === null ? output : watch.outputs(output);
}

const asArray = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** Gathers the gradients that pass a module in the backward pass and hands them to its hooks. */
class BackwardWatch {
  private readonly module: Module;
  private readonly hooks: HookTable<BackwardHook> | null;
  private readonly preHooks: HookTable<BackwardPreHook> | null;
  private readonly wrapped: (Tensor | null)[] = [];
  private gradInput: (Tensor | null)[] = [];
  private gradOutput: (Tensor | null)[] = [];
  private awaitedInputs = 0;
  private awaitedOutputs = 0;

  constructor(module: Module, hooks: HookTable<BackwardHook> | null, preHooks: HookTable<BackwardPreHook> | null) {
    this.module = module;
    this.hooks = hooks;
    this.preHooks = preHooks;
  }

  /** The arguments, tensors that require grad replaced by views whose gradient is that of this module's use alone. */
  inputs(args: Anything[]): Anything[] {
    return args.map((arg) => {
      if (!(arg instanceof Tensor)) return arg;
      const at = this.wrapped.length;
      const tracked = arg.requiresGrad;
      const view = tracked ? arg.viewAs(arg) : arg;
      this.wrapped.push(tracked ? view : null);
      if (tracked && view.requiresGrad) view.registerHook((grad) => this.inputGradient(at, grad));
      return view;
    });
  }

  /** The result, its tensors watched. */
  outputs(output: Anything): Anything {
    const results = asArray(output);
    const watched = results.map((result, i) => {
      if (!(result instanceof Tensor) || !result.requiresGrad) return result;
      const view = result.viewAs(result);
      this.awaitedOutputs++;
      view.registerHook((grad) => this.outputGradient(i, grad));
      return view;
    });
    this.reset(results.length);
    return Array.isArray(output) ? watched : watched[0];
  }

  private reset(outputs: number = this.gradOutput.length): void {
    this.gradInput = this.wrapped.map(() => null);
    this.gradOutput = new Array<Tensor | null>(outputs).fill(null);
    this.awaitedInputs = this.wrapped.filter((input) => input !== null).length;
  }

  private outputGradient(at: number, grad: Tensor): Tensor {
    let current = grad;
    for (const hook of this.preHooks ?? []) {
      this.gradOutput[at] = current;
      const replaced = hook(this.module, [...this.gradOutput]);
      if (replaced != null) current = asArray(replaced as Tensor | Tensor[])[at] ?? current;
    }
    this.gradOutput[at] = current;
    const complete = this.gradOutput.filter((g) => g !== null).length === this.awaitedOutputs;
    if (complete && this.awaitedInputs === 0) this.finish();
    return current;
  }

  private inputGradient(at: number, grad: Tensor): Tensor {
    this.gradInput[at] = grad;
    this.awaitedInputs--;
    if (this.awaitedInputs > 0) return grad;
    return this.finish()[at] ?? grad;
  }

  private finish(): (Tensor | null)[] {
    let gradInput = this.gradInput;
    const gradOutput = this.gradOutput;
    for (const hook of this.hooks ?? []) {
      const replaced = hook(this.module, gradInput, gradOutput);
      if (replaced != null) gradInput = asArray(replaced as Tensor | (Tensor | null)[]);
    }
    this.reset();
    return gradInput;
  }
}
