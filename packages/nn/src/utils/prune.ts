import * as torch from "@bluedot/core";
import { type Tensor, TensorError } from "@bluedot/core";
import type { Module } from "../module/module.ts";
import {
  type BasePruningMethod,
  CustomFromMask,
  hasPruning,
  Identity,
  L1Unstructured,
  LnStructured,
  type PruningClass,
  PruningContainer,
  pruningOf,
  RandomStructured,
  RandomUnstructured,
} from "./pruning-methods.ts";

export {
  BasePruningMethod,
  CustomFromMask,
  Identity,
  L1Unstructured,
  LnStructured,
  type PruningClass,
  PruningContainer,
  type PruningType,
  RandomStructured,
  RandomUnstructured,
} from "./pruning-methods.ts";

/** Pruning without pruning anything: the field gets a mask of ones. @see torch.nn.utils.prune.identity */
export function identity<M extends Module>(module: M, name: string): M {
  Identity.apply(module, name);
  return module;
}

/** Sets `amount` elements, drawn at random, to 0. @throws {TensorError} @see torch.nn.utils.prune.random_unstructured */
export function randomUnstructured<M extends Module>(module: M, name: string, amount: number): M {
  RandomUnstructured.apply(module, name, amount);
  return module;
}

/** Sets the `amount` elements of least magnitude (or of least `importanceScores`) to 0. @throws {TensorError} @see torch.nn.utils.prune.l1_unstructured */
export function l1Unstructured<M extends Module>(module: M, name: string, amount: number, importanceScores: Tensor | null = null): M {
  L1Unstructured.apply(module, name, amount, importanceScores);
  return module;
}

/** Sets `amount` slices along `dim`, drawn at random, to 0. @throws {TensorError} @see torch.nn.utils.prune.random_structured */
export function randomStructured<M extends Module>(module: M, name: string, amount: number, dim: number): M {
  RandomStructured.apply(module, name, amount, dim);
  return module;
}

/** Sets the `amount` slices along `dim` of least norm of degree `n` to 0. @throws {TensorError} @see torch.nn.utils.prune.ln_structured */
export function lnStructured<M extends Module>(
  module: M,
  name: string,
  amount: number,
  n: number,
  dim: number,
  importanceScores: Tensor | null = null,
): M {
  LnStructured.apply(module, name, amount, n, dim, importanceScores);
  return module;
}

const methods = { l1Unstructured: L1Unstructured, randomUnstructured: RandomUnstructured };

/** Further arguments of {@link globalUnstructured}. */
export interface GlobalPruningOptions {
  /** Scores in place of the parameters, one for each. */
  importanceScores?: ReadonlyMap<Module, Readonly<Record<string, Tensor>>> | null;
}

/**
 * Prunes all given parameters as one vector, by a method that looks at single elements.
 * @throws {TypeError} for a method that looks at slices @throws {TensorError} @see torch.nn.utils.prune.global_unstructured
 */
export function globalUnstructured(
  parameters: readonly (readonly [Module, string])[],
  pruningMethod: keyof typeof methods | PruningClass<readonly [amount: number]>,
  amount: number,
  { importanceScores = null }: GlobalPruningOptions = {},
): void {
  const Method = typeof pruningMethod === "string" ? methods[pruningMethod] : pruningMethod;
  const value = ([module, name]: readonly [Module, string]): Tensor => (module as unknown as Record<string, Tensor>)[name]!.detach();
  const joined = (of: (pair: readonly [Module, string]) => Tensor): Tensor => torch.cat(parameters.map((pair) => of(pair).reshape([-1])));
  const scores = joined((pair) => importanceScores?.get(pair[0])?.[pair[1]] ?? value(pair));
  const before = joined(
    (pair) => (pair[0] as unknown as Record<string, Tensor | undefined>)[`${pair[1]}_mask`] ?? torch.onesLike(value(pair)),
  );
  const method: BasePruningMethod = new Method(amount);
  if (method.pruningType !== "unstructured") {
    throw new TypeError(
      `Only "unstructured" PRUNING_TYPE supported for the \`pruning_method\`. Found method ${Method.name} of type ${method.pruningType}`,
    );
  }
  const mask = new PruningContainer(method).computeMask(scores, before);
  let at = 0;
  for (const [module, name] of parameters) {
    const { count, shape } = value([module, name]);
    customFromMask(module, name, mask.narrow(0, at, count).reshape(shape));
    at += count;
  }
}

/** Sets the elements where `mask` is 0 to 0. @see torch.nn.utils.prune.custom_from_mask */
export function customFromMask<M extends Module>(module: M, name: string, mask: Tensor): M {
  CustomFromMask.apply(module, name, mask);
  return module;
}

/** Makes pruning permanent: the field is an ordinary parameter again, with the zeros in it. @throws {TensorError} when it isn't pruned @see torch.nn.utils.prune.remove */
export function remove<M extends Module>(module: M, name: string): M {
  const method = pruningOf(module, name);
  if (method === undefined) {
    throw new TensorError(`Parameter '${name}' of module ${String(module)} has to be pruned before pruning can be removed`);
  }
  method.remove(module);
  return module;
}

/** Whether anything in the module is pruned. @see torch.nn.utils.prune.is_pruned */
export function isPruned(module: Module): boolean {
  return module.modules().some(hasPruning);
}
