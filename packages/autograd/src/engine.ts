import { AutogradError, type Tensor } from "@bluedot/core";
import { adoptStorage, enterScope, leaveScope, release, type Storage } from "@bluedot/core/extend";
import { isAnomalyCheckNaNEnabled, isAnomalyEnabled, withTrace } from "./anomaly.ts";
import type { Edge } from "./edge.ts";
import { withGradMode } from "./grad-mode.ts";
import type { Grads, Node } from "./node.ts";
import { ReadyQueue } from "./ready-queue.ts";
import { accumulate, fitGradient } from "./sums.ts";

/** What a node had of an outer pass when an inner one (a backward pass run by a hook) took it over. */
interface Displaced {
  readonly node: Node;
  readonly pass: Pass;
  readonly dependencies: number;
  readonly grad: Tensor | null;
  readonly grads: Grads | null;
  readonly needed: boolean;
  readonly captures: Node["captures"];
}

/** Where a pass begins: a node's output and its gradient. */
export interface Root {
  readonly node: Node;
  readonly nr: number;
  readonly grad: Tensor;
}

/** A gradient to return: that of output `nr` of `node`. */
export interface Target {
  readonly node: Node;
  readonly nr: number;
}

export interface PassOptions {
  readonly keepGraph: boolean;
  readonly createGraph: boolean;
  /** Compute only what these gradients need. Null: accumulate into all leaves. */
  readonly targets: readonly Target[] | null;
  /** With targets: also let their nodes run, so that leaves get their gradient. */
  readonly accumulate: boolean;
}

/**
 * One backward pass. Nodes run as soon as all gradients of their outputs have come, later operations first; nothing recurses, so
 * that the depth of the graph is bounded by memory only.
 *
 * Memory: interior gradients are seen by library code only, unless there are hooks. While such a gradient waits at a node, its
 * storage counts its holders; when the last is gone the memory is given back at once. A storage that anything else could refer to has
 * -1 holders and is left alone.
 */
export class Pass {
  private readonly options: PassOptions;
  private readonly nodes: Node[] = [];
  private readonly ready = new ReadyQueue();
  private displaced: Displaced[] | null = null;
  private readonly captured: (Tensor | null)[];

  constructor(options: PassOptions) {
    this.options = options;
    this.captured = new Array<Tensor | null>(options.targets?.length ?? 0).fill(null);
  }

  /** Whether the gradient that leaves through `edge` is of any use. */
  wants(edge: Edge | null | undefined): boolean {
    const node = edge?.node;
    return node != null && (this.options.targets === null || node.needed);
  }

  /** Runs the pass; the gradients of the targets. */
  run(roots: readonly Root[]): (Tensor | null)[] {
    try {
      this.discover(roots);
      if (this.options.targets !== null) this.markNeeded(this.options.targets);
      for (const { grad } of roots) hold(grad);
      for (const { node, nr, grad } of roots) this.deliver(node, nr, grad);
      for (const { node } of roots) if (node.dependencies === 0 && !this.ready.has(node)) this.ready.push(node);
      withGradMode(this.options.createGraph, () => {
        for (let node = this.ready.pop(); node !== null; node = this.ready.pop()) this.evaluate(node);
      });
      return this.captured;
    } finally {
      this.leave();
    }
  }

  /** Finds all nodes behind the roots and counts how many gradients each will get. */
  private discover(roots: readonly Root[]): void {
    const stack: Node[] = [];
    for (const { node } of roots) if (this.enter(node)) stack.push(node);
    for (let node = stack.pop(); node !== undefined; node = stack.pop()) {
      const { edges } = node;
      for (let i = 0; i < edges.length; i++) {
        const next = edges[i]?.node;
        if (next == null) continue;
        if (this.enter(next)) stack.push(next);
        next.dependencies++;
      }
    }
  }

  private enter(node: Node): boolean {
    if (node.pass === this) return false;
    if (node.pass !== null) {
      const { pass, dependencies, grad, grads, needed, captures } = node;
      this.displaced ??= [];
      this.displaced.push({ node, pass, dependencies, grad, grads, needed, captures });
      node.grad = null;
      node.grads = null;
      node.captures = null;
    }
    node.pass = this;
    node.dependencies = 0;
    node.needed = false;
    this.nodes.push(node);
    return true;
  }

