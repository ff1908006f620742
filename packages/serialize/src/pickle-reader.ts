import type { ByteReader } from "./byte-reader.ts";
import { isTuple, markContainer } from "./containers.ts";
import { UnpicklingError } from "./errors.ts";
import { Op } from "./pickle-opcodes.ts";

/** Something a pickle may name. `call` serves REDUCE; `build` gives it a state. Nothing else of the program can be reached from a pickle. */
export interface PickleGlobal {
  readonly name: string;
  readonly call?: (args: unknown[], spend: (units: number) => void) => unknown;
}

/** What the surrounding format adds to the pickle machine. */
export interface PickleContext {
  /** The global `module.name` (a {@link PickleGlobal} or plain data), or throws {@link UnpicklingError}. */
  findGlobal(module: string, name: string): unknown;
  /** The object behind a persistent id (a storage). */
  persistentLoad(id: unknown): unknown;
  /** Gives `target` its state; false where the context knows nothing of it. */
  build?(target: unknown, state: unknown): boolean;
  /** Strings of Python 2 as bytes instead of text. */
  stringsAreBytes?: boolean;
}

const HIGHEST_PROTOCOL = 5;
/** Sizes beyond this many digits are not numbers anyone saved. */
const MAX_LONG_BYTES = 1 << 16;

/**
 * A pickle machine that knows data only: numbers, text, bytes, lists, tuples, dictionaries, sets, and the few globals that its context allows.
 * It is a loop over bytes with a heap-allocated stack, so neither deep nesting nor a hostile file can overflow anything, and every opcode costs
 * time proportional to the bytes it consumes.
 *
 * dict -> `Map`, list and tuple -> array (tuples marked), bytes -> `Uint8Array`, int -> `number`, or `bigint` beyond 2^53.
 */
export class PickleReader {
  private stack: unknown[] = [];
  private readonly metastack: unknown[][] = [];
  private readonly memo = new Map<number, unknown>();
  private budget: number;

  constructor(
    private readonly reader: ByteReader,
    private readonly context: PickleContext,
  ) {
    this.budget = 64 + 8 * reader.bytes.length;
  }

  /** Runs to the STOP opcode and gives the value. @throws {UnpicklingError} */
  load(): unknown {
    const { reader } = this;
    for (;;) {
      if (reader.remaining === 0) throw new UnpicklingError("Ran out of input: pickle data was truncated");
      const opcode = reader.uint8();
      if (opcode === Op.STOP) return this.pop();
      this.step(opcode);
    }
  }

