import { type Tensor, zeros } from "@bluedot/core";
import type { Edge } from "./edge.ts";
import type { Pass } from "./engine.ts";
import { type Grads, Node } from "./node.ts";
import { fitGradient } from "./sums.ts";
import { gather, replace, type Window } from "./window.ts";

/**
 * A write through a view, as part of the base's history: the base after it is the base before it, but for the window,
 * which holds what the operation computed.
 */
export class CopySlices extends Node {
  readonly outputCount = 1;
  private readonly fn: Node;
  /** Which output of the operation the written tensor is. */
  private readonly nr: number;
  private readonly window: Window;

  private readonly readsTarget: boolean;

  /** `base` is the edge to the base as it was; `readsTarget` tells that the first input of `fn` is the view. */
  constructor(fn: Node, nr: number, window: Window, base: Edge, readsTarget: boolean) {
    super([base, ...fn.edges.slice(readsTarget ? 1 : 0)]);
    this.fn = fn;
    this.nr = nr;
    this.window = window;
    this.readsTarget = readsTarget;
    // The derivative runs as if the view came straight from the old base.
    const [self] = fn.edges;
    if (readsTarget && self != null) self.node = base.node;
  }

  name(): string {
    return "torch::autograd::CopySlices";
  }

  apply(grads: Grads, pass: Pass): readonly (Tensor | null | undefined)[] {
    const grad = grads[0]!;
    const given: Grads = new Array<Tensor | null>(this.fn.outputCount).fill(null);
    given[this.nr] = gather(grad, this.window);
    const results = [...this.fn.apply(given, pass)];
    if (!this.readsTarget) results.unshift(null);
    if (!pass.wants(this.edges[0])) {
      results[0] = null;
      return results;
    }
    const self = results[0];
    const inner =
      self == null
        ? zeros(this.window.view.shape, { dtype: grad.dtype, device: grad.device })
        : fitGradient(self, this.fn.edges[0] as Edge, this.fn.name(), 0);
    results[0] = replace(grad, inner, this.window);
    return results;
  }

  override get exposed(): boolean {
    return this.fn.exposed;
  }

  free(): void {
    this.fn.free();
  }
}