  private markNeeded(targets: readonly Target[]): void {
    targets.forEach(({ node, nr }, index) => {
      if (node.pass !== this) return;
      node.captures ??= [];
      node.captures.push({ nr, index });
      if (this.options.accumulate) node.needed = true;
    });
    // What a node leads to was made before it, but for accumulators, which lead nowhere.
    const order = this.nodes.filter((node) => node.edges.length > 0).sort((a, b) => a.sequence - b.sequence);
    for (const node of this.nodes) if (node.captures !== null) node.needed = true;
    for (const node of order) {
      if (node.needed) continue;
      const { edges } = node;
      for (let i = 0; i < edges.length; i++) {
        if (edges[i]?.node?.needed) {
          node.needed = true;
          break;
        }
      }
    }
  }

  /** Whether anything behind `node` is wanted, so that it has to run. */
  private leadsOn(node: Node): boolean {
    if (this.options.targets === null) return true;
    const { edges } = node;
    if (edges.length === 0) return this.options.accumulate && node.captures !== null;
    for (let i = 0; i < edges.length; i++) if (edges[i]?.node?.needed) return true;
    return false;
  }

  /** Adds a gradient, held once for this, to what has come for output `nr` of `node`. */
  private deliver(node: Node, nr: number, grad: Tensor): void {
    let before: Tensor | null;
    if (node.outputCount === 1) before = node.grad;
    else {
      node.grads ??= new Array<Tensor | null>(node.outputCount).fill(null);
      before = node.grads[nr]!;
    }
    let next = grad;
    if (before !== null) {
      next = accumulate(before, grad);
      if (next !== grad) drop(grad);
      if (next === before) return;
      drop(before);
      if (next !== grad) hold(next);
    }
    if (node.outputCount === 1) node.grad = next;
    else node.grads![nr] = next;
  }

  private evaluate(node: Node): void {
    let grads: Grads;
    if (node.outputCount === 1) {
      grads = [node.grad];
      node.grad = null;
    } else {
      grads = node.grads ?? new Array<Tensor | null>(node.outputCount).fill(null);
      node.grads = null;
    }
    const { hooks } = node;
    if (hooks !== null) grads = this.runPreHooks(node, grads);
    if (node.captures !== null) {
      for (const { nr, index } of node.captures) {
        const grad = grads[nr] ?? null;
        this.captured[index] = grad;
        if (grad !== null) hand(grad);
      }
    }
    if (this.leadsOn(node)) this.step(node, grads);
    for (let i = 0; i < grads.length; i++) drop(grads[i]!);
  }

  /** Runs `node` and passes its results on. */
  private step(node: Node, grads: Grads): void {
    const { edges, hooks } = node;
    const count = edges.length;
    let results: readonly (Tensor | null | undefined)[];
    let made: Storage[] | null = null;
    if (!anyTensor(grads)) results = [];
    else if (this.options.createGraph || node.exposed || count === 0) {
      if (node.exposed) for (const grad of grads) expose(grad);
      results = this.derive(node, grads);
    } else {
      const outer = enterScope();
      try {
        results = this.derive(node, grads);
      } finally {
        made = leaveScope(outer);
      }
      for (let i = 0; i < made.length; i++) made[i]!.holders = 0;
    }
    if (hooks !== null && hooks.post.length > 0) {
      results = runPostHooks(node, results, grads);
      made = null;
    }
    // All are held before the first is passed on: one tensor may be the gradient of several inputs.
    for (let i = 0; i < count; i++) if (results[i] != null && this.wants(edges[i])) hold(results[i]!);
    for (let i = 0; i < count; i++) {
      const next = edges[i]?.node;
      if (next == null) continue;
      const grad = results[i];
      if (grad != null && this.wants(edges[i])) this.deliver(next, edges[i]!.nr, grad);
      if (--next.dependencies === 0) this.ready.push(next);
    }
    if (!this.options.keepGraph) node.free();
    if (made !== null) for (let i = 0; i < made.length; i++) if (made[i]!.holders === 0) release(made[i]!);
  }

  /** The derivative's results, fitted to what the inputs were. */
  private derive(node: Node, grads: Grads): readonly (Tensor | null | undefined)[] {
    try {
      const { edges } = node;
      const raw = node.apply(grads, this);
      const fitted: (Tensor | null)[] = new Array(edges.length);
      for (let i = 0; i < edges.length; i++) {
        const grad = raw[i];
        const edge = edges[i];
        fitted[i] = grad == null || edge == null || edge.node === null ? null : fitGradient(grad, edge, node.name(), i);
      }
      if (isAnomalyEnabled()) checkNaN(node, fitted);
      return fitted;
    } catch (error) {
      throw isAnomalyEnabled() ? withTrace(error, node) : error;
    }
  }

