import { isTensor, type Tensor } from "@bluedot/core";
import { Parameter } from "../parameter.ts";
import { copyInternals, internals } from "./internals.ts";
import { Module } from "./module.ts";

/**
 * A copy that shares nothing with the original: modules with their parameters, buffers, hooks and fields, tensors, arrays, maps, sets and
 * plain objects. What is reached twice is copied once. Private `#fields` of a module's own class can't be copied.
 * @throws {TypeError} for a tensor that was computed from others @see copy.deepcopy
 */
export function deepcopy<T>(value: T, memo: Map<unknown, unknown> = new Map()): T {
  if ((typeof value !== "object" && !(value instanceof Module)) || value === null) return value;
  const known = memo.get(value);
  if (known !== undefined) return known as T;
  const copy = copyOf(value, memo);
  memo.set(value, copy);
  return copy as T;
}

function copyOf(value: object, memo: Map<unknown, unknown>): unknown {
  if (value instanceof Module) return copyModule(value, memo);
  if (isTensor(value)) return copyTensor(value, memo);
  if (Array.isArray(value)) return value.map((item) => deepcopy(item, memo));
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [deepcopy(key, memo), deepcopy(item, memo)]));
  if (value instanceof Set) return new Set([...value].map((item) => deepcopy(item, memo)));
  if (ArrayBuffer.isView(value)) return structuredClone(value);
  const prototype: unknown = Object.getPrototypeOf(value);
  const copy = Object.create(prototype as object | null) as Record<string, unknown>;
  for (const [key, item] of Object.entries(value)) copy[key] = deepcopy(item, memo);
  return copy;
}

function copyTensor(tensor: Tensor, memo: Map<unknown, unknown>): Tensor {
  if (!tensor.isLeaf) {
    throw new TypeError("Only Tensors created explicitly by the user (graph leaves) support the deepcopy protocol at the moment");
  }
  const data = tensor.detach().clone();
  let copy: Tensor = data;
  if (tensor instanceof Parameter) {
    copy = new Parameter(data, false);
    Object.setPrototypeOf(copy, Object.getPrototypeOf(tensor) as object);
  }
  if (tensor.requiresGrad) copy.requiresGrad = true;
  copy.dimNames = tensor.dimNames;
  const { grad } = tensor;
  if (grad !== null) copy.grad = deepcopy(grad.detach(), memo);
  return copy;
}

function copyModule(module: Module, memo: Map<unknown, unknown>): Module {
  // Builds an instance of the module's class without running the class's own constructor.
  const copy = Reflect.construct(Module, [], module.constructor as new () => Module) as Module;
  memo.set(module, copy);
  Object.assign(copy[internals], copyInternals(module[internals]));
  for (const key of Reflect.ownKeys(module)) {
    if (key === internals) continue;
    const property = Object.getOwnPropertyDescriptor(module, key)!;
    if ("value" in property) property.value = deepcopy(property.value, memo);
    Object.defineProperty(copy, key, property);
  }
  return copy;
}
