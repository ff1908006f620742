import { type DType, IndexError, Tensor } from "@bluedot/core";
import type { Parameter } from "../parameter.ts";
import { isLazy } from "../parameter.ts";
import { type Cast, castMembers } from "./conversion.ts";
import { globalHooks, registered } from "./global-hooks.ts";
import { Hookable } from "./hookable.ts";
import { type IncompatibleKeys, type Internals, internals } from "./internals.ts";
import { describeModule, pythonTypeName } from "./printing.ts";
import {
  checkParameter,
  collectState,
  type Loading,
  loadOwnState,
  loadState,
  type StateDict,
  type StateDictOptions,
  saveOwnState,
} from "./state-dict.ts";
import { allParameters, ownBuffers, ownChildren, ownParameters, walkMembers, walkModules } from "./walk.ts";

// biome-ignore lint/suspicious/noExplicitAny: each module types the arguments and result of its own `forward`
type Anything = any;

export interface NamedOptions {
  /** Put before every name. Default "". */
  prefix?: string;
  /** Whether modules below this one are looked at too. Default true. */
  recurse?: boolean;
  /** Whether what is reached twice is listed once. Default true. */
  removeDuplicate?: boolean;
}

/** A call runs `forward` of the class: `net(x)` takes and gives what its `forward` does. */
export interface Module {
  (...args: Parameters<this["forward"]>): ReturnType<this["forward"]>;
  readonly [internals]: Internals;
}

/**
 * Base class of all networks and layers. Fields that are parameters or modules are found by themselves; tensors that belong to the
 * state but are not learnt are registered with {@link registerBuffer}. An instance is a function: calling it runs `forward`.
 *
 * ```ts
 * class Net extends nn.Module {
 *   fc1 = new nn.Linear(4, 8);
 *   fc2 = new nn.Linear(8, 3);
 *   override forward(x: Tensor): Tensor {
 *     return this.fc2(this.fc1(x).relu());      // [N, 4] -> [N, 3]
 *   }
 * }
 * const net = new Net();
 * net(torch.zeros(2, 4)).shape;                 // [2, 3]
 * ```
 * @see torch.nn.Module
 */
export class Module extends Hookable {
  /** Whether the module is being trained: dropout and batch normalisation behave differently in evaluation. */
  training = true;

  /** Computes the result; every subclass has its own. Call the module rather than this, so that hooks run. */
  forward(..._args: Anything[]): Anything {
    throw new Error(`Module [${this.typeName()}] is missing the required "forward" function`);
  }

  /** What is printed between the parentheses of this module's name. */
  extraRepr(): string {
    return "";
  }

  /** The name of the class, as printed. */
  typeName(): string {
    return this.constructor.name;
  }

  /** Version of the layout of this module's state, written to `_metadata`. */
  get stateVersion(): number | null {
    return 1;
  }

  // Members

  /** The parameters of this module and all below it, each once. @see torch.nn.Module.parameters */
  parameters(recurse: boolean | { recurse?: boolean } = true): Parameter[] {
    const deep = typeof recurse === "boolean" ? recurse : (recurse.recurse ?? true);
    return deep ? allParameters(this) : [...new Set(ownParameters(this).map(([, parameter]) => parameter))];
  }

  /** Parameters with dotted names. @see torch.nn.Module.named_parameters */
  namedParameters(prefix: string | NamedOptions = "", recurse = true, removeDuplicate = true): [string, Parameter][] {
    if (typeof prefix !== "string")
      return this.namedParameters(prefix.prefix ?? "", prefix.recurse ?? true, prefix.removeDuplicate ?? true);
    return walkMembers(this, ownParameters, prefix, recurse, removeDuplicate);
  }

  /** The buffers of this module and all below it, each once. @see torch.nn.Module.buffers */
  buffers(recurse: boolean | { recurse?: boolean } = true): Tensor[] {
    return this.namedBuffers("", typeof recurse === "boolean" ? recurse : (recurse.recurse ?? true)).map(([, buffer]) => buffer);
  }

