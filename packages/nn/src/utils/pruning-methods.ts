import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { IndexError, ShapeError, type Tensor, TensorError } from "@bluedot/core";
import { internals, type RemovableHandle } from "../module/internals.ts";
import type { Module } from "../module/module.ts";
import { pythonTypeName } from "../module/printing.ts";
import { Parameter } from "../parameter.ts";

/** What a method looks at: single elements, slices along a dimension, or all at once. */
export type PruningType = "unstructured" | "structured" | "global";

/** A class of pruning methods, for `apply` and `globalUnstructured`. */
export type PruningClass<A extends readonly unknown[] = readonly never[]> = new (...args: A) => BasePruningMethod;

const fields = (module: Module): Record<string, unknown> => module as unknown as Record<string, unknown>;

/** The method that prunes a field, and the hook that computes it before every call. */
interface Pruned {
  readonly method: BasePruningMethod;
  readonly handle: RemovableHandle;
}
const pruned = new WeakMap<Module, Map<string, Pruned>>();

/** The method that prunes the field `name`, undefined when none does. */
export const pruningOf = (module: Module, name: string): BasePruningMethod | undefined => pruned.get(module)?.get(name)?.method;

/** Whether any field of this very module is pruned. */
export const hasPruning = (module: Module): boolean => (pruned.get(module)?.size ?? 0) > 0;

/**
 * A way to choose what is set to 0: a subclass gives {@link computeMask}. The parameter becomes `name_orig`, the choice the buffer `name_mask`, and
 * the field their product, computed before every call.
 * @see torch.nn.utils.prune.BasePruningMethod
 */
export abstract class BasePruningMethod {
  /** What the method looks at, where a tensor is pruned more than once. */
  readonly pruningType: PruningType = "unstructured";
  /** The field that is pruned. */
  tensorName = "";

  /** A mask for `t`, the importance of the elements, that respects the mask from before. */
  abstract computeMask(t: Tensor, defaultMask: Tensor): Tensor;

  /** The product of original and mask. */
  applyMask(module: Module): Tensor {
    const original = fields(module)[`${this.tensorName}_orig`] as Tensor;
    return (fields(module)[`${this.tensorName}_mask`] as Tensor).to(original.dtype).mul(original);
  }

  /** Prunes the field `name`, on top of what pruned it before. @throws {ShapeError} for scores of another shape @throws {TensorError} when there is no such parameter */
  attach(module: Module, name: string, importanceScores: Tensor | null = null): BasePruningMethod {
    this.tensorName = name;
    const before = pruned.get(module)?.get(name);
    const method = before === undefined ? this : combined(before.method, this);
    const value = fields(module)[name] as Tensor;
    if (before === undefined && !(value instanceof Parameter)) {
      throw new TensorError(`Module ${String(module)} has no parameter '${name}' to prune`);
    }
    if (importanceScores !== null && importanceScores.shape.join() !== value.shape.join()) {
      throw new ShapeError(`importance_scores should have the same shape as parameter                 ${name} of ${String(module)}`);
    }
    const defaultMask = before === undefined ? torch.onesLike(value.detach()) : (fields(module)[`${name}_mask`] as Tensor).detach().clone();
    const mask = noGrad(() => method.computeMask((importanceScores ?? value).detach(), defaultMask));
    if (before === undefined) {
      delete fields(module)[name];
      module.registerParameter(`${name}_orig`, value as Parameter);
    } else before.handle.remove();
    module.registerBuffer(`${name}_mask`, mask);
    fields(module)[name] = method.applyMask(module);
    const handle = module.registerForwardPreHook((called: Module) => {
      fields(called)[name] = method.applyMask(called);
    });
    const known = pruned.get(module) ?? new Map<string, Pruned>();
    pruned.set(module, known.set(name, { method, handle }));
    return method;
  }

  /** `t` with what the method chooses set to 0. @throws {ShapeError} for scores of another shape */
  prune(t: Tensor, options: { defaultMask?: Tensor | null; importanceScores?: Tensor | null } = {}): Tensor {
    const { defaultMask = null, importanceScores = null } = options;
    if (importanceScores !== null && importanceScores.shape.join() !== t.shape.join()) {
      throw new ShapeError("importance_scores should have the same shape as tensor t");
    }
    return t.mul(this.computeMask(importanceScores ?? t, defaultMask ?? torch.onesLike(t)));
  }

  /** Makes pruning permanent: the field is an ordinary parameter again, with the zeros in it. @throws {TensorError} when it isn't pruned */
  remove(module: Module): void {
    const name = this.tensorName;
    const entry = pruned.get(module)?.get(name);
    if (entry === undefined) throw new TensorError(`Module ${String(module)} has to be pruned            before pruning can be removed`);
    const original = fields(module)[`${name}_orig`] as Parameter;
    noGrad(() => void original.copy_(this.applyMask(module)));
    entry.handle.remove();
    pruned.get(module)!.delete(name);
    for (const field of [name, `${name}_orig`, `${name}_mask`]) delete fields(module)[field];
    module[internals].buffers?.delete(`${name}_mask`);
    module.registerParameter(name, original);
  }
}

