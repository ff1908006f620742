import { AutogradError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Op, ViewOp } from "./op.ts";

/** A graph node; opaque to core but for its name, which printing shows. */
export interface GradNode {
  /** PyTorch's name of the node, such as `AddBackward0`. */
  readonly name: string;
}

/** A tensor's part in the graph. Core stores it and never looks inside. */
export interface AutogradMeta {
  readonly requiresGrad: boolean;
}

/** What `@bluedot/autograd` plugs into core. */
export interface AutogradHook {
  /** Whether operations are recorded now (grad mode). */
  isEnabled(): boolean;
  /**
   * Before the kernel, when an input is tracked and grad mode is on: makes the node and saves the inputs.
   * `target` is the tensor written in place, if any (an input that the op saves is then cloned first).
   */
  prepare(op: Op | ViewOp, inputs: readonly (Tensor | null)[], params: unknown, target: Tensor | null): GradNode;
  /** After the kernel: saves outputs and makes them the node's. For an in-place op `outputs` is its target. */
  attach(node: GradNode, outputs: readonly Tensor[]): void;
  /** Before any in-place write, when the target is tracked or grad mode is on: throws where PyTorch forbids it (a leaf that requires grad). */
  beforeWrite(target: Tensor): void;
  backward(roots: Tensor, gradient: Tensor | null, options: BackwardOptions): void;
  gradOf(tensor: Tensor): Tensor | null;
  setGrad(tensor: Tensor, grad: Tensor | null): void;
  gradFnOf(tensor: Tensor): GradNode | null;
  setRequiresGrad(tensor: Tensor, requiresGrad: boolean): void;
  isLeaf(tensor: Tensor): boolean;
  retainGrad(tensor: Tensor): void;
  registerHook(tensor: Tensor, hook: (grad: Tensor) => Tensor | null | undefined): { remove(): void };
}

export interface BackwardOptions {
  /** Keep the graph for another pass. Defaults to `createGraph`. */
  retainGraph?: boolean;
  /** Record the backward pass itself, for derivatives of derivatives. */
  createGraph?: boolean;
  /** Accumulate only into these leaves. */
  inputs?: readonly Tensor[];
}

let hook: AutogradHook | null = null;

/** Plugs automatic differentiation in. Called once, by `@bluedot/autograd`. */
export function setAutogradHook(next: AutogradHook): void {
  hook = next;
}

/** The hook, or null while autograd is not loaded. */
export const currentAutogradHook = (): AutogradHook | null => hook;

/** The hook, for what needs it. @throws {AutogradError} while autograd is not loaded */
export function autogradHook(what: string): AutogradHook {
  if (hook === null) throw new AutogradError(`${what} needs automatic differentiation: import "bluedot" or "@bluedot/autograd" first`);
  return hook;
}