  /** Buffers with dotted names. @see torch.nn.Module.named_buffers */
  namedBuffers(prefix: string | NamedOptions = "", recurse = true, removeDuplicate = true): [string, Tensor][] {
    if (typeof prefix !== "string") return this.namedBuffers(prefix.prefix ?? "", prefix.recurse ?? true, prefix.removeDuplicate ?? true);
    return walkMembers(this, (module) => ownBuffers(module), prefix, recurse, removeDuplicate);
  }

  /** The modules directly below this one, each once. @see torch.nn.Module.children */
  children(): Module[] {
    return this.namedChildren().map(([, child]) => child);
  }

  /** The modules directly below this one with their names, each once. @see torch.nn.Module.named_children */
  namedChildren(): [string, Module][] {
    const seen = new Set<Module>();
    return ownChildren(this).filter(([, child]) => !seen.has(child) && seen.add(child));
  }

  /** This module and all below it, each once. @see torch.nn.Module.modules */
  modules(): Module[] {
    return walkModules(this).map(([, module]) => module);
  }

  /** This module and all below it with dotted names. @see torch.nn.Module.named_modules */
  namedModules(options: { prefix?: string; removeDuplicate?: boolean } = {}): [string, Module][] {
    return walkModules(this, options.prefix ?? "", options.removeDuplicate ?? true);
  }

  /** The module at a dotted path. @throws {IndexError} when there is none @see torch.nn.Module.get_submodule */
  getSubmodule(target: string): Module {
    let module: Module = this;
    if (target === "") return module;
    for (const part of target.split(".")) {
      const next = (module as unknown as Record<string, unknown>)[part];
      if (next === undefined) throw new IndexError(`${module.typeName()} has no attribute \`${part}\``);
      if (!(next instanceof Module)) throw new IndexError(`\`${part}\` is not an nn.Module`);
      module = next;
    }
    return module;
  }

  /** The parameter at a dotted path. @throws {IndexError} when there is none @see torch.nn.Module.get_parameter */
  getParameter(target: string): Parameter {
    const [owner, name] = this.ownerOf(target);
    const found = ownParameters(owner).find(([key]) => key === name);
    if (found !== undefined) return found[1];
    if (!(name in owner)) throw new IndexError(`${owner.typeName()} has no attribute \`${name}\``);
    throw new IndexError(`\`${name}\` is not an nn.Parameter`);
  }

  /** The buffer at a dotted path. @throws {IndexError} when there is none @see torch.nn.Module.get_buffer */
  getBuffer(target: string): Tensor {
    const [owner, name] = this.ownerOf(target);
    const found = ownBuffers(owner).find(([key]) => key === name);
    if (found !== undefined) return found[1];
    if (!(name in owner)) throw new IndexError(`${owner.typeName()} has no attribute \`${name}\``);
    throw new IndexError(`\`${name}\` is not a buffer`);
  }

  private ownerOf(target: string): [Module, string] {
    const at = target.lastIndexOf(".");
    return [this.getSubmodule(at < 0 ? "" : target.slice(0, at)), target.slice(at + 1)];
  }

  // Registration

  private checkName(kind: string, name: string): void {
    if (typeof name !== "string") throw new TypeError(`${kind} name should be a string. Got ${pythonTypeName(name)}`);
    if (name.includes("."))
      throw new IndexError(`${kind} name can't contain ".", got: ${kind === "module" ? name : ""}`.replace(/, got: $/, ""));
    if (name === "") throw new IndexError(`${kind} name can't be empty string ""`);
  }

  private setField(name: string, value: unknown): void {
    const state = this[internals];
    if (state.order === null && isIndex(name)) {
      // Engines list fields whose names are indices first and in ascending order; note the order where it differs.
      const names = Object.keys(this).filter((key) => key !== "training");
      if (names.some((key) => !isIndex(key) || Number(key) > Number(name))) state.order = names;
    }
    if (state.order !== null && !state.order.includes(name)) state.order.push(name);
    (this as unknown as Record<string, unknown>)[name] = value;
  }