  private step(opcode: number): void {
    const { reader } = this;
    switch (opcode) {
      case Op.PROTO: {
        const protocol = reader.uint8();
        if (protocol > HIGHEST_PROTOCOL) throw new UnpicklingError(`unsupported pickle protocol: ${protocol}`);
        return;
      }
      case Op.FRAME:
        if (reader.length64() > reader.remaining) throw new UnpicklingError("pickle exhausted before end of frame");
        return;
      case Op.MARK:
        this.metastack.push(this.stack);
        this.stack = [];
        return;
      case Op.POP:
        if (this.stack.length > 0) this.pop();
        else this.popMark();
        return;
      case Op.POP_MARK:
        this.popMark();
        return;
      case Op.DUP:
        return this.push(this.top());

      case Op.NONE:
        return this.push(null);
      case Op.NEWTRUE:
        return this.push(true);
      case Op.NEWFALSE:
        return this.push(false);
      case Op.BININT:
        return this.push(reader.int32());
      case Op.BININT1:
        return this.push(reader.uint8());
      case Op.BININT2:
        return this.push(reader.uint16());
      case Op.LONG1:
        return this.push(this.long(reader.uint8()));
      case Op.LONG4:
        return this.push(this.long(reader.int32()));
      case Op.INT:
      case Op.LONG:
        return this.push(textInteger(reader.line()));
      case Op.FLOAT:
        return this.push(textFloat(reader.line()));
      case Op.BINFLOAT:
        return this.push(reader.float64BigEndian());

      case Op.BINUNICODE:
        return this.push(reader.text(reader.uint32()));
      case Op.SHORT_BINUNICODE:
        return this.push(reader.text(reader.uint8()));
      case Op.BINUNICODE8:
        return this.push(reader.text(reader.length64()));
      case Op.UNICODE:
        return this.push(reader.line());
      case Op.BINSTRING: {
        const length = reader.int32();
        return this.push(this.oldString(length));
      }
      case Op.SHORT_BINSTRING:
        return this.push(this.oldString(reader.uint8()));
      case Op.SHORT_BINBYTES:
        return this.push(reader.take(reader.uint8()).slice());
      case Op.BINBYTES:
        return this.push(reader.take(reader.uint32()).slice());
      case Op.BINBYTES8:
      case Op.BYTEARRAY8:
        return this.push(reader.take(reader.length64()).slice());

      case Op.EMPTY_TUPLE:
        return this.push(markContainer([], "tuple"));
      case Op.TUPLE1:
        return this.pushTuple(1);
      case Op.TUPLE2:
        return this.pushTuple(2);
      case Op.TUPLE3:
        return this.pushTuple(3);
      case Op.TUPLE:
        return this.push(markContainer(this.popMark(), "tuple"));
      case Op.EMPTY_LIST:
        return this.push([]);
      case Op.LIST:
        return this.push(this.popMark());
      case Op.APPEND: {
        const item = this.pop();
        this.listOnTop().push(item);
        return;
      }
      case Op.APPENDS: {
        const items = this.popMark();
        const list = this.listOnTop();
        for (const item of items) list.push(item);
        return;
      }
      case Op.EMPTY_DICT:
        return this.push(markContainer(new Map(), "dict"));
      case Op.DICT: {
        const items = this.popMark();
        const map = markContainer(new Map<unknown, unknown>(), "dict");
        setItems(map, items);
        return this.push(map);
      }
      case Op.SETITEM: {
        const value = this.pop();
        const key = this.pop();
        setItems(this.mapOnTop(), [key, value]);
        return;
      }
      case Op.SETITEMS: {
        const items = this.popMark();
        setItems(this.mapOnTop(), items);
        return;
      }
      case Op.EMPTY_SET:
        return this.push(new Set());
      case Op.ADDITEMS: {
        const items = this.popMark();
        const set = this.top();
        if (!(set instanceof Set)) throw new UnpicklingError("ADDITEMS needs a set");
        for (const item of items) set.add(hashable(item));
        return;
      }
      case Op.FROZENSET:
        return this.push(markContainer(new Set(this.popMark().map(hashable)), "frozenset"));

      case Op.PUT:
        return this.memoize(Number(textInteger(reader.line())));
      case Op.BINPUT:
        return this.memoize(reader.uint8());
      case Op.LONG_BINPUT:
        return this.memoize(reader.uint32());
      case Op.MEMOIZE:
        return this.memoize(this.memo.size);
      case Op.GET:
        return this.recall(Number(textInteger(reader.line())));
      case Op.BINGET:
        return this.recall(reader.uint8());
      case Op.LONG_BINGET:
        return this.recall(reader.uint32());

      case Op.GLOBAL: {
        const module = reader.line();
        return this.push(this.context.findGlobal(module, reader.line()));
      }
      case Op.INST: {
        const module = reader.line();
        const global = this.context.findGlobal(module, reader.line());
        throw new UnpicklingError(`Trying to make an instance of ${describe(global)}`);
      }
      case Op.STACK_GLOBAL: {
        const name = this.pop();
        const module = this.pop();
        if (typeof name !== "string" || typeof module !== "string") throw new UnpicklingError("STACK_GLOBAL requires str");
        return this.push(this.context.findGlobal(module, name));
      }
      case Op.REDUCE: {
        const args = this.pop();
        return this.push(this.reduce(this.pop(), args));
      }
      case Op.BUILD: {
        const state = this.pop();
        if (this.context.build?.(this.top(), state)) return;
        return build(this.top(), state);
      }
      case Op.BINPERSID:
        return this.push(this.context.persistentLoad(this.pop()));
      default:
        throw new UnpicklingError(`Unsupported operand ${opcode}${opcodeName(opcode)} at position ${reader.at - 1}`);
    }
  }

  private oldString(length: number): string | Uint8Array {
    return this.context.stringsAreBytes ? this.reader.take(length).slice() : this.reader.text(length);
  }

  private push(value: unknown): void {
    this.stack.push(value);
  }

  private pop(): unknown {
    if (this.stack.length === 0) throw new UnpicklingError("unexpected end of stack: pop from empty list");
    return this.stack.pop();
  }

  private top(): unknown {
    if (this.stack.length === 0) throw new UnpicklingError("unexpected end of stack: list index out of range");
    return this.stack.at(-1);
  }

  private popMark(): unknown[] {
    const items = this.stack;
    const below = this.metastack.pop();
    if (below === undefined) throw new UnpicklingError("unexpected MARK found: could not find MARK");
    this.stack = below;
    return items;
  }

  private pushTuple(count: number): void {
    if (this.stack.length < count) throw new UnpicklingError("unexpected end of stack: list index out of range");
    this.push(markContainer(this.stack.splice(this.stack.length - count, count), "tuple"));
  }

  private listOnTop(): unknown[] {
    const list = this.top();
    if (!Array.isArray(list) || isTuple(list)) throw new UnpicklingError(`Can only append to lists, but got ${describe(list)}`);
    return list;
  }

  private mapOnTop(): Map<unknown, unknown> {
    const map = this.top();
    if (!(map instanceof Map)) throw new UnpicklingError(`Can only set items of dictionaries, but got ${describe(map)}`);
    return map;
  }

