import { AutogradError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { MultiViewOp, Op, ViewOp } from "./op.ts";

/** A graph node; opaque to core but for its name, which printing shows. */
export interface GradNode {
  /** PyTorch's name of the node, such as `AddBackward0`. */
  name(): string;
}

/** A tensor's part in the graph. Core stores it and never looks inside. */
export interface AutogradMeta {
  readonly requiresGrad: boolean;
  readonly retainsGrad: boolean;
}

/** Whether operations are recorded: no, yes, or as {@link AutogradHook.isEnabled} says (while a mode of an asynchronous function is pending). */
export type GradMode = 0 | 1 | 2;

/** Read on every operation, hence a plain variable. */
export let gradMode: GradMode = 1;

/** For autograd, which owns the mode. */
export function setGradMode(mode: GradMode): void {
  gradMode = mode;
}

/**
 * Whether operations are recorded now. A derivative that has a fused kernel asks: while the backward pass is itself
 * recorded (`createGraph`) it must be made of differentiable operators instead.
 */
export const isRecording = (): boolean => (gradMode === 2 ? hook !== null && hook.isEnabled() : gradMode === 1 && hook !== null);

/** Called with a tensor's gradient; a tensor that it returns replaces it. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
export type TensorHook = (grad: Tensor) => Tensor | null | undefined | void;

/** What `@bluedot/autograd` plugs into core. */
export interface AutogradHook {
  /** Whether operations are recorded now; asked only while the mode is 2. */
  isEnabled(): boolean;
  /** Runs a synchronous function without recording. */
  unrecorded<T>(fn: () => T): T;
  /**
   * Before the kernel, when an input is tracked and grad mode is on: makes the node and saves the inputs.
   * `target` is the tensor written in place, if any (an input that the op saves is then cloned first).
   */
  prepare(op: Op | ViewOp | MultiViewOp, inputs: readonly (Tensor | null)[], params: unknown, target: Tensor | null): GradNode;
  /** After the kernel: saves outputs and makes them the node's. Those from `visible` on nobody but the node ever sees. */
  attach(node: GradNode, outputs: readonly Tensor[], visible: number): void;
  /** After an in-place write: the same for its target; a write through a view becomes part of its base's history. */
  attachInPlace(node: GradNode, target: Tensor): void;
  /** After the kernel, for an operator that changes the layout of its input: `target` becomes the node's output. */
  attachRelayout(node: GradNode, target: Tensor): void;
  /** Before an in-place write that is recorded (the target or an operand requires grad): throws where PyTorch forbids it. */
  beforeWrite(target: Tensor): void;
  backward(roots: Tensor, gradient: Tensor | null, options: BackwardOptions): void;
  gradOf(tensor: Tensor): Tensor | null;
  /** See {@link borrowGrad}. */
  borrowGrad(tensor: Tensor): Tensor | null;
  setGrad(tensor: Tensor, grad: Tensor | null): void;
  gradFnOf(tensor: Tensor): GradNode | null;
  setRequiresGrad(tensor: Tensor, requiresGrad: boolean): void;
  /** Takes the tensor out of its graph in place. */
  detach(tensor: Tensor): void;
  isLeaf(tensor: Tensor): boolean;
  retainGrad(tensor: Tensor): void;
  registerHook(tensor: Tensor, hook: TensorHook): { remove(): void };
  registerPostAccumulateGradHook(tensor: Tensor, hook: (tensor: Tensor) => void): { remove(): void };
}

export interface BackwardOptions {
  /** Keep the graph for another pass. Defaults to `createGraph`. */
  retainGraph?: boolean | null;
  /** Record the backward pass itself, for derivatives of derivatives. */
  createGraph?: boolean;
  /** Accumulate only into these tensors. */
  inputs?: Tensor | readonly Tensor[] | null;
}

let hook: AutogradHook | null = null;

/** Plugs automatic differentiation in. Called once, by `@bluedot/autograd`. */
export function setAutogradHook(next: AutogradHook): void {
  hook = next;
}

/** The hook, or null while autograd is not loaded. */
export const currentAutogradHook = (): AutogradHook | null => hook;

/** Runs a synchronous function of the library without recording what it does: cheaper than `noGrad`, which also serves asynchronous ones. */
export const unrecorded = <T>(fn: () => T): T => (hook === null ? fn() : hook.unrecorded(fn));

/** A tensor's gradient for library code that lets go of it before it returns: unlike `grad`, it may be given back as soon as it is cleared. */
export const borrowGrad = (tensor: Tensor): Tensor | null => (tensor.autograd === null || hook === null ? null : hook.borrowGrad(tensor));

/** The hook, for what needs it. @throws {AutogradError} while autograd is not loaded */
export function autogradHook(what: string): AutogradHook {
  if (hook === null) throw new AutogradError(`${what} needs automatic differentiation: import "bluedot" or "@bluedot/autograd" first`);
  return hook;
}