  /**
   * Adds a tensor that is part of the state but is not learnt, such as a running mean; it is then the field `name`.
   * `persistent: false` keeps it out of `stateDict()`. @throws {IndexError} @throws {TypeError} @see torch.nn.Module.register_buffer
   */
  registerBuffer(name: string, tensor: Tensor | null, persistent: boolean | { persistent?: boolean } = true): void {
    this.checkName("buffer", name);
    const buffers = (this[internals].buffers ??= new Map());
    if (name in this && !buffers.has(name) && (this as unknown as Record<string, unknown>)[name] !== undefined) {
      throw new IndexError(`attribute '${name}' already exists`);
    }
    if (tensor !== null && !(tensor instanceof Tensor)) {
      throw new TypeError(`cannot assign '${pythonTypeName(tensor)}' object to buffer '${name}' (torch Tensor or None required)`);
    }
    buffers.set(name, typeof persistent === "boolean" ? persistent : (persistent.persistent ?? true));
    this.setField(name, registered(globalHooks.bufferRegistration, this, name, tensor));
  }

  /** Adds a parameter as the field `name`; null says that there is none. @throws {IndexError} @throws {TypeError} @see torch.nn.Module.register_parameter */
  registerParameter(name: string, parameter: Parameter | null): void {
    this.checkName("parameter", name);
    const current = (this as unknown as Record<string, unknown>)[name];
    if (name in this && current !== undefined && current !== null && !ownParameters(this).some(([key]) => key === name)) {
      throw new IndexError(`attribute '${name}' already exists`);
    }
    checkParameter(name, parameter);
    this.setField(name, registered(globalHooks.parameterRegistration, this, name, parameter));
  }

  /** Adds a module as the field `name`. @throws {IndexError} @throws {TypeError} @see torch.nn.Module.add_module */
  addModule(name: string, module: Module | null): void {
    if (module !== null && !(module instanceof Module)) throw new TypeError(`${pythonTypeName(module)} is not a Module subclass`);
    this.checkName("module", name);
    const current = (this as unknown as Record<string, unknown>)[name];
    if (name in this && current !== undefined && current !== null && !(current instanceof Module)) {
      throw new IndexError(`attribute '${name}' already exists`);
    }
    this.setField(name, registered(globalHooks.moduleRegistration, this, name, module));
  }

  /** The same as {@link addModule}. @see torch.nn.Module.register_module */
  registerModule(name: string, module: Module | null): void {
    this.addModule(name, module);
  }

  // State

  /** Parameters and persistent buffers of this module and all below it, sharing their memory. @see torch.nn.Module.state_dict */
  stateDict(options: StateDictOptions = {}): StateDict {
    return collectState(this, options);
  }

  /**
   * Copies the entries of a state dictionary into parameters and buffers. Nothing is written when anything does not fit.
   * @param options whether every key must match on both sides, `strict` (default true); whether parameters and buffers take over the memory and
   * dtype of the entries rather than copy them, `assign` (default false)
   * @throws {TensorError} listing all that is wrong @see torch.nn.Module.load_state_dict
   */
  loadStateDict(
    stateDict: ReadonlyMap<string, Tensor> | Readonly<Record<string, Tensor>>,
    options: boolean | { strict?: boolean; assign?: boolean } = true,
  ): IncompatibleKeys {
    const { strict = true, assign = false } = typeof options === "boolean" ? { strict: options } : options;
    return loadState(this, stateDict, strict, assign);
  }

  /** Puts the entries of this module alone into `destination`; modules with another layout override it. */
  saveToStateDict(destination: Map<string, Tensor>, prefix: string, keepVars: boolean): void {
    saveOwnState(this, destination, prefix, keepVars);
  }

  /** Checks the entries of this module alone and notes the writes; modules that read older layouts override it. */
  loadFromStateDict(state: Map<string, Tensor>, prefix: string, loading: Loading): void {
    loadOwnState(this, state, prefix, loading);
  }

