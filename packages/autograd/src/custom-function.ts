import { AutogradError, Tensor, zeros } from "@bluedot/core";
import { isDifferentiable, isRecording, type TensorSpec, ViewOrigin } from "@bluedot/core/extend";
import { isAnomalyEnabled, rememberTrace } from "./anomaly.ts";
import { type Edge, freed, overwritten } from "./edge.ts";
import { withGradMode } from "./grad-mode.ts";
import { edgeOf, isLeaf, originOf, setHistory, writeInto } from "./graph.ts";
import { type Grads, Node } from "./node.ts";
import { hasSavedTensorHooks, Packed, pack } from "./saved-tensor-hooks.ts";

interface Saved {
  readonly tensor: Tensor | Packed;
  readonly version: number;
  /** Which output of the function it is, or -1. */
  readonly output: number;
}

/** What `forward` leaves for `backward`. Any other property may be set on it too. @see torch.autograd.function.FunctionCtx */
export class FunctionContext {
  /** Which arguments of `forward` are tensors that want a gradient. */
  needsInputGrad: readonly boolean[] = [];
  /** Settings of `forward`, of whatever type, for `backward`. */
  // biome-ignore lint/suspicious/noExplicitAny: programs put values of their own types here, as on Python's ctx
  [attribute: string]: any;

  /** Saves inputs or outputs of `forward` for `backward`, which finds them in {@link savedTensors}. @see torch.autograd.function.FunctionCtx.save_for_backward */
  saveForBackward(...tensors: (Tensor | null)[]): void {
    stateOf(this).toSave = tensors;
  }

  /** The saved tensors. @throws {AutogradError} when they were overwritten or freed */
  get savedTensors(): Tensor[] {
    const { node, toSave } = stateOf(this);
    // Null where null was saved, which `backward` knows; the type follows the usual case.
    return (node === null ? toSave : node.savedTensors()) as Tensor[];
  }

  /** Tells that `forward` wrote into these inputs, which it must return. @see torch.autograd.function.FunctionCtx.mark_dirty */
  markDirty(...tensors: Tensor[]): void {
    stateOf(this).dirty = tensors;
  }

  /** Tells that no gradient goes through these outputs. @see torch.autograd.function.FunctionCtx.mark_non_differentiable */
  markNonDifferentiable(...tensors: Tensor[]): void {
    stateOf(this).constant = tensors;
  }

  /** Whether `backward` gets zeros (the default) or null where an output has no gradient. @see torch.autograd.function.FunctionCtx.set_materialize_grads */
  setMaterializeGrads(value: boolean): void {
    stateOf(this).materialize = value;
  }
}

/** What the library keeps of a context, out of the way of a program's own properties. */
interface State {
  node: FunctionNode | null;
  toSave: (Tensor | null)[];
  dirty: Tensor[];
  constant: Tensor[];
  materialize: boolean;
}

const states = new WeakMap<FunctionContext, State>();
const stateOf = (context: FunctionContext): State => states.get(context)!;

interface Definition {
  readonly name: string;
  backward(ctx: FunctionContext, ...gradOutputs: never[]): unknown;
}

interface Callable extends Definition {
  forward(ctx: FunctionContext, ...args: never[]): unknown;
}

/** A recorded call of a custom function. */
export class FunctionNode extends Node {
  readonly definition: Definition;
  readonly context: FunctionContext;
  outputCount = 1;
  outputSpecs: readonly (TensorSpec & { device: string })[] = [];
  saved: readonly (Saved | null)[] | null = [];

  constructor(definition: Definition, context: FunctionContext, edges: readonly (Edge | null)[]) {
    super(edges);
    this.definition = definition;
    this.context = context;
  }

  name(): string {
    return `${this.definition.name}Backward`;
  }

  override get exposed(): boolean {
    return true;
  }

  apply(grads: Grads): readonly (Tensor | null)[] {
    let given: readonly (Tensor | null)[] = grads;
    if (stateOf(this.context).materialize) {
      given = grads.map((grad, i) => {
        if (grad !== null) return grad;
        const { shape, dtype, device } = this.outputSpecs[i]!;
        return zeros(shape, { dtype, device });
      });
    }
    const returned = this.definition.backward(this.context, ...(given as never[]));
    return this.checked(Array.isArray(returned) ? returned : [returned]);
  }

  private checked(returned: unknown[]): (Tensor | null)[] {
    const { length } = this.edges;
    if (returned.length < length || returned.slice(length).some((extra) => extra != null)) {
      throw new AutogradError(
        `function ${this.name()} returned an incorrect number of gradients (expected ${length}, got ${returned.length})`,
      );
    }
    return this.edges.map((edge, i) => {
      const grad = returned[i] ?? null;
      if (grad === null) return null;
      if (!(grad instanceof Tensor)) {
        throw new TypeError(`expected Variable or None (got ${typeof grad})`);
      }
      if (edge === null) {
        throw new AutogradError(
          `function ${this.name()} returned a gradient different than None at position ${i + 1}, but the corresponding forward input was not a Variable`,
        );
      }
      return grad;
    });
  }

  savedTensors(): (Tensor | null)[] {
    if (this.saved === null) throw freed();
    return this.saved.map((saved) => {
      if (saved === null) return null;
      const { tensor, version, output } = saved;
      if (tensor instanceof Packed) return tensor.tensor();
      if (tensor.counter.version !== version) {
        throw overwritten(tensor, version, output < 0 ? originOf(tensor) : { node: this, nr: output });
      }
      return tensor;
    });
  }

