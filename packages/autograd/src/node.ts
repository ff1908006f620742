import type { Tensor } from "@bluedot/core";
import type { GradNode, TensorHook } from "@bluedot/core/extend";
import type { Edge } from "./edge.ts";
import type { Pass } from "./engine.ts";

/** Gradients by position; null where there is none. */
export type Grads = (Tensor | null)[];

export interface Removable {
  remove(): void;
}

/** Called with the gradients of a node's outputs; what it returns replaces them. */
// biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
export type NodePreHook = (gradOutputs: readonly (Tensor | null)[]) => readonly (Tensor | null)[] | Tensor | null | undefined | void;
/** Called with the gradients of a node's inputs and outputs; what it returns replaces those of the inputs. */
export type NodeHook = (
  gradInputs: readonly (Tensor | null)[],
  gradOutputs: readonly (Tensor | null)[],
) => // biome-ignore lint/suspicious/noConfusingVoidType: a hook that only looks returns nothing
readonly (Tensor | null)[] | Tensor | null | undefined | void;

/** Hooks of a node and of the tensors it made; few nodes have any. */
export class NodeHooks {
  /** Of tensors, with the output they belong to. */
  readonly tensor: { readonly nr: number; readonly call: TensorHook }[] = [];
  readonly pre: NodePreHook[] = [];
  readonly post: NodeHook[] = [];
  /** Tensors that keep their gradient, with the output they are. */
  readonly retained: { readonly nr: number; readonly tensor: Tensor }[] = [];
}

/** What to record of a gradient that passes, for `autograd.grad`. */
export interface Capture {
  readonly nr: number;
  readonly index: number;
}

let made = 0;

/** A node of the graph of derivatives: takes gradients of what an operation returned, gives those of what it took. */
export abstract class Node implements GradNode {
  /** Where the gradients of the inputs go. */
  edges: readonly (Edge | null)[];
  /** Later operations have larger numbers; the engine takes the largest first. */
  readonly sequence: number;
  hooks: NodeHooks | null = null;

  // State of the backward pass that the node is part of now.
  pass: Pass | null = null;
  /** Nodes whose gradients have not come yet. */
  dependencies = 0;
  /** Sum of the gradients of the first output so far, and of all where there are several. */
  grad: Tensor | null = null;
  grads: Grads | null = null;
  /** The pass wants something that lies behind this node. */
  needed = false;
  captures: Capture[] | null = null;

  constructor(edges: readonly (Edge | null)[], sequence: number = made++) {
    this.edges = edges;
    this.sequence = sequence;
  }

  /** PyTorch's name of the node. @see torch.autograd.graph.Node.name */
  abstract name(): string;
  /** How many outputs the operation has. */
  abstract readonly outputCount: number;
  /** Gradients of the inputs from those of the outputs, of which at least one is not null. */
  abstract apply(grads: Grads, pass: Pass): readonly (Tensor | null | undefined)[];
  /** Whether user code sees the gradients. */
  get exposed(): boolean {
    return false;
  }
  /** Gives up saved tensors. */
  abstract free(): void;

  /** The nodes that come next in the backward pass, with the output of theirs that each edge leads to. @see torch.autograd.graph.Node.next_functions */
  get nextFunctions(): readonly (readonly [Node | null, number])[] {
    return this.edges.map((edge) => [edge?.node ?? null, edge?.node ? edge.nr : 0] as const);
  }

  private ownHooks(): NodeHooks {
    this.hooks ??= new NodeHooks();
    return this.hooks;
  }

  /** Calls `hook(gradInputs, gradOutputs)` after the node has run; what it returns replaces `gradInputs`. @see torch.autograd.graph.Node.register_hook */
  registerHook(hook: NodeHook): Removable {
    return listed(this.ownHooks().post, hook);
  }

  /** Calls `hook(gradOutputs)` before the node runs; what it returns replaces them. @see torch.autograd.graph.Node.register_prehook */
  registerPrehook(hook: NodePreHook): Removable {
    return listed(this.ownHooks().pre, hook);
  }

  /** For tensors: a hook on output `nr`. */
  registerTensorHook(nr: number, call: TensorHook): Removable {
    return listed(this.ownHooks().tensor, { nr, call });
  }

  /** For tensors: sets the gradient of `tensor`, output `nr`, when it has come. */
  retain(nr: number, tensor: Tensor): void {
    this.ownHooks().retained.push({ nr, tensor });
  }

  /** The tensor is now the output of another node. */
  forgetRetained(tensor: Tensor): void {
    const retained = this.hooks?.retained ?? [];
    const at = retained.findIndex((entry) => entry.tensor === tensor);
    if (at >= 0) retained.splice(at, 1);
  }

  toString(): string {
    return `<${this.name()} object>`;
  }
}

/** Adds to a list of hooks; the handle takes it out again. */
export function listed<T>(list: T[], item: T): Removable {
  list.push(item);
  return {
    remove() {
      const at = list.indexOf(item);
      if (at >= 0) list.splice(at, 1);
    },
  };
}