function combined(before: BasePruningMethod, method: BasePruningMethod): PruningContainer {
  const container = before instanceof PruningContainer ? before : new PruningContainer(before);
  container.addPruningMethod(method);
  return container;
}

/** Methods that prune a tensor one after the other. @see torch.nn.utils.prune.PruningContainer */
export class PruningContainer extends BasePruningMethod {
  private readonly methods: BasePruningMethod[] = [];

  constructor(...methods: readonly BasePruningMethod[]) {
    super();
    if (methods.length === 1) this.tensorName = methods[0]!.tensorName;
    for (const method of methods) this.addPruningMethod(method);
  }

  /** Adds a method. @throws {TypeError} for something else @throws {TensorError} for one of another tensor */
  addPruningMethod(method: BasePruningMethod): void {
    if (!(method instanceof BasePruningMethod)) throw new TypeError(`${pythonTypeName(method)} is not a BasePruningMethod subclass`);
    if (this.tensorName !== method.tensorName) {
      throw new TensorError(
        `Can only add pruning methods acting on the parameter named '${this.tensorName}' to PruningContainer ${this.constructor.name}. Found '${method.tensorName}'`,
      );
    }
    this.methods.push(method);
  }

  /** Number of methods. */
  get length(): number {
    return this.methods.length;
  }
  /** The method at a position. */
  at(index: number): BasePruningMethod | undefined {
    return this.methods.at(index);
  }
  [Symbol.iterator](): IterableIterator<BasePruningMethod> {
    return this.methods[Symbol.iterator]();
  }

  /** The mask from before with what the last method chooses among what is left. */
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const method = this.methods.at(-1)!;
    const mask = defaultMask.to(t.dtype);
    if (method.pruningType === "global") return method.computeMask(t, mask);
    if (method.pruningType === "unstructured") {
      const left = mask.eq(1);
      return mask.maskedScatter(left, method.computeMask(t.maskedSelect(left), mask.maskedSelect(left)).to(mask.dtype));
    }
    const { dim } = method as BasePruningMethod & { dim?: number };
    if (dim === undefined) {
      throw new TensorError('Pruning methods of PRUNING_TYPE "structured" need to have the attribute `dim` defined.');
    }
    const along = dim < 0 ? dim + t.ndim : dim;
    if (along < 0) throw new IndexError(`Index is out of bounds for tensor with dimensions ${t.ndim}`);
    const others = mask.shape.map((_, d) => d).filter((d) => d !== along);
    const left = mask.sum(others).ne(0).nonzero().flatten();
    const part = method.computeMask(t.indexSelect(along, left), mask.indexSelect(along, left));
    return mask.indexCopy(along, left, part.to(mask.dtype));
  }
}

/** How many of `size`: an integer is a number, a fraction a share. @throws {TensorError} */
function countOf(amount: number, size: number): number {
  // Halves go to the even neighbour, as Python rounds.
  const share = amount * size;
  const count = isCount(amount) ? amount : share % 1 === 0.5 ? 2 * Math.round(share / 2) : Math.round(share);
  if (count > size) throw new TensorError(`amount=${count} should be smaller than the number of parameters to prune=${size}`);
  return count;
}

/** Whether an amount is a number of elements. Python tells 1 from 1.0; here 1 is one element. */
const isCount = (amount: number): boolean => Number.isInteger(amount) && amount !== 0;

function checkAmount(amount: number): void {
  if (typeof amount !== "number" || Number.isNaN(amount))
    throw new TypeError(`Invalid type for amount: ${String(amount)}. Must be int or float.`);
  if (amount < 0 || (!isCount(amount) && amount > 1)) {
    throw new TensorError(`amount=${amount} should either be a float in the range [0, 1] or a non-negative integer`);
  }
}

function checkStructured(t: Tensor, dim: number): number {
  const size = `torch.Size([${t.shape.join(", ")}])`;
  if (t.ndim <= 1) {
    throw new TensorError(
      `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape ${size} with ${t.ndim} dims`,
    );
  }
  const along = dim < 0 ? dim + t.ndim : dim;
  if (along < 0 || along >= t.ndim) throw new IndexError(`Invalid index ${dim} for tensor of size ${size}`);
  return along;
}

/** Chooses nothing. @see torch.nn.utils.prune.Identity */
export class Identity extends BasePruningMethod {
  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask;
  }
  /** Prunes the field `name`. */
  static override apply(module: Module, name: string): BasePruningMethod {
    return new Identity().attach(module, name);
  }
}

