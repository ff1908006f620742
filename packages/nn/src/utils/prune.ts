import { noGrad } from "@bluedot/autograd";
import * as torch from "@bluedot/core";
import { type Tensor, TensorError } from "@bluedot/core";
import { internals, type RemovableHandle } from "../module/internals.ts";
import type { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";

type Fields = Record<string, unknown>;
const fields = (module: Module): Fields => module as unknown as Fields;
const handles = new WeakMap<Module, Map<string, RemovableHandle>>();

/** How many of `size`: an integer is a number, a fraction a share. @throws {TensorError} */
function countOf(amount: number, size: number): number {
  if (typeof amount !== "number" || Number.isNaN(amount))
    throw new TypeError(`Invalid type for amount: ${String(amount)}. Must be int or float.`);
  const whole = Number.isInteger(amount) && amount !== 0;
  if (amount < 0 || (!whole && amount > 1)) {
    throw new TensorError(`amount=${amount} should either be a float in the range [0.0, 1.0] or a non-negative integer`);
  }
  if (whole && amount > size) {
    throw new TensorError(`amount=${amount} should be smaller than the number of parameters to prune=${size}`);
  }
  return whole ? amount : Math.round(amount * size);
}

/** Puts a mask over the field `name`: it is `name_orig * name_mask` from now on, computed before every call. */
function applyMask(module: Module, name: string, mask: Tensor): void {
  const own = fields(module);
  if (own[`${name}_orig`] === undefined) {
    const original = own[name] as Tensor;
    if (!(original instanceof Parameter)) throw new TensorError(`Module ${String(module)} has no parameter '${name}' to prune`);
    delete own[name];
    module.registerParameter(`${name}_orig`, original);
    module.registerBuffer(`${name}_mask`, mask);
    const handle = module.registerForwardPreHook((called: Module) => {
      fields(called)[name] = masked(called, name);
    });
    const known = handles.get(module) ?? new Map<string, RemovableHandle>();
    known.set(name, handle);
    handles.set(module, known);
  } else own[`${name}_mask`] = mask;
  own[name] = masked(module, name);
}

const masked = (module: Module, name: string): Tensor =>
  (fields(module)[`${name}_orig`] as Tensor).mul(fields(module)[`${name}_mask`] as Tensor);

/** The tensor to prune and what is left of it. */
function current(module: Module, name: string): { weight: Tensor; mask: Tensor } {
  const original = fields(module)[`${name}_orig`] as Tensor | undefined;
  if (original !== undefined) return { weight: original.detach(), mask: (fields(module)[`${name}_mask`] as Tensor).clone() };
  const weight = fields(module)[name];
  if (!(weight instanceof Parameter)) throw new TensorError(`Module ${String(module)} has no parameter '${name}' to prune`);
  return { weight: weight.detach(), mask: torch.onesLike(weight.detach()) };
}

/** Sets the mask to 0 at the `count` places of least importance among those still in. */
function dropLeast(mask: Tensor, importance: Tensor, count: (left: number) => number): Tensor {
  const keep = mask.reshape([-1]).tolist() as number[];
  const weight = importance.reshape([-1]).tolist() as number[];
  const live = keep.map((k, i) => (k === 0 ? -1 : i)).filter((i) => i >= 0);
  const n = count(live.length);
  if (n === 0) return mask;
  live.sort((a, b) => weight[a]! - weight[b]! || a - b);
  for (const i of live.slice(0, n)) keep[i] = 0;
  return torch.tensor(keep, { dtype: mask.dtype }).reshape(mask.shape);
}

/** Pruning without pruning anything: the field gets a mask of ones. @see torch.nn.utils.prune.identity */
export function identity<M extends Module>(module: M, name: string): M {
  applyMask(module, name, current(module, name).mask);
  return module;
}

/** Sets `amount` elements, drawn at random, to 0. @throws {TensorError} @see torch.nn.utils.prune.random_unstructured */
export function randomUnstructured<M extends Module>(module: M, name: string, amount: number): M {
  const { weight, mask } = current(module, name);
  countOf(amount, weight.count);
  applyMask(
    module,
    name,
    dropLeast(mask, torch.rand(weight.shape), (left) => countOf(amount, left)),
  );
  return module;
}

/** Sets the `amount` elements of least magnitude (or of least `importanceScores`) to 0. @throws {TensorError} @see torch.nn.utils.prune.l1_unstructured */
export function l1Unstructured<M extends Module>(module: M, name: string, amount: number, importanceScores: Tensor | null = null): M {
  const { weight, mask } = current(module, name);
  countOf(amount, weight.count);
  applyMask(
    module,
    name,
    dropLeast(mask, (importanceScores ?? weight).abs(), (left) => countOf(amount, left)),
  );
  return module;
}

/** Sets whole slices along `dim` to 0, those of least `scores`. */
function dropSlices(module: Module, name: string, amount: number, dim: number, scoresOf: (weight: Tensor) => number[]): void {
  const { weight, mask } = current(module, name);
  const along = dim < 0 ? dim + weight.ndim : dim;
  if (weight.ndim <= 1) {
    throw new TensorError(
      `Structured pruning can only be applied to multidimensional tensors. Found tensor of shape torch.Size([${weight.shape.join(", ")}]) with ${weight.ndim} dims`,
    );
  }
  if (along < 0 || along >= weight.ndim) {
    throw new TensorError(`Invalid index ${dim} for tensor of size torch.Size([${weight.shape.join(", ")}])`);
  }
  const size = weight.shape[along]!;
  countOf(amount, size);
  const others = weight.shape.map((_, d) => d).filter((d) => d !== along);
  const alive = (mask.sum(others).tolist() as number[]).map((n, i) => (n > 0 ? i : -1)).filter((i) => i >= 0);
  const scores = scoresOf(weight);
  const ordered = [...alive].sort((a, b) => scores[a]! - scores[b]! || a - b);
  const dropped = new Set(ordered.slice(0, countOf(amount, alive.length)));
  const keep = Array.from({ length: size }, (_, i) => (dropped.has(i) ? 0 : 1));
  const shape = weight.shape.map((n, d) => (d === along ? n : 1));
  applyMask(module, name, mask.mul(torch.tensor(keep, { dtype: mask.dtype }).reshape(shape)));
}

/** Sets `amount` slices along `dim`, drawn at random, to 0. @throws {TensorError} @see torch.nn.utils.prune.random_structured */
export function randomStructured<M extends Module>(module: M, name: string, amount: number, dim: number): M {
  dropSlices(module, name, amount, dim, (weight) => torch.rand(weight.shape.at(dim)!).tolist() as number[]);
  return module;
}

/** Sets the `amount` slices along `dim` of least norm of degree `n` to 0. @throws {TensorError} @see torch.nn.utils.prune.ln_structured */
export function lnStructured<M extends Module>(module: M, name: string, amount: number, n: number, dim: number): M {
  dropSlices(module, name, amount, dim, (weight) => {
    const along = dim < 0 ? dim + weight.ndim : dim;
    const others = weight.shape.map((_, d) => d).filter((d) => d !== along);
    return weight.norm(n, others).tolist() as number[];
  });
  return module;
}

/** Sets the `amount` elements of least magnitude, or drawn at random, of all given parameters together to 0. @throws {TensorError} @see torch.nn.utils.prune.global_unstructured */
export function globalUnstructured(
  parameters: readonly (readonly [Module, string])[],
  method: "l1Unstructured" | "randomUnstructured",
  amount: number,
): void {
  const all = parameters.map(([module, name]) => ({ module, name, ...current(module, name) }));
  const join = (tensors: readonly Tensor[]): Tensor => torch.cat(tensors.map((t) => t.reshape([-1])));
  const importance =
    method === "l1Unstructured"
      ? join(all.map(({ weight }) => weight.abs()))
      : torch.rand(all.reduce((n, { weight }) => n + weight.count, 0));
  const mask = dropLeast(join(all.map((part) => part.mask)), importance, (left) => countOf(amount, left));
  let at = 0;
  for (const { module, name, weight } of all) {
    applyMask(module, name, mask.narrow(0, at, weight.count).reshape(weight.shape));
    at += weight.count;
  }
}

/** Sets the elements where `mask` is 0 to 0. @see torch.nn.utils.prune.custom_from_mask */
export function customFromMask<M extends Module>(module: M, name: string, mask: Tensor): M {
  const { mask: own } = current(module, name);
  applyMask(module, name, own.mul(mask.to(own.dtype)));
  return module;
}

/** Makes pruning permanent: the field is an ordinary parameter again, with the zeros in it. @throws {TensorError} when it isn't pruned @see torch.nn.utils.prune.remove */
export function remove<M extends Module>(module: M, name: string): M {
  const handle = handles.get(module)?.get(name);
  if (handle === undefined) {
    throw new TensorError(`Parameter '${name}' of module ${String(module)} has to be pruned before pruning can be removed`);
  }
  const original = fields(module)[`${name}_orig`] as Parameter;
  noGrad(() => void original.copy_(masked(module, name)));
  handle.remove();
  handles.get(module)!.delete(name);
  for (const field of [name, `${name}_orig`, `${name}_mask`]) delete fields(module)[field];
  module[internals].buffers?.delete(`${name}_mask`);
  module.registerParameter(name, original);
  return module;
}

/** Whether anything in the module is pruned. @see torch.nn.utils.prune.is_pruned */
export function isPruned(module: Module): boolean {
  return module.modules().some((m) => (handles.get(m)?.size ?? 0) > 0);
}