  private runPreHooks(node: Node, given: Grads): Grads {
    const hooks = node.hooks!;
    let grads = given;
    for (const grad of grads) expose(grad);
    const replaced = (nr: number, next: Tensor | null | undefined): void => {
      if (next == null) return;
      if (grads === given) grads = [...given];
      grads[nr] = next;
    };
    for (const { nr, call } of [...hooks.tensor]) {
      const grad = grads[nr];
      if (grad == null) continue;
      const next = call(grad);
      if (next != null) checkHookResult(grad, next);
      replaced(nr, next ?? null);
    }
    for (const hook of [...hooks.pre]) {
      const next = hook(grads);
      if (next == null) continue;
      (Array.isArray(next) ? next : [next]).forEach((grad, nr) => {
        replaced(nr, grad);
      });
    }
    for (const { nr, tensor } of hooks.retained) {
      const grad = grads[nr];
      if (grad != null) retainGradient(tensor, grad, this.options.createGraph);
    }
    return grads;
  }

  /** Leaves the nodes as an outer pass had them, or clean. */
  private leave(): void {
    for (const node of this.nodes) {
      if (node.grad !== null) forget(node.grad);
      if (node.grads !== null) for (const grad of node.grads) if (grad !== null) forget(grad);
      node.pass = null;
      node.grad = null;
      node.grads = null;
      node.captures = null;
      node.dependencies = 0;
    }
    if (this.displaced === null) return;
    for (const { node, pass, dependencies, grad, grads, needed, captures } of this.displaced) {
      node.pass = pass;
      node.dependencies = dependencies;
      node.grad = grad;
      node.grads = grads;
      node.needed = needed;
      node.captures = captures;
    }
  }
}

function anyTensor(grads: Grads): boolean {
  for (let i = 0; i < grads.length; i++) if (grads[i] !== null) return true;
  return false;
}

/** One more gradient that waits lies in this memory. */
function hold(grad: Tensor): void {
  const { storage } = grad;
  if (storage.holders >= 0) storage.holders++;
}

/** One less; the last gives the memory back. */
function drop(grad: Tensor | null): void {
  if (grad === null) return;
  const { storage } = grad;
  if (storage.holders > 0 && --storage.holders === 0) release(storage);
}

/** The gradient becomes visible to code that may keep it. */
function expose(grad: Tensor | null): void {
  if (grad !== null && grad.storage.holders >= 0) forget(grad);
}

function forget(grad: Tensor): void {
  if (grad.storage.holders < 0) return;
  grad.storage.holders = -1;
  adoptStorage(grad.storage);
}

/** The gradient is returned to the caller. */
const hand = expose;

function checkNaN(node: Node, grads: readonly (Tensor | null)[]): void {
  if (!isAnomalyCheckNaNEnabled()) return;
  grads.forEach((grad, i) => {
    if (grad === null || grad.count === 0) return;
    const values = grad.detach().ne(grad.detach()).sum().item();
    if (Number(values) > 0) throw new AutogradError(`Function '${node.name()}' returned nan values in its ${i}th output.`);
  });
}

function checkHookResult(grad: Tensor, next: Tensor): void {
  if (next.dtype !== grad.dtype) {
    throw new AutogradError(`hook has changed the type of value (was torch.${grad.dtype} got torch.${next.dtype})`);
  }
  if (next.shape.length !== grad.shape.length || next.shape.some((n, i) => n !== grad.shape[i])) {
    throw new AutogradError("hook has changed the size of value");
  }
}

function runPostHooks(node: Node, results: readonly (Tensor | null | undefined)[], grads: Grads): readonly (Tensor | null | undefined)[] {
  let current = node.edges.map((_, i) => results[i] ?? null);
  for (const grad of current) expose(grad);
  for (const grad of grads) expose(grad);
  for (const hook of [...node.hooks!.post]) {
    const next = hook(current, grads);
    if (next == null) continue;
    const list = Array.isArray(next) ? (next as readonly (Tensor | null)[]) : [next as Tensor];
    current = current.map((grad, i) => {
      const given = list[i];
      return given == null ? (i < list.length ? null : grad) : fitGradient(given, node.edges[i]!, node.name(), i);
    });
  }
  return current;
}

/** Sets `.grad` of a tensor that keeps its gradient: a new tensor, so that later hooks and sums leave it alone. */
function retainGradient(tensor: Tensor, grad: Tensor, createGraph: boolean): void {
  retained(tensor, grad, createGraph);
}

let retained: (tensor: Tensor, grad: Tensor, createGraph: boolean) => void = () => {};
/** How `.grad` of a tensor that is no leaf is set. */
export function onRetain(set: typeof retained): void {
  retained = set;
}