  private memoize(slot: number): void {
    this.memo.set(slot, this.top());
  }

  private recall(slot: number): void {
    if (!this.memo.has(slot)) throw new UnpicklingError(`Memo value not found at index ${slot}`);
    this.push(this.memo.get(slot));
  }

  private long(length: number): number | bigint {
    if (length < 0) throw new UnpicklingError("LONG pickle has negative byte count");
    if (length > MAX_LONG_BYTES) throw new UnpicklingError(`an integer of ${length} bytes is not supported`);
    if (length === 0) return 0;
    let hex = "0x";
    for (const byte of this.reader.take(length).toReversed()) hex += byte.toString(16).padStart(2, "0");
    return demote(BigInt.asIntN(8 * length, BigInt(hex)));
  }

  private reduce(callable: unknown, args: unknown): unknown {
    if (!isGlobal(callable) || callable.call === undefined) {
      throw new UnpicklingError(
        `Trying to call reduce for unrecognized function ${isGlobal(callable) ? callable.name : describe(callable)}`,
      );
    }
    if (!isTuple(args)) throw new UnpicklingError(`${callable.name}() argument after * must be a tuple, not ${describe(args)}`);
    return callable.call(args, this.spend);
  }

  /** Charged by what copies, so that a small file cannot ask for a large copy again and again. */
  private readonly spend = (units: number): void => {
    this.budget -= units;
    if (this.budget < 0) throw new UnpicklingError("the pickle expands far beyond the size of its file");
  };
}

const globals = new WeakSet<object>();

/** Registers a global, so that the machine can tell it from data that looks like one. */
export function pickleGlobal(name: string, call?: PickleGlobal["call"]): PickleGlobal {
  const global: PickleGlobal = call === undefined ? { name } : { name, call };
  globals.add(global);
  return global;
}

/** True for what {@link pickleGlobal} made. */
export function isGlobal(value: unknown): value is PickleGlobal {
  return typeof value === "object" && value !== null && globals.has(value);
}

/** An integer as a number when that is exact. */
function demote(value: bigint): number | bigint {
  return value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
}

function textInteger(line: string): number | bigint | boolean {
  if (line === "00") return false;
  if (line === "01") return true;
  const digits = line.endsWith("L") ? line.slice(0, -1) : line;
  if (!/^[-+]?\d{1,4300}$/.test(digits)) throw new UnpicklingError(`could not convert string to int: ${JSON.stringify(line.slice(0, 40))}`);
  return demote(BigInt(digits.replace(/^\+/, "")));
}

function textFloat(line: string): number {
  const named = new Map([
    ["nan", Number.NaN],
    ["inf", Number.POSITIVE_INFINITY],
    ["-inf", Number.NEGATIVE_INFINITY],
  ]).get(line);
  if (named !== undefined) return named;
  if (!/^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i.test(line))
    throw new UnpicklingError(`could not convert string to float: ${JSON.stringify(line.slice(0, 40))}`);
  return Number(line);
}

function hashable(key: unknown): unknown {
  if (key instanceof Map || key instanceof Set || (Array.isArray(key) && !isTuple(key)))
    throw new UnpicklingError(`unhashable type: '${describe(key)}'`);
  return key;
}

function setItems(map: Map<unknown, unknown>, items: unknown[]): void {
  if (items.length % 2 !== 0) throw new UnpicklingError("odd number of items for SETITEMS");
  for (let i = 0; i < items.length; i += 2) map.set(hashable(items[i]), items[i + 1]);
}

/** The only state a file may give an object: the `_metadata` of a state_dict. */
function build(target: unknown, state: unknown): void {
  if (!(target instanceof Map) || !(state instanceof Map))
    throw new UnpicklingError(`Can only build OrderedDict objects, but got ${describe(target)}`);
  for (const [key, value] of state) {
    if (key !== "_metadata")
      throw new UnpicklingError(`Can only build the state _metadata, but got ${describe(key)} ${typeof key === "string" ? key : ""}`);
    Object.defineProperty(target, "_metadata", { value, writable: true, configurable: true, enumerable: false });
  }
}

/** The Python type a loaded value had, for messages. */
function describe(value: unknown): string {
  if (value === null) return "NoneType";
  if (Array.isArray(value)) return isTuple(value) ? "tuple" : "list";
  if (value instanceof Map) return "dict";
  if (value instanceof Set) return "set";
  if (value instanceof Uint8Array) return "bytes";
  if (isGlobal(value)) return value.name;
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  return { string: "str", boolean: "bool", bigint: "int" }[typeof value as string] ?? typeof value;
}

function opcodeName(opcode: number): string {
  const found = Object.entries(Op).find(([, code]) => code === opcode);
  return found ? ` (${found[0]})` : "";
}
