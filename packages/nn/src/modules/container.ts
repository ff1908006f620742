import { IndexError, type Tensor } from "@bluedot/core";
import { internals } from "../module/internals.ts";
import { Module } from "../module/module.ts";
import { ownChildren } from "../module/walk.ts";

type Named<T> = ReadonlyMap<string, T> | Readonly<Record<string, T>>;

export const entriesOf = <T>(named: Named<T> | Iterable<readonly [string, T]>): [string, T][] =>
  Symbol.iterator in named ? ([...(named as Iterable<[string, T]>)] as [string, T][]) : Object.entries(named as Record<string, T>);

/** A position, negative from the end, as a position from the start. @throws {IndexError} */
export function positionIn(length: number, index: number): number {
  if (!Number.isInteger(index) || index < -length || index >= length) throw new IndexError(`index ${index} is out of range`);
  return index < 0 ? index + length : index;
}

/** Modules held under the names 0, 1, 2 ... : what {@link Sequential} and {@link ModuleList} share. */
export class IndexedModules extends Module {
  /** The module at a position: `list[0]`. */
  [index: number]: Module;

  /** Number of modules. */
  override get length(): number {
    return ownChildren(this).length;
  }

  /** The module at `index`, negative from the end. @throws {IndexError} */
  at(index: number): Module {
    const children = ownChildren(this);
    return children[positionIn(children.length, index)]![1];
  }

  /** Puts another module at `index`. @throws {IndexError} */
  setAt(index: number, module: Module): void {
    const children = ownChildren(this);
    const [name] = children[positionIn(children.length, index)]!;
    (this as unknown as Record<string, Module>)[name] = module;
  }

  /** A container of the same kind with the modules from `start` to `end`. */
  slice(start?: number, end?: number): this {
    const part = this.emptyLike();
    for (const [name, module] of ownChildren(this).slice(start, end)) part.addModule(name, module);
    return part.isNumbered() ? part.renumber(part.children()) : part;
  }

  private isNumbered(): boolean {
    return ownChildren(this).every(([name]) => /^\d+$/.test(name)) && !this.keepsNames();
  }

  /** Whether a slice keeps the names of its modules. */
  protected keepsNames(): boolean {
    return false;
  }

  private emptyLike(): this {
    return Reflect.construct(this.constructor as new () => this, []) as this;
  }

  private renumber(modules: readonly Module[]): this {
    for (const [name] of ownChildren(this)) delete (this as unknown as Record<string, unknown>)[name];
    this[internals].order = null;
    modules.forEach((module, i) => this.addModule(String(i), module));
    return this;
  }

  private list(): Module[] {
    return ownChildren(this).map(([, module]) => module);
  }

  /** Adds a module at the end. */
  append(module: Module): this {
    this.addModule(String(this.length), module);
    return this;
  }

  /** Adds modules at the end. @throws {TypeError} for what can't be iterated */
  extend(modules: Iterable<Module>): this {
    if (modules === null || modules === undefined || !(Symbol.iterator in (modules as object))) {
      throw new TypeError(`${this.typeName()}.extend should be called with an iterable, but got ${typeof modules}`);
    }
    for (const module of [...modules]) this.append(module);
    return this;
  }

  /** Puts a module before position `index`. @throws {IndexError} */
  insert(index: number, module: Module): this {
    const modules = this.list();
    if (index < -modules.length || index > modules.length) throw new IndexError(`Index out of range: ${index}`);
    modules.splice(index, 0, module);
    return this.renumber(modules);
  }

  /** Takes a module out and returns it. @throws {IndexError} */
  pop(index = -1): Module {
    const modules = this.list();
    const [taken] = modules.splice(positionIn(modules.length, index), 1);
    this.renumber(modules);
    return taken!;
  }

  /** Takes a module out. @throws {IndexError} */
  remove(index: number): this {
    this.pop(index);
    return this;
  }

  /**
   * A container of the same kind with the modules of this one, then the others: Python's `+`. @throws {TypeError} for what holds no modules
   */
  concat(others: Iterable<Module>): this {
    return this.emptyLike().extend(this.list()).extend(others);
  }

