import { AutogradError, type DType, Tensor, TensorError } from "@bluedot/core";
import { emptyTensor, isComplex, isFloatingPoint } from "@bluedot/core/extend";

/**
 * A tensor that a {@link Module} learns: assigned to a field of a module it is found by `parameters()` and saved by `stateDict()`.
 * It is a leaf over the memory of `data` and requires grad unless told otherwise.
 * @throws {AutogradError} when an integer tensor shall require grad
 * @see torch.nn.Parameter
 */
export class Parameter extends Tensor {
  constructor(data: Tensor = emptyTensor([0], "float32"), requiresGrad: boolean | { requiresGrad?: boolean } = true) {
    super(data.storage, data.shape, data.strides, data.offset, data.dtype);
    const learnt = typeof requiresGrad === "boolean" ? requiresGrad : (requiresGrad.requiresGrad ?? true);
    if (learnt && !isFloatingPoint(data.dtype) && !isComplex(data.dtype)) {
      throw new AutogradError("Only Tensors of floating point and complex dtype can require gradients");
    }
    if (learnt) this.requiresGrad = true;
  }

  override toString(): string {
    return `Parameter containing:\n${super.toString()}`;
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return this.toString();
  }
}

/** What lazy modules hold until their first input tells the shape. */
export interface Uninitialized {
  /** Gives the tensor its shape and uninitialised memory. */
  materialize(shape: readonly number[], dtype?: DType): void;
}

/** A parameter without a shape yet. @see torch.nn.UninitializedParameter */
export class UninitializedParameter extends Parameter implements Uninitialized {
  private known = false;

  constructor(options: { requiresGrad?: boolean; dtype?: DType | null; device?: string | null } = {}) {
    super(emptyTensor([0], options.dtype ?? "float32", options.device ?? "cpu"), options.requiresGrad ?? true);
  }

  /** Whether the shape is still unknown. */
  get isUninitialized(): boolean {
    return !this.known;
  }

  materialize(shape: readonly number[], dtype: DType = this.dtype): void {
    replaceData(this, emptyTensor(shape, dtype, this.device));
    this.known = true;
    Object.setPrototypeOf(this, Parameter.prototype);
  }

  override toString(): string {
    return this.known ? super.toString() : "<UninitializedParameter>";
  }
}

/** A buffer without a shape yet. @see torch.nn.UninitializedBuffer */
export class UninitializedBuffer extends Tensor implements Uninitialized {
  private known = false;

  constructor(options: { dtype?: DType | null; device?: string | null } = {}) {
    const empty = emptyTensor([0], options.dtype ?? "float32", options.device ?? "cpu");
    super(empty.storage, empty.shape, empty.strides, empty.offset, empty.dtype);
  }

  /** Whether the shape is still unknown. */
  get isUninitialized(): boolean {
    return !this.known;
  }

  materialize(shape: readonly number[], dtype: DType = this.dtype): void {
    replaceData(this, emptyTensor(shape, dtype, this.device));
    this.known = true;
    Object.setPrototypeOf(this, Tensor.prototype);
  }

  override toString(): string {
    return this.known ? super.toString() : "<UninitializedBuffer>";
  }
}

/** Whether `tensor` still waits for its shape. @see torch.nn.parameter.is_lazy */
export const isLazy = (tensor: unknown): tensor is Tensor & Uninitialized =>
  (tensor instanceof UninitializedParameter || tensor instanceof UninitializedBuffer) && tensor.isUninitialized;

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/**
 * Lets `target` read and write the memory of `source` from now on, keeping its identity: optimizers and the module go on holding it.
 * @throws {TensorError} when `target` was computed from other tensors
 */
export function replaceData(target: Tensor, source: Tensor): void {
  if (!target.isLeaf) throw new TensorError("the data of a tensor that was computed from others cannot be replaced");
  const open = target as Mutable<Tensor>;
  open.storage = source.storage;
  open.dtype = source.dtype;
  open.base = null;
  target.relayout(source.shape, source.strides, source.offset);
}
