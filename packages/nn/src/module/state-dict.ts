import { noGrad } from "@bluedot/autograd";
import { ShapeError, Tensor, TensorError } from "@bluedot/core";
import { isLazy, Parameter, replaceData } from "../parameter.ts";
import { type IncompatibleKeys, internals } from "./internals.ts";
import type { Module } from "./module.ts";
import { pythonTypeName } from "./printing.ts";
import { ownBuffers, ownChildren, ownParameters } from "./walk.ts";

/** Versions of the modules that wrote a state dictionary, by path. */
export type StateDictMetadata = Map<string, { version: number | null }>;

/**
 * Parameters and persistent buffers by dotted name, in PyTorch's order. `_metadata` tells the version of each module.
 * @see torch.nn.Module.state_dict
 */
export class StateDict extends Map<string, Tensor> {
  declare _metadata: StateDictMetadata;

  constructor(entries?: Iterable<readonly [string, Tensor]>) {
    super(entries ?? []);
    Object.defineProperty(this, "_metadata", { value: new Map(), writable: true, enumerable: false });
  }
}

export interface StateDictOptions {
  /** Where to put the entries. Default: a new dictionary. */
  destination?: StateDict;
  /** Put before every name. Default "". */
  prefix?: string;
  /** Give the parameters themselves rather than detached tensors over their memory. Default false. */
  keepVars?: boolean;
}

/** The dictionary of `module` and all below it. */
export function collectState(module: Module, options: StateDictOptions = {}): StateDict {
  const { destination = new StateDict(), prefix = "", keepVars = false } = options;
  const localMetadata = { version: module.stateVersion };
  for (const hook of module[internals].stateDictPreHooks ?? []) hook(module, prefix, keepVars);
  destination._metadata.set(prefix.slice(0, -1), localMetadata);
  module.saveToStateDict(destination, prefix, keepVars);
  for (const [name, child] of ownChildren(module)) child.stateDict({ destination, prefix: `${prefix}${name}.`, keepVars });
  let result = destination;
  for (const hook of module[internals].stateDictHooks ?? []) {
    const replaced = hook(module, result, prefix, localMetadata);
    if (replaced != null) result = replaced as StateDict;
  }
  return result;
}

/** Entries of the module itself, children left out. */
export function saveOwnState(module: Module, destination: Map<string, Tensor>, prefix: string, keepVars: boolean): void {
  for (const [name, value] of [...ownParameters(module), ...ownBuffers(module, true)]) {
    destination.set(prefix + name, keepVars || isLazy(value) ? value : value.detach());
  }
  const extra = module.getExtraState();
  if (extra !== undefined) destination.set(`${prefix}_extra_state`, extra as Tensor);
}

/** Loading in progress: what goes wrong, and the writes to be done when nothing did. */
export interface Loading {
  readonly metadata: StateDictMetadata;
  readonly strict: boolean;
  /** Parameters and buffers take over the memory of the entries. */
  readonly assign: boolean;
  readonly missingKeys: string[];
  readonly unexpectedKeys: string[];
  readonly errors: string[];
  readonly writes: (() => void)[];
}

/**
 * Loads `given` into `module`. All is checked before the first write.
 * @throws {TensorError} listing every key that is missing, unexpected or of another size
 */
