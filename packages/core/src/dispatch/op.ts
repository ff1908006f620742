import type { DType } from "../tensor/dtype.ts";
import type { Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Tensor operands of an operator, in order; null where an optional one is absent. */
export type Inputs = readonly (Tensor | null)[];

/** Shape and element type of a tensor, without its data. */
export interface TensorSpec {
  readonly shape: Shape;
  readonly dtype: DType;
}

/** Computes `outputs` from `inputs`. Must accept any strides unless the operator asks for contiguous inputs. Outputs never overlap inputs but exactly, and only for elementwise operators. */
export type Kernel<I extends Inputs = Inputs, P = unknown> = (inputs: I, outputs: readonly Tensor[], params: P) => void;

/** What a derivative sees. Inputs and outputs that the operator does not save must not be read but for their shape and dtype: `specs`. */
export interface GradContext<I extends Inputs = Inputs, P = unknown> {
  /** Gradient of the first output. */
  readonly grad: Tensor;
  /** Gradients of all outputs; null where one has none. */
  readonly grads: readonly (Tensor | null)[];
  /** Saved inputs. @throws {AutogradError} for one that was overwritten since */
  readonly inputs: I;
  /** Shape and dtype of every input, saved or not. */
  readonly specs: { readonly [K in keyof I]: TensorSpec };
  /** The first output, where saved. */
  readonly output: Tensor;
  readonly outputs: readonly Tensor[];
  readonly params: P;
  /** Which inputs want a gradient. */
  readonly needs: readonly boolean[];
}

/** Gradient of one input. May have a broadcast shape or another dtype: the engine sums and casts it. */
export type Derivative<I extends Inputs = Inputs, P = unknown> = (ctx: GradContext<I, P>) => Tensor | null;

/** One derivative an input (null: not differentiable), or one function for all where they share work. */
export type Backward<I extends Inputs = Inputs, P = unknown> =
  | readonly (Derivative<I, P> | null)[]
  | ((ctx: GradContext<I, P>) => readonly (Tensor | null)[]);

/** What to keep for the derivative: input positions, and output positions. */
export interface Saves {
  readonly inputs?: readonly number[] | "all";
  readonly outputs?: readonly number[] | "all";
  /** For each derivative the positions of the saved inputs it reads, where not all: an input is kept only if a derivative that is wanted reads it. */
  readonly readBy?: readonly (readonly number[])[];
}

export interface OpDefinition<I extends Inputs, P> {
  /** PyTorch's name in camelCase; also the kernel's. */
  readonly name: string;
  /** The node's name as PyTorch prints it, when it is not `<Name>Backward0`. */
  readonly gradName?: string;
  /** Shape and dtype of each output (one, or an array). Checks and throws; never reads data. */
  readonly infer: (inputs: I, params: P) => TensorSpec | readonly TensorSpec[];
  /** What the derivative reads. Everything else may be reused after the forward pass. Default: nothing. */
  readonly saves?: Saves;
  readonly backward?: Backward<I, P>;
  /** The kernel wants contiguous inputs; the dispatcher copies others. */
  readonly contiguous?: boolean;
  /** Each output element depends on the input elements at its own position only, so that it may be written over an input. */
  readonly elementwise?: boolean;
  /** Strides of the output, null for row-major. Default: for elementwise operators those that follow the inputs' memory order, else row-major. */
  readonly strides?: (inputs: I, params: P) => readonly number[] | null;
  /** The result does not depend on the operands' elements, so that it may be written where elements share a place. */
  readonly constant?: boolean;
  /** Dimension names of the outputs. Default: those of the inputs unified for elementwise operators, none for others. */
  readonly names?: (inputs: I, params: P) => readonly (readonly (string | null)[] | null)[] | null;
}

/** An operator: its definition and the kernels that devices have for it. Made by {@link defineOp}. */
export class Op<I extends Inputs = Inputs, P = unknown> {
  readonly name: string;
  readonly gradName: string;
  readonly infer: (inputs: I, params: P) => TensorSpec | readonly TensorSpec[];
  readonly saves: Saves;
  readonly backward: Backward<I, P> | null;
  readonly contiguous: boolean;
  readonly elementwise: boolean;
  readonly constant: boolean;
  readonly strides: OpDefinition<I, P>["strides"] | null;
  readonly names: OpDefinition<I, P>["names"] | null;
  /** The kernel in use on the CPU: native where there is one, else reference. */
  cpu: Kernel<I, P> | null = null;
  /** The kernel in TypeScript, the definition of what the operator computes. */
  reference: Kernel<I, P> | null = null;
  /** Kernels of other devices, by device type. */
  readonly others = new Map<string, Kernel<I, P>>();

  constructor(definition: OpDefinition<I, P>) {
    this.name = definition.name;
    this.gradName = definition.gradName ?? `${definition.name[0]!.toUpperCase()}${definition.name.slice(1)}Backward0`;
    this.infer = definition.infer;
    this.saves = definition.saves ?? {};
    this.backward = definition.backward ?? null;
    this.contiguous = definition.contiguous ?? false;
    this.elementwise = definition.elementwise ?? false;
    this.constant = definition.constant ?? false;
    this.strides = definition.strides ?? null;
    this.names = definition.names ?? null;
  }
}

const operators = new Map<string, Op>();

/** Every operator by name. */
export const allOps = (): ReadonlyMap<string, Op> => operators;

/** Declares an operator. Its kernels are registered with `registerKernels`. */
export function defineOp<I extends Inputs, P = undefined>(definition: OpDefinition<I, P>): Op<I, P> {
  if (operators.has(definition.name)) throw new Error(`operator ${definition.name} is defined twice`);
  const op = new Op(definition);
  operators.set(definition.name, op as unknown as Op);
  return op;
}

/** Where a view's elements lie in its base's storage. */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Another element type over the same bytes (`viewAsReal`, `view(dtype)`). Default: the base's. */
  readonly dtype?: DType;
}

