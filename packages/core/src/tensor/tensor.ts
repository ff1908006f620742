import { nothingElse, signature } from "../dispatch/arguments.ts";
import {
  type AutogradMeta,
  autogradHook,
  type BackwardOptions,
  currentAutogradHook,
  type GradNode,
  type TensorHook,
} from "../dispatch/autograd-hook.ts";
import { AutogradError } from "../errors.ts";
import { imag, real } from "../ops/elementwise/complex.ts";
import type { TensorMethods } from "../ops/methods.ts";
import { permute } from "../ops/view/permute.ts";
import { select } from "../ops/view/select.ts";
import { transpose } from "../ops/view/transpose.ts";
import { describeTensor } from "./describe.ts";
import { type DType, dtypeInfo, isDifferentiable, type TypedArray } from "./dtype.ts";
import { checkNames } from "./names.ts";
import { isRowMajor, numelOf, type Shape } from "./shape.ts";
import type { Storage } from "./storage.ts";
import { counterFor, isUncounted, type VersionCounter } from "./version.ts";

const bindBackward = signature("backward", { gradient: null, retainGraph: null, createGraph: false, inputs: null });

/** Where a view comes from, which decides whether a recorded write through it is allowed. */
export enum ViewOrigin {
  /** No view, or one made while operations were recorded. */
  recorded = 0,
  /** Made while they were not. */
  noGrad = 1,
  /** One of several views made by one operator. */
  several = 2,
  /** Returned by a custom function. */
  customFunction = 3,
  /** Made in inference mode. */
  inference = 4,
}

/**
 * A multi-dimensional array of one element type: a {@link Storage} and the layout by which it is read.
 * Every operator of `ops/` is also a method: `add(a, b)` is `a.add(b)`.
 * @see torch.Tensor
 */
export class Tensor {
  storage: Storage;
  /** Sizes of the dimensions. */
  shape: Shape;
  /** Steps between neighbours in each dimension, in elements. */
  strides: readonly number[];
  /** Where the first element lies in the storage, in elements. */
  offset: number;
  dtype: DType;
  /** Number of elements. */
  count: number;
  /** The tensor this is a view of, else null. */
  base: Tensor | null = null;
  /** For views: how it was made, and the version of the base that its node belongs to. For autograd. */
  origin: ViewOrigin = ViewOrigin.recorded;
  viewVersion = 0;
  /** Counts in-place writes: the storage, but for tensors of `.data` and of inference mode. */
  counter: VersionCounter;
  /** Whether this tensor itself, not only its base, is a leaf that requires grad or the result of a node. See {@link requiresGrad}. */
  tracked = false;
  /** Filled in by autograd; null while the tensor takes no part in a graph. */
  autograd: AutogradMeta | null = null;
  /** Names of the dimensions; null when none is named. */
  dimNames: readonly (string | null)[] | null = null;
  /** Known to be row-major without gaps (1), known not to be (0), or not looked at yet (-1). */
  private rowMajor: -1 | 0 | 1;

  constructor(storage: Storage, shape: Shape, strides: readonly number[], offset: number, dtype: DType, rowMajor: -1 | 0 | 1 = -1) {
    this.storage = storage;
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.dtype = dtype;
    this.count = numelOf(shape);
    this.counter = counterFor(storage);
    this.rowMajor = rowMajor;
  }

  /** Whether elements lie in row-major order without gaps. */
  get contiguousLayout(): boolean {
    if (this.rowMajor < 0) this.rowMajor = isRowMajor(this.shape, this.strides) ? 1 : 0;
    return this.rowMajor === 1;
  }

  /** Gives this tensor another layout over its storage (`transpose_`, `unsqueeze_`, `resize_`). For operators. */
  relayout(shape: Shape, strides: readonly number[], offset: number): void {
    this.shape = shape;
    this.strides = strides;
    this.offset = offset;
    this.count = numelOf(shape);
    this.rowMajor = -1;
  }

  /** The storage's elements as this tensor's dtype. Index with `offset` and `strides`; complex elements take two places. */
  get elements(): TypedArray {
    return this.storage.typed(this.dtype);
  }

  /** Where the tensor lives, such as `"cpu"` or `"cuda:0"`. */
  get device(): string {
    return this.storage.device;
  }

  /** Number of dimensions. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Names of the dimensions, null where one has none. @see torch.Tensor.names */
  get names(): readonly (string | null)[] {
    return this.dimNames ?? new Array<null>(this.shape.length).fill(null);
  }
  set names(names: readonly (string | null)[] | null) {
    this.dimNames = names === null || names.every((name) => name === null) ? null : checkNames(names, this.shape.length);
  }

  /** Bytes of one element. @see torch.Tensor.itemsize */
  get itemsize(): number {
    return dtypeInfo[this.dtype].itemSize;
  }

  /** Bytes of all elements. */
  get nbytes(): number {
    return this.count * this.itemsize;
  }

  /** The dimensions reversed. @see torch.Tensor.T */
  get T(): Tensor {
    return permute(
      this,
      this.shape.map((_, i) => this.shape.length - 1 - i),
    );
  }

  /** The last two dimensions exchanged. @throws {ShapeError} below two dimensions @see torch.Tensor.mT */
  get mT(): Tensor {
    if (this.ndim === 0) return this;
    if (this.ndim < 2) {
      throw new AutogradError(`tensor.mT is only supported on matrices or batches of matrices. Got ${this.ndim}-D tensor.`);
    }
    return transpose(this, -2, -1);
  }

  /** The real parts, sharing storage; a real tensor itself. @see torch.Tensor.real */
  get real(): Tensor {
    return real(this);
  }

  /** The imaginary parts, sharing storage. @throws {DTypeError} for real tensors @see torch.Tensor.imag */
  get imag(): Tensor {
    return imag(this);
  }

