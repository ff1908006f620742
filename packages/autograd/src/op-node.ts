import { AutogradError, type Tensor, zeros } from "@bluedot/core";
import {
  type Backward,
  type GradContext,
  type Inputs,
  isDifferentiable,
  isRecording,
  type MultiViewOp,
  type Op,
  release,
  type TensorSpec,
  type ViewOp,
} from "@bluedot/core/extend";
import { type Edge, freed, overwritten, type SavedOutput } from "./edge.ts";
import type { Pass } from "./engine.ts";
import { originOf, setHistory } from "./graph.ts";
import { type Grads, Node } from "./node.ts";
import { Packed } from "./saved-tensor-hooks.ts";

/** A recorded call of an operator of core. */
export class OpNode extends Node {
  readonly op: Op | ViewOp | MultiViewOp;
  params: unknown;
  outputCount = 1;
  /** Outputs that the derivative reads, by position. */
  savedOutputs: (SavedOutput | null)[] | null = null;
  /** Shapes and dtypes of the outputs, where there are several. */
  outputSpecs: readonly TensorSpec[] | null = null;
  /** For an in-place operation: whether its first input is what it writes over. */
  readsTarget = false;
  private freed = false;

  constructor(op: Op | ViewOp | MultiViewOp, params: unknown, edges: readonly (Edge | null)[]) {
    super(edges);
    this.op = op;
    this.params = params;
  }

  name(): string {
    return this.op.gradName;
  }

  apply(grads: Grads, pass: Pass): readonly (Tensor | null | undefined)[] {
    // Operators and views differ only in how many inputs their derivatives are typed for.
    const context = new Context(this, grads, pass) as unknown as GradContext;
    const backward = this.op.backward as Backward;
    if (typeof backward === "function") return backward(context);
    const edges = this.edges;
    const results: (Tensor | null)[] = new Array(edges.length);
    for (let i = 0; i < edges.length; i++) {
      const derivative = backward[i];
      results[i] = derivative && pass.wants(edges[i]) ? derivative(context) : null;
    }
    return results;
  }

  /** Input `i` as it was. @throws {AutogradError} when it was overwritten or freed */
  input(i: number): Tensor | null {
    const edge = this.edges[i];
    if (edge == null) return null;
    const saved = edge.saved;
    if (saved === null) {
      if (this.freed && this.savesInput(i)) throw freed();
      return null;
    }
    if (saved instanceof Packed) return placed(saved, edge.node, edge.nr);
    if (saved.counter.version !== edge.version) throw overwritten(saved, edge.version, originOf(saved));
    // A derivative that is itself recorded may keep the tensor for longer than this node lives.
    if (edge.owned && isRecording()) disown(edge);
    return saved;
  }

  output(i: number): Tensor {
    const output = this.savedOutputs?.[i];
    if (output == null || output.saved === null) {
      throw this.freed ? freed() : new AutogradError(`${this.name()}: output ${i} was not saved for the derivative`);
    }
    const saved = output.saved;
    if (saved instanceof Packed) return placed(saved, this, i);
    if (saved.counter.version !== output.version) {
      // A write through a view saves the view, whose node is one of its own.
      const origin = saved.base !== null ? originOf(saved) : { node: this, nr: i };
      throw overwritten(saved, output.version, isDifferentiable(saved.dtype) ? origin : null);
    }
    if (output.owned && isRecording()) disown(output);
    return saved;
  }

  private savesInput(i: number): boolean {
    const which = this.op.saves.inputs;
    return which === "all" || (which?.includes(i) ?? false);
  }

  free(): void {
    this.freed = true;
    for (const edge of this.edges) {
      if (edge === null || edge.saved === null) continue;
      if (edge.owned) giveBack(edge);
      edge.saved = null;
    }
    const outputs = this.savedOutputs;
    if (outputs !== null) for (let i = 0; i < outputs.length; i++) if (outputs[i]?.owned) giveBack(outputs[i]!);
    this.savedOutputs = null;
  }
}

/** An unpacked tensor, at the place in the graph that the packed one had. */
function placed(packed: Packed, node: Node | null, nr: number): Tensor {
  const tensor = packed.tensor();
  if (node === null) return tensor;
  const own = tensor.detach();
  setHistory(own, node, nr);
  return own;
}

function disown(entry: Edge | SavedOutput): void {
  entry.owned = false;
  (entry.saved as Tensor).storage.holders = -1;
}

function giveBack({ saved }: Edge | SavedOutput): void {
  const { storage } = saved as Tensor;
  if (storage.holders > 0 && --storage.holders === 0) release(storage);
}

/** What a derivative sees of a node. */
class Context {
  private readonly node: OpNode;
  private readonly pass: Pass;
  readonly grads: Grads;
  /** Several derivatives of one node read the same inputs. */
  private unpacked: (Tensor | null)[] | null = null;

  constructor(node: OpNode, grads: Grads, pass: Pass) {
    this.node = node;
    this.grads = grads;
    this.pass = pass;
  }

  get grad(): Tensor {
    // Only a node with several outputs can lack the gradient of the first.
    return this.grads[0] ?? zerosLike(this.node.outputSpecs![0]!, this.grads.find((g) => g !== null)!);
  }

  get inputs(): Inputs {
    if (this.unpacked !== null) return this.unpacked;
    const { edges } = this.node;
    const inputs: (Tensor | null)[] = new Array(edges.length);
    for (let i = 0; i < edges.length; i++) inputs[i] = this.node.input(i);
    this.unpacked = inputs;
    return inputs;
  }

  get specs(): readonly (TensorSpec | null)[] {
    return this.node.edges;
  }

  get output(): Tensor {
    return this.node.output(0);
  }

  get outputs(): readonly Tensor[] {
    const outputs: Tensor[] = [];
    const saved = this.node.savedOutputs;
    if (saved === null) throw freed();
    for (let i = 0; i < saved.length; i++) if (saved[i] !== null) outputs[i] = this.node.output(i);
    return outputs;
  }

  get params(): unknown {
    return this.node.params;
  }

  get needs(): readonly boolean[] {
    return this.node.edges.map((edge) => this.pass.wants(edge));
  }
}

const zerosLike = ({ shape, dtype }: TensorSpec, like: Tensor): Tensor => zeros(shape, { dtype, device: like.device });