  /** More state to save under `_extra_state`, undefined for none. @see torch.nn.Module.get_extra_state */
  getExtraState(): unknown {
    return undefined;
  }

  /** Takes what {@link getExtraState} gave. @see torch.nn.Module.set_extra_state */
  setExtraState(_state: unknown): void {
    throw new Error("Reached a code path in Module.set_extra_state() that should never be called.");
  }

  // Modes, dtypes and devices

  /** Sets training mode for this module and all below it. @see torch.nn.Module.train */
  train(mode: boolean | { mode?: boolean } = true): this {
    const value = typeof mode === "object" ? (mode.mode ?? true) : mode;
    if (typeof value !== "boolean") throw new TypeError("training mode is expected to be boolean");
    this.training = value;
    for (const [, child] of ownChildren(this)) child.train(value);
    return this;
  }

  /** Sets evaluation mode. @see torch.nn.Module.eval */
  eval(): this {
    return this.train(false);
  }

  /** Whether `backward` computes gradients for all parameters. @see torch.nn.Module.requires_grad_ */
  requiresGrad_(requiresGrad = true): this {
    for (const parameter of this.parameters()) parameter.requiresGrad_(requiresGrad);
    return this;
  }

  /** Forgets the gradients of all parameters (`setToNone: false` makes them zero). @see torch.nn.Module.zero_grad */
  zeroGrad(setToNone: boolean | { setToNone?: boolean } = true): void {
    const drop = typeof setToNone === "boolean" ? setToNone : (setToNone.setToNone ?? true);
    for (const parameter of this.parameters()) {
      const { grad } = parameter;
      if (grad === null) continue;
      if (drop) parameter.grad = null;
      else {
        if (grad.gradFn !== null) grad.detach_();
        else grad.requiresGrad_(false);
        grad.zero_();
      }
    }
  }

  /** Calls `fn` with every module below this one, then with this one. @see torch.nn.Module.apply */
  apply(fn: (module: Module) => void): this {
    for (const child of this.children()) child.apply(fn);
    fn(this);
    return this;
  }

  /** Casts floating point parameters and buffers, or moves all, in place. @throws {TypeError} for integer dtypes @see torch.nn.Module.to */
  to(...target: [DType | string | Tensor | Cast, ...unknown[]]): this {
    castMembers(this, target);
    return this;
  }

  /** Casts to float32. */
  float(): this {
    return this.to("float32");
  }
  /** Casts to float64. */
  double(): this {
    return this.to("float64");
  }
  /** Casts to float16. */
  half(): this {
    return this.to("float16");
  }
  /** Casts to bfloat16. */
  bfloat16(): this {
    return this.to("bfloat16");
  }
  /** Moves to the CPU. */
  cpu(): this {
    return this.to("cpu");
  }
  /** Moves to a CUDA device. */
  cuda(device: string | number = "cuda"): this {
    return this.to(typeof device === "number" ? `cuda:${device}` : device);
  }
  /** Casts parameters and buffers of every kind to `dtype`. @see torch.nn.Module.type */
  type(dtype: DType): this {
    castMembers(this, [{ dtype, all: true }]);
    return this;
  }

  /** Moves to a device with uninitialised memory of the same shapes. @see torch.nn.Module.to_empty */
  toEmpty(device: string | { device: string }): this {
    castMembers(this, [{ device: typeof device === "string" ? device : device.device, empty: true }]);
    return this;
  }

  /** Moves parameters, their gradients and buffers to memory that worker threads can share. @see torch.nn.Module.share_memory */
  shareMemory(): this {
    for (const tensor of [...this.parameters(), ...this.buffers()]) {
      if (isLazy(tensor)) continue;
      tensor.shareMemory_();
      tensor.grad?.shareMemory_();
    }
    return this;
  }

  // Printing

  /** PyTorch's `repr`: the tree of modules. */
  override toString(): string {
    return describeModule(this);
  }

  /** What `console.log` prints in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return describeModule(this);
  }
}

const isIndex = (name: string): boolean => /^(0|[1-9]\d{0,9})$/.test(name);