export function loadState(
  module: Module,
  given: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
  strict: boolean,
  assign: boolean,
): IncompatibleKeys {
  if (typeof given !== "object" || given === null || Array.isArray(given) || given instanceof Tensor) {
    throw new TypeError(
      `Expected state_dict to be dict-like, got <class '${given instanceof Tensor ? "torch.Tensor" : pythonTypeName(given)}'>.`,
    );
  }
  const state = new Map<string, Tensor>(given instanceof Map ? given : Object.entries(given as Record<string, Tensor>));
  const metadata = (given as Partial<StateDict>)._metadata ?? new Map();
  const loading: Loading = { metadata, strict, assign, missingKeys: [], unexpectedKeys: [], errors: [], writes: [] };
  const keys: IncompatibleKeys = { missingKeys: loading.missingKeys, unexpectedKeys: loading.unexpectedKeys };
  const load = (current: Module, prefix: string): void => {
    for (const hook of current[internals].loadPreHooks ?? []) {
      hook(
        current,
        state,
        prefix,
        metadata.get(prefix.slice(0, -1)) ?? {},
        strict,
        loading.missingKeys,
        loading.unexpectedKeys,
        loading.errors,
      );
    }
    current.loadFromStateDict(state, prefix, loading);
    for (const [name, child] of ownChildren(current)) load(child, `${prefix}${name}.`);
    for (const hook of current[internals].loadPostHooks ?? []) {
      // A value would be taken for keys to report, which are changed in place instead.
      if ((hook(current, keys) as unknown) != null) throw new TensorError(postHookReturned);
    }
  };
  load(module, "");
  const errors = [...loading.errors];
  if (strict) {
    const quoted = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(", ");
    if (loading.unexpectedKeys.length > 0) errors.unshift(`Unexpected key(s) in state_dict: ${quoted(loading.unexpectedKeys)}. `);
    if (loading.missingKeys.length > 0) errors.unshift(`Missing key(s) in state_dict: ${quoted(loading.missingKeys)}. `);
  }
  if (errors.length > 0) {
    throw new TensorError(`Error(s) in loading state_dict for ${module.typeName()}:\n\t${errors.join("\n\t")}`);
  }
  noGrad(() => {
    for (const write of loading.writes) write();
  });
  return keys;
}

const postHookReturned =
  "Hooks registered with ``register_load_state_dict_post_hook`` are notexpected to return new values, if incompatible_keys need to be modified,it should be done inplace.";

const sizeText = (shape: readonly number[]): string => `torch.Size([${shape.join(", ")}])`;

/** Checks the entries of the module itself and notes the writes; children are left to the caller. */
export function loadOwnState(module: Module, state: Map<string, Tensor>, prefix: string, loading: Loading): void {
  const expected: [string, Tensor][] = [...ownParameters(module), ...ownBuffers(module, true)];
  const known = new Set<string>();
  for (const [name, target] of expected) {
    const key = prefix + name;
    known.add(name);
    const source = state.get(key);
    if (source === undefined) {
      loading.missingKeys.push(key);
      continue;
    }
    if (!(source instanceof Tensor)) {
      loading.errors.push(
        `While copying the parameter named "${key}", expected torch.Tensor or Tensor-like object from checkpoint but received <class '${pythonTypeName(source)}'>`,
      );
      continue;
    }
    if (isLazy(target)) {
      loading.writes.push(() => {
        target.materialize(source.shape, source.dtype);
        target.copy_(source);
      });
      continue;
    }
    // Scalars were once saved as tensors of one element.
    const entry = target.ndim === 0 && source.ndim === 1 && source.count > 0 ? source.at(0) : source;
    if (entry.shape.length !== target.shape.length || entry.shape.some((n, i) => n !== target.shape[i])) {
      loading.errors.push(
        `size mismatch for ${key}: copying a param with shape ${sizeText(entry.shape)} from checkpoint, the shape in current model is ${sizeText(target.shape)}.`,
      );
      continue;
    }
    loading.writes.push(() => (loading.assign ? replaceData(target, entry) : void target.copy_(entry)));
  }
  const extraKey = `${prefix}_extra_state`;
  if (module.getExtraState() !== undefined) {
    if (state.has(extraKey)) loading.writes.push(() => module.setExtraState(state.get(extraKey)));
    else loading.missingKeys.push(extraKey);
  } else if (state.has(extraKey)) loading.unexpectedKeys.push(extraKey);
  for (const [name] of ownChildren(module)) known.add(name);
  for (const key of state.keys()) {
    if (!key.startsWith(prefix) || key === extraKey) continue;
    const [first] = key.slice(prefix.length).split(".") as [string];
    if (!known.has(first)) loading.unexpectedKeys.push(key);
  }
}

/** Whether the value may be written to a field that holds a parameter. @throws {TypeError} @throws {ShapeError} */
export function checkParameter(name: string, value: unknown): asserts value is Parameter | null {
  if (value === null) return;
  if (!(value instanceof Parameter)) {
    const kind = value instanceof Tensor ? "torch.FloatTensor" : typeof value;
    throw new TypeError(`cannot assign '${kind}' object to parameter '${name}' (torch.nn.Parameter or None required)`);
  }
  if (!value.isLeaf) {
    throw new ShapeError(
      `Cannot assign non-leaf Tensor to parameter '${name}'. Model parameters must be created explicitly. To express '${name}' as a function of another Tensor, compute the value in the forward() method.`,
    );
  }
}