  /** Whether `backward` computes a gradient for this tensor or passes through it. */
  get requiresGrad(): boolean {
    return this.tracked || (this.base !== null && this.base.tracked);
  }
  set requiresGrad(value: boolean) {
    if (value && !isDifferentiable(this.dtype)) {
      throw new AutogradError("only Tensors of floating point and complex dtype can require gradients");
    }
    autogradHook("requiresGrad").setRequiresGrad(this, value);
  }

  /** Sets {@link requiresGrad} and returns the tensor. @throws {AutogradError} for integer dtypes, or `false` on a result */
  requiresGrad_(value = true): this {
    autogradHook("requiresGrad_").setRequiresGrad(this, value);
    return this;
  }

  /** The gradient that `backward` accumulated, or null. */
  get grad(): Tensor | null {
    return this.autograd === null ? null : autogradHook("grad").gradOf(this);
  }
  set grad(value: Tensor | null) {
    if (value === null && this.autograd === null) return;
    autogradHook("grad").setGrad(this, value);
  }

  /** The node that computed this tensor, or null for leaves. */
  get gradFn(): GradNode | null {
    return currentAutogradHook()?.gradFnOf(this) ?? null;
  }

  /** Whether the tensor was made by the user rather than computed from tensors that require grad. */
  get isLeaf(): boolean {
    return currentAutogradHook()?.isLeaf(this) ?? true;
  }

  /** Counts in-place writes to the storage. @throws {AutogradError} for tensors of inference mode @see torch.Tensor._version */
  get version(): number {
    if (isUncounted(this.counter)) throw new AutogradError("Inference tensors do not track version counter.");
    return this.counter.version;
  }

  /** Whether the tensor was made in inference mode. @see torch.Tensor.is_inference */
  isInference(): boolean {
    return isUncounted(this.counter);
  }

  /**
   * The same elements outside the graph; writes to it are not noticed by autograd. Assigning replaces this tensor's elements,
   * shape and dtype and leaves its part in the graph alone. Prefer `detach()` and `noGrad`.
   * @see torch.Tensor.data
   */
  get data(): Tensor {
    const out = new Tensor(this.storage, this.shape, this.strides, this.offset, this.dtype);
    out.dimNames = this.dimNames;
    if (!isUncounted(this.counter)) out.counter = { version: 0 };
    return out;
  }
  set data(other: Tensor) {
    if (!(other instanceof Tensor)) throw new TypeError(`Variable data has to be a tensor, but got ${typeof other}`);
    if (this.requiresGrad && !isDifferentiable(other.dtype)) {
      throw new AutogradError("data set to a tensor that requires gradients must be floating point or complex dtype");
    }
    if (!isUncounted(this.counter) && this.counter === this.storage) this.counter = { version: this.counter.version };
    this.storage = other.storage;
    this.dtype = other.dtype;
    this.dimNames = other.dimNames;
    this.relayout(other.shape, other.strides, other.offset);
  }

  /**
   * Adds d(this)/d(leaf), weighted by `gradient` (1 for a scalar), to `leaf.grad` for every leaf of the graph, which is then freed unless
   * `retainGraph`. With `createGraph` the pass itself is recorded; with `inputs` only these get a gradient.
   * @throws {AutogradError} for a tensor that does not require grad, or is no scalar while `gradient` is missing
   * @see torch.Tensor.backward
   */
  backward(
    gradient?: Tensor | null | (BackwardOptions & { gradient?: Tensor | null }),
    retainGraph?: boolean | null | BackwardOptions,
    createGraph?: boolean | BackwardOptions,
    inputs?: Tensor | readonly Tensor[] | BackwardOptions,
  ): void {
    const hook = autogradHook("backward");
    if (gradient === undefined) return hook.backward(this, null, {});
    const { gradient: weight, ...options } = bindBackward([gradient, retainGraph, createGraph, inputs].filter((v) => v !== undefined));
    hook.backward(this, weight, options);
  }

  /** Keeps the gradient of a non-leaf in {@link grad}. @see torch.Tensor.retain_grad */
  retainGrad(): void {
    autogradHook("retainGrad").retainGrad(this);
  }

  /** Whether {@link retainGrad} was called. @see torch.Tensor.retains_grad */
  get retainsGrad(): boolean {
    return this.autograd?.retainsGrad ?? false;
  }

  /** Calls `hook` with the gradient of this tensor whenever it is computed; what it returns replaces the gradient. @see torch.Tensor.register_hook */
  registerHook(hook: TensorHook): { remove(): void } {
    return autogradHook("registerHook").registerHook(this, hook);
  }

  /** Calls `hook` with this leaf whenever `backward` has added to its {@link grad}. @throws {AutogradError} for other tensors @see torch.Tensor.register_post_accumulate_grad_hook */
  registerPostAccumulateGradHook(hook: (tensor: Tensor) => void): { remove(): void } {
    return autogradHook("registerPostAccumulateGradHook").registerPostAccumulateGradHook(this, hook);
  }

  /** Slices along the first dimension. @throws {TypeError} on a 0-d tensor */
  *[Symbol.iterator](): Generator<Tensor, void, undefined> {
    if (this.ndim === 0) throw new TypeError("iteration over a 0-d tensor");
    for (let i = 0; i < this.shape[0]!; i++) yield select(this, 0, i);
  }

  /** PyTorch's `repr`. */
  toString(): string {
    return describeTensor(this);
  }

  /** What `console.log` prints in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return describeTensor(this);
  }
}

export interface Tensor extends TensorMethods {}

export function isTensor(value: unknown, ...extra: never[]): value is Tensor {
  nothingElse("isTensor", extra);
  return value instanceof Tensor;
}