/** Chooses `amount` elements at random. @see torch.nn.utils.prune.RandomUnstructured */
export class RandomUnstructured extends BasePruningMethod {
  readonly amount: number;
  constructor(amount: number) {
    super();
    checkAmount(amount);
    this.amount = amount;
  }
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.count);
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, torch.randLike(t).reshape([-1]).topk(count).indices);
  }
  /** Prunes the field `name`. */
  static override apply(module: Module, name: string, amount: number): BasePruningMethod {
    return new RandomUnstructured(amount).attach(module, name);
  }
}

/** Chooses the `amount` elements of least magnitude. @see torch.nn.utils.prune.L1Unstructured */
export class L1Unstructured extends BasePruningMethod {
  readonly amount: number;
  constructor(amount: number) {
    super();
    checkAmount(amount);
    this.amount = amount;
  }
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const count = countOf(this.amount, t.count);
    if (count === 0) return defaultMask.clone();
    return without(defaultMask, t.abs().reshape([-1]).topk(count, { largest: false }).indices);
  }
  /** Prunes the field `name`; importance is the magnitude of `importanceScores`, by default of the parameter. */
  static override apply(module: Module, name: string, amount: number, importanceScores: Tensor | null = null): BasePruningMethod {
    return new L1Unstructured(amount).attach(module, name, importanceScores);
  }
}

const without = (mask: Tensor, places: Tensor): Tensor => mask.reshape([-1]).indexFill(0, places, 0).reshape(mask.shape);

/** Chooses `amount` slices along `dim` at random. @see torch.nn.utils.prune.RandomStructured */
export class RandomStructured extends BasePruningMethod {
  override readonly pruningType = "structured";
  readonly amount: number;
  readonly dim: number;
  constructor(amount: number, dim = -1) {
    super();
    checkAmount(amount);
    this.amount = amount;
    this.dim = dim;
  }
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const along = checkStructured(t, this.dim);
    const size = t.shape[along]!;
    const count = countOf(this.amount, size);
    if (count === 0) return defaultMask;
    const drawn = torch.rand(size);
    return keeping(defaultMask, along, drawn.gt(drawn.kthvalue(count).values));
  }
  /** Prunes the field `name`. */
  static override apply(module: Module, name: string, amount: number, dim = -1): BasePruningMethod {
    return new RandomStructured(amount, dim).attach(module, name);
  }
}

/** Chooses the `amount` slices along `dim` of least norm of degree `n`. @see torch.nn.utils.prune.LnStructured */
export class LnStructured extends BasePruningMethod {
  override readonly pruningType = "structured";
  readonly amount: number;
  readonly n: number;
  readonly dim: number;
  constructor(amount: number, n: number, dim = -1) {
    super();
    checkAmount(amount);
    this.amount = amount;
    this.n = n;
    this.dim = dim;
  }
  override computeMask(t: Tensor, defaultMask: Tensor): Tensor {
    const along = checkStructured(t, this.dim);
    const size = t.shape[along]!;
    const count = countOf(this.amount, size);
    if (count === 0) return defaultMask;
    const others = t.shape.map((_, d) => d).filter((d) => d !== along);
    const kept = t.norm(this.n, others).topk(size - count).indices;
    return keeping(defaultMask, along, torch.zeros([size], { dtype: "bool" }).indexFill(0, kept, true));
  }
  /** Prunes the field `name`; importance is the norm of `importanceScores`, by default of the parameter. */
  static override apply(
    module: Module,
    name: string,
    amount: number,
    n: number,
    dim: number,
    importanceScores: Tensor | null = null,
  ): BasePruningMethod {
    return new LnStructured(amount, n, dim).attach(module, name, importanceScores);
  }
}

/** A mask with the slices along `dim` that aren't in `keep` set to 0. */
const keeping = (mask: Tensor, dim: number, keep: Tensor): Tensor =>
  mask.mul(keep.to(mask.dtype).reshape(mask.shape.map((n, d) => (d === dim ? n : 1))));

/** Chooses what a mask of one's own leaves out. @see torch.nn.utils.prune.CustomFromMask */
export class CustomFromMask extends BasePruningMethod {
  override readonly pruningType = "global";
  readonly mask: Tensor;
  constructor(mask: Tensor) {
    super();
    this.mask = mask;
  }
  override computeMask(_t: Tensor, defaultMask: Tensor): Tensor {
    return defaultMask.mul(this.mask.to(defaultMask.dtype));
  }
  /** Prunes the field `name`. */
  static override apply(module: Module, name: string, mask: Tensor): BasePruningMethod {
    return new CustomFromMask(mask).attach(module, name);
  }
}
