import { Tensor } from "@bluedot/core";
import { Parameter } from "../parameter.ts";
import { Callable } from "./callable.ts";
import { fieldNames, internals } from "./internals.ts";
import type { Module } from "./module.ts";

/** Own parameters by name, in the order of assignment. Nothing is cached: fields may change at any time. */
export function ownParameters(module: Module): [string, Parameter][] {
  const found: [string, Parameter][] = [];
  for (const name of fieldNames(module)) {
    const value = (module as unknown as Record<string, unknown>)[name];
    if (value instanceof Parameter) found.push([name, value]);
  }
  return found;
}

/** Own buffers by name, in the order of registration; absent ones (null) left out. */
export function ownBuffers(module: Module, persistentOnly = false): [string, Tensor][] {
  const names = module[internals].buffers;
  if (names === null) return [];
  const found: [string, Tensor][] = [];
  for (const [name, persistent] of names) {
    const value = (module as unknown as Record<string, unknown>)[name];
    if (value instanceof Tensor && (persistent || !persistentOnly)) found.push([name, value]);
  }
  return found;
}

/** Own child modules by name, in the order of assignment. */
export function ownChildren(module: Module): [string, Module][] {
  const found: [string, Module][] = [];
  for (const name of fieldNames(module)) {
    const value = (module as unknown as Record<string, unknown>)[name];
    if (value instanceof Callable) found.push([name, value as Module]);
  }
  return found;
}

/** The module and all below it, depth first, with dotted names. */
export function walkModules(root: Module, prefix = "", removeDuplicate = true): [string, Module][] {
  const found: [string, Module][] = [];
  const seen = new Set<Module>();
  const visit = (module: Module, name: string): void => {
    if (removeDuplicate) {
      if (seen.has(module)) return;
      seen.add(module);
    }
    found.push([name, module]);
    for (const [child, value] of ownChildren(module)) visit(value, name === "" ? child : `${name}.${child}`);
  };
  visit(root, prefix);
  return found;
}

/** Members of the module, and of all below it when `recurse`, with dotted names. */
export function walkMembers<T>(
  root: Module,
  membersOf: (module: Module) => [string, T][],
  prefix: string,
  recurse: boolean,
  removeDuplicate: boolean,
): [string, T][] {
  const found: [string, T][] = [];
  const seen = new Set<T>();
  for (const [path, module] of recurse ? walkModules(root, prefix, removeDuplicate) : ([[prefix, root]] as [string, Module][])) {
    for (const [name, member] of membersOf(module)) {
      if (removeDuplicate) {
        if (seen.has(member)) continue;
        seen.add(member);
      }
      found.push([path === "" ? name : `${path}.${name}`, member]);
    }
  }
  return found;
}

/** The parameters of the module and of all below it, each once; the order is that of {@link walkMembers}. */
export function allParameters(root: Module): Parameter[] {
  const found: Parameter[] = [];
  const seen = new Set<unknown>();
  const visit = (module: Module): void => {
    seen.add(module);
    const children: Module[] = [];
    for (const name of fieldNames(module)) {
      const value = (module as unknown as Record<string, unknown>)[name];
      if (typeof value === "function") {
        if (value instanceof Callable) children.push(value as Module);
      } else if (value instanceof Parameter && !seen.has(value)) {
        seen.add(value);
        found.push(value);
      }
    }
    for (const child of children) if (!seen.has(child)) visit(child);
  };
  visit(root);
  return found;
}
