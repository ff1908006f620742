import { isTensor, type Tensor } from "@bluedot/core";
import type { Module } from "../module/module.ts";

/**
 * Calls a module with other tensors in place of its parameters and buffers, by dotted name; the module keeps its own.
 * @see torch.nn.utils.stateless.functional_call
 */
export function functionalCall(
  module: Module,
  tensors: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  args: unknown,
): unknown {
  const given = tensors instanceof Map ? [...tensors] : Object.entries(tensors as Record<string, Tensor>);
  const restore: (() => void)[] = [];
  try {
    for (const [path, tensor] of given) {
      const at = path.lastIndexOf(".");
      const owner = module.getSubmodule(at < 0 ? "" : path.slice(0, at)) as unknown as Record<string, unknown>;
      const name = path.slice(at + 1);
      const own = owner[name];
      restore.push(() => {
        owner[name] = own;
      });
      owner[name] = tensor;
    }
    return isTensor(args) || !Array.isArray(args) ? module(args) : module(...args);
  } finally {
    for (const undo of restore.reverse()) undo();
  }
}