  free(): void {
    this.saved = null;
  }
}

/**
 * An operation with a derivative of its own: a subclass defines static `forward(ctx, ...args)`, which may use any code on tensors, and static
 * `backward(ctx, ...gradOutputs)`, which gives one gradient (or null) for each argument. Call it through `apply`.
 * @example
 * class Cube extends autograd.Function {
 *   static override forward(ctx: FunctionContext, x: Tensor): Tensor {
 *     ctx.saveForBackward(x);
 *     return x.mul(x).mul(x);
 *   }
 *   static override backward(ctx: FunctionContext, grad: Tensor): Tensor {
 *     const [x] = ctx.savedTensors;
 *     return grad.mul(x!.mul(x!).mul(3));
 *   }
 * }
 * const y = Cube.apply(x);
 * @see torch.autograd.Function
 */
// biome-ignore lint/complexity/noStaticOnlyClass: PyTorch's way to define a function; subclasses override its parts
export abstract class CustomFunction {
  /** Computes the outputs: a tensor, or an array of tensors and other values. */
  static forward(_ctx: FunctionContext, ..._args: never[]): unknown {
    throw new AutogradError("You must implement the forward function for custom autograd.Function.");
  }

  /** Computes the gradients of the arguments of `forward`. */
  static backward(_ctx: FunctionContext, ..._gradOutputs: never[]): Tensor | null | readonly (Tensor | null)[] {
    throw new AutogradError(
      "You must implement either the backward or vjp method for your custom autograd.Function to use it with backward mode AD.",
    );
  }

  /** Runs `forward` and records it. */
  static apply<A extends unknown[], R>(
    this: {
      readonly name: string;
      forward(ctx: FunctionContext, ...args: A): R;
      backward(ctx: FunctionContext, ...gradOutputs: never[]): unknown;
    },
    ...args: A
  ): R {
    // biome-ignore lint/complexity/noThisInStatic: the class that `apply` is called on is the function
    return call(this as unknown as Parameters<typeof call>[0], args) as R;
  }
}

/** Runs the forward of `definition` and records it. */
function call(definition: Callable, args: readonly unknown[]): unknown {
  const context = new FunctionContext();
  const state: State = { node: null, toSave: [], dirty: [], constant: [], materialize: true };
  states.set(context, state);
  context.needsInputGrad = args.map((arg) => arg instanceof Tensor && arg.requiresGrad);
  const recorded = isRecording() && context.needsInputGrad.includes(true);
  const node = recorded
    ? new FunctionNode(
        definition,
        context,
        args.map((arg) => (arg instanceof Tensor ? edgeOf(arg) : null)),
      )
    : null;
  if (node !== null && isAnomalyEnabled()) rememberTrace(node);
  const result = withGradMode(false, () => definition.forward(context, ...(args as never[])));
  const single = !Array.isArray(result);
  const outputs = single ? [result] : [...result];
  checkDirty(state.dirty, args, outputs);
  if (node !== null) {
    const wrapped = record(node, state, args, outputs);
    state.node = node;
    return single ? wrapped[0] : wrapped;
  }
  return result;
}

function checkDirty(dirty: readonly Tensor[], args: readonly unknown[], outputs: readonly unknown[]): void {
  for (const tensor of dirty) {
    if (!outputs.includes(tensor)) {
      throw new AutogradError(
        "Some elements marked as dirty during the forward method were not returned as output. The inputs that are modified inplace must all be outputs of the Function.",
      );
    }
    if (!args.includes(tensor)) {
      throw new AutogradError(
        "Only input Tensors should be given to ctx.mark_dirty(). If a Tensor is not an input, there is no need to pass it to mark_dirty().",
      );
    }
  }
}

/** Makes the tensors among `outputs` those of `node`; what to return in their place. */
function record(node: FunctionNode, state: State, args: readonly unknown[], outputs: readonly unknown[]): unknown[] {
  node.outputCount = outputs.length;
  node.outputSpecs = outputs.map((output) =>
    output instanceof Tensor
      ? { shape: output.shape, dtype: output.dtype, device: output.device }
      : { shape: [], dtype: "float32" as const, device: "cpu" },
  );
  const several = outputs.filter((output) => output instanceof Tensor).length > 1;
  const wrapped = outputs.map((output, nr) => {
    if (!(output instanceof Tensor)) return output;
    const isInput = args.includes(output);
    if (!isDifferentiable(output.dtype) || state.constant.includes(output)) {
      return isInput && output.requiresGrad ? output.detach() : output;
    }
    if (state.dirty.includes(output)) {
      if (output.requiresGrad && isLeaf(output)) {
        throw new AutogradError("a leaf Variable that requires grad has been used in an in-place operation.");
      }
      writeInto(output, node, nr);
      return output;
    }
    const own = isInput ? withGradMode(false, () => output.view(output.shape)) : output;
    setHistory(own, node, nr);
    if (own.base !== null) own.origin = several ? ViewOrigin.several : ViewOrigin.customFunction;
    return own;
  });
  node.saved = state.toSave.map((tensor): Saved | null => {
    if (tensor === null) return null;
    const output = outputs.indexOf(tensor);
    const own = output >= 0 && !args.includes(tensor) ? (wrapped[output] as Tensor) : tensor;
    return {
      tensor: hasSavedTensorHooks() ? pack(own) : own,
      version: own.counter.version,
      output: own === tensor && args.includes(tensor) ? -1 : output,
    };
  });
  state.toSave = [];
  return wrapped;
}
