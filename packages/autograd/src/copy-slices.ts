import type { Tensor } from "@bluedot/core";
import type { Edge } from "./edge.ts";
import type { Pass } from "./engine.ts";
import { type Grads, Node } from "./node.ts";
import type { OpNode } from "./op-node.ts";
import { fitGradient } from "./sums.ts";
import { gather, replace, type Window } from "./window.ts";

/**
 * A write through a view, as part of the base's history: the base after it is the base before it, but for the window,
 * which holds what the operation computed.
 */
export class CopySlices extends Node {
  readonly outputCount = 1;
  private readonly fn: OpNode;
  private readonly window: Window;

  /** `base` is the edge to the base as it was; the first input of `fn` is the view. */
  constructor(fn: OpNode, window: Window, base: Edge) {
    super([base, ...fn.edges.slice(1)]);
    this.fn = fn;
    this.window = window;
    // The derivative runs as if the view came straight from the old base.
    const [self] = fn.edges;
    if (self != null) self.node = base.node;
  }

  name(): string {
    return "CopySlices";
  }

  apply(grads: Grads, pass: Pass): readonly (Tensor | null | undefined)[] {
    const grad = grads[0]!;
    const results = [...this.fn.apply([gather(grad, this.window)], pass)];
    if (!pass.wants(this.edges[0])) {
      results[0] = null;
      return results;
    }
    const self = results[0];
    const inner = self == null ? gather(grad, this.window).mul(0) : fitGradient(self, this.fn.edges[0] as Edge, this.fn.name(), 0);
    results[0] = replace(grad, inner, this.window);
    return results;
  }

  free(): void {
    this.fn.free();
  }
}