export interface ViewDefinition<P> {
  readonly name: string;
  readonly gradName?: string;
  /** The view's layout. Checks and throws. */
  readonly layout: (self: Tensor, params: P) => Layout;
  readonly backward: Derivative<readonly [Tensor], P>;
  readonly names?: (self: Tensor, params: P) => readonly (string | null)[] | null;
}

/** A view: same storage, other layout, no kernel. Made by {@link defineView}. */
export class ViewOp<P = unknown> {
  readonly name: string;
  readonly gradName: string;
  readonly saves: Saves = {};
  readonly layout: (self: Tensor, params: P) => Layout;
  readonly backward: Backward<readonly [Tensor], P>;
  readonly names: ViewDefinition<P>["names"] | null;

  constructor(definition: ViewDefinition<P>) {
    this.name = definition.name;
    this.gradName = definition.gradName ?? `${definition.name[0]!.toUpperCase()}${definition.name.slice(1)}Backward0`;
    this.layout = definition.layout;
    this.backward = [definition.backward];
    this.names = definition.names ?? null;
  }
}

/** Declares a view. */
export const defineView = <P = undefined>(definition: ViewDefinition<P>): ViewOp<P> => new ViewOp(definition);

export interface MultiViewDefinition<P> {
  readonly name: string;
  readonly gradName?: string;
  /** The layout of each view. Checks and throws. */
  readonly layouts: (self: Tensor, params: P) => readonly Layout[];
  /** Reads `grads`, null where a view has none. */
  readonly backward: Derivative<readonly [Tensor], P>;
  readonly names?: (self: Tensor, params: P) => readonly (string | null)[] | null;
}

/** Several views of one tensor made at once (`split`, `unbind`), which therefore refuse in-place writes that are recorded. Made by {@link defineMultiView}. */
export class MultiViewOp<P = unknown> {
  readonly name: string;
  readonly gradName: string;
  readonly saves: Saves = {};
  readonly layouts: (self: Tensor, params: P) => readonly Layout[];
  readonly backward: Backward<readonly [Tensor], P>;
  readonly names: MultiViewDefinition<P>["names"] | null;

  constructor(definition: MultiViewDefinition<P>) {
    this.name = definition.name;
    this.gradName = definition.gradName ?? `${definition.name[0]!.toUpperCase()}${definition.name.slice(1)}Backward0`;
    this.layouts = definition.layouts;
    this.backward = [definition.backward];
    this.names = definition.names ?? null;
  }
}

/** Declares an operator that returns several views. Run it with `runViews`. */
export const defineMultiView = <P = undefined>(definition: MultiViewDefinition<P>): MultiViewOp<P> => new MultiViewOp(definition);
