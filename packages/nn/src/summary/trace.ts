import { noGrad } from "@bluedot/autograd";
import { isTensor, type Tensor } from "@bluedot/core";
import type { Module } from "../module/module.ts";

/** One place of a module in the tree of modules, and what a forward pass told of it. */
export interface Layer {
  /** Name of the class. */
  readonly type: string;
  /** Field of the parent that holds it; empty for the root. */
  readonly name: string;
  readonly depth: number;
  readonly module: Module;
  readonly children: Layer[];
  /** Shapes of what each call was given, first tensor only. */
  readonly inputs: (readonly number[])[];
  /** Shapes of what each call gave, first tensor only. */
  readonly outputs: (readonly number[])[];
  /** Bytes of what the calls gave. */
  outputBytes: number;
  /** Place of the first call among all; infinite when never called. */
  order: number;
  /** Whether the same module stands earlier in the tree. */
  readonly recursive: boolean;
}

/** All tensors within arrays, maps and objects. */
export function tensorsIn(value: unknown): Tensor[] {
  if (isTensor(value)) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value instanceof Map) return [...value.values()].flatMap(tensorsIn);
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(tensorsIn) : [];
}

function layersOf(module: Module, name: string, depth: number, seen: Map<Module, Layer>): Layer {
  const known = seen.get(module);
  const layer: Layer = {
    type: module.typeName(),
    name,
    depth,
    module,
    children: [],
    inputs: known?.inputs ?? [],
    outputs: known?.outputs ?? [],
    outputBytes: 0,
    order: Number.POSITIVE_INFINITY,
    recursive: known !== undefined,
  };
  if (known === undefined) seen.set(module, layer);
  // Children are listed under the module's first place only.
  if (known === undefined) {
    for (const [key, child] of module.namedChildren()) layer.children.push(layersOf(child, key, depth + 1, seen));
  }
  return layer;
}

/** A module that isn't called itself, such as a list, stands where its first child is called; children stand in the order of their calls. */
function arrange(layer: Layer): number {
  const orders = layer.children.map(arrange);
  layer.order = Math.min(layer.order, ...orders);
  layer.children.sort((a, b) => (a.order === b.order ? 0 : a.order - b.order));
  return layer.order;
}

/** Runs `module` on `inputs` in evaluation mode, without recording, and gives the tree of its modules with the shapes they made. */
export function traceLayers(module: Module, inputs: readonly unknown[]): Layer {
  const places = new Map<Module, Layer>();
  const root = layersOf(module, "", 0, places);
  let calls = 0;
  const handles = [...places].flatMap(([part, layer]) => [
    part.registerForwardPreHook(() => {
      if (layer.order === Number.POSITIVE_INFINITY) layer.order = calls++;
    }),
    part.registerForwardHook((_module, args, output) => {
      layer.inputs.push(tensorsIn(args)[0]?.shape ?? []);
      const tensors = tensorsIn(output);
      layer.outputs.push(tensors[0]?.shape ?? []);
      layer.outputBytes += tensors.reduce((bytes, t) => bytes + t.count * t.itemsize, 0);
    }),
  ]);
  const modes = [...places.keys()].map((part) => [part, part.training] as const);
  module.eval();
  try {
    noGrad(() => void module(...inputs));
  } finally {
    for (const handle of handles) handle.remove();
    for (const [part, training] of modes) part.training = training;
  }
  arrange(root);
  return root;
}
