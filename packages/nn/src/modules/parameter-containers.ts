import { IndexError, isTensor, type Tensor } from "@bluedot/core";
import { dtypeInfo } from "@bluedot/core/extend";
import { fieldNames, internals } from "../module/internals.ts";
import { Module } from "../module/module.ts";
import { Parameter } from "../parameter.ts";
import { entriesOf, positionIn } from "./container.ts";

const pythonTypes: Partial<Record<string, string>> = { number: "float", bigint: "int", string: "str", boolean: "bool" };

/** What a parameter container prints of one entry; lists give the dtype, dictionaries the older name of the type. */
function describeEntry(name: string, value: unknown, byDtype: boolean): string {
  if (!isTensor(value)) return `  (${name}): Object of type: ${value === null ? "NoneType" : (pythonTypes[typeof value] ?? typeof value)}`;
  const kind = value instanceof Parameter ? "Parameter" : "Tensor";
  const type = byDtype ? `torch.${value.dtype}` : `torch.${dtypeInfo[value.dtype].scalarType}Tensor`;
  return `  (${name}): ${kind} containing: [${type} of size ${value.shape.join("x")}]`;
}

const asParameter = (value: unknown): unknown => (isTensor(value) && !(value instanceof Parameter) ? new Parameter(value) : value);

/** Parameters in a list; tensors given become parameters. @see torch.nn.ParameterList */
export class ParameterList extends Module {
  /** The parameter at a position: `list[0]`. */
  [index: number]: Parameter;

  constructor(values?: Iterable<Tensor> | null) {
    super();
    if (values != null) this.extend(values);
  }

  /** Number of parameters. */
  override get length(): number {
    return fieldNames(this).filter((name) => /^\d+$/.test(name)).length;
  }

  /** The parameter at `index`, negative from the end. @throws {IndexError} */
  at(index: number): Parameter {
    return this[positionIn(this.length, index)]!;
  }

  /** Replaces the parameter at `index`. @throws {IndexError} */
  setAt(index: number, value: Tensor): void {
    this[positionIn(this.length, index)] = asParameter(value) as Parameter;
  }

  /** Adds a parameter at the end. */
  append(value: Tensor): this {
    this[this.length] = asParameter(value) as Parameter;
    return this;
  }

  /** Adds parameters at the end. @throws {TypeError} for what can't be iterated, and for a tensor */
  extend(values: Iterable<Tensor>): this {
    if (isTensor(values) || typeof values !== "object" || values === null || !(Symbol.iterator in values)) {
      throw new TypeError(`ParameterList.extend should be called with an iterable, but got ${isTensor(values) ? "Tensor" : typeof values}`);
    }
    for (const value of values) this.append(value);
    return this;
  }

  override extraRepr(): string {
    return [...this].map((value, i) => describeEntry(String(i), value, true)).join("\n");
  }

  *[Symbol.iterator](): Generator<Parameter, void, undefined> {
    for (let i = 0; i < this.length; i++) yield this[i]!;
  }

  override forward(): never {
    throw new Error("ParameterList should not be called.");
  }
}

/** Parameters by name; tensors given become parameters. @see torch.nn.ParameterDict */
export class ParameterDict extends Module {
  [name: string]: unknown;

  constructor(values?: ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]> | null) {
    super();
    if (values != null) this.update(values);
  }

  /** Number of entries. */
  get size(): number {
    return this.keys().length;
  }

  /** Whether there is an entry of that name. */
  has(name: string): boolean {
    return name !== "training" && Object.hasOwn(this, name);
  }

  /** The entry of a name, else `otherwise`. */
  get<T = undefined>(name: string, otherwise?: T): Parameter | T {
    return this.has(name) ? (this[name] as Parameter) : (otherwise as T);
  }

  /** Adds an entry or replaces it. @throws {TypeError} for a name that is no string */
  set(name: string, value: unknown): this {
    if (typeof name !== "string") {
      throw new TypeError(`Index given to ParameterDict cannot be used as a key as it is not a string (type is '${typeof name}').`);
    }
    const order = (this[internals].order ??= this.keys());
    if (!order.includes(name)) order.push(name);
    this[name] = asParameter(value);
    return this;
  }

  /** A dictionary with `value` under every one of `names`. @see torch.nn.ParameterDict.fromkeys */
  fromkeys(names: Iterable<string>, value: unknown = null): ParameterDict {
    return new ParameterDict([...names].map((name) => [name, value] as const));
  }

  /** Takes an entry out. */
  delete(name: string): boolean {
    if (!this.has(name)) return false;
    this[internals].order = (this[internals].order ?? []).filter((key) => key !== name);
    return delete this[name];
  }

  /** Takes an entry out and returns it. @throws {IndexError} */
  pop(name: string): Parameter {
    if (!this.has(name)) throw new IndexError(`'${name}'`);
    const value = this[name] as Parameter;
    this.delete(name);
    return value;
  }

  /** Takes the entry added last out and returns it with its name. @throws {IndexError} */
  popitem(): [string, Parameter] {
    const name = this.keys().at(-1);
    if (name === undefined) throw new IndexError("'popitem(): dictionary is empty'");
    return [name, this.pop(name)];
  }

  /** The entry of a name, added as `otherwise` when absent. */
  setdefault(name: string, otherwise: unknown = null): unknown {
    if (!this.has(name)) this.set(name, otherwise);
    return this[name];
  }

  /** Takes all entries out. */
  clear(): void {
    for (const name of this.keys()) this.delete(name);
  }

  /** A container with the same entries. */
  copy(): ParameterDict {
    return new ParameterDict(this.items());
  }

  /** Adds all entries of a map, plain object or list of pairs. @throws {TypeError} */
  update(values: ReadonlyMap<string, unknown> | Readonly<Record<string, unknown>> | Iterable<readonly [string, unknown]>): this {
    if ((typeof values !== "object" && typeof values !== "function") || values === null) {
      throw new TypeError(`ParametersDict.update should be called with an iterable of key/value pairs, but got ${typeof values}`);
    }
    const entries =
      (values as unknown) instanceof ParameterDict
        ? (values as unknown as ParameterDict).items()
        : entriesOf(values as Iterable<readonly [string, unknown]>);
    for (const [name, value] of entries) this.set(name, value);
    return this;
  }

  /** Names in the order of insertion. */
  keys(): string[] {
    return fieldNames(this).filter((name) => name !== "training");
  }
  /** Entries in the order of insertion. */
  values(): unknown[] {
    return this.keys().map((name) => this[name]);
  }
  /** Names and entries in the order of insertion. */
  items(): [string, unknown][] {
    return this.keys().map((name) => [name, this[name]]);
  }

  override extraRepr(): string {
    return this.items()
      .map(([name, value]) => describeEntry(name, value, false))
      .join("\n");
  }

  [Symbol.iterator](): IterableIterator<[string, unknown]> {
    return this.items()[Symbol.iterator]();
  }

  override forward(): never {
    throw new Error("ParameterDict should not be called.");
  }
}