  [Symbol.iterator](): IterableIterator<Module> {
    return this.list()[Symbol.iterator]();
  }
}

/**
 * Modules run one after the other, each on the result of the one before.
 *
 * ```ts
 * const net = new nn.Sequential(new nn.Linear(4, 8), new nn.ReLU(), new nn.Linear(8, 3));
 * const named = new nn.Sequential({ hidden: new nn.Linear(4, 8), act: new nn.ReLU() });
 * ```
 * @see torch.nn.Sequential
 */
export class Sequential extends IndexedModules {
  constructor(...modules: Module[] | [named: Named<Module>]) {
    super();
    const [first] = modules;
    if (modules.length === 1 && typeof first === "object" && first !== null && !(first instanceof Module)) {
      for (const [name, module] of entriesOf(first)) this.addModule(name, module);
    } else (modules as Module[]).forEach((module, i) => this.addModule(String(i), module));
  }

  protected override keepsNames(): boolean {
    return true;
  }

  override forward(input: Tensor): Tensor {
    let x = input;
    for (const [, module] of ownChildren(this)) x = module(x);
    return x;
  }
}

/** Modules in a list, all of them found by `parameters()`. It isn't called itself. @see torch.nn.ModuleList */
export class ModuleList extends IndexedModules {
  constructor(modules?: Iterable<Module> | { modules?: Iterable<Module> } | null) {
    super();
    const given = modules != null && !(Symbol.iterator in modules) ? modules.modules : modules;
    if (given != null) this.extend(given as Iterable<Module>);
  }
}

/** Modules by name, all of them found by `parameters()`. It isn't called itself. @see torch.nn.ModuleDict */
export class ModuleDict extends Module {
  /** The module of a name: `dict["conv"]` where no method has that name. */
  [name: string]: unknown;

  constructor(modules?: Named<Module> | Iterable<readonly [string, Module]> | null) {
    super();
    if (modules != null) this.update(modules);
  }

  /** Number of modules. */
  get size(): number {
    return ownChildren(this).length;
  }

  /** The module of a name. @throws {IndexError} when there is none */
  get(name: string): Module {
    const found = ownChildren(this).find(([key]) => key === name);
    if (found === undefined) throw new IndexError(`'${name}'`);
    return found[1];
  }

  /** Adds a module, or replaces the one of that name. */
  set(name: string, module: Module): this {
    this.addModule(name, module);
    return this;
  }

  /** Whether there is a module of that name. */
  has(name: string): boolean {
    return ownChildren(this).some(([key]) => key === name);
  }

  /** Takes the module of that name out. */
  delete(name: string): boolean {
    return this.has(name) && delete (this as Record<string, unknown>)[name];
  }

  /** Takes the module of that name out and returns it. @throws {IndexError} */
  pop(name: string): Module {
    const module = this.get(name);
    this.delete(name);
    return module;
  }

  /** Takes all modules out. */
  clear(): void {
    for (const [name] of ownChildren(this)) this.delete(name);
  }

  /** Adds all modules of a map, plain object or list of pairs. @throws {TypeError} */
  update(modules: Named<Module> | Iterable<readonly [string, Module]>): this {
    if (typeof modules !== "object" || modules === null) {
      throw new TypeError(`ModuleDict.update should be called with an iterable of key/value pairs, but got ${typeof modules}`);
    }
    for (const [name, module] of modules instanceof ModuleDict ? modules.items() : entriesOf(modules)) this.set(name, module);
    return this;
  }

  /** Names in the order of insertion. */
  keys(): string[] {
    return ownChildren(this).map(([name]) => name);
  }
  /** Modules in the order of insertion. */
  values(): Module[] {
    return ownChildren(this).map(([, module]) => module);
  }
  /** Names and modules in the order of insertion. */
  items(): [string, Module][] {
    return ownChildren(this);
  }

  [Symbol.iterator](): IterableIterator<[string, Module]> {
    return ownChildren(this)[Symbol.iterator]();
  }
}
